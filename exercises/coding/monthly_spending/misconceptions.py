"""Wrong solutions that people really write; each name and first line go to the learner."""

from __future__ import annotations

SERIES = """
    unnest(generate_series(
        date_trunc('month', min(paid_at)), date_trunc('month', max(paid_at)), INTERVAL 1 MONTH
    ))
"""
GRID = """
    WITH months AS (
        SELECT {series} AS month FROM payments
    ), spent AS (
        SELECT user_id, date_trunc('month', paid_at) AS month,
               sum({amount}) AS total
        FROM payments {where}
        GROUP BY ALL
    )
    SELECT user_id, month, {total} AS total
    FROM users CROSS JOIN months {join} spent USING (user_id, month)
    ORDER BY {order}
"""
SIGNED = "CASE WHEN kind = 'refund' THEN -amount ELSE amount END"


def _grid(amount=SIGNED, where="", total="coalesce(total, 0)", join="LEFT JOIN", order="1, 2"):
    parts = {"amount": amount, "where": where, "total": total, "join": join, "order": order}
    return GRID.format(series=SERIES, **parts)


def months_without_payments_are_missing():
    """Only months with a payment have a row: build users × months first, and join to it."""
    return f"""
        SELECT user_id, date_trunc('month', paid_at) AS month, sum({SIGNED}) AS total
        FROM payments
        WHERE user_id IS NOT NULL AND paid_at IS NOT NULL AND amount IS NOT NULL
        GROUP BY ALL ORDER BY ALL
    """


def inner_join_loses_the_empty_months():
    """An inner join (or a WHERE on the joined table) drops what has no match: use LEFT
    JOIN … ON.
    """
    return _grid(join="INNER JOIN")


def null_instead_of_zero():
    """A month without payments shows NULL: wrap the total in coalesce(…, 0)."""
    return _grid(total="total")


def refunds_are_added():
    """Refunds are added like purchases: they are stored positive, so subtract them."""
    return _grid(amount="amount")


def refunds_are_ignored():
    """Refunds are filtered out: they reduce the total of their month."""
    return _grid(where="WHERE kind = 'purchase'")


def same_month_of_all_years():
    """January of one year and of the next are one month: group by year and month (date_trunc)."""
    return f"""
        WITH months AS (
            SELECT {SERIES} AS month FROM payments
        ), spent AS (
            SELECT user_id, month(paid_at) AS m, sum({SIGNED}) AS total FROM payments GROUP BY ALL
        )
        SELECT u.user_id, months.month, coalesce(s.total, 0) AS total
        FROM users u CROSS JOIN months
        LEFT JOIN spent s ON s.user_id = u.user_id AND s.m = month(months.month)
        ORDER BY 1, 2
    """


def _by_range(condition):
    return f"""
        WITH months AS (
            SELECT {SERIES} AS month FROM payments
        )
        SELECT u.user_id, month, coalesce(sum({SIGNED}), 0) AS total
        FROM users u CROSS JOIN months
        LEFT JOIN payments p ON p.user_id = u.user_id AND {condition}
        GROUP BY ALL ORDER BY 1, 2
    """


def last_day_is_lost():
    """BETWEEN … AND the last day ends at its midnight: ask for < the first of the next month."""
    return _by_range("paid_at BETWEEN month AND last_day(month)")


def midnight_counts_twice():
    """BETWEEN includes both ends, so the first midnight of a month counts for two months: use >=
    and <.
    """
    return _by_range("paid_at BETWEEN month AND month + INTERVAL 1 MONTH")


def only_months_in_which_somebody_paid():
    """The months are taken from the payments, and one in which nobody paid is missing: make a
    series.
    """
    return f"""
        WITH months AS (
            SELECT DISTINCT date_trunc('month', paid_at) AS month FROM payments
            WHERE paid_at IS NOT NULL
        ), spent AS (
            SELECT user_id, date_trunc('month', paid_at) AS month, sum({SIGNED}) AS total
            FROM payments GROUP BY ALL
        )
        SELECT user_id, month, coalesce(total, 0) AS total
        FROM users CROSS JOIN months LEFT JOIN spent USING (user_id, month) ORDER BY 1, 2
    """


def period_of_each_user():
    """Each user's months run from the own first to the own last payment: all users share the
    period.
    """
    return f"""
        WITH months AS (
            SELECT user_id, {SERIES} AS month
            FROM payments GROUP BY user_id
        ), spent AS (
            SELECT user_id, date_trunc('month', paid_at) AS month, sum({SIGNED}) AS total
            FROM payments GROUP BY ALL
        )
        SELECT user_id, month, coalesce(total, 0) AS total
        FROM users JOIN months USING (user_id) LEFT JOIN spent USING (user_id, month) ORDER BY 1, 2
    """


def last_month_is_missing():
    """The series ends before its last month: range() leaves out the end, generate_series() keeps
    it.
    """
    return _grid().replace("generate_series", "range")


def users_of_the_payments():
    """Users are taken from the payments: one who never paid is missing, and unknown ones appear."""
    return _grid().replace("FROM users", "FROM (SELECT DISTINCT user_id FROM payments) AS payers")


def sorted_by_month_first():
    """Rows are sorted by month and then by user: sort by user_id, month."""
    return _grid(order="2, 1")
