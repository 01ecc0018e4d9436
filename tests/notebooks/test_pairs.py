"""Every committed notebook is made from its source, and survives a save in JupyterLab."""

import jupytext
import pytest
from jupytext.config import load_jupytext_config

from mlsd_kit.curriculum.build import as_jupyterlab_saves, disagreements
from mlsd_kit.curriculum.catalogue import catalogue

ENTRIES = catalogue()


def test_pairs_agree():
    assert disagreements(ENTRIES) == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_saving_in_jupyterlab_leaves_the_source_as_it_is(entry):
    """jupytext writes the .py from the .ipynb on every save: with our settings, the same text."""
    config = load_jupytext_config(str(entry.source))
    notebook = jupytext.read(entry.notebook, config=config)
    assert jupytext.writes(notebook, fmt="py:percent", config=config) == entry.source.read_text()
    assert as_jupyterlab_saves(entry) == entry.source.read_text()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_notebooks_have_the_six_steps_in_order(entry):
    steps = ("Goal", "Data", "Model", "Evaluat", "Deploy", "Wrap")
    heads = [line for line in entry.source.read_text().splitlines() if line.startswith("# ## ")]
    numbered = [head for head in heads if head[5:6].isdigit()]
    assert [head[5] for head in numbered] == list("123456")
    for head, word in zip(numbered, steps, strict=True):
        assert word.lower() in head.lower()
