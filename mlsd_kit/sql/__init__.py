"""The usual feature queries in SQL, run by duckdb on DataFrames.

Each function shows its SQL text in a constant (``MONTHLY_SPENDING`` ...): read that first. The
caller's columns come in under the names that the query has for them (``member``, ``time``,
``amount``), for SQL's names ignore case; ``$name`` are values that duckdb binds.
"""

from __future__ import annotations

from mlsd_kit.sql.as_of import POINT_IN_TIME_JOIN, point_in_time_join
from mlsd_kit.sql.cohorts import COHORT_RETENTION, cohort_retention
from mlsd_kit.sql.spending import MONTHLY_SPENDING, monthly_spending
from mlsd_kit.sql.windows import WINDOW_FEATURES, window_features

__all__ = [
    "COHORT_RETENTION",
    "MONTHLY_SPENDING",
    "POINT_IN_TIME_JOIN",
    "WINDOW_FEATURES",
    "cohort_retention",
    "monthly_spending",
    "point_in_time_join",
    "window_features",
]
