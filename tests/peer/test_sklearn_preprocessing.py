"""scikit-learn's own tests of its encoder and scaler, run against the kit's classes.

The peer's test functions are collected here as they are; only the names that they look up in their
module now mean the kit's classes. What deliberately does not apply is listed with its reason.
"""

from __future__ import annotations

import inspect
from fnmatch import fnmatch
from types import ModuleType

import pytest
from sklearn.preprocessing.tests import test_data, test_encoders

from mlsd_kit.preprocessing import OneHotEncoder, StandardScaler

_RARE = "grouping of rare categories is left out (min_frequency, max_categories)"
_SPARSE = "StandardScaler takes dense input only"
_WEIGHTS = "StandardScaler has no sample_weight"

DOES_NOT_APPLY = {
    "test_*infrequent*": _RARE,
    "test_*[[]*infrequent_if_exist*": _RARE,
    "test_*[[]*warn]": _RARE,
    "test_ohe_handle_unknown_warn*": _RARE,
    "test_*scaler*[[]*cs[rc]_*": _SPARSE,
    "test_scaler_*[[]*cs[rc]_*": _SPARSE,
    "test_standard_scaler_sparse_*": _SPARSE,
    "test_partial_fit_sparse_input*": _SPARSE,
    "test_scale_sparse_with_mean_raise_exception*": _SPARSE,
    "test_standard_scaler_sample_weight*": _WEIGHTS,
    "test_standard_scaler_dtype*": _WEIGHTS,
    "test_standard_scaler_transform_with_partial_fit[[]True]": _WEIGHTS,
    "test_raises_value_error_if_sample_weights_greater_than_1d": _WEIGHTS,
    "test_standard_scaler_callback_support*": "the kit has no callbacks",
}
"""Name of a peer's test, or a pattern of names -> why it does not apply."""


def _tests_about(module: ModuleType, name: str) -> dict:
    return {
        key: value
        for key, value in vars(module).items()
        if key.startswith("test") and name in inspect.getsource(value)
    }


@pytest.fixture(autouse=True)
def kit_in_place_of_the_peer(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    for pattern, reason in DOES_NOT_APPLY.items():
        if fnmatch(request.node.name, pattern):
            pytest.skip(reason)
    monkeypatch.setattr(test_encoders, "OneHotEncoder", OneHotEncoder)
    monkeypatch.setattr(test_data, "StandardScaler", StandardScaler)


globals().update(_tests_about(test_encoders, "OneHotEncoder"))
globals().update(_tests_about(test_data, "StandardScaler"))
