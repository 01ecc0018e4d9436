"""What the query must give, from simple to subtle."""

from __future__ import annotations

import importlib.util
import os
import threading
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
from hypothesis import strategies as st

from mlsd_kit.curriculum.grading import check, require, same

SECONDS = 2.0
ROWS = 20_000
SAFE = {
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "max_temp_directory_size": "0MB",
    "memory_limit": "512MB",
    "threads": "1",
}
SCHEMA = """
    CREATE TABLE users (user_id INTEGER, country VARCHAR);
    CREATE TABLE payments (
        payment_id INTEGER, user_id INTEGER, paid_at TIMESTAMP, amount DECIMAL(10, 2), kind VARCHAR
    );
    SET lock_configuration = true;
"""
COLUMNS = ["user_id", "month", "total"]
OPEN = threading.local()


def connection():
    """This thread's database: opened once, since opening costs more than a query."""
    if getattr(OPEN, "pid", None) != os.getpid():
        OPEN.database, OPEN.pid = duckdb.connect(":memory:", config=SAFE), os.getpid()
        OPEN.database.execute(SCHEMA)
    return OPEN.database


def run(sql, users, payments):
    """Names and rows that ``sql`` gives, in a database that holds only the two tables."""
    database = connection()
    clock = threading.Timer(SECONDS, database.interrupt)
    database.execute("BEGIN")
    try:
        insert(database, "users", [(user, "PT") for user in users])
        insert(database, "payments", [(i + 1, *payment) for i, payment in enumerate(payments)])
        clock.start()
        answer = database.execute(sql)
        return [column[0] for column in answer.description], answer.fetchmany(ROWS)
    finally:
        clock.cancel()
        database.execute("ROLLBACK")


def insert(database, table, rows):
    if rows:
        places = ", ".join(f"({', '.join('?' * len(row))})" for row in rows)
        values = [value for row in rows for value in row]
        database.execute(f"INSERT INTO {table} VALUES {places}", values)


def the_statement(sql):
    """``sql``, once it is known to be one SELECT statement."""
    hint = ": did you forget to return?" if sql is None else ""
    require(isinstance(sql, str), f"expected the SQL text, got {type(sql).__name__}{hint}")
    try:
        kinds = [statement.type for statement in duckdb.extract_statements(sql)]
    except duckdb.Error as error:
        require(False, f"the SQL cannot be read: {first_line(error)}")
    require(len(kinds) == 1, f"expected one statement, got {len(kinds)}")
    kind = str(kinds[0]).rpartition(".")[2]
    require(kind == "SELECT", f"expected a SELECT statement, got {kind}")
    return sql


def first_line(error):
    return str(error).strip().splitlines()[0][:300]


def result(call, users, payments):
    """The rows of the learner's query as (user, month, total), once they have that form."""
    sql = the_statement(call())
    try:
        names, rows = run(sql, users, payments)
    except duckdb.InterruptException:
        require(False, f"the query took longer than {SECONDS:g} seconds")
    except (duckdb.Error, ValueError, OverflowError, RuntimeError) as error:
        require(False, f"DuckDB says: {first_line(error)}")
    same([str(name).lower() for name in names], COLUMNS, what="the columns")
    return sql, [(user, as_month(month), as_number(total)) for user, month, total in rows]


def as_month(value):
    """A DATE or TIMESTAMP as text; the time of day shows only if there is one."""
    return None if value is None else str(value)[:19].removesuffix(" 00:00:00")


def as_number(value):
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return value


def parsed(payments):
    return [(u, w and datetime.fromisoformat(w), a, k) for u, w, a, k in payments]


def oracle(users, payments):
    """The definition: for every user and month, go through all payments."""
    payments = parsed(payments)
    moments = [when for _, when, _, _ in payments if when is not None]
    if not moments:
        return []
    first, last = min(moments), max(moments)
    indices = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    rows = []
    for user in sorted(users):
        for year, month in (divmod(index, 12) for index in indices):
            total = 0.0
            for payer, when, amount, kind in payments:
                here = when is not None and (when.year, when.month - 1) == (year, month)
                if payer == user and here and amount is not None:
                    total += -amount if kind == "refund" else amount
            rows.append((user, f"{year}-{month + 1:02d}-01", total))
    return rows


