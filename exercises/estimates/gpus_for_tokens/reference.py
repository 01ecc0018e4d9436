"""GPUs for a token rate."""

from __future__ import annotations

import math

from mlsd_kit.curriculum.grading.units import Q


def gpus_for_tokens(tokens_per_s: float, tokens_per_s_per_gpu: float, utilisation: float) -> Q:
    """The demand over the useful rate of a GPU, rounded up.

    Parameters
    ----------
    tokens_per_s : float
        Tokens a second to be generated.
    tokens_per_s_per_gpu : float
        Tokens a second of one GPU at full load.
    utilisation : float
        Share of its full load at which a GPU should run.

    Returns
    -------
    Q
        The least number of GPUs.
    """
    # >>> your code
    useful = utilisation * tokens_per_s_per_gpu
    return Q(math.ceil(tokens_per_s / useful), "GPU")
    # <<< your code
