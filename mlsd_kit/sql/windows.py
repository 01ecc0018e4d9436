"""What a user did lately, seen from each event."""

from __future__ import annotations

import pandas as pd

from mlsd_kit.sql._run import beside, check, in_roles, numbered, run

WINDOW_FEATURES = """
SELECT count(amount)              OVER recent AS n_window,
       coalesce(sum(amount)       OVER recent, 0) AS sum_window,
       avg(amount)                OVER recent AS mean_window,
       max(amount)                OVER recent AS max_window,
       date_diff('microsecond', max(time) OVER past, time) / 86400e6 AS days_since_last
FROM events
WINDOW recent AS (PARTITION BY member ORDER BY time
                  RANGE BETWEEN to_microseconds($length) PRECEDING
                            AND to_microseconds(1) PRECEDING),
       past   AS (PARTITION BY member ORDER BY time
                  RANGE BETWEEN UNBOUNDED PRECEDING AND to_microseconds(1) PRECEDING)
ORDER BY row
"""


def window_features(
    events: pd.DataFrame,
    window: str | pd.Timedelta,
    *,
    user: str = "user_id",
    time: str = "time",
    amount: str = "amount",
) -> pd.DataFrame:
    """What each user did in the time window before each event, that event itself left out.

    The window is ``[time - window, time)``: events of the same instant do not see each other, as
    they could not in production.

    Parameters
    ----------
    events : DataFrame of shape (n_events, ...)
    window : str or Timedelta
        Length of the window, e.g. ``"7D"``; at least a microsecond.
    user, time, amount : str
        Names of the columns: who, when (datetime), how much.

    Returns
    -------
    DataFrame of shape (n_events, n_columns + 5)
        ``events`` in its order, with n_window, sum_window (0 if none), mean_window, max_window (NaN
        if none) and days_since_last (since the user's last earlier event, however old).

    Raises
    ------
    ValueError
        If a column or a user is missing, ``time`` is not a datetime, ``window`` is not positive, or
        ``events`` has a column that is called like a computed one.

    Examples
    --------
    >>> events = pd.DataFrame({
    ...     "user_id": [1, 1, 1], "amount": [5.0, 7.0, 1.0],
    ...     "time": pd.to_datetime(["2024-01-01", "2024-01-03", "2024-01-09"]),
    ... })
    >>> window_features(events, "7D")[["n_window", "sum_window", "days_since_last"]]
       n_window  sum_window  days_since_last
    0         0         0.0              NaN
    1         1         5.0              2.0
    2         1         7.0              6.0
    """
    check(events, "events", [user, time, amount], times=[time])
    if events[user].isna().any():
        raise ValueError(f"events[{user!r}] has missing values: drop those rows.")
    length = pd.Timedelta(window) // pd.Timedelta(microseconds=1)
    if length < 1:
        raise ValueError(f"window must be positive, got {window!r}: pass for example '7D'.")
    table = numbered(in_roles(events, member=user, time=time, amount=amount))
    return beside(events, run(WINDOW_FEATURES, {"events": table}, {"length": length}), "events")
