"""scikit-learn's own tests of its neighbours, PCA, linear models and MLP, run against the kit's.

The peer's test modules are read once more with the kit's names in place of the peer's, so that
lists of models made while reading hold the kit's too. The kit's models here also take those of the
peer's arguments that the kit does not have: an argument that chooses among ways to the same result
is ignored, any other value than the default is a skipped test. What else deliberately does not
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
from types import ModuleType
from typing import Any

import pytest
import sklearn.decomposition
import sklearn.linear_model
import sklearn.neighbors
import sklearn.neural_network
from scipy.sparse import issparse
from sklearn.base import BaseEstimator

import mlsd_kit.decomposition
import mlsd_kit.linear_model
import mlsd_kit.neighbors
import mlsd_kit.neural_network

IGNORED = {"algorithm", "leaf_size", "n_jobs", "solver", "copy", "copy_X", "verbose", "max_fun"}
IGNORED |= {"power_iteration_normalizer", "random_state"}

DOES_NOT_APPLY: dict[str, str] = {
}
"""Name of a peer's test, or a pattern of names -> why it does not apply."""


def _with_the_peers_arguments(peer: type, kit: Any) -> type:
    """The kit's class, which also takes (and skips the test for) arguments that it leaves out."""
    known = inspect.signature(kit).parameters
    extra = {k: v for k, v in inspect.signature(peer).parameters.items() if k not in known}
    keywords = [v.replace(kind=v.KEYWORD_ONLY) for v in extra.values()]
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        for key, parameter in extra.items():
            setattr(self, key, kwargs.pop(key, parameter.default))
        kit.__init__(self, *args, **kwargs)

    def fit(self: Any, X: Any, *args: Any, **kwargs: Any) -> Any:
        for key, parameter in extra.items():
            if key not in IGNORED and getattr(self, key) != parameter.default:
                pytest.skip(f"{key} is left out")
        if issparse(X):
            pytest.skip("takes dense input only")
        return kit.fit(self, X, *args, **kwargs)

    __init__.__signature__ = inspect.Signature([own, *known.values(), *keywords])  # type: ignore[attr-defined]
    fit.__signature__ = inspect.signature(kit.fit)  # type: ignore[attr-defined]
    return type(kit.__name__, (kit,), {"__init__": __init__, "fit": fit, "__module__": __name__})


PACKAGES = [
    (sklearn.neighbors, mlsd_kit.neighbors, "KNeighborsClassifier"),
    (sklearn.neighbors, mlsd_kit.neighbors, "KNeighborsRegressor"),
    (sklearn.decomposition, mlsd_kit.decomposition, "PCA"),
    (sklearn.linear_model, mlsd_kit.linear_model, "LinearRegression"),
    (sklearn.linear_model, mlsd_kit.linear_model, "LogisticRegression"),
    (sklearn.linear_model, mlsd_kit.linear_model, "Ridge"),
    (sklearn.neural_network, mlsd_kit.neural_network, "MLPClassifier"),
]
KIT = {
    name: _with_the_peers_arguments(getattr(peer, name), getattr(kit, name))
    for peer, kit, name in PACKAGES
}
globals().update(KIT)  # they are pickled by these names
MODULES = [
    "neighbors.tests.test_neighbors",
    "decomposition.tests.test_pca",
    "linear_model.tests.test_base",
    "linear_model.tests.test_common",
    "linear_model.tests.test_coordinate_descent",
    "linear_model.tests.test_logistic",
    "linear_model.tests.test_ridge",
    "neural_network.tests.test_mlp",
]


def _read_with_the_kits_names(name: str) -> ModuleType:
    original = importlib.import_module(f"sklearn.{name}")
    spec = importlib.util.spec_from_file_location(f"kit_{original.__name__}", original.__file__)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its classes are pickled by this name
    with pytest.MonkeyPatch.context() as patch:
        for package, _, each in PACKAGES:
            patch.setattr(package, each, KIT[each])
        spec.loader.exec_module(module)
    return module


def _about_another_model(values: Any) -> bool:
    """Whether a set of a test's parameters holds a model that is not the kit's."""
    for value in values if isinstance(values, tuple) else [values]:  # pytest.param is one too
        model = value if inspect.isclass(value) else type(value)
        if issubclass(model, BaseEstimator) and model not in KIT.values():
            return True
    return False


def _tests_about_the_kit(module: ModuleType) -> dict[str, Callable[..., None]]:
    names = re.compile(rf"\b({'|'.join(KIT)})\b")
    found = {}
    for key, test in vars(module).items():
        if not (key.startswith("test_") and inspect.isfunction(test)):
            continue
        if names.search(inspect.getsource(test)):
            found[key] = test
            for mark in getattr(test, "pytestmark", []):
                if mark.name == "parametrize" and isinstance(mark.args[1], list):
                    mark.args[1][:] = [v for v in mark.args[1] if not _about_another_model(v)]
    return found


@pytest.fixture
def global_random_seed() -> int:
    return 42


@pytest.fixture(autouse=True)
def the_kit_instead(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    for pattern, reason in DOES_NOT_APPLY.items():
        if fnmatch(request.node.name, pattern):
            pytest.skip(reason)
    for package, _, each in PACKAGES:
        monkeypatch.setattr(package, each, KIT[each])  # for tests that say neighbors.KNeighbors...


for _name in MODULES:
    for _key, _test in _tests_about_the_kit(_read_with_the_kits_names(_name)).items():
        while _key in globals():  # two modules may each have a test of this name
            _key += "_"
        globals()[_key] = _test
