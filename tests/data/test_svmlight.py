"""Judged lists in the svmlight format, against scikit-learn's reader; and the two that we have."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_svmlight_file

from mlsd_kit import data
from mlsd_kit.data import svmlight

COLUMNS = ["grade", "query", "a", "b", "c"]
LINES = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(1, 99),
        st.dictionaries(
            st.integers(1, 3),
            st.floats(-1e6, 1e6, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-6),
        ),
    ),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, max_examples=40)
@given(lines=LINES)
def test_as_the_library_reads_it(tmp_path_factory, lines):
    file = tmp_path_factory.mktemp("lists") / "lists.txt"
    text = [
        f"{grade} qid:{query} " + " ".join(f"{n}:{v!r}" for n, v in sorted(row.items()))
        for grade, query, row in lines
    ]
    file.write_text("\n".join(text) + "\n")
    ours = svmlight.read(file, COLUMNS)
    theirs, grades, queries = load_svmlight_file(str(file), n_features=3, query_id=True)
    np.testing.assert_array_equal(ours[["a", "b", "c"]], theirs.toarray())
    assert ours["grade"].tolist() == grades.tolist()
    assert ours["query"].tolist() == queries.tolist()


def test_blank_lines_and_comments_are_skipped(tmp_path):
    file = tmp_path / "lists.txt"
    file.write_text("# a head\n\n1 qid:2 1:5 # said twice 2:9\n   \n")
    table = svmlight.read(file, COLUMNS)
    assert table.to_numpy().tolist() == [[1, 2, 5, 0, 0]]
    assert table.dtypes.astype(str).tolist() == ["int64", "int64", *["float64"] * 3]


@pytest.mark.parametrize(
    "line",
    [
        *("1", "x qid:1 1:2", "1 qid: 1:2", "1.5 qid:2 1:1", "1 qid:2 7", "1 qid:2 0:1"),
        *("1 qid:2 4:1", "1 qid:2 1:x", "1 qid:2 1:1 1:2", "1 qid:2 1:2:3", "1 qid:2 1 2:3:4"),
    ],
)
def test_a_line_of_another_form_is_named(tmp_path, line):
    file = tmp_path / "lists.txt"
    file.write_text(f"1 qid:2 1:0.5\n{line}\n")
    with pytest.raises(ValueError, match="line 2 is not of the form"):
        svmlight.read(file, COLUMNS)


def test_a_datasheet_may_name_the_format(toy):
    schema = "".join(
        f'\n{name} = {{ dtype = "{kind}" }}'
        for name, kind in zip(COLUMNS, ["int64", "int64", *["float64"] * 3], strict=True)
    )
    reader = '[reader]\nformat = "svmlight"\n'
    toy.with_csv("1 qid:2 1:0.5\n0 qid:2 3:4\n", schema=reader_after(schema, reader))
    assert data.load("toy")["c"].tolist() == [0, 4]


def test_a_damaged_file_is_one_sentence(toy):
    schema = "".join(f'\n{name} = {{ dtype = "float64" }}' for name in COLUMNS)
    toy.with_csv(
        "1 qid:2\n2 oops\n", schema=reader_after(schema, '[reader]\nformat = "svmlight"\n')
    )
    with pytest.raises(data.SchemaError, match="line 2 is not of the form"):
        data.load("toy")


def reader_after(schema, reader):
    """The reader's table may stand after the schema's: TOML does not care."""
    return f"{schema}\n{reader}"


@pytest.mark.parametrize("name", ["mslr_train", "mslr_test"])
def test_mslr_facts(name):
    table = data.load(name)
    assert table.shape == (5000, 138)
    assert table["query"].nunique() == 43
    assert (table["query"].diff() != 0).sum() == 43  # each query's pages stand together
    assert set(table["grade"]) == {0, 1, 2, 3, 4}
    # the names fit: BM25 of the whole page is near that of its body, links are counted from 0
    assert table["bm25_body"].corr(table["bm25_whole"]) > 0.9
    assert (table["covered_terms_whole"] >= table["covered_terms_body"]).all()
    shares = table["covered_terms_body"] / table["covered_share_body"]
    terms = shares.groupby(table["query"]).agg(["min", "max"])  # the query's number of terms
    np.testing.assert_allclose(terms["min"], terms["max"], rtol=1e-3)
    data.verify(name)


def test_mslr_shares_no_query_and_has_two_lists_without_a_relevant_page():
    train, test = data.load("mslr_train"), data.load("mslr_test")
    assert not set(train["query"]) & set(test["query"])
    best = train.groupby("query")["grade"].max()
    assert best.index[best == 0].tolist() == [106, 286]
    assert test.groupby("query")["grade"].max().min() > 0
