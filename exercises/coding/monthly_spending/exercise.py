"""Total monthly spending per user, in SQL: the months without a payment included."""

from __future__ import annotations


def monthly_spending_sql() -> str:
    """One SELECT statement (DuckDB) over the tables ``users`` and ``payments``.

    Returns
    -------
    str
        Its result has the columns user_id, month, total: one row for every user and month of the
        period, sorted; a refund counts negative, a month without payments as 0.
    """
    raise NotImplementedError("write monthly_spending_sql")
