"""docs/claims.md is about the notebooks as they are."""

from mlsd_kit import paths
from mlsd_kit.curriculum.run.catalogue import catalogue
from mlsd_kit.curriculum.run.prove_table import outdated


def test_every_notebook_that_declares_sabotages_has_its_key_there():
    assert outdated(paths.root() / "docs" / "claims.md", catalogue()) == []
