"""What the reference is about to show, without building it: public modules and their names."""

import importlib
import importlib.util
import inspect
import sys

from mlsd_kit import paths

spec = importlib.util.spec_from_file_location(
    "site_reference", paths.root() / "docs" / "site" / "build.py"
)
build = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build)


def test_no_package_of_the_kit_hides_what_it_offers():
    """A package of primitives, data or services says in ``__all__`` what is public."""
    shown = {name for name, _ in build.public_modules()}
    for folder in sorted((paths.root() / "mlsd_kit").iterdir()):
        if (folder / "__init__.py").is_file() and folder.name != "systems":
            assert f"mlsd_kit.{folder.name}" in shown, folder.name


def test_what_the_commands_call_is_not_for_import():
    shown = [name for name, _ in build.public_modules()]
    assert not [name for name in shown if name.startswith(build.BEHIND_THE_COMMANDS)]
    assert not [name for name in shown if "._" in name]


def test_every_public_function_and_class_says_what_it_does():
    silent = []
    for module, _ in build.public_modules():
        for name in sorted(build.public_names(module)):
            value = getattr(importlib.import_module(module), name)
            if (inspect.isroutine(value) or inspect.isclass(value)) and not inspect.getdoc(value):
                silent.append(f"{module}.{name}")
    assert not silent


def test_a_constant_is_described_by_the_text_below_it_also_where_it_is_imported_from():
    plots = {each.name: each for each in build.left_out("mlsd_kit.plots")}
    assert plots["PALETTE"].directive == "py:data"
    assert "Colours of successive curves" in plots["PALETTE"].text


def test_what_loads_when_it_is_asked_for_is_described_by_name():
    (check,) = (e for e in build.left_out("mlsd_kit.curriculum") if e.name == "check")
    assert check.directive == "autofunction"
    assert ".. autofunction:: mlsd_kit.curriculum.check" in build.pages.api_module(
        "mlsd_kit.curriculum", [check]
    )
