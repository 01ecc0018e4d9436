"""scikit-learn's own tests of its metrics, run against the kit's functions.

The peer's test modules are read once more with the kit's names in place of the peer's, so that
lists of metrics made while reading hold the kit's too. Where the kit words an error or a warning in
another way (`OTHER_WORDS`), its class is compared and its text is not. What deliberately does not
apply is listed with its reason.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable
from fnmatch import fnmatch
from types import FunctionType, ModuleType
from typing import Any

import pytest
import sklearn.metrics as peer

import mlsd_kit.metrics as kit

NAMES = [name for name in kit.__all__ if hasattr(peer, name)]

MULTILABEL = "uses multilabel targets or average='samples', which the kit leaves out"
_BYTES = "labels that are bytes are a ValueError, not a TypeError"
DOES_NOT_APPLY = {
    "test_*array_api*": "needs another array library",
    "test_confusion_matrix_at_thresholds_implicit_bytes_pos_label*": _BYTES,
    "test_average_precision_score_multilabel_pos_label_errors": MULTILABEL,
    "test_average_precision_score_non_binary_class": MULTILABEL,
    "test_brier_score_loss_binary": MULTILABEL,
    "test_fscore_warnings*": MULTILABEL,
    "test_log_loss_y_pred_deprecation": "the deprecated argument y_pred is left out",
    "test_multilabel_accuracy_score_subset_accuracy": MULTILABEL,
    "test_precision_recall_curve_toydata*": MULTILABEL,
    "test_precision_recall_f1_no_labels*": MULTILABEL,
    "test_precision_recall_f1_score_multilabel_[12]": MULTILABEL,
    "test_precision_recall_f1_score_with_an_empty_prediction*": MULTILABEL,
    "test_precision_recall_f_extra_labels": MULTILABEL,
    "test_precision_recall_f_ignored_labels": MULTILABEL,
    "test_precision_refcall_f1_score_multilabel_unordered_labels*": MULTILABEL,
    "test_precision_warnings*": MULTILABEL,
    "test_prf_no_warnings_if_zero_division_set*": MULTILABEL,
    "test_prf_warnings": MULTILABEL,
    "test_recall_warnings*": MULTILABEL,
    "test_roc_curve_toydata": MULTILABEL,
}
"""Name of a peer's test, or a pattern of names -> why it does not apply."""

OTHER_WORDS = [
    "test_auc_errors",
    "test_average_precision_score_binary_pos_label_errors",
    "test_average_precision_score_multiclass_pos_label_errors",
    "test_brier_score_loss_invalid_inputs",
    "test_brier_score_loss_warnings",
    "test_log_loss",
    "test_log_loss_not_probabilities_warning*",
    "test_log_loss_warnings",
    "test_precision_recall_f_unused_pos_label",
    "test_prf_average_binary_data_non_binary",
    "test_roc_auc_score_multiclass_error*",
    "test_roc_auc_score_multiclass_labels_error*",
]


def _read_with_the_kits_names(name: str) -> ModuleType:
    original = importlib.import_module(f"sklearn.metrics.tests.{name}")
    spec = importlib.util.spec_from_file_location(f"kit_metrics_{name}", original.__file__)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    with pytest.MonkeyPatch.context() as patch:
        for each in NAMES:
            patch.setattr(peer, each, getattr(kit, each))
        spec.loader.exec_module(module)
    return module


def _about_another_metric(values: Any) -> bool:
    """Whether a set of a test's parameters holds a metric that is not the kit's."""
    if isinstance(values, tuple):  # pytest.param is one too
        return any(_about_another_metric(value) for value in values)
    function = getattr(values, "func", values)  # a partial
    home = function.__module__ if isinstance(function, FunctionType) else ""
    return home.startswith("sklearn.metrics") and not home.startswith("sklearn.metrics.tests")


def _only_the_kits(mark: pytest.Mark) -> pytest.Mark:
    if mark.name != "parametrize":
        return mark
    names, values = mark.args
    values = [value for value in values if not _about_another_metric(value)]
    return pytest.mark.parametrize(names, values, **mark.kwargs).mark


def _tests_about_the_kit(module: ModuleType) -> dict[str, Callable[..., None]]:
    names = re.compile(rf"\b({'|'.join(NAMES)})\b")
    found = {}
    for key, test in vars(module).items():
        if key.startswith("test_") and inspect.isfunction(test) and not _excluded(key):
            marks = [_only_the_kits(mark) for mark in getattr(test, "pytestmark", [])]
            empty = any(mark.name == "parametrize" and not mark.args[1] for mark in marks)
            if names.search(inspect.getsource(test)) and not empty:
                test.pytestmark = marks
                found[key] = test
    return found


def _excluded(name: str) -> str | None:
    """Why a test, or one of its cases, does not apply; None if it does."""
    return next((why for each, why in DOES_NOT_APPLY.items() if fnmatch(name, each)), None)


MODULES = [
    _read_with_the_kits_names(name)
    for name in ("test_classification", "test_ranking", "test_regression")
]
for _module in MODULES:
    globals().update(_tests_about_the_kit(_module))


@pytest.fixture(autouse=True)
def _skipped_or_in_other_words(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, any_words: Any
) -> None:
    reason = _excluded(request.node.name)
    if reason:
        pytest.skip(reason)
    if any(fnmatch(request.node.name, each) for each in OTHER_WORDS):
        for module in MODULES:
            monkeypatch.setattr(module, "pytest", any_words)


def test_every_pattern_names_an_existing_test() -> None:
    known = {name for module in MODULES for name in vars(module)}
    patterns = [*DOES_NOT_APPLY, *OTHER_WORDS]
    assert all(any(fnmatch(name, each) for name in known) for each in patterns)
