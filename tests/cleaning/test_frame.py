"""read_csv and clean_frame: types, blanks, mixed dates, and a report that tells all of it."""

from __future__ import annotations

import gzip
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_kit.cleaning import clean_frame, read_csv

TELCO = """customerID,SeniorCitizen,tenure,MonthlyCharges,TotalCharges,Churn
7590-VHVEG,0,1,29.85,29.85,No
5575-GNVDE,0,34,56.95,1889.5,No
4472-LVYGI,0,0,52.55, ,No
3668-QPYBK,1,2,53.85,108.15,Yes
"""


def test_blank_total_charges_become_missing_and_are_reported() -> None:
    frame, report = read_csv(StringIO(TELCO), numeric_columns=["TotalCharges"])
    assert frame["TotalCharges"].dtype == np.float64
    assert np.flatnonzero(frame["TotalCharges"].isna()).tolist() == [2]
    assert report.to_frame().to_dict("records") == [
        {"column": "TotalCharges", "change": "blank to missing", "count": 1, "examples": "' '"}
    ]
    assert "TotalCharges: blank to missing, 1 cell" in str(report)
    assert "<table" in report._repr_html_()


def test_types_names_and_order_are_those_of_the_file() -> None:
    frame, _ = read_csv(StringIO(TELCO))
    assert list(frame.columns) == TELCO.splitlines()[0].split(",")
    assert frame["tenure"].dtype == np.int64
    assert frame["SeniorCitizen"].tolist() == [0, 0, 0, 1]
    assert frame["Churn"].dtype == "str"
    expected = pd.read_csv(StringIO(TELCO), na_values=[" "])
    pd.testing.assert_frame_equal(frame, expected)


def test_codes_with_leading_zeros_stay_text() -> None:
    frame, _ = read_csv(StringIO("zip,n\n00501,1\n90210,2\n"))
    assert frame["zip"].tolist() == ["00501", "90210"]


def test_large_integers_are_not_rounded() -> None:
    frame, _ = read_csv(StringIO("id\n9007199254740993\n9007199254740995\n"))
    assert frame["id"].tolist() == [9007199254740993, 9007199254740995]


def test_mixed_dates_become_one_type() -> None:
    text = 'day\n2024-03-05\n5 Mar 2024\n20240305\n"March 5th, 2024"\n03/05/2024\n" "\n'
    frame, report = read_csv(StringIO(text), date_columns=["day"], dayfirst=False)
    assert frame["day"].dtype.kind == "M"
    assert set(frame["day"][:5]) == {pd.Timestamp("2024-03-05")}
    assert frame["day"].isna().tolist() == [False] * 5 + [True]
    assert report.count("day", "date rewritten") == 4
    assert report.count("day", "blank to missing") == 1


def test_ambiguous_date_names_the_column_and_the_argument() -> None:
    with pytest.raises(ValueError, match=r"column 'day'.*'03/04/2024'.*dayfirst=True"):
        read_csv(StringIO("day\n03/04/2024\n"), date_columns=["day"])


def test_unreadable_cells_raise_or_are_coerced_and_reported() -> None:
    df = pd.DataFrame({"n": ["1", "many", "2"], "day": ["2024-01-01", "soon", "2024-01-03"]})
    with pytest.raises(ValueError, match=r"column 'n'.*'many'.*coerce"):
        clean_frame(df, numeric_columns=["n"])
    with pytest.raises(ValueError, match=r"column 'day'.*'soon'.*coerce"):
        clean_frame(df, date_columns=["day"])
    frame, report = clean_frame(df, numeric_columns=["n"], date_columns=["day"], errors="coerce")
    assert frame.isna().sum().tolist() == [1, 1]
    assert report.count("n", "unreadable to missing") == 1
    assert report.count("day", "unreadable to missing") == 1


def test_numbers_in_dress_are_rewritten_and_reported() -> None:
    df = pd.DataFrame({"spend": ["$1,200", "(30)", "7", " 8 "]})
    frame, report = clean_frame(df, numeric_columns=["spend"])
    assert frame["spend"].tolist() == [1200, -30, 7, 8]
    assert report.count("spend", "number rewritten") == 2


def test_caller_frame_is_not_written_and_index_kept() -> None:
    df = pd.DataFrame({"a": [" x", "", None], "b": [1, 2, 3]}, index=[7, 8, 9])
    before = df.copy(deep=True)
    frame, report = clean_frame(df)
    pd.testing.assert_frame_equal(df, before)
    assert frame.index.tolist() == [7, 8, 9]
    assert frame["a"].tolist()[0] == "x"
    assert frame["a"].isna().tolist() == [False, True, True]
    assert report.count("a", "spaces trimmed") == 1
    assert report.count("a", "blank to missing") == 1


def test_objects_that_are_no_text_are_left_alone() -> None:
    df = pd.DataFrame({"mixed": pd.Series([1, " two ", 3.5, None], dtype=object)})
    frame, _ = clean_frame(df)
    assert frame["mixed"].tolist()[:3] == [1, "two", 3.5]
    numbers, _ = clean_frame(df.iloc[[0, 2, 3]], numeric_columns=["mixed"])
    assert numbers["mixed"].tolist()[:2] == [1.0, 3.5]


def test_own_na_values_replace_the_default() -> None:
    df = pd.DataFrame({"country": ["NA", "CH", "missing"]})
    frame, _ = clean_frame(df, na_values=["missing"])
    assert frame["country"].isna().tolist() == [False, False, True]