def tables_of(users, *lines):
    """The two tables from lines such as "1 2024-01-05 10:00 30 refund"; - is NULL."""
    payments = []
    for line in lines:
        user, day, time, amount, *kind = line.split()
        when = None if day == "-" else f"{day} {time}"
        payer, paid = None if user == "-" else int(user), None if amount == "-" else float(amount)
        payments.append((payer, when, paid, *(kind or ["purchase"])))
    return {"users": users, "payments": payments}


# Users who never paid, strangers, NULLs, refunds, an empty month, two Januaries, both midnights:
# here every known error gives a result of its own.
RICH = tables_of(
    [3, 1, 2],
    "1 2023-01-10 09:00:00 10",
    "1 2023-01-31 23:59:59.5 20",
    "2 2023-02-01 00:00:00 40",
    "2 2023-02-14 12:00:00 15 refund",
    "1 2023-05-01 00:00:00 5 refund",
    "9 2023-03-03 03:00:00 70",
    "- 2023-03-04 03:00:00 80",
    "2 - - 90",
    "1 2023-05-02 08:00:00 -",
    "2 2024-01-20 08:00:00 7",
)


def known_errors():
    """The sentences of the named wrong solutions, by the rows that they give on ``RICH``."""
    path = Path(__file__).with_name("misconceptions.py")
    spec = importlib.util.spec_from_file_location("monthly_spending_misconceptions", path)
    module = importlib.util.module_from_spec(spec)
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), vars(module))
    wrong = {n: f for n, f in vars(module).items() if callable(f) and n[0] != "_"}
    return wrong


def diagnosis(sql):
    """What to add if ``sql`` is no known error by its text, but gives the rows of one."""
    wrong = known_errors()
    if any(function() == sql for function in wrong.values()):
        return ""  # the text itself is known: the report names it
    try:
        rows = run(sql, **RICH)[1]
        for name, function in wrong.items():
            if run(function(), **RICH)[1] == rows:
                return f"\nthis is what happens when: {' '.join(function.__doc__.split())} ({name})"
    except (duckdb.Error, ValueError, OverflowError, RuntimeError):
        pass
    return ""


def judge(call, users, payments, *, in_order=True):
    """Compare with the definition; show the tables, since the call itself has no arguments."""
    sql, rows = result(call, users, payments)
    wanted = oracle(users, payments)
    if not in_order:
        rows = sorted(rows, key=lambda row: tuple(map(str, row)))
        wanted = sorted(wanted, key=lambda row: tuple(map(str, row)))
    wrong = difference(rows, wanted)
    if wrong:
        told = "; ".join(" ".join("NULL" if v is None else str(v) for v in p) for p in payments[:8])
        where = f"\nwith the users {users} and the payments [{told or 'none'}]"
        require(False, wrong + where + diagnosis(sql))


def difference(rows, wanted):
    """The first difference in words, or an empty text."""
    lacking = [row[:2] for row in wanted if row[:2] not in [r[:2] for r in rows]]
    extra = [row[:2] for row in rows if row[:2] not in [w[:2] for w in wanted]]
    if lacking:
        return (
            f"expected a row for the user {lacking[0][0]} and the month {lacking[0][1]}, got none"
        )
    if extra:
        return f"expected no row for the user {extra[0][0]} and the month {extra[0][1]}"
    if len(rows) != len(wanted):
        return f"expected {len(wanted)} rows, got {len(rows)}: a user and month has two"
    totals = {row[:2]: row[2] for row in rows}
    for user, month, total in wanted:
        got = totals[user, month]
        close = isinstance(got, float) and abs(got - total) <= max(1e-9 * abs(total), 1e-9)
        if not close:
            shown = "NULL" if got is None else got
            return f"expected the total {total:g} for the user {user} in {month}, got {shown}"
    if [row[:2] for row in rows] != [row[:2] for row in wanted]:
        return "the rows are not sorted by user_id, then month"
    return ""


START = datetime(2023, 11, 1)
EDGES = [
    "2023-11-30 23:59:59.5",
    "2023-12-01 00:00:00",
    "2024-01-01 00:00:00",
    "2024-02-29 18:00:00",
]


