"""A detector with a memory of the hour: robust residuals, scaled by their own tail."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd

from mlsd_kit.systems.network_anomaly.features import FEATURES

TAIL = 0.999
"""Quantile of the residuals that is 1 after scaling."""
SMALLEST = float(np.log(3))
"""Least scale, in log units: a feature that was always 0 must not cry at 1."""


def hour_of_week(times: pd.DatetimeIndex) -> np.ndarray:
    """0 to 23 on working days, 24 to 47 at weekends."""
    return np.asarray(times.hour + 24 * (times.day_of_week >= 5))


class SeasonalDetector:
    """Compares a host with itself at this hour of the day.

    Of each feature x (counts and bytes, so log(1 + x)) the residual is
    (log(1 + x) - median of this host at this hour) / scale, where the scale is the 99.9 % quantile
    of all residuals in the quiet past. (The textbook scale 1.48 · MAD is 0 for a feature that is
    mostly 0, and its ratio then infinite: a detector that only listens to rare features.) The
    score is the largest residual.

    Parameters
    ----------
    seasonal : bool, default=True
        False compares with the host's median over all hours.
    """

    def __init__(self, *, seasonal: bool = True) -> None:
        self.seasonal = seasonal

    def fit(self, table: pd.DataFrame) -> Self:
        """Learn medians and scales from a quiet past.

        Parameters
        ----------
        table : DataFrame
            From `host_windows`: indexed by host and time.
        """
        logs = pd.DataFrame(np.log1p(table.to_numpy()), columns=list(FEATURES))
        hosts, hours = self._keys(table)
        medians = logs.groupby([hosts, hours]).median()
        self.medians_ = dict(zip(medians.index, medians.to_numpy(), strict=True))
        of_host = logs.groupby(hosts).median()
        self.of_host_ = dict(zip(of_host.index, of_host.to_numpy(), strict=True))
        self.overall_ = logs.median().to_numpy()
        residuals = logs.to_numpy() - self._medians(hosts, hours)
        self.scale_ = np.maximum(np.quantile(residuals, TAIL, axis=0), SMALLEST)
        return self

    def residuals(self, table: pd.DataFrame) -> np.ndarray:
        """Scaled residuals, of shape (host-windows, features)."""
        return (np.log1p(table.to_numpy()) - self._medians(*self._keys(table))) / self.scale_

    def score(self, table: pd.DataFrame) -> np.ndarray:
        """The largest residual of each host-window, of shape (host-windows,)."""
        return np.asarray(self.residuals(table).max(axis=1))

    def _keys(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        hosts = table.index.get_level_values("host").to_numpy(dtype=str)
        times = pd.DatetimeIndex(table.index.get_level_values("time"))
        return hosts, hour_of_week(times) if self.seasonal else np.zeros(len(hosts), dtype=int)

    def _medians(self, hosts: np.ndarray, hours: np.ndarray) -> np.ndarray:
        pairs = pd.MultiIndex.from_arrays([hosts, hours])
        codes, which = pairs.factorize()
        return np.array([self._median(*pair) for pair in which]).reshape(-1, len(FEATURES))[codes]

    def _median(self, host: str, hour: int) -> np.ndarray:
        """This host at this hour; if unknown, this host; if unknown, anybody."""
        found = self.medians_.get((host, hour))
        return self.of_host_.get(host, self.overall_) if found is None else found
