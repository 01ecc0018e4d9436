"""Every committed notebook is made from its source, and survives a save in JupyterLab."""

import os
import shutil

import pytest
from jupytext import TextFileContentsManager

from mlsd_kit import paths
from mlsd_kit.curriculum.run.build import as_jupyterlab_saves, disagreements
from mlsd_kit.curriculum.run.catalogue import catalogue

ENTRIES = catalogue()


def test_pairs_agree():
    assert disagreements(ENTRIES) == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_jupyterlab_opens_and_saves_a_pair_without_changing_its_source(entry, tmp_path):
    """Whichever file a clone made first: git sets no times, and jupytext looks at them."""
    copy = tmp_path / "notebooks" / entry.theme
    copy.mkdir(parents=True)
    shutil.copy(paths.root() / "notebooks" / "jupytext.toml", tmp_path / "notebooks")
    for file in (entry.source, entry.notebook):
        shutil.copy(file, copy)
    source = copy / entry.source.name
    manager = TextFileContentsManager(root_dir=str(tmp_path))
    for time in (1_000_000_000, 2_000_000_000):  # older, then newer than the .ipynb
        os.utime(source, (time, time))
        model = manager.get(f"notebooks/{entry.id}.ipynb")
        manager.save(model, f"notebooks/{entry.id}.ipynb")
        assert source.read_text() == entry.source.read_text()
    assert as_jupyterlab_saves(entry) == entry.source.read_text()


# a concept question is one experiment, not a system; the framework notebook is a system
SYSTEMS = [e for e in ENTRIES if e.theme != "foundations" or e.name == "framework"]


@pytest.mark.parametrize("entry", SYSTEMS, ids=lambda entry: entry.id)
def test_notebooks_have_the_six_steps_in_order(entry):
    heads = [line for line in entry.source.read_text().splitlines() if line.startswith("# ## ")]
    numbered = [head[5:] for head in heads if head[5:6].isdigit()]
    assert [head[0] for head in numbered] == list("123456")
    assert "data" in numbered[1].lower() and "wrap" in numbered[5].lower()
