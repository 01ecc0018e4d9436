"""scikit-learn's own tests of its neighbours, PCA, linear models and MLP, run against the kit's.

The peer's test modules are read once more with the kit's names in place of the peer's, so that
lists of models made while reading hold the kit's too. The kit's models here also take those of the
peer's arguments that the kit does not have: an argument that chooses among ways to the same result
is ignored, any other value than the default is a skipped test. Where the kit words an error or a
warning in another way (`OTHER_WORDS`), its class is compared and its text is not. What deliberately
does not apply is listed with its reason.
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

import numpy as np
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

_ARPACK = "the kit has no ARPACK solver"
_MLE = "n_components cannot be 'mle'"
_GAUSSIAN = "PCA's probabilistic model is left out (noise_variance_, get_covariance, score)"
_SPARSE = "takes dense input only"
_GRAPH = "kneighbors_graph is left out"
_PARTIAL = "partial_fit is left out"
_CALLBACKS = "the kit has no callbacks"
_LBFGS = "solver is 'adam' or 'sgd'"
_FLOAT64 = "weights are float64, whatever the input"
_NORM = "an old processor's norm of many float32 numbers is off by more; ours compares in 64 bits"
_ONE_ALPHA = "alpha is one number"
_SOLVERS = "is about what one of scikit-learn's solvers cannot do, does or says"
_METRIC = "distances are Euclidean"
_COUNT = "asks for a private attribute, _no_improvement_count"
_PENALTY = "C and l1_ratio say it all"
_DEPRECATED = "deprecated arguments are left out"

DOES_NOT_APPLY: dict[str, str] = {
    "test_*array_api*": "needs another array library",
    # every test that gives such an argument another value than its default
    "(X sparse)": _SPARSE,
    "(metric=)": _METRIC,
    "(metric_params=)": _METRIC,
    "(p=)": _METRIC,
    "(positive=)": "weights cannot be kept positive",
    "(penalty=)": _PENALTY,
    "(dual=)": _PENALTY,
    "(intercept_scaling=)": "the intercept is never penalised",
    "(warm_start=)": "every fit begins anew",
    "(activation=)": "the activation is the ReLU",
    "(learning_rate=)": "the learning rate is constant",
    # neighbours
    "test_neigh_predictions_algorithm_agnosticity": "the kit searches in one way only",
    "test_unsupervised_inputs*": "fit takes an array, not another estimator or a tree",
    "test_same_knn_parallel": _GRAPH,
    "test_knn_forcing_backend": _GRAPH,
    "test_predict_sparse_ball_kd_tree": _SPARSE,
    "test_KNeighborsClassifier_multioutput": "a classifier's y has one column",
    # PCA
    "test_*[[]*arpack*": _ARPACK,
    "test_sparse_pca_*": _SPARSE,
    "test_pca_sparse*": _SPARSE,
    "test_pca_randomized_svd_n_oversamples": _ARPACK,
    "test_*mle*": _MLE,
    "test_pca_dim": _MLE,
    "test_pca": _GAUSSIAN,
    "test_pca_score*": _GAUSSIAN,
    "test_pca_*noise_variance*": _GAUSSIAN,
    "test_pca_svd_solver_auto": "asks for a private attribute, _fit_svd_solver",
    # linear models
    "test_inplace_data_preprocessing*": "X is never written to: copy_X is left out",
    "test_check_solver_option*": _SOLVERS,
    "test_liblinear_with_large_values": _SOLVERS,
    "test_liblinear_multiclass_raises*": _SOLVERS,
    "test_newton_cholesky_fallback_to_lbfgs": _SOLVERS,
    "test_n_iter__ridge": _SOLVERS,
    "test_zero_max_iter*": "max_iter is at least 1",
    "test_sparsify*": _SPARSE,
    "test_logistic_cv[[]*": "compares with LogisticRegressionCV, whose liblinear stops earlier",
    "test_scores_attribute_layout_elasticnet": "compares with saga at the tol at which saga stops",
    "test_logreg_predict_proba_multinomial": "asks for a private method, _predict_proba_lr",
    "test_dtype_match*": _FLOAT64,
    "test_l1_ratio_None_deprecated": _DEPRECATED,
    "test_logisticregression_warns_with_n_jobs": _DEPRECATED,
    "test_logistic_regression_callback_*": _CALLBACKS,
    "test_linear_regression_vs_lstsq[[]float32[]]": _NORM,
    "test_ridge_shapes_type": "intercept_ of one target is a float, which has no shape",
    "test_ridge_individual_penalties": _ONE_ALPHA,
    "test_ridge_cv_individual_penalties": _ONE_ALPHA,
    # MLP
    "test_fit": _PARTIAL,
    "test_partial_fit_*": _PARTIAL,
    "test_verbose_sgd": _PARTIAL,
    "test_mlp_partial_fit_after_fit*": _PARTIAL,
    "test_predict_proba_multilabel": _LBFGS,
    "test_sparse_matrices": _LBFGS,
    "test_n_iter_no_change": _COUNT,
    "test_n_iter_no_change_inf": _COUNT,
    "test_mlp_param_dtypes*": _FLOAT64,
}
"""Name of a peer's test, a pattern of names, or an argument -> why it does not apply."""

