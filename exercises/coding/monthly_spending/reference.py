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
    # >>> your code
    return """
        WITH period AS (
            SELECT date_trunc('month', min(paid_at)) AS first_month,
                   date_trunc('month', max(paid_at)) AS last_month
            FROM payments
        ), months AS (
            SELECT unnest(generate_series(first_month, last_month, INTERVAL 1 MONTH)) AS month
            FROM period
        ), spent AS (
            SELECT user_id,
                   date_trunc('month', paid_at) AS month,
                   sum(CASE WHEN kind = 'refund' THEN -amount ELSE amount END) AS total
            FROM payments
            GROUP BY ALL
        )
        SELECT user_id, month, coalesce(total, 0) AS total
        FROM users CROSS JOIN months LEFT JOIN spent USING (user_id, month)
        ORDER BY user_id, month
    """
    # <<< your code