@st.composite
def tables(draw, gaps=False, refunds=True, months=6, most=6):
    """A few users, a few payments over half a year, often around midnight of the first."""
    users = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True))
    hours = st.integers(0, months * 30 * 24)
    moment = st.one_of(hours.map(lambda h: str(START + timedelta(hours=h))), st.sampled_from(EDGES))
    amount = st.integers(0, 5000).map(lambda cents: cents / 100)
    payer = st.sampled_from(users) if not gaps else st.sampled_from([*users, None, 9])
    kind = st.sampled_from(["purchase", "purchase", "refund"] if refunds else ["purchase"])
    if gaps:
        moment, amount = st.one_of(moment, moment, st.none()), st.one_of(amount, amount, st.none())
    payments = draw(st.lists(st.tuples(payer, moment, amount, kind), min_size=1, max_size=most))
    return {"users": users, "payments": payments}


@check(
    tables(refunds=False, months=1, most=4),
    examples=10,
    always=[
        tables_of([1], "1 2024-01-05 10:00:00 30"),
        tables_of(
            [1, 2],
            "1 2024-01-05 10:00:00 30",
            "1 2024-01-06 10:00:00 12.5",
            "2 2024-01-06 11:00:00 1",
        ),
        # two payments of the same amount, and two that are the same but for their number
        tables_of([1], "1 2024-01-05 10:00:00 30", "1 2024-01-06 10:00:00 30"),
        tables_of([1], "1 2024-01-05 10:00:00 30", "1 2024-01-05 10:00:00 30"),
        # more digits than single precision has
        tables_of([1], "1 2024-01-05 10:00:00 1234567.89", "1 2024-01-06 10:00:00 0.02"),
    ],
)
def the_sum_of_the_payments(call, given):
    """Every user and month has one row with the sum of the user's payments in that month."""
    judge(call, **given, in_order=False)


@check(
    tables(refunds=False),
    examples=10,
    always=[
        tables_of(
            [1, 2], "1 2024-01-05 10:00:00 30", "1 2024-03-05 10:00:00 3", "2 2024-02-05 10:00:00 2"
        ),
        tables_of([5, 3], "5 2023-12-31 10:00:00 30", "5 2024-03-01 10:00:00 3"),
        tables_of([1], "1 2023-01-05 10:00:00 30", "1 2024-01-05 10:00:00 3"),
    ],
)
def months_without_payments_have_a_zero(call, given):
    """Every user has a row for every month of the period, with the total 0 if nothing was paid."""
    judge(call, **given, in_order=False)


@check(
    tables(refunds=False, months=3),
    examples=10,
    always=[
        tables_of(
            [1],
            "1 2024-01-31 23:59:59.5 1",
            "1 2024-02-01 00:00:00 2",
            "1 2024-02-29 08:00:00 4",
            "1 2024-03-01 00:00:00 8",
        )
    ],
)
def months_end_at_midnight(call, given):
    """The last day belongs to the month until midnight, and midnight to the next month alone."""
    judge(call, **given, in_order=False)


@check(
    tables(),
    examples=10,
    always=[
        tables_of(
            [1],
            "1 2024-01-05 10:00:00 30",
            "1 2024-01-06 10:00:00 12 refund",
            "1 2024-02-06 10:00:00 5 refund",
        )
    ],
)
def refunds_reduce_the_month_of_the_refund(call, given):
    """A refund is stored positive and subtracted in its own month."""
    judge(call, **given, in_order=False)


@check(
    tables(gaps=True),
    examples=15,
    always=[
        RICH,
        tables_of([2], "- 2024-01-05 10:00:00 3"),
        tables_of([1], "9 2024-01-05 10:00:00 - refund"),
        tables_of([1, 2], "1 - - 3"),
        tables_of([1, 2]),
        tables_of([], "1 2024-01-05 10:00:00 3"),
    ],
)
def gaps_and_strangers_add_nothing(call, given):
    """NULLs and unknown users add to no total; their times still count for the period."""
    judge(call, **given, in_order=False)


@check(
    tables(),
    examples=10,
    always=[
        tables_of(
            [20, 3, 100],
            "100 2023-12-05 10:00:00 30",
            "3 2024-02-05 10:00:00 3",
            "20 2023-10-05 10:00:00 2 refund",
        )
    ],
)
def rows_are_sorted(call, given):
    """Rows are sorted by user_id, then month."""
    judge(call, **given)
