"""What the modules of peers' tests share."""

from __future__ import annotations

from typing import Any

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
