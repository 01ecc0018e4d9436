"""Total monthly spending per user."""

from __future__ import annotations

import pandas as pd

from mlsd_kit.sql._run import check, in_roles, refuse_outputs, run

MONTHLY_SPENDING = """
SELECT member,
       date_trunc('month', time)   AS month,
       sum(amount)                 AS total,
       count(*)                    AS n_purchases
FROM purchases
WHERE member IS NOT NULL AND amount IS NOT NULL
GROUP BY ALL
ORDER BY member, month
"""


def monthly_spending(
    purchases: pd.DataFrame, *, user: str = "user_id", time: str = "time", amount: str = "amount"
) -> pd.DataFrame:
    """Total spending of each user in each month.

    Parameters
    ----------
    purchases : DataFrame of shape (n_purchases, ...)
        One row per purchase; refunds are negative. Rows without a user or amount are left out.
    user, time, amount : str
        Names of the columns: who, when (datetime), how much.

    Returns
    -------
    DataFrame with the columns ``user``, month (its first day), total, n_purchases
        Sorted by user and month; months without a purchase have no row.

    Raises
    ------
    ValueError
        If a column is missing, ``time`` is not a datetime, or ``user`` is called like one of the
        computed columns.

    Examples
    --------
    >>> purchases = pd.DataFrame({
    ...     "user_id": [1, 1, 2], "amount": [5.0, 7.5, 3.0],
    ...     "time": pd.to_datetime(["2024-01-03", "2024-01-30", "2024-02-01"]),
    ... })
    >>> monthly_spending(purchases)
       user_id      month  total  n_purchases
    0        1 2024-01-01   12.5            2
    1        2 2024-02-01    3.0            1
    """
    check(purchases, "purchases", [user, time, amount], times=[time])
    refuse_outputs("purchases", [user], ["month", "total", "n_purchases"])
    table = in_roles(purchases, member=user, time=time, amount=amount)
    out = run(MONTHLY_SPENDING, {"purchases": table}).rename(columns={"member": user})
    return out.astype({"month": purchases[time].dtype})
