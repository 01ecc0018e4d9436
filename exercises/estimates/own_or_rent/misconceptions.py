"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def running_costs_forgotten(price, gpus, rent_per_gpu_hour, running_per_gpu_hour, busy_share):
    """Running costs are left out: an owned server needs power, space and staff."""
    return Q(price / (gpus * busy_share * rent_per_gpu_hour), "h")


def always_busy(price, gpus, rent_per_gpu_hour, running_per_gpu_hour, busy_share):
    """The rent is counted around the clock: it is paid only while the GPUs are used."""
    return Q(price / (gpus * (rent_per_gpu_hour - running_per_gpu_hour)), "h")


def one_gpu_rented(price, gpus, rent_per_gpu_hour, running_per_gpu_hour, busy_share):
    """The price of the server is compared with one GPU: rent and running costs are per GPU."""
    return Q(price / (busy_share * rent_per_gpu_hour - running_per_gpu_hour), "h")


def costs_added(price, gpus, rent_per_gpu_hour, running_per_gpu_hour, busy_share):
    """Running costs are added to the rent: what owning saves is the rent less them."""
    return Q(price / (gpus * (busy_share * rent_per_gpu_hour + running_per_gpu_hour)), "h")
