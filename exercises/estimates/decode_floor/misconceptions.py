"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def one_gpu_reads_all(parameters, bytes_per_parameter, gpus, bandwidth_tb_per_s):
    """One GPU reads all the weights: each reads its share, at the same time."""
    return Q(parameters * bytes_per_parameter / (bandwidth_tb_per_s * 1e12), "s")


def bits_for_bytes(parameters, bytes_per_parameter, gpus, bandwidth_tb_per_s):
    """The bytes are counted in bits, 8 to a byte: TB/s are bytes a second too."""
    return Q(8 * parameters * bytes_per_parameter / (gpus * bandwidth_tb_per_s * 1e12), "s")


def a_byte_a_parameter(parameters, bytes_per_parameter, gpus, bandwidth_tb_per_s):
    """A parameter counts as one byte: multiply by bytes_per_parameter."""
    return Q(parameters / (gpus * bandwidth_tb_per_s * 1e12), "s")


def terabytes_as_gigabytes(parameters, bytes_per_parameter, gpus, bandwidth_tb_per_s):
    """TB/s is taken for GB/s: a prefix is a factor of 1000."""
    return Q(parameters * bytes_per_parameter / (gpus * bandwidth_tb_per_s * 1e9), "s")


def steps_a_second(parameters, bytes_per_parameter, gpus, bandwidth_tb_per_s):
    """This is how many steps fit in a second: the time is its inverse."""
    return Q(gpus * bandwidth_tb_per_s * 1e12 / (parameters * bytes_per_parameter), "1/s")
