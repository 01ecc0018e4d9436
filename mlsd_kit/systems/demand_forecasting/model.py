"""A forecaster that travels whole: the trees as text, and the factor that makes orders of them."""

from __future__ import annotations

import hashlib

import numpy as np
from lightgbm import Booster

from mlsd_kit.services.releases import ModelError
from mlsd_kit.systems.demand_forecasting.features import GAP, Array, Chain, features, level


class Forecaster:
    """Forecasts a week for all series.

    Parameters
    ----------
    text : str
        A LightGBM model as text. It says demand as a multiple of the level of its series.
    factor : float
        Pieces ordered per piece that is expected.
    sha256 : str or None, default=None
        What `fingerprint` must give; None for what is not stored yet.

    Raises
    ------
    ModelError
        If the text is another one, or no model.
    """

    def __init__(self, text: str, factor: float, sha256: str | None = None) -> None:
        if sha256 is not None and fingerprint(text, factor) != sha256:
            raise ModelError("the model's text or factor is not what was registered.")
        if not text.startswith("tree\n"):
            raise ModelError("the model is no text of LightGBM.")
        self.factor = factor
        self._trees = Booster(model_str=text)

    def forecast(self, chain: Chain, now: int, gap: int = GAP) -> Array:
        """Expected demand in pieces, shape (series, HORIZON), at least 0.

        Parameters
        ----------
        chain : Chain
        now : int
            Days that are known.
        gap : int
            Days between the last known and the first that is forecast.

        Raises
        ------
        ModelError
            If the model was trained on other features.
        """
        names, table = features(chain, now, gap)
        if self._trees.num_feature() != len(names):
            raise ModelError(
                f"the model knows {self._trees.num_feature()} features, the job makes {len(names)}."
            )
        ratio = np.asarray(self._trees.predict(table.reshape(-1, len(names))))
        return np.maximum(ratio.reshape(table.shape[:2]) * level(chain.demand, now), 0)

    def order(self, forecast: Array) -> Array:
        """Pieces to bake: whole ones."""
        return np.rint(self.factor * forecast)


def fingerprint(text: str, factor: float) -> str:
    """What stands for a model's content.

    The factor is part of it, whatever its type.

    >>> fingerprint("tree", 1) == fingerprint("tree", 1.0)
    True
    >>> fingerprint("tree", 1.1) == fingerprint("tree", 1.2)
    False
    """
    return hashlib.sha256(f"{float(factor)!r}\n{text}".encode()).hexdigest()