def test_all_missing_and_empty_columns() -> None:
    frame, report = read_csv(StringIO("a,b\n,1\n,2\n"))
    assert frame["a"].isna().all()
    assert report.count("a") == 2
    nothing, report = read_csv(StringIO("a,b\n"))
    assert nothing.shape == (0, 2)
    assert report.n_rows == 0
    empty, _ = clean_frame(nothing, date_columns=["a"], numeric_columns=["b"])
    assert empty.shape == (0, 2)


def test_typed_columns_are_left_alone() -> None:
    df = pd.DataFrame({"day": pd.to_datetime(["2024-01-01"]), "n": [1]})
    frame, report = clean_frame(df, date_columns=["day"], numeric_columns=["n"])
    pd.testing.assert_frame_equal(frame, df)
    assert report.changes == ()
    with pytest.raises(ValueError, match=r"date_columns.*'n'"):
        clean_frame(df, date_columns=["n"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"date_columns": ["missing"]}, r"date_columns names \['missing'\]"),
        ({"numeric_columns": "a"}, r"numeric_columns must be a list"),
        ({"errors": "ignore"}, r"errors must be"),
    ],
)
def test_bad_arguments_are_named(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        clean_frame(pd.DataFrame({"a": ["1"]}), **options)


def test_empty_file_and_twin_columns_are_refused() -> None:
    with pytest.raises(ValueError, match=r"is empty"):
        read_csv(StringIO(""))
    with pytest.raises(ValueError, match=r"same name"):
        clean_frame(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(FileNotFoundError):
        read_csv("no/such/file.csv")


def test_separator_and_encoding(tmp_path: object) -> None:
    path = tmp_path / "file.csv"  # type: ignore[operator]
    path.write_bytes("name;n\nZürich;1\n".encode("latin-1"))
    frame, _ = read_csv(path, sep=";", encoding="latin-1")
    assert frame.iloc[0].tolist() == ["Zürich", 1]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.one_of(st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6)), min_size=1))
def test_inferred_numbers_are_those_of_pandas(values: list[float]) -> None:
    text = "n\n" + "\n".join(map(str, values)) + "\n"
    frame, _ = read_csv(StringIO(text))
    pd.testing.assert_frame_equal(frame, pd.read_csv(StringIO(text)), rtol=1e-15)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "id,age\n1,30,\n",
            r"line 2: 3 cells, .* has 2: remove the separator at its end",
        ),
        ("id,age\n1,30\n2,3,4\n", r"line 3: 3 cells.*quote a cell"),
        ("id,age\n1\n", r"line 2: 1 cell, but the header has 2: add what is missing"),
        ('id,age\n"1\n2",3\n4\n', r"line 4: 1 cell"),
        ('id,age\n1,"2\n3,4\n', r"line 3: .*close the quotes"),
        ("id,id\n1,2\n", r"more than one column named 'id'"),
    ],
)
def test_ragged_rows_are_refused_with_their_line(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_csv(StringIO(text))


def test_a_ragged_row_of_a_regular_expression_is_refused() -> None:
    frame, _ = read_csv(StringIO("id  age \n1 30\n"), sep=r"\s+")
    assert frame.values.tolist() == [[1, 30]]
    with pytest.raises(ValueError, match=r"line 3: 3 cells"):
        read_csv(StringIO("id  age\n1 2\n3 4 5\n"), sep=r"\s+")


def test_another_encoding_is_told_with_file_and_cure(tmp_path) -> None:
    file = tmp_path / "towns.csv"
    file.write_bytes("town,x\nZürich,2\n".encode("cp1252"))
    with pytest.raises(ValueError, match=r"towns\.csv is not encoded in utf-8.*cp1252"):
        read_csv(file)
    assert read_csv(file, encoding="cp1252")[0]["town"].tolist() == ["Zürich"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_and_a_byte_order_mark_are_read(tmp_path, end) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(b"\xef\xbb\xbf" + f"id,age{end}1,30{end}{end}2,40{end}".encode())
    frame, _ = read_csv(file)
    assert list(frame.columns) == ["id", "age"] and frame.values.tolist() == [[1, 30], [2, 40]]


def test_a_compressed_file_is_read_as_one_that_is_not(tmp_path) -> None:
    file = tmp_path / "file.csv.gz"
    file.write_bytes(gzip.compress(b"id\n1\n", mtime=0))
    assert read_csv(file)[0]["id"].tolist() == [1]


def test_an_empty_line_of_a_single_column_is_a_missing_value() -> None:
    frame, _ = read_csv(StringIO("plan\nbasic\n\npro\n"))
    assert frame["plan"].isna().tolist() == [False, True, False]


def test_identifiers_keep_their_digits() -> None:
    frame, _ = read_csv(StringIO("id,x\n1234567890123456789,1\n,2\n"))
    assert frame["id"].iloc[0] == "1234567890123456789" and pd.isna(frame["id"].iloc[1])
    frame, _ = read_csv(StringIO("id\n11898508762506083287\n7\n"))
    assert frame["id"].tolist() == ["11898508762506083287", "7"]
    frame, _ = read_csv(StringIO("id,x\n9007199254740993,1\n1.5,2\n"))
    assert frame["id"].tolist() == ["9007199254740993", "1.5"]
    with pytest.raises(ValueError, match=r"column 'id'.*more digits.*stays text"):
        read_csv(StringIO("id,x\n1234567890123456789,1\n,2\n"), numeric_columns=["id"])


@pytest.mark.parametrize("cell", ["9" * 400, "9" * 5000, "1e400"])
def test_numbers_beyond_a_float_stay_text_or_are_told(cell) -> None:
    assert read_csv(StringIO(f"amount\n{cell}\n2\n"))[0]["amount"].tolist() == [cell, "2"]
    with pytest.raises(ValueError, match=r"column 'amount': not numbers"):
        read_csv(StringIO(f"amount\n{cell}\n2\n"), numeric_columns=["amount"])