OTHER_WORDS = [
    "test_KNeighborsClassifier_raise_on_all_zero_weights",
    "test_pca_validation[[]randomized-0-*",
    "test_pca_validation[[]auto-3-*",
    "test_max_iter*",
    "test_early_stopping_stratified",
]


def _with_the_peers_arguments(peer: type, kit: Any) -> type:
    """The kit's class, which also takes (and skips the test for) arguments that it leaves out."""
    known = inspect.signature(kit).parameters
    extra = {k: v for k, v in inspect.signature(peer).parameters.items() if k not in known}
    keywords = [v.replace(kind=v.KEYWORD_ONLY) for v in extra.values()]
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        for key, parameter in extra.items():
            setattr(self, key, kwargs.pop(key, parameter.default))
        if kwargs.get("max_iter", 1) is None:  # the peer's word for its own default
            del kwargs["max_iter"]
        kit.__init__(self, *args, **kwargs)

    def fit(self: Any, X: Any, *args: Any, **kwargs: Any) -> Any:
        for key, parameter in extra.items():
            if key not in IGNORED and getattr(self, key) != parameter.default:
                pytest.skip(DOES_NOT_APPLY[f"({key}=)"])
        if issparse(X):
            pytest.skip(DOES_NOT_APPLY["(X sparse)"])
        if hasattr(self, "solver") and "solver" in extra:
            self.solver_ = self.solver
        return kit.fit(self, X, *args, **kwargs)

    __init__.__signature__ = inspect.Signature([own, *known.values(), *keywords])  # type: ignore[attr-defined]
    fit.__signature__ = inspect.signature(kit.fit)  # type: ignore[attr-defined]
    return type(kit.__name__, (kit,), {"__init__": __init__, "fit": fit, "__module__": __name__})


PACKAGES: list[tuple[ModuleType, ModuleType, str]] = [
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
    spec = importlib.util.spec_from_file_location(
        f"kit_{name.rpartition('.')[2]}", original.__file__
    )
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
    if isinstance(values, tuple):  # pytest.param is one too
        return any(_about_another_model(value) for value in values)
    model = values if inspect.isclass(values) else type(values)
    return issubclass(model, BaseEstimator) and model not in KIT.values()


def _only_the_kits(mark: pytest.Mark) -> pytest.Mark:
    """The parameters without other models, and without the peer's other ways to the same result."""
    if mark.name != "parametrize":
        return mark
    names, values = mark.args
    values = sorted(values, key=str) if isinstance(values, set | frozenset) else values
    values = [value for value in values if not _about_another_model(value)]
    if str(names) in IGNORED and all(isinstance(value, str) for value in values):
        values = values[:1]
    return pytest.mark.parametrize(names, values, **mark.kwargs).mark


def _tests_about_the_kit(module: ModuleType) -> dict[str, Callable[..., None]]:
    names = re.compile(rf"\b({'|'.join(KIT)})\b")
    found = {}
    for key, test in vars(module).items():
        if hasattr(test, "_fixture_function_marker"):
            found[key] = test
        elif key.startswith("test_") and inspect.isfunction(test) and not _excluded(key):
            marks = [_only_the_kits(mark) for mark in getattr(test, "pytestmark", [])]
            empty = any(mark.name == "parametrize" and not mark.args[1] for mark in marks)
            if names.search(inspect.getsource(test)) and not empty:
                test.pytestmark = marks
                found[key] = test
    return found


def _excluded(name: str) -> str | None:
    """Why a test, or one of its cases, does not apply; None if it does."""
    return next((why for each, why in DOES_NOT_APPLY.items() if fnmatch(name, each)), None)


@pytest.fixture(params=[np.float64, np.float32], ids=["float64", "float32"])
def global_dtype(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(autouse=True)
def the_kit_instead(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, any_words: Any
) -> None:
    reason = _excluded(request.node.name)
    if reason:
        pytest.skip(reason)
    if any(fnmatch(request.node.name, each) for each in OTHER_WORDS):
        for module in READ:
            monkeypatch.setattr(module, "pytest", any_words)
    for package, _, each in PACKAGES:
        monkeypatch.setattr(package, each, KIT[each])  # for tests that say neighbors.KNeighbors...


READ = [_read_with_the_kits_names(name) for name in MODULES]
for _module in READ:
    for _key, _test in _tests_about_the_kit(_module).items():
        if _key in globals():  # two modules each have a test of this name
            _key += _module.__name__.replace("kit_test", "_")
        assert _key not in globals()
        globals()[_key] = _test


def test_every_pattern_names_an_existing_test() -> None:
    known = {name for module in READ for name in vars(module)} | set(globals())
    patterns = [each for each in [*DOES_NOT_APPLY, *OTHER_WORDS] if not each.startswith("(")]
    assert all(any(fnmatch(name, each.split("[[]")[0]) for name in known) for each in patterns)
