"""What a notebook's result depends on in the kit: what it uses, and nothing else."""

import shutil

import pytest

from mlsd_kit.curriculum.run import key as keys
from mlsd_kit.curriculum.run import sources
from mlsd_kit.curriculum.run.catalogue import read_entry
from mlsd_kit.curriculum.run.sources import PACKAGE, closure, uses_of


def used(*codes, words=True):
    files = closure(codes, words=words).files
    return {file.relative_to(PACKAGE).as_posix() for file in files}


@pytest.mark.parametrize(
    ("code", "file"),
    [
        ("import mlsd_kit.metrics", "metrics/__init__.py"),
        ("from mlsd_kit.data import load", "data/fetching.py"),  # through the package
        ("from mlsd_kit import files", "files.py"),
        ("def late():\n    from mlsd_kit import files", "files.py"),
        ('start(["python", "-m", "mlsd_kit.services._serve"])', "services/_serve.py"),
        ('http_service("mlsd_kit.systems.fraud.scorer:app")', "systems/fraud/scorer.py"),
        ('import_module(f"mlsd_kit.systems.fraud.{part}")', "systems/fraud/scorer.py"),
        ("from mlsd_kit.curriculum import check", "curriculum/grading/judge.py"),
        ("import mlsd_kit.curriculum", "curriculum/checking.py"),  # any of its names may follow
    ],
)
def test_what_is_used_in_any_way_is_found(code, file):
    assert (PACKAGE / file).is_file(), "the example is out of date"
    assert file in used(code)


def test_what_is_not_used_is_left_out():
    found = used("from mlsd_kit.curriculum import claim", "text = 'mlsd_kit.curriculum is a name'")
    assert {"curriculum/__init__.py", "curriculum/claims.py"} <= found
    assert not [file for file in found if file.startswith(("curriculum/grading", "systems"))]
    assert not [file for file in used('"mlsd_kit.services._serve"', words=False)]
    assert used("%magic\nimport mlsd_kit.metrics") == set()


def test_imports_for_type_checkers_alone_do_not_run():
    code = "if TYPE_CHECKING:\n    import a\nelse:\n    import b\n"
    code += "if typing.TYPE_CHECKING:\n    import c\n"
    assert uses_of(code).imports == (("b", None),)


@pytest.fixture
def kit(tmp_path, monkeypatch):
    """A copy of the kit whose files may be changed; nothing of it is imported."""
    folder = tmp_path / "mlsd_kit"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for module in (sources, keys):
        monkeypatch.setattr(module, "PACKAGE", folder)
    for cached in (sources.kit_files, sources._read):
        cached.cache_clear()
    yield folder
    for cached in (sources.kit_files, sources._read):
        cached.cache_clear()


BODY = """\
# %%
from mlsd_kit.curriculum import claim
from mlsd_kit.metrics import f1_score
from mlsd_kit.services import http_service

# %%
with http_service("mlsd_kit.systems.fraud.scorer:app") as service:
    pass
"""


def change(file):
    file.write_text(file.read_text() + "\n# changed\n")


@pytest.mark.parametrize(
    ("file", "depends"),
    [
        ("curriculum/claims.py", True),
        ("metrics/__init__.py", True),
        ("_threads.py", True),  # through others
        ("services/_serve.py", True),  # a process that a process starts
        ("systems/fraud/scorer.py", True),
        ("systems/web_search/__init__.py", False),
        ("curriculum/grading/judge.py", False),
        ("curriculum/run/report.css", False),
    ],
)
def test_a_key_changes_with_what_the_notebook_uses(home, kit, file, depends):
    entry = read_entry(home.write("one", BODY))
    before = keys.result_key(entry, {})
    change(kit / file)
    assert (keys.result_key(entry, {}) != before) is depends


def test_a_key_changes_with_the_simulator_that_a_datasheet_names(home, kit):
    (home.folder / "datasets/toy").mkdir()
    sheet = home.folder / "datasets/toy/datasheet.toml"
    sheet.write_text('simulator = "mlsd_kit.data.simulators.listening:listening"\n')
    body = "# %%\nfrom mlsd_kit import paths\n"
    entry = read_entry(home.write("one", body, datasets="[toy]"))
    before = keys.result_key(entry, {})
    change(kit / "data/simulators/listening.py")
    assert keys.result_key(entry, {}) != before
    before = keys.result_key(entry, {})
    change(kit / "data/simulators/raw_events.py")
    assert keys.result_key(entry, {}) == before
