"""Wrong solutions that no message names: every run of the checks must reject each of them."""

from __future__ import annotations


def _sql(
    total="SUM(CASE WHEN kind = 'refund' THEN -amount ELSE amount END)",
    period="paid_at IS NOT NULL",
    counts="TRUE",
    month="date_trunc('month', p.paid_at)",
):
    return f"""
        WITH ends AS (
            SELECT date_trunc('month', MIN(paid_at)) AS low,
                date_trunc('month', MAX(paid_at)) AS high
            FROM payments WHERE {period}
        ),
        months AS (
            SELECT UNNEST(generate_series(low, high, INTERVAL 1 MONTH)) AS month FROM ends
            WHERE low IS NOT NULL
        ),
        spent AS (
            SELECT p.user_id, {month} AS month, {total} AS total
            FROM payments p WHERE paid_at IS NOT NULL AND amount IS NOT NULL AND {counts}
            GROUP BY 1, 2
        )
        SELECT u.user_id, CAST(m.month AS DATE) AS month, COALESCE(s.total, 0) AS total
        FROM users u CROSS JOIN months m
        LEFT JOIN spent s ON s.user_id = u.user_id AND s.month = m.month
        ORDER BY 1, 2
    """


def equal_payments_count_once():
    """Two payments of the same amount in a month count once."""
    return _sql("SUM(DISTINCT CASE WHEN kind = 'refund' THEN -amount ELSE amount END)")


def sums_in_single_precision():
    """Amounts are added as numbers of 32 bits."""
    return _sql("SUM(CASE WHEN kind = 'refund' THEN -amount ELSE amount END::REAL)::REAL")


def last_day_ends_at_its_start():
    """What is paid on the last day of a month, after midnight, is lost."""
    return _sql(counts="paid_at <= last_day(paid_at)")


def period_of_payments_with_an_amount():
    """A payment without an amount does not count for the period."""
    return _sql(period="amount IS NOT NULL")


def refunds_never_exceed():
    """A month with more refunds than purchases has the total 0."""
    return _sql("GREATEST(0, SUM(CASE WHEN kind = 'refund' THEN -amount ELSE amount END))")
