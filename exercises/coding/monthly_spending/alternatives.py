"""Correct solutions in other styles: the checks must accept every one."""

from __future__ import annotations


def with_a_join_on_ranges():
    return """
        SELECT u.user_id, m.month,
               coalesce(sum(p.amount) FILTER (p.kind = 'purchase'), 0)
               - coalesce(sum(p.amount) FILTER (p.kind = 'refund'), 0) AS total
        FROM users AS u
        CROSS JOIN (
            SELECT unnest(generate_series(date_trunc('month', min(paid_at)), max(paid_at),
                                          INTERVAL 1 MONTH)) AS month
            FROM payments
        ) AS m
        LEFT JOIN payments AS p
               ON p.user_id = u.user_id
              AND p.paid_at >= m.month AND p.paid_at < m.month + INTERVAL 1 MONTH
        GROUP BY u.user_id, m.month
        ORDER BY u.user_id, m.month;
    """


def with_a_recursive_calendar():
    return """
        WITH RECURSIVE calendar(month) AS (
            SELECT date_trunc('month', min(paid_at))::DATE FROM payments
            HAVING min(paid_at) IS NOT NULL
            UNION ALL
            SELECT (month + INTERVAL 1 MONTH)::DATE FROM calendar
            WHERE month + INTERVAL 1 MONTH <= (SELECT max(paid_at) FROM payments)
        )
        SELECT user_id, month, (
                 SELECT coalesce(sum(if(kind = 'refund', -1, 1) * amount), 0)
                 FROM payments p
                 WHERE p.user_id = u.user_id
                   AND strftime(paid_at, '%Y-%m') = strftime(month, '%Y-%m')
               )::DOUBLE AS total
        FROM users u, calendar
        ORDER BY ALL
    """


def with_a_union_of_zeros():
    """Zero payments for every user and month, added to the real ones: no outer join at all."""
    return """
        WITH lines AS (
            SELECT p.user_id, make_date(year(paid_at), month(paid_at), 1) AS month,
                   CASE kind WHEN 'refund' THEN -1 ELSE 1 END * amount AS euro
            FROM payments p SEMI JOIN users USING (user_id)
            WHERE paid_at IS NOT NULL AND amount IS NOT NULL
            UNION ALL
            SELECT user_id, first_month + to_months(step::INTEGER), 0
            FROM users, (
                SELECT date_trunc('month', min(paid_at))::DATE AS first_month,
                       unnest(range(datediff('month', min(paid_at), max(paid_at)) + 1)) AS step
                FROM payments
            )
        )
        SELECT user_id, month, sum(euro) AS total FROM lines GROUP BY 1, 2 ORDER BY 1, 2
    """
