"""Lists of many queries in one table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from mlsd_kit.ranking import list_rows, ndcg_by_query


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_every_row_stands_in_the_list_of_its_query_once(groups):
    rows = list_rows(groups)
    assert sorted(np.concatenate(rows).tolist()) == list(range(len(groups)))
    names = [{groups[row] for row in each} for each in rows]
    assert all(len(name) == 1 for name in names)
    assert [name.pop() for name in names] == list(dict.fromkeys(groups))
    assert all((np.diff(each) > 0).all() for each in rows)


@pytest.mark.parametrize("groups", [[], [[1, 2]]])
def test_groups_that_are_no_column_are_refused(groups):
    with pytest.raises(ValueError, match="groups must name"):
        list_rows(groups)


def test_each_query_as_the_library_has_it():
    rng = np.random.default_rng(0)
    groups = rng.permutation(np.repeat(np.arange(6), 15))
    grades, scores = rng.integers(0, 5, 90), rng.normal(size=90)
    ours = ndcg_by_query(grades, scores, groups, k=5)
    for value, rows in zip(ours, list_rows(groups), strict=True):
        assert value == pytest.approx(ndcg_score([2.0 ** grades[rows] - 1], [scores[rows]], k=5))


def test_a_query_without_a_relevant_document_is_nan_and_a_list_of_one_perfect():
    found = ndcg_by_query([0, 0, 3], [2.0, 1.0, 0.5], ["a", "a", "b"])
    assert np.isnan(found[0])
    assert found[1] == 1.0


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="give one a row"):
        ndcg_by_query([1, 0], [0.5], [1, 1])
    with pytest.raises(ValueError, match="negative"):
        ndcg_by_query([1, -1], [0.5, 0.1], [1, 1])
