"""Doctests of services whose program does not exist for this system are skipped, with a reason."""

import pytest

from mlsd_kit.services.programs import programs, why_absent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip them: their own tests under ``tests/services`` do so by themselves."""
    for item in items:
        service = item.path.stem
        if item.path.parent.name != "services" or item.path.suffix != ".py":
            continue
        known = {program.service for program in programs().values()}
        if not isinstance(item, pytest.DoctestItem) or service not in known:
            continue
        if reason := why_absent(service):
            item.add_marker(pytest.mark.skip(reason=reason))
