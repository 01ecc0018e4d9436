"""Tables into model inputs: one-hot encoding, scaling, imputation, and the whole preparation."""

from __future__ import annotations

from mlsd_kit.preprocessing.knn_imputer import KNNImputer
from mlsd_kit.preprocessing.one_hot import OneHotEncoder
from mlsd_kit.preprocessing.prepare import Prepared, prepare
from mlsd_kit.preprocessing.regression_imputer import RegressionImputer
from mlsd_kit.preprocessing.scaler import StandardScaler
from mlsd_kit.preprocessing.simple_imputer import SimpleImputer

__all__ = [
    "KNNImputer",
    "OneHotEncoder",
    "Prepared",
    "RegressionImputer",
    "SimpleImputer",
    "StandardScaler",
    "prepare",
]
