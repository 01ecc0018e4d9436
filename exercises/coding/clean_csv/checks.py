"""What a clean table must hold, from simple to subtle."""

from __future__ import annotations

import csv
import math
from datetime import date
from io import StringIO

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, require, same

WORDS = ["", " ", "NA", "n/a", "N/A", "nan", "NaN", "null", "NULL", "None", "-", " - "]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def rows_of(text):
    """The file's columns as lists of stripped cells, a missing one as None."""
    header, *rows = csv.reader(StringIO(text))
    missing = {word.strip().lower() for word in WORDS}
    rows = [row or [""] for row in rows]  # the csv module gives nothing for an empty line
    columns = {name: [row[at].strip() for row in rows] for at, name in enumerate(header)}
    return {n: [None if c.lower() in missing else c for c in cells] for n, cells in columns.items()}


def read_date(cell):
    """Day, month and year by hand, without a parser that could guess."""
    if cell is None:
        return None
    if len(parts := cell.split("/")) == 3:
        day, month, year = parts
    elif len(parts := cell.split(" ")) == 3:
        day, name, year = parts
        month = 1 + [m.lower() for m in MONTHS].index(name.lower())
    elif len(parts := cell.split("-")) == 3:
        year, month, day = parts
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def read_numbers(cells):
    """The numbers, and the median where there is none."""
    plain = [None if c is None else c.replace(",", "") for c in cells]
    known = sorted(float(c) for c in plain if c is not None and c[-1].isdigit())
    half = len(known) // 2
    middle = (known[half] + known[~half]) / 2 if known else math.nan
    return [float(c) if c is not None and c[-1].isdigit() else middle for c in plain]


def read_texts(cells):
    """The texts, and the most frequent one where there is none."""
    known = sorted({c for c in cells if c is not None})
    top = max(known, key=cells.count) if known else None  # max keeps the first of equals
    return [top if c is None else c for c in cells]


def table(call, given):
    """The learner's table, once it is one with the right columns and rows."""
    got = call(**given)
    wanted = rows_of(given["text"])
    rows = len(next(iter(wanted.values())))
    hint = ": did you forget to return?" if got is None else ""
    kind = type(got).__name__
    require(isinstance(got, pd.DataFrame), f"expected a DataFrame, got {kind}{hint}")
    same(list(got.columns), list(wanted), what="the columns")
    require(len(got) == rows, f"expected {rows} rows, as in the file, got {len(got)}")
    require(list(got.index) == list(range(rows)), f"expected the index 0, 1, 2 … {rows - 1}")
    return got, wanted


def compare_dates(got, cells, name):
    dtype = got[name].dtype
    is_date = pd.api.types.is_datetime64_any_dtype(dtype)
    require(is_date or not len(got), f"column {name!r}: expected datetime64, got {dtype}")
    mine = [None if pd.isna(v) else str(v)[:19].replace(" 00:00:00", "") for v in got[name]]
    theirs = [day and day.isoformat() for day in map(read_date, cells)]
    same(mine, theirs, what=f"column {name!r}")


def compare_numbers(got, cells, name):
    dtype = got[name].dtype
    is_number = pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
    require(is_number or not len(got), f"column {name!r}: expected float64, got {dtype}")
    mine = got[name].to_numpy(dtype=float, na_value=np.nan)
    same(mine, np.array(read_numbers(cells), dtype=float), what=f"column {name!r}")


def compare_texts(got, cells, name):
    mine = [None if pd.isna(v) else v for v in got[name].astype(object)]
    theirs = read_texts(cells)
    for row, (a, b) in enumerate(zip(mine, theirs, strict=True)):
        require(
            type(a) is type(b) and a == b,
            f"column {name!r}: expected {b!r} at [{row}], got {a!r}",
        )


def compare_all(got, wanted):
    """Every column by its kind, which the first letter of its name tells."""
    for name, cells in wanted.items():
        compare = {"d": compare_dates, "n": compare_numbers}.get(name[0], compare_texts)
        compare(got, cells, name)


