"""scikit-learn's own tests of its metrics, run against the kit's functions.

The test functions are imported from the installed package and the names they call are replaced
by the kit's. A test listed in `DOES_NOT_APPLY` is left out for the reason given there.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest
from sklearn.metrics.tests import test_classification, test_ranking, test_regression

from mlsd_kit import metrics as kit

MODULES: tuple[ModuleType, ...] = (test_classification, test_ranking, test_regression)

MULTILABEL = "uses multilabel targets or average='samples', which the kit leaves out"
WORDING = "expects scikit-learn's wording; the kit raises or warns at the same place"
DOES_NOT_APPLY = {
    "test_auc_errors": WORDING,
    "test_average_precision_score_binary_pos_label_errors": WORDING,
    "test_average_precision_score_multiclass_pos_label_errors": WORDING,
    "test_average_precision_score_multilabel_pos_label_errors": MULTILABEL,
    "test_average_precision_score_non_binary_class": MULTILABEL,
    "test_brier_score_loss_binary": MULTILABEL,
    "test_brier_score_loss_invalid_inputs": WORDING,
    "test_brier_score_loss_warnings": WORDING,
    "test_classification_metric_pos_label_types": "asks whether the metric *is* scikit-learn's",
    "test_fscore_warnings": MULTILABEL,
    "test_log_loss": WORDING,
    "test_log_loss_not_probabilities_warning": WORDING,
    "test_log_loss_warnings": WORDING,
    "test_log_loss_y_pred_deprecation": "the deprecated argument y_pred is left out",
    "test_multilabel_accuracy_score_subset_accuracy": MULTILABEL,
    "test_precision_recall_curve_toydata": MULTILABEL,
    "test_precision_recall_f1_no_labels": MULTILABEL,
    "test_precision_recall_f1_no_labels_average_none": MULTILABEL,
    "test_precision_recall_f1_no_labels_average_none_warn": MULTILABEL,
    "test_precision_recall_f1_no_labels_check_warnings": MULTILABEL,
    "test_precision_recall_f1_score_multilabel_1": MULTILABEL,
    "test_precision_recall_f1_score_multilabel_2": MULTILABEL,
    "test_precision_recall_f1_score_with_an_empty_prediction": MULTILABEL,
    "test_precision_recall_f_extra_labels": MULTILABEL,
    "test_precision_recall_f_ignored_labels": MULTILABEL,
    "test_precision_recall_f_unused_pos_label": WORDING,
    "test_precision_refcall_f1_score_multilabel_unordered_labels": MULTILABEL,
    "test_precision_warnings": MULTILABEL,
    "test_prf_average_binary_data_non_binary": WORDING,
    "test_prf_no_warnings_if_zero_division_set": MULTILABEL,
    "test_prf_warnings": MULTILABEL,
    "test_recall_warnings": MULTILABEL,
    "test_roc_auc_score_multiclass_error": WORDING,
    "test_roc_auc_score_multiclass_labels_error": WORDING,
    "test_roc_curve_toydata": MULTILABEL,
}
REPLACED = [name for name in kit.__all__ if any(hasattr(module, name) for module in MODULES)]


def _calls_the_kit(function: object) -> bool:
    """Whether a name the kit replaces occurs in the test or in what it is parametrized with."""
    code = getattr(function, "__code__", None)
    return code is not None and bool(set(code.co_names) & set(REPLACED))


for _module in MODULES:
    for _name, _test in list(vars(_module).items()):
        if _name.startswith("test_") and _name not in DOES_NOT_APPLY and _calls_the_kit(_test):
            globals()[_name] = _test


@pytest.fixture(autouse=True)
def _the_kit_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in MODULES:
        for name in REPLACED:
            if hasattr(module, name):
                monkeypatch.setattr(module, name, getattr(kit, name))


@pytest.fixture
def global_random_seed() -> Iterator[int]:
    yield 0


def test_every_exclusion_names_an_existing_test() -> None:
    known = {name for module in MODULES for name in vars(module)}
    assert set(DOES_NOT_APPLY) <= known
