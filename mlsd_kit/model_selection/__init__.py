"""Splitting data without leaks, cross-validation, and search over parameters."""

from mlsd_kit.model_selection.grid import ParameterGrid
from mlsd_kit.model_selection.group_kfold import GroupKFold, StratifiedGroupKFold
from mlsd_kit.model_selection.kfold import KFold, StratifiedKFold
from mlsd_kit.model_selection.predict import cross_val_predict
from mlsd_kit.model_selection.repeated import RepeatedKFold, RepeatedStratifiedKFold
from mlsd_kit.model_selection.ridge import RidgeScores, ridge_cv
from mlsd_kit.model_selection.scoring import (
    check_scoring,
    get_scorer,
    get_scorer_names,
    make_scorer,
)
from mlsd_kit.model_selection.search import GridSearchCV
from mlsd_kit.model_selection.time_series import TimeSeriesSplit
from mlsd_kit.model_selection.train_test import train_test_split
from mlsd_kit.model_selection.train_val_test import train_val_test_split
from mlsd_kit.model_selection.validation import check_cv, cross_val_score, cross_validate

__all__ = [
    "GridSearchCV",
    "GroupKFold",
    "KFold",
    "ParameterGrid",
    "RepeatedKFold",
    "RepeatedStratifiedKFold",
    "RidgeScores",
    "StratifiedGroupKFold",
    "StratifiedKFold",
    "TimeSeriesSplit",
    "check_cv",
    "check_scoring",
    "cross_val_predict",
    "cross_val_score",
    "cross_validate",
    "get_scorer",
    "get_scorer_names",
    "make_scorer",
    "ridge_cv",
    "train_test_split",
    "train_val_test_split",
]
