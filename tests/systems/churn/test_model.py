"""The graph carries its encoder: names, order and categories travel with the weights."""

import dataclasses

import numpy as np
import pytest

from mlsd_kit.systems.churn.economy import prior_shift
from mlsd_kit.systems.churn.model import (
    FieldError,
    ModelError,
    Plan,
    Scorer,
    check_fields,
    fingerprint,
)


@pytest.fixture
def scorer(graphs, plan):
    return Scorer(graphs[0], plan)


def test_the_graph_says_what_the_pipeline_says(scorer, customers, pipeline):
    table = customers[0]
    risk, profit = scorer.score(table)
    np.testing.assert_allclose(risk, pipeline.predict_proba(table)[:, 1], atol=1e-6)
    wanted = scorer.plan.economy.profit(risk, risk, table["MonthlyCharges"])
    np.testing.assert_allclose(profit, wanted)


def test_the_order_of_columns_does_not_matter(scorer, customers):
    table = customers[0]
    np.testing.assert_array_equal(
        scorer.score(table)[0], scorer.score(table[list(table)[::-1]].assign(more=1))[0]
    )


def test_a_contract_of_a_new_kind_is_scored_as_the_pipeline_does(scorer, customers, pipeline):
    table = customers[0].head(3).assign(Contract="for life")
    np.testing.assert_allclose(
        scorer.score(table)[0], pipeline.predict_proba(table)[:, 1], atol=1e-6
    )


def test_the_plan_moves_the_base_rate(graphs, plan, customers):
    rare = dataclasses.replace(plan, base_rate=0.02)
    risk, shifted = (Scorer(graphs[0], p).score(customers[0])[0] for p in (plan, rare))
    np.testing.assert_allclose(shifted, prior_shift(risk, plan.trained, 0.02))
    assert Plan.of(rare.as_dict()) == rare


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="Contract"), "missing: Contract"),
        (lambda t: t.assign(Contract=1), "Contract must be text"),
        (lambda t: t.assign(Contract=None), "Contract must be text"),
        (lambda t: t.assign(tenure="long"), "tenure must be a number"),
        (lambda t: t.assign(tenure=np.nan), "tenure must be a finite number"),
        (lambda t: t.assign(MonthlyCharges=[[1]] * len(t)), "MonthlyCharges must be a number"),
    ],
)
def test_what_is_not_as_in_training_is_refused_by_name(scorer, customers, change, message):
    with pytest.raises(FieldError, match=message):
        scorer.score(change(customers[0].head(3).copy()))


def test_fields_that_are_missing_and_unknown_are_named(scorer):
    with pytest.raises(FieldError, match=r"missing: \['Contract'\], unknown: \['contract'\]"):
        check_fields(["tenure", "MonthlyCharges", "contract"], scorer)


def test_other_bytes_than_registered_are_refused(graphs, plan):
    with pytest.raises(ModelError, match="not those that were registered"):
        Scorer(graphs[1], plan, fingerprint(graphs[0]))
    with pytest.raises(ModelError, match="no ONNX graph"):
        Scorer(b"nothing", plan)
