"""A/B tests: how many users, was it random, is the difference real, may I look early.

Every test returns an `Effect`: treatment minus control, with its interval and p-value.
"""

from mlsd_kit.experiments.cluster import clustered_difference
from mlsd_kit.experiments.cuped import CupedResult, cuped_adjust
from mlsd_kit.experiments.effect import Effect
from mlsd_kit.experiments.means import welch_test
from mlsd_kit.experiments.power import (
    power_means,
    power_two_proportions,
    sample_size_means,
    sample_size_two_proportions,
)
from mlsd_kit.experiments.proportions import two_proportion_test, wilson_interval
from mlsd_kit.experiments.sequential import MixtureSPRT
from mlsd_kit.experiments.srm import SRMResult, srm_check

__all__ = [
    "CupedResult",
    "Effect",
    "MixtureSPRT",
    "SRMResult",
    "clustered_difference",
    "cuped_adjust",
    "power_means",
    "power_two_proportions",
    "sample_size_means",
    "sample_size_two_proportions",
    "srm_check",
    "two_proportion_test",
    "welch_test",
    "wilson_interval",
]