def csv_text(columns):
    """A CSV file; cells with commas are quoted, as the csv module does."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return out.getvalue()


def given_of(columns):
    dates, numbers = [n for n in columns if n[0] == "d"], [n for n in columns if n[0] == "n"]
    return {"text": csv_text(columns), "date_columns": dates, "numeric_columns": numbers}


def one(name, *cells):
    """A file with one column of interest, and an id to its left."""
    return given_of({"id": [f"{i:03d}" for i in range(len(cells))], name: list(cells)})


@st.composite
def date_cells(draw, one=None):
    day, month = draw(st.integers(1, 31)), draw(st.integers(1, 12))
    year = draw(st.integers(1969, 2031))
    shape = draw(st.integers(0, 5)) if one is None else one
    name = draw(st.sampled_from([str.upper, str.lower, str]))(MONTHS[month - 1])
    # a day that its month lacks is drawn too: it becomes missing
    return [
        f"{year}-{month:02d}-{day:02d}",
        f"{day:02d}/{month:02d}/{year}",
        f"{day}/{month}/{year}",
        f"{day} {name} {year}",
        f" {day:02d}/{min(day, 12):02d}/{year} ",
        draw(st.sampled_from(["soon", "31/02/2024", "13/13/2024", "2023-02-29", "30 Feb 2024"])),
    ][shape]


number_cells = st.one_of(
    st.integers(-3, 9).map(str),
    st.sampled_from(["0.5", " 2.25 ", "1,234.5", "-1,200", "12,345,678", "100000"]),
    st.sampled_from(["twelve", "about 5 EUR"]),
)
text_cells = st.sampled_from(
    ["007", "08", "7", "pro", "basic", " basic", "Basic", "a, b", "1.50", "#N/A"]
)
missing_cells = st.sampled_from(WORDS)


def column(cells, rows, gaps):
    return st.lists(st.one_of([cells] * 3 + [missing_cells] * gaps), min_size=rows, max_size=rows)


@st.composite
def files(draw, fewest=1, most=6, gaps=1):
    rows = draw(st.integers(fewest, most))
    kinds = {"day": date_cells(), "n": number_cells, "text": text_cells, "d2": date_cells()}
    kinds |= {"number": number_cells, "code": text_cells}
    names = draw(st.permutations(list(kinds)))[: draw(st.integers(2, 6))]
    return given_of({name: draw(column(kinds[name], rows, gaps)) for name in names})


@st.composite
def files_of(draw, kind, cells, gaps=1, most=7):
    return one(kind, *draw(column(cells, draw(st.integers(1, most)), gaps)))


def alone(name, *cells):
    """A file of one column, in which a missing cell is an empty line."""
    kinds = {
        "date_columns": [name] * (name[0] == "d"),
        "numeric_columns": [name] * (name[0] == "n"),
    }
    return {"text": "\n".join([name, *cells, ""]), **kinds}


ALONE = [
    alone("text", "basic", "", "pro"),
    alone("text", "", "pro", "", ""),
    alone("number", "1", "", "", "4"),
    alone("day", "05/03/2024", "", "2024-03-05"),
]
WHOLE = given_of(
    {
        "text": ["b", "a", "", "b"],
        "number": ["1", "2", "10", "-"],
        "day": ["2024-03-05", "05/03/2024", "5 Mar 2024", "N/A"],
    }
)


@check(files(), examples=8, always=[WHOLE, *ALONE])
def rows_and_columns_stay(call, given):
    """The table has the file's columns in the file's order, and all its rows, empty lines of a
    file of one column included.
    """
    table(call, given)


@check(
    files_of("day", date_cells(), gaps=0),
    examples=10,
    always=[
        one("day", "05/03/2024", "25/03/2024"),
        one("day", "5 Mar 2024", "2024-03-05", "5/3/2024"),
        one("day", "2024-03-05", "31/02/2024", "7 AUG 2024"),
    ],
)
def dates_of_all_formats_are_read_day_first(call, given):
    """Each of the three formats is read, 05/03/2024 as 5 March; what is no date becomes NaT."""
    got, wanted = table(call, given)
    compare_dates(got, wanted["day"], "day")


@check(
    files_of("day", date_cells(), gaps=3),
    examples=10,
    always=[one("day", "05/03/2024", "N/A", "", "1 Jan 1970")],
)
def missing_dates_stay_missing(call, given):
    """A missing date stays NaT."""
    got, wanted = table(call, given)
    compare_dates(got, wanted["day"], "day")


@check(
    files_of("number", number_cells, gaps=0),
    examples=10,
    always=[one("number", "1,234.5", "12,345,678", "0.25")],
)
def numbers_lose_their_thousands_separators(call, given):
    """A number keeps its value: 1,234.5 is 1234.5, in a float64 column."""
    got, wanted = table(call, given)
    compare_numbers(got, wanted["number"], "number")


@check(
    files_of("number", number_cells, gaps=2),
    examples=10,
    always=[
        one("number", "1", "2", "N/A", "100"),
        one("number", "1", "", "twelve", "4"),
        one("number", "-", "1,000", "3"),
    ],
)
def missing_numbers_get_the_median(call, given):
    """A missing number, and what is no number, gets the median of the column's known numbers."""
    got, wanted = table(call, given)
    compare_numbers(got, wanted["number"], "number")


@check(
    files_of("text", text_cells, gaps=2),
    examples=10,
    always=[
        given_of({"id": ["007", "010"], "text": ["007", "08"]}),
        one("text", "pro", "basic", "", "pro"),
        one("text", "pro", "basic", "NULL"),
        one("text", "#N/A", "pro", "#N/A", "none"),
        one("text", " x ", "n/a", "-", "None", "y, z"),
    ],
)
def texts_stay_as_written_and_missing_ones_get_the_most_frequent(call, given):
    """Text keeps its zeros; missing ones get the most frequent, of equals the first when sorted."""
    got, wanted = table(call, given)
    for name in wanted:
        compare_texts(got, wanted[name], name)


@check(files(most=8, gaps=2), examples=10, always=[WHOLE, *ALONE])
def the_whole_table(call, given):
    """Columns of every kind side by side, in any order."""
    compare_all(*table(call, given))


@check(
    files(fewest=0, most=1, gaps=6),
    examples=6,
    always=[
        given_of({"text": ["-", "NA"], "number": ["", "none"], "day": ["soon", " "]}),
        given_of({"text": [], "number": [], "day": []}),
    ],
)
def nothing_known(call, given):
    """A column without a known value keeps its gaps; a file without rows gives none."""
    compare_all(*table(call, given))


def speed_inputs(rng):
    """A night's file: 30,000 customers."""
    rows = 30_000
    day, month = rng.integers(1, 29, rows), rng.integers(1, 13, rows)
    year = rng.integers(2000, 2025, rows)
    shapes = ("{y}-{m:02d}-{d:02d}", "{d:02d}/{m:02d}/{y}", "{d} {n} {y}", "N/A")
    dates = [
        shapes[s].format(d=d, m=m, y=y, n=MONTHS[m - 1])
        for s, d, m, y in zip(rng.integers(0, 4, rows), day, month, year, strict=True)
    ]
    amounts = [f"{a:,.2f}" if a > 3 else "-" for a in rng.exponential(800.0, rows)]
    plans = rng.choice(["basic", "pro", "team", ""], rows).tolist()
    ids = [f"{i:06d}" for i in range(rows)]
    return given_of({"id": ids, "day": dates, "number": amounts, "text": plans})
