"""A model that travels whole, and is refused if it does not."""

import numpy as np
import pytest

from mlsd_kit.systems.demand_forecasting.features import HISTORY, days_ahead
from mlsd_kit.systems.demand_forecasting.model import Forecaster, ModelError, fingerprint

NOW = HISTORY + 30


def test_it_forecasts_pieces_and_orders_whole_ones(chain, texts):
    model = Forecaster(texts[0], 1.5)
    made = model.forecast(chain, NOW)
    sold = chain.demand[:, days_ahead(NOW)]
    assert made.shape == sold.shape and (made >= 0).all()
    assert abs(made - sold).sum() < 0.2 * sold.sum()
    order = model.order(made)
    np.testing.assert_array_equal(order, np.rint(1.5 * made))


def test_a_longer_gap_forecasts_later_days(chain, texts):
    model = Forecaster(texts[0], 1.0)
    late = model.forecast(chain, NOW - 1, gap=2)  # the same days, from a day earlier
    sold = chain.demand[:, days_ahead(NOW)]
    assert abs(late - sold).sum() < 0.25 * sold.sum()


def test_another_text_or_factor_is_refused(texts):
    stamp = fingerprint(texts[0], 1.2)
    Forecaster(texts[0], 1.2, stamp)
    for text, factor in ((texts[1], 1.2), (texts[0], 1.3)):
        with pytest.raises(ModelError, match="not what was registered"):
            Forecaster(text, factor, stamp)
    with pytest.raises(ModelError, match="no text of LightGBM"):
        Forecaster("{}", 1.0)


def test_a_model_of_other_features_is_refused(chain):
    from lightgbm import LGBMRegressor

    rng = np.random.default_rng(0)
    other = LGBMRegressor(n_estimators=2, verbose=-1, n_jobs=1)
    other.fit(rng.random((60, 3)), rng.random(60))
    with pytest.raises(ModelError, match="knows 3 features"):
        Forecaster(other.booster_.model_to_string(), 1.0).forecast(chain, NOW)
