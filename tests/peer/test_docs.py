"""``docs/peer-tests.md`` lists what the peers' own tests do not apply to, and why: kept true here.

Write it anew with ``python tests/peer/test_docs.py``.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "peer-tests.md"
INTRODUCTION = """\
# The peers' own tests, run against the kit

scikit-learn and imbalanced-learn ship their tests. Those that apply are run against the kit's
classes and functions in `tests/peer/`; these patterns of test names deliberately do not apply.
(A page kept true by `tests/peer/test_docs.py`.)

One result differs on purpose. `SMOTE` and its kin compute new rows of small integers (`uint8`,
`int8`) as floats and cast them to integers at the end: they lie between the two rows that they come
from. imbalanced-learn subtracts in the integers themselves, where 100 - 200 wraps around, so that a
new row may lie outside (`test_small_integers_do_not_wrap_as_those_of_imbalanced_learn_do`).
"""


def reasons(file: Path) -> dict[str, list[str]]:
    """Reason -> patterns, read from the ``DOES_NOT_APPLY`` of one test module."""
    constants: dict[str, str] = {}
    grouped: dict[str, list[str]] = defaultdict(list)
    for node in ast.parse(file.read_text()).body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        name = getattr(target, "id", "")
        if name == "DOES_NOT_APPLY" and isinstance(node.value, ast.Dict):
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                text = constants[value.id] if isinstance(value, ast.Name) else _text(value)
                grouped[text].append(_text(key))
        elif isinstance(node.value, ast.Constant | ast.JoinedStr | ast.BinOp):
            try:
                constants[name] = _text(node.value)
            except ValueError:
                continue
    return grouped


def _text(node: ast.expr | None) -> str:
    found = ast.literal_eval(node) if node is not None else None
    if not isinstance(found, str):
        raise ValueError(f"{ast.dump(node) if node else node} is no text")
    return found


def page() -> str:
    parts = [INTRODUCTION]
    for file in sorted(HERE.glob("test_*.py")):
        found = reasons(file)
        if found:
            summary = (ast.get_docstring(ast.parse(file.read_text())) or "").splitlines()[0]
            parts.append(
                f"\n## `{file.name}`\n{summary}\n\n| does not apply | because |\n|---|---|\n"
            )
            for reason, patterns in found.items():
                names = " · ".join(f"`{pattern}`" for pattern in patterns).replace("|", "\\|")
                parts.append(f"| {names} | {reason.replace('|', chr(92) + '|')} |\n")
    return "".join(parts)


def test_the_page_lists_what_does_not_apply():
    assert PAGE.read_text() == page()


def test_every_module_of_peer_tests_is_listed():
    modules = [file for file in HERE.glob("test_*.py") if file.name != Path(__file__).name]
    assert modules and all(reasons(file) for file in modules)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page())
