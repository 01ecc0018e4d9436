"""scikit-learn's own tests of its splitters, cross-validation and search, run against the kit's.

The peer's test modules are read once more with the kit's names in place of the peer's, so that
lists of classes made while reading hold the kit's classes too. What deliberately does not apply is
listed with its reason.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable
from fnmatch import fnmatch
from types import ModuleType

import pytest
import sklearn.model_selection as peer

import mlsd_kit.model_selection as kit

# a class that a train half lacks is a RuntimeWarning, in the kit as in the peer
pytestmark = pytest.mark.filterwarnings("default::RuntimeWarning")

NAMES = [name for name in kit.__all__ if hasattr(peer, name)]

_ROUTING = "the kit does not take part in metadata routing"
_FIT_PARAMS = "GridSearchCV.fit takes X, y and groups only"
_CALLBACKS = "the kit has no callbacks"
_VERBOSE = "verbose is left out"
_WORDS = "the same mistakes are told, in other sentences"
_ARRAYS = "needs another array library"

DOES_NOT_APPLY = {
    "test_*array_api*": _ARRAYS,
    "test_cross_validate_invalid_scoring_param": _WORDS,
    "test_cross_val_predict_decision_function_shape": _WORDS,
    "test_groups_with_routing_validation*": _ROUTING,
    "test_passed_unrequested_metadata*": _ROUTING,
    "test_validation_functions_routing*": _ROUTING,
    "test_multi_metric_search_forwards_metadata*": _ROUTING,
    "test_score_rejects_params_with_no_routing_enabled*": _ROUTING,
    "test_parameter_grid": "ParameterGrid is iterated, not indexed",
    "test_grid_search": _VERBOSE,
    "test_transform_inverse_transform_round_trip": _VERBOSE,
    "test_search_cv_verbose_3*": _VERBOSE,
    "test_SearchCV_with_fit_params*": _FIT_PARAMS,
    "test_unsupported_sample_weight_scorer": _FIT_PARAMS,
    "test_search_cv_sample_weight_equivalence*": _FIT_PARAMS,
    "test_scalar_fit_param*": _FIT_PARAMS,
    "test_search_callbacks_*": _CALLBACKS,
    "test_unsupervised_grid_search": "scorers of clusterings are left out",
    "test_search_html_repr": "the kit draws no diagram of its own",
}
"""Name of a peer's test, or a pattern of names -> why it does not apply."""


def _read_with_the_kits_names(name: str) -> ModuleType:
    original = importlib.import_module(f"sklearn.model_selection.tests.{name}")
    spec = importlib.util.spec_from_file_location(f"kit_{name}", original.__file__)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its classes are pickled by this name
    with pytest.MonkeyPatch.context() as patch:
        for each in NAMES:
            patch.setattr(peer, each, getattr(kit, each))
        spec.loader.exec_module(module)
    return module


def _tests_about_the_kit(module: ModuleType) -> dict[str, Callable[..., None]]:
    names = re.compile(rf"\b({'|'.join(NAMES)})\b")
    return {
        key: value
        for key, value in vars(module).items()
        if key.startswith("test_")
        and inspect.isfunction(value)
        and names.search(inspect.getsource(value))
    }


@pytest.fixture
def global_random_seed() -> int:
    return 42


@pytest.fixture(autouse=True)
def skip_what_does_not_apply(request: pytest.FixtureRequest) -> None:
    for pattern, reason in DOES_NOT_APPLY.items():
        if fnmatch(request.node.name, pattern):
            pytest.skip(reason)


for _name in ("test_split", "test_validation", "test_search"):
    globals().update(_tests_about_the_kit(_read_with_the_kits_names(_name)))
