"""A folder for the logs that failures keep."""

import tempfile

import pytest


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path, monkeypatch):
    """Logs that are kept on purpose go where pytest cleans up."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
