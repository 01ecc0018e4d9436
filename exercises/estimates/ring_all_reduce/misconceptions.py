"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def one_pass(message_gb, gpus, link_gb_per_s):
    """One pass round the ring: after the sums are formed they must be handed round too."""
    return Q((gpus - 1) / gpus * message_gb / link_gb_per_s, "s")


def everything_every_step(message_gb, gpus, link_gb_per_s):
    """The whole message in each step: a ring sends 1/n of it at a time."""
    return Q(2 * (gpus - 1) * message_gb / link_gb_per_s, "s")


def bytes_taken_for_bits(message_gb, gpus, link_gb_per_s):
    """The link is taken as gigabits: GB/s are bytes already."""
    return Q(2 * (gpus - 1) / gpus * message_gb * 8 / link_gb_per_s, "s")


def sent_once(message_gb, gpus, link_gb_per_s):
    """The message is sent once: each GPU sends 2 (n - 1) / n times its size."""
    return Q(message_gb / link_gb_per_s, "s")
