"""prepare(): load, split, fit on train only, transform."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pytest

from mlsd_kit.preprocessing import KNNImputer, OneHotEncoder, StandardScaler, prepare


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    n = 200
    return pd.DataFrame(
        {
            "customer": np.repeat(np.arange(n // 4), 4),
            "joined": pd.date_range("2023-01-01", periods=n).strftime("%Y-%m-%d"),
            "plan": rng.choice(["basic", "plus", "pro"], n),
            "spend": np.where(rng.random(n) < 0.1, " ", rng.normal(50, 9, n).round(2).astype(str)),
            "visits": rng.poisson(3, n),
            "churn": rng.choice(["No", "Yes"], n, p=[0.8, 0.2]),
        }
    )


OPTIONS: dict[str, Any] = dict(date_columns=["joined"], numeric_columns=["spend"], random_state=0)


class Spy(StandardScaler):
    """A scaler that remembers what ``fit`` saw."""

    seen: list[int] = []

    def fit(self, X: Any, y: Any = None) -> Self:
        Spy.seen.append(len(X))
        return super().fit(X)


def test_everything_is_fitted_on_the_train_rows_only(table: pd.DataFrame) -> None:
    Spy.seen = []
    ready = prepare(table, "churn", scaler=Spy(), **OPTIONS)
    assert Spy.seen == [len(ready.X_train)] == [120]
    np.testing.assert_allclose(ready.X_train[:, :4].mean(axis=0), 0, atol=1e-9)
    assert abs(ready.X_test[:, :4].mean(axis=0)).max() > 1e-3
    table.loc[ready.index_test, "plan"] = "unheard of"
    table.loc[ready.index_test, "visits"] = 10**6
    again = prepare(table, "churn", **OPTIONS)
    np.testing.assert_array_equal(again.X_train, ready.X_train)
    assert (again.X_test[:, -3:] == 0).all()


def test_rows_names_and_report(table: pd.DataFrame) -> None:
    before = table.copy(deep=True)
    ready = prepare(table, "churn", drop=["customer"], stratify=True, **OPTIONS)
    pd.testing.assert_frame_equal(table, before)
    everywhere = np.concatenate([ready.index_train, ready.index_val, ready.index_test])
    assert sorted(everywhere) == list(range(200))
    assert ready.feature_names.tolist() == [
        *("joined", "spend", "visits", "plan_basic", "plan_plus", "plan_pro")
    ]
    assert ready.X_val.shape == (40, 6)
    assert ready.X_val.dtype == np.float64
    assert not np.isnan(ready.X_train).any()
    np.testing.assert_array_equal(ready.y_test, table.loc[ready.index_test, "churn"])
    shares = [np.mean(y == "Yes") for y in (ready.y_train, ready.y_val, ready.y_test)]
    assert np.ptp(shares) < 0.03
    assert ready.report.count("spend", "blank to missing") == (table["spend"] == " ").sum()
    cleaned = table.assign(
        joined=pd.to_datetime(table["joined"]), spend=pd.to_numeric(table["spend"], "coerce")
    )
    np.testing.assert_array_equal(ready.transform(cleaned.loc[ready.index_val]), ready.X_val)


def test_from_a_file(table: pd.DataFrame, tmp_path: Path) -> None:
    table.to_csv(tmp_path / "table.csv", index=False)
    from_file = prepare(tmp_path / "table.csv", "churn", **OPTIONS)
    from_frame = prepare(table, "churn", **OPTIONS)
    np.testing.assert_array_equal(from_file.X_train, from_frame.X_train)


def test_groups_and_time(table: pd.DataFrame) -> None:
    grouped = prepare(table, "churn", groups="customer", **OPTIONS)
    customers = [
        set(table.loc[index, "customer"])
        for index in (grouped.index_train, grouped.index_val, grouped.index_test)
    ]
    assert not (customers[0] & customers[1] or customers[0] & customers[2])
    assert not customers[1] & customers[2]
    assert "customer" not in grouped.feature_names
    dated = prepare(table, "churn", time="joined", **OPTIONS)
    joined = table["joined"]
    assert joined[dated.index_train].max() < joined[dated.index_val].min()
    assert joined[dated.index_val].max() < joined[dated.index_test].min()


def test_own_transformers_and_single_kinds(table: pd.DataFrame) -> None:
    encoder = OneHotEncoder(drop="first")
    ready = prepare(table, "churn", imputer=KNNImputer(), encoder=encoder, **OPTIONS)
    assert ready.feature_names.tolist()[-2:] == ["plan_plus", "plan_pro"]
    assert not hasattr(encoder, "categories_")  # the caller's object is cloned
    assert isinstance(ready.transformers["numeric"][0], KNNImputer)
    texts = prepare(table[["plan", "churn"]], "churn", random_state=0)
    assert texts.X_train.shape[1] == 3
    numbers = prepare(table[["visits", "churn"]], "churn", random_state=0)
    assert numbers.feature_names.tolist() == ["visits"]


@pytest.mark.parametrize(
    ("target", "options", "message"),
    [
        ("label", {}, r"target names \['label'\]"),
        ("churn", {"drop": ["nothing"]}, r"drop names \['nothing'\]"),
        ("churn", {"drop": "plan"}, r"drop must be a list"),
        ("churn", {"groups": "team"}, r"groups names"),
        ("churn", {"time": "when"}, r"time names"),
        ("spend", {}, r"missing in \d+ rows"),
        ("churn", {"drop": ["customer", "joined", "plan", "spend", "visits"]}, r"no column is"),
    ],
)
def test_bad_input_is_named(
    table: pd.DataFrame, target: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        prepare(table, target, **options)
