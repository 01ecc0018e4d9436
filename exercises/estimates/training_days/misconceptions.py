"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.units import Q


def at_the_peak(flop, gpus, peak_tflops, utilisation):
    """The GPUs run at their peak: divide by the share that is reached."""
    return Q(flop / (gpus * peak_tflops * 1e12), "s")


def seconds_called_days(flop, gpus, peak_tflops, utilisation):
    """The number of seconds is called days: a day has 86,400."""
    return Q(flop / (gpus * peak_tflops * 1e12 * utilisation), "day")


def one_gpu(flop, gpus, peak_tflops, utilisation):
    """One GPU does all the work: divide by their number."""
    return Q(flop / (peak_tflops * 1e12 * utilisation), "s")


def utilisation_multiplied(flop, gpus, peak_tflops, utilisation):
    """Multiplied by the utilisation: a lower share of the peak takes longer."""
    return Q(flop / (gpus * peak_tflops * 1e12) * utilisation, "s")
