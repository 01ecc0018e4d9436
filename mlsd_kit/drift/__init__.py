"""Has the world changed since training? Distances, tests with error control, and a stream detector.

``drift_report`` is the whole check in one call; the rest are its parts.
"""

from mlsd_kit.drift.adwin import ADWIN
from mlsd_kit.drift.bins import BinnedPair, bin_pair
from mlsd_kit.drift.correlation import correlation_change
from mlsd_kit.drift.divergence import jensen_shannon, psi
from mlsd_kit.drift.multiple import adjust_pvalues
from mlsd_kit.drift.report import drift_report
from mlsd_kit.drift.two_sample import TwoSampleResult, chi_squared, ks_test

__all__ = [
    "ADWIN",
    "BinnedPair",
    "TwoSampleResult",
    "adjust_pvalues",
    "bin_pair",
    "chi_squared",
    "correlation_change",
    "drift_report",
    "jensen_shannon",
    "ks_test",
    "psi",
]
