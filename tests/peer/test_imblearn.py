"""imbalanced-learn's own tests of its samplers, run against the kit's classes.

The peer's test functions are collected here as they are; only the names that they look up in their
module now mean the kit's classes. What deliberately does not apply is listed with its reason.
"""

from __future__ import annotations

from fnmatch import fnmatch

import pytest
from imblearn.over_sampling._smote.tests import test_borderline_smote, test_smote, test_smote_nc
from imblearn.over_sampling.tests import test_random_over_sampler
from imblearn.under_sampling._prototype_selection.tests import test_random_under_sampler

from mlsd_kit import resampling

_ENCODER = "SMOTENC uses the kit's OneHotEncoder: no categorical_encoder parameter"

DOES_NOT_APPLY = {
    "test_sample_regular_with_nn__*": "the search for neighbours is exact: k_neighbors is a number",
    "test_smotenc_categorical_encoder*": _ENCODER,
}
"""Name of a peer's test, or a pattern of names -> why it does not apply."""

MODULES = [
    (test_smote, "SMOTE"),
    (test_borderline_smote, "BorderlineSMOTE"),
    (test_smote_nc, "SMOTENC"),
    (test_random_over_sampler, "RandomOverSampler"),
    (test_random_under_sampler, "RandomUnderSampler"),
]


@pytest.fixture(autouse=True)
def kit_in_place_of_the_peer(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    for pattern, reason in DOES_NOT_APPLY.items():
        if fnmatch(request.node.name, pattern):
            pytest.skip(reason)
    for module, name in MODULES:
        monkeypatch.setattr(module, name, getattr(resampling, name))


for _module, _name in MODULES:
    for _test, _function in vars(_module).items():
        if _test.startswith("test"):
            globals()[f"{_test}__{_name}"] = _function
        elif hasattr(_function, "_fixture_function_marker") or _test == "data":
            globals().setdefault(_test, _function)  # fixtures of the peer's module
