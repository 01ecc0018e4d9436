"""Wrong answers that people really give; each name and first line go to the learner."""

from __future__ import annotations

import math

from mlsd_kit.curriculum.grading.units import Q


def full_load(tokens_per_s, tokens_per_s_per_gpu, utilisation):
    """The GPUs run at full load: divide by the utilisation too."""
    return Q(math.ceil(tokens_per_s / tokens_per_s_per_gpu), "GPU")


def rounded_down(tokens_per_s, tokens_per_s_per_gpu, utilisation):
    """Rounded down: the GPUs would run above the planned load."""
    return Q(math.floor(tokens_per_s / (utilisation * tokens_per_s_per_gpu)), "GPU")


def utilisation_multiplied(tokens_per_s, tokens_per_s_per_gpu, utilisation):
    """Multiplied by the utilisation: headroom takes more GPUs, not fewer."""
    return Q(math.ceil(tokens_per_s / tokens_per_s_per_gpu * utilisation), "GPU")
