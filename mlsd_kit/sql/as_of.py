"""Features as they were known at the time of each label."""

from __future__ import annotations

import pandas as pd

from mlsd_kit.sql._run import beside, check, in_roles, numbered, run

POINT_IN_TIME_JOIN = """
SELECT features.row AS used          -- the number of the feature row, none where none was known
FROM labels ASOF LEFT JOIN features
  ON labels.entity = features.entity AND labels.time {comparison} features.available
ORDER BY labels.row
"""


def point_in_time_join(
    labels: pd.DataFrame,
    features: pd.DataFrame,
    *,
    key: str = "user_id",
    time: str = "time",
    available: str = "time",
    allow_same_time: bool = False,
) -> pd.DataFrame:
    """For each label the newest feature row of its key that was known by then: nothing later.

    Joining on the key alone would hand the model values from after the event it shall predict.

    Parameters
    ----------
    labels : DataFrame of shape (n_labels, ...)
    features : DataFrame of shape (n_rows, ...)
        One row per key and time at which the values became available (not: were measured). Its
        columns must not be among those of ``labels``, ``key`` and ``available`` apart.
    key, time, available : str
        Names of the columns: the entity (in both), the time of the label, the time of the features.
    allow_same_time : bool, default=False
        Whether features that became available at the very time of the label count as known.

    Returns
    -------
    DataFrame of shape (n_labels, n_columns + n_features + 1)
        ``labels`` in its order with the feature columns, missing where nothing was known, and
        ``available_at``, the time of the features used.

    Raises
    ------
    ValueError
        If a column is missing, stands in both frames, or two feature rows share key and time.

    Examples
    --------
    >>> labels = pd.DataFrame({
    ...     "user_id": [1, 1], "time": pd.to_datetime(["2024-01-05", "2024-02-05"]),
    ... })
    >>> features = pd.DataFrame({
    ...     "user_id": [1, 1], "spend": [10.0, 99.0],
    ...     "time": pd.to_datetime(["2024-01-01", "2024-02-05"]),
    ... })
    >>> point_in_time_join(labels, features)["spend"].tolist()
    [10.0, 10.0]
    """
    check(labels, "labels", [key, time], times=[time])
    check(features, "features", [key, available], times=[available])
    values = [name for name in features.columns if name not in (key, available)]
    if twice := sorted({*values, "available_at"} & set(labels.columns)):
        raise ValueError(f"features and labels both hold {twice}: rename them in one.")
    if features.duplicated([key, available]).any():
        raise ValueError(f"features has two rows of one {key!r} and {available!r}: keep one.")
    tables = {
        "labels": numbered(in_roles(labels, entity=key, time=time)),
        "features": numbered(in_roles(features, entity=key, available=available)),
    }
    query = POINT_IN_TIME_JOIN.format(comparison=">=" if allow_same_time else ">")
    used = run(query, tables)["used"]
    known = features[[*values, available]].rename(columns={available: "available_at"})
    found = known.reset_index(drop=True).reindex(used.astype("Int64").fillna(-1).to_numpy(int))
    return beside(labels, found, "labels")
