"""Days of a training run."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def training_days(flop: float, gpus: int, peak_tflops: float, utilisation: float) -> Q:
    """Operations over the speed that is really reached.

    Parameters
    ----------
    flop : float
        Operations of the run.
    gpus : int
        Number of GPUs.
    peak_tflops : float
        Peak of a GPU in TFLOP/s.
    utilisation : float
        Share of the peak that is reached.

    Returns
    -------
    Q
        The duration.
    """
    # >>> your code
    speed = gpus * utilisation * Q(peak_tflops, "TFLOP/s")
    return (Q(flop, "FLOP") / speed).to("day")
    # <<< your code
