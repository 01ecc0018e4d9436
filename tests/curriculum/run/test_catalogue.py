"""The catalogue reads headers and cells, and names what is wrong with them."""

import codecs
import json

import pytest

from mlsd_kit.curriculum.run.catalogue import (
    Sabotage,
    catalogue,
    code_cells,
    parameter_names,
    read_entry,
    select,
    source_text,
)
from mlsd_kit.curriculum.run.errors import CatalogueError, UsageError


def test_entries_come_from_headers(home, ok_body):
    home.write("churn", ok_body, theme="customers", datasets="[telco]", extras="[deep]", seconds=7)
    (entry,) = catalogue()
    assert (entry.id, entry.theme, entry.title) == ("customers/churn", "customers", "churn")
    assert entry.question == "How would you build churn?"
    assert (entry.asked, entry.datasets, entry.extras) == (("a thing",), ("telco",), ("deep",))
    assert entry.seconds == 7 and entry.notebook.name == "churn.ipynb"


def test_the_path_leads_from_the_framework_over_concepts_to_case_studies(home, ok_body):
    for theme, name in [
        ("template", "blank"),
        ("anomalies", "fraud"),
        ("foundations", "boosting"),
        ("foundations", "framework"),
        ("customers", "churn"),
    ]:
        home.write(name, ok_body, theme=theme)
    names = ["framework", "boosting", "fraud", "churn", "blank"]
    assert [entry.name for entry in catalogue()] == names


def test_a_byte_order_mark_hides_no_header(home, ok_body):
    source = home.write("one", ok_body)
    (plain,) = catalogue()
    source.write_bytes(codecs.BOM_UTF8 + source.read_bytes())
    assert catalogue() == [plain]
    assert source_text(source).startswith("# ---")


def test_an_incomplete_header_is_named(home, ok_body):
    source = home.write("one", ok_body)
    source.write_text(source.read_text().replace("#     question", "#     qestion"))
    with pytest.raises(CatalogueError, match=r"one\.py.*missing: \['question'\].*\['qestion'\]"):
        catalogue()
    source.write_text("# %%\n1")
    with pytest.raises(CatalogueError, match="no 'mlsd:' section"):
        catalogue()


def test_a_header_that_is_no_yaml_is_named(home, ok_body):
    source = home.write("one", ok_body)
    source.write_text(source.read_text().replace("asked: [a thing]", "asked: [a thing"))
    with pytest.raises(CatalogueError, match=r"one\.py: its header is not YAML: while parsing"):
        catalogue()


def test_two_notebooks_may_not_share_a_name(home, ok_body):
    home.write("one", ok_body, theme="a")
    home.write("one", ok_body, theme="b")
    with pytest.raises(CatalogueError, match="share a name"):
        catalogue()


def test_selection(home, ok_body):
    for theme, name in (("a", "one"), ("a", "two"), ("b", "three")):
        home.write(name, ok_body, theme=theme)
    entries = catalogue()
    assert [e.name for e in select(entries, [])] == ["one", "two", "three"]
    assert [e.name for e in select(entries, ["b/three", "one", "one"])] == ["three", "one"]
    assert [e.name for e in select(entries, [], "a")] == ["one", "two"]
    with pytest.raises(UsageError, match="did you mean three"):
        select(entries, ["tree"])
    with pytest.raises(UsageError, match=r"No theme 'c': there are a, b\."):
        select(entries, [], "c")


def test_code_cells_are_what_jupytext_sees(home, ok_body):
    import jupytext

    source = home.write("one", ok_body + "\n# %% tags=['x']\n\n\nx = '''\n  # %%'''\n")
    text = source.read_text()
    notebook = jupytext.reads(text, fmt="py:percent")
    theirs = [cell.source.strip() for cell in notebook.cells if cell.cell_type == "code"]
    assert [code for _, code in code_cells(text)] == theirs


def test_parameter_names():
    text = (
        '# %% tags=["parameters"]\nseed = 0\nrows: int = 5\nif seed == 1:\n    x = 2\n# %%\ny = 1\n'
    )
    assert parameter_names(text) == {"seed", "rows"}


def test_usage_errors_exit_with_2(home, ok_body):
    home.write("one", ok_body)
    for words, sentence in (
        (["run", "on"], "No notebook 'on': did you mean one"),
        (["run", "--theme", "c"], "No theme 'c'"),
        (["run", "-p", "seed"], "-p takes a name and a value"),
        (["run", "-p", "seed", "[1"], "seed is a number; got '[1'"),
    ):
        code, _, err = home.mlsd(*words)
        assert code == 2 and sentence in err and "Traceback" not in err
    assert home.mlsd("run", "--jobs", "0")[0] == 2
    assert home.mlsd("fly")[0] == 2


def test_outside_a_curriculum(home, tmp_path):
    code, _, err = home.mlsd("list", MLSD_HOME=str(tmp_path / "nowhere"))
    assert code == 2 and err.startswith("mlsd: MLSD_HOME points to")


def test_list_shows_the_last_result(home, ok_body):
    home.write("one", ok_body)
    home.write("two", ok_body)
    home.mlsd("run", "one")
    code, out, _ = home.mlsd("list", "--json")
    assert code == 0
    assert {r["name"]: r["last"] for r in json.loads(out)} == {"one": "passed", "two": None}
    code, out, _ = home.mlsd("list", "--theme", "demo")
    assert code == 0 and "How would you build two?" in out and "not run" in out


SABOTAGED = """\
# ---
# jupyter:
#   mlsd:
#     title: T
#     question: Q
#     asked: []
#     datasets: []
#     extras: []
#     seconds: 1
#     headline: [accuracy]
#     sabotages:
{sabotages}
# ---
# %%
score = 1
"""


def test_headline_and_sabotages_are_read(tmp_path):
    file = tmp_path / "theme" / "name.py"
    file.parent.mkdir()
    lines = (
        "#     - {name: a constant model, replace: score = 1, with: score = 0}\n"
        "#     - {name: another seed, parameter: seed, value: 3}"
    )
    file.write_text(SABOTAGED.format(sabotages=lines))
    entry = read_entry(file)
    assert entry.headline == ("accuracy",)
    assert entry.sabotages == (
        Sabotage("a constant model", replace="score = 1", by="score = 0"),
        Sabotage("another seed", parameter="seed", value=3),
    )


@pytest.mark.parametrize(
    "item", ["{name: x}", "x", "{name: x, replace: y}", "{replace: y, with: z}"]
)
def test_a_sabotage_that_lacks_something_is_refused(tmp_path, item):
    file = tmp_path / "name.py"
    file.write_text(SABOTAGED.format(sabotages=f"#     - {item}"))
    with pytest.raises(CatalogueError, match="a sabotage has name, replace and with"):
        read_entry(file)
