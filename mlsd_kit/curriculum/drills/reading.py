"""The learner's file is read, not run: literals, arithmetic, and one call of the design's class.

Nothing in it is executed, so there is nothing to isolate and no way to hang.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from mlsd_kit.curriculum.drills.design import OPEN, Design
from mlsd_kit.curriculum.drills.errors import DrillError

OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ceil": math.ceil,
    "floor": math.floor,
    "round": round,
    "min": min,
    "max": max,
}
LONGEST = 100_000
"""Characters of a design file."""


def read(text: str, cls: type[Design], file: str = "the file") -> Any:
    """The design that ``text`` assigns to the name ``design``.

    Parameters
    ----------
    text : str
        Python: names set to numbers or arithmetic on them, then ``design = ClassName(knob=...)``.
    cls : type
        The drill's design.
    file : str
        Its name in messages.

    Raises
    ------
    DrillError
        With the line, if there is something that cannot be read.
    """
    if len(text) > LONGEST:
        raise DrillError(f"{file} is longer than {LONGEST:,} characters: a design is a few lines.")
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 0
        raise DrillError(f"{file}:{line}: not Python: {getattr(error, 'msg', error)}.") from None
    names: dict[str, Any] = {}
    for statement in body:
        target = _target(statement)
        value = getattr(statement, "value", None)
        if target is None or value is None:
            if isinstance(statement, ast.Import | ast.ImportFrom) or _is_text(statement):
                continue
            raise DrillError(
                f"{file}:{statement.lineno}: a design file holds `name = value` lines only; "
                "it is read, not run."
            )
        try:
            names[target] = _value(value, names, cls)
        except DrillError as error:
            raise DrillError(
                f"{file}:{getattr(error, 'line', statement.lineno)}: {error}"
            ) from None
        except (ArithmeticError, TypeError, ValueError, RecursionError) as error:
            raise DrillError(f"{file}:{statement.lineno}: {target}: {error}.") from None
    found = names.get("design")
    if not isinstance(found, cls):
        raise DrillError(f"{file} sets no design: write `design = {cls.__name__}(...)`.")
    return found


def _target(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        first = statement.targets[0]
        return first.id if isinstance(first, ast.Name) else None
    return None


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _value(node: ast.expr, names: dict[str, Any], cls: type[Design]) -> Any:
    if isinstance(node, ast.Constant):
        return OPEN if node.value is None else node.value
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_value(each, names, cls) for each in node.elts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _value(node.operand, names, cls)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return _arithmetic(node, names, cls)
    if isinstance(node, ast.Name):
        if node.id not in names:
            raise _at(node, f"{node.id!r} is not set above")
        return names[node.id]
    if isinstance(node, ast.Call):
        return _call(node, names, cls)
    raise _at(node, "only numbers, text, tuples and arithmetic can be read here")


def _arithmetic(node: ast.BinOp, names: dict[str, Any], cls: type[Design]) -> Any:
    left, right = _value(node.left, names, cls), _value(node.right, names, cls)
    if not all(isinstance(each, int | float) for each in (left, right)):
        raise _at(node, "arithmetic is for numbers")
    if isinstance(node.op, ast.Pow) and (abs(right) > 64 or abs(left) > 1e6):
        raise _at(node, "a power that large is no design")
    result = OPERATORS[type(node.op)](left, right)
    if isinstance(result, complex) or abs(result) > 1e18:
        raise _at(node, "a number that large is no design")
    return result


def _call(node: ast.Call, names: dict[str, Any], cls: type[Design]) -> Any:
    called = (
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    )
    arguments = [_value(each, names, cls) for each in node.args]
    if called == cls.__name__:
        if any(each.arg is None for each in node.keywords):
            raise _at(node, "write the knobs out: ** cannot be read")
        return cls(*arguments, **{k.arg or "": _value(k.value, names, cls) for k in node.keywords})
    if called in FUNCTIONS and not node.keywords:
        return FUNCTIONS[called](*arguments)
    raise _at(node, f"{called or 'this'}() cannot be called here: the file is read, not run")


def _at(node: ast.expr, sentence: str) -> DrillError:
    error = DrillError(sentence)
    error.line = node.lineno  # type: ignore[attr-defined]
    return error
