"""How many of each month's new users come back."""

from __future__ import annotations

import pandas as pd

from mlsd_kit.sql._run import check, in_roles, run

COHORT_RETENTION = """
WITH active AS (                     -- the months in which a user did anything
    SELECT DISTINCT member, date_trunc('month', time) AS month FROM events
    WHERE member IS NOT NULL
), cohorts AS (                      -- a user belongs to the month of the first event
    SELECT member, min(month) AS cohort FROM active GROUP BY member
), sizes AS (
    SELECT cohort, count(*) AS size FROM cohorts GROUP BY cohort
)
SELECT cohort,
       date_diff('month', cohort, month) AS age,
       any_value(size)                   AS size,
       count(*)                          AS n_active,
       count(*) / any_value(size)        AS retention
FROM active JOIN cohorts USING (member) JOIN sizes USING (cohort)
GROUP BY cohort, month
ORDER BY cohort, age
"""


def cohort_retention(
    events: pd.DataFrame, *, user: str = "user_id", time: str = "time"
) -> pd.DataFrame:
    """Share of each month's new users who are active 0, 1, 2 ... months later.

    Parameters
    ----------
    events : DataFrame of shape (n_events, ...)
    user, time : str
        Names of the columns: who, when (datetime).

    Returns
    -------
    DataFrame with the columns cohort (first day of the month), age (months), size, n_active,
        retention (n_active / size); ages at which nobody of a cohort was active have no row

    Raises
    ------
    ValueError
        If a column is missing or ``time`` is not a datetime.

    Examples
    --------
    >>> events = pd.DataFrame({
    ...     "user_id": [1, 2, 1, 3],
    ...     "time": pd.to_datetime(["2024-01-01", "2024-01-09", "2024-02-05", "2024-02-07"]),
    ... })
    >>> cohort_retention(events)
          cohort  age  size  n_active  retention
    0 2024-01-01    0     2         2        1.0
    1 2024-01-01    1     2         1        0.5
    2 2024-02-01    0     1         1        1.0
    """
    check(events, "events", [user, time], times=[time])
    table = in_roles(events, member=user, time=time)
    return run(COHORT_RETENTION, {"events": table}).astype({"cohort": events[time].dtype})
