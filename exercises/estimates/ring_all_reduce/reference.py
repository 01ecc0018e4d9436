"""Time of a ring all-reduce."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def ring_all_reduce(message_gb: float, gpus: int, link_gb_per_s: float) -> Q:
    """2 (n - 1) / n times the message, over the rate of a link.

    Parameters
    ----------
    message_gb : float
        Gradients of one GPU in GB.
    gpus : int
        GPUs in the ring.
    link_gb_per_s : float
        Rate at which a GPU sends, in GB/s.

    Returns
    -------
    Q
        The least time for one all-reduce.
    """
    # >>> your code
    sent = 2 * (gpus - 1) / gpus * Q(message_gb, "GB")
    return (sent / Q(link_gb_per_s, "GB/s")).to("ms")
    # <<< your code
