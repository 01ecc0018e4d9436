"""Small errors planted into a reference, one at a time: what the checks must catch.

A mutant changes one operator, constant, bound, argument or statement inside the marked regions.
One that no check rejects shows a hole in the checks, unless it computes the same: then it is
declared in ``mutants.toml`` with the reason.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mlsd_kit.curriculum.grading import mutants_sql
from mlsd_kit.curriculum.grading.stub import BEGIN, END

COMPARED: dict[type, list[type[ast.cmpop]]] = {
    ast.Lt: [ast.LtE, ast.Gt], ast.LtE: [ast.Lt], ast.Gt: [ast.GtE, ast.Lt], ast.GtE: [ast.Gt],
    ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq], ast.In: [ast.NotIn], ast.NotIn: [ast.In],
    ast.Is: [ast.IsNot], ast.IsNot: [ast.Is],
}  # fmt: skip
COMPUTED: dict[type, type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Mod: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
SWAPPED = {
    "min": "max", "max": "min", "argmin": "argmax", "argmax": "argmin", "any": "all", "all": "any",
    "minimum": "maximum", "maximum": "minimum", "floor": "ceil", "ceil": "floor", "sum": "mean",
    "mean": "sum", "zeros": "ones", "ones": "zeros", "zeros_like": "ones_like", "cumsum": "cumprod",
    "ones_like": "zeros_like", "left": "right", "right": "left", "first": "last", "last": "first",
    "std": "var", "var": "std", "log": "log2",
    "median": "mean", "bfill": "ffill", "ffill": "bfill", "log2": "log", "abs": "positive",
}  # fmt: skip
"""Names for which another one fits and means something else."""


@dataclass(frozen=True)
class Mutant:
    """One changed reference."""

    line: str
    """The line of the reference that is changed, as it stands there."""
    change: str
    """What is changed: «< becomes <=»."""
    source: str
    number: int = 0
    """The line's number in ``reference.py``."""

    @property
    def id(self) -> str:
        """Line and change: what ``mutants.toml`` names it by."""
        return f"{self.line} | {self.change}"


def mutants(reference: str) -> list[Mutant]:
    """Every mutant of the regions that the learner writes.

    >>> text = "def f(x):\\n    # >>> your code\\n    return x < 2\\n    # <<< your code\\n"
    >>> [m.change for m in mutants(text)]
    ['< becomes <=', '< becomes >', '2 becomes 3', '2 becomes 1']
    """
    lines = reference.splitlines()
    inside = _region(lines)
    tree = ast.parse(reference)
    found: list[Mutant] = []
    guards = {
        id(n.value) for n in ast.walk(tree) if isinstance(n, ast.keyword) and n.arg == "strict"
    }
    seen = {ast.unparse(tree)}
    count: dict[str, int] = {}
    for at, node in enumerate(ast.walk(tree)):
        if getattr(node, "lineno", 0) not in inside:
            continue
        if id(node) in guards:
            continue
        for change, edit in _edits(node):
            other = copy.deepcopy(tree)
            target = next(n for i, n in enumerate(ast.walk(other)) if i == at)
            edit(target)
            source = ast.unparse(ast.fix_missing_locations(other))
            if source in seen:
                continue
            seen.add(source)
            line = lines[node.lineno - 1].strip()  # type: ignore[attr-defined]
            key = f"{line} | {change}"
            count[key] = count.get(key, 0) + 1
            told = change if count[key] == 1 else f"{change} ({count[key]})"
            found.append(Mutant(line, told, source, node.lineno))  # type: ignore[attr-defined]
    return sorted(found, key=lambda mutant: mutant.number)


def _region(lines: list[str]) -> set[int]:
    inside, found = False, set()
    for number, line in enumerate(lines, 1):
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif inside:
            found.add(number)
    return found


Edits = Iterator[tuple[str, Callable[[ast.AST], None]]]


def _edits(node: ast.AST) -> Edits:
    """What can be changed at ``node``: the words for it, and a function that does it in a copy."""
    for kind, make in MAKERS.items():
        if isinstance(node, kind):
            yield from make(node)
    if isinstance(node, ast.stmt):
        yield from _block(node)


def _symbol(operator: ast.AST) -> str:
    probe = ast.parse("a < b").body[0]
    names = {"BitAnd": "&", "BitOr": "|", "And": "and", "Or": "or"}
    name = type(operator).__name__
    if name in names:
        return names[name]
    if isinstance(operator, ast.cmpop):
        probe.value.ops = [operator]  # type: ignore[attr-defined]
        return ast.unparse(probe)[2:-2]
    return ast.unparse(ast.BinOp(ast.Name("a"), operator, ast.Name("b")))[2:-2]  # type: ignore[arg-type]


def _compare(node: ast.Compare) -> Edits:
    for i, operator in enumerate(node.ops):
        for new in COMPARED.get(type(operator), []):

            def edit(target: ast.AST, i: int = i, new: type[ast.cmpop] = new) -> None:
                target.ops[i] = new()  # type: ignore[attr-defined]

            yield f"{_symbol(operator)} becomes {_symbol(new())}", edit


def _operator(node: ast.BinOp | ast.AugAssign) -> Edits:
    new = COMPUTED.get(type(node.op))
    if new is not None:
        told = f"{_symbol(node.op)} becomes {_symbol(new())}"
        yield told, lambda target: setattr(target, "op", new())


def _boolean(node: ast.BoolOp) -> Edits:
    new = ast.Or if isinstance(node.op, ast.And) else ast.And
    told = f"{_symbol(node.op)} becomes {_symbol(new())}"
    yield told, lambda target: setattr(target, "op", new())


def _unary(node: ast.UnaryOp) -> Edits:
    sign = {ast.Not: "not", ast.USub: "-", ast.Invert: "~"}.get(type(node.op))
    if sign is not None:
        yield f"{sign} is dropped", lambda target: _replace(target, target.operand)  # type: ignore[attr-defined]


def _replace(target: ast.AST, new: ast.AST) -> None:
    """Turn ``target`` into ``new`` in place."""
    target.__class__ = new.__class__
    target.__dict__.clear()
    target.__dict__.update(new.__dict__)


def _constant(node: ast.Constant) -> Edits:
    value = node.value
    if isinstance(value, bool):
        news: list[object] = [not value]
    elif isinstance(value, int):
        news = [value + 1, value - 1]
    elif isinstance(value, float):
        news = [value + 1, 2 * value] if abs(value) >= 1e-3 else [value + 1]
    elif isinstance(value, str) and value in SWAPPED:
        news = [SWAPPED[value]]
    else:
        yield from mutants_sql.edits(value)
        return
    for new in news:
        yield f"{value!r} becomes {new!r}", lambda t, new=new: setattr(t, "value", new)  # type: ignore[misc]


def _name(node: ast.Name | ast.Attribute) -> Edits:
    field = "id" if isinstance(node, ast.Name) else "attr"
    old = getattr(node, field)
    if old in SWAPPED and isinstance(node.ctx, ast.Load):
        yield f"{old} becomes {SWAPPED[old]}", lambda t: setattr(t, field, SWAPPED[old])


def _call(node: ast.Call) -> Edits:
    for i, keyword in enumerate(node.keywords):
        if keyword.arg == "strict":
            continue  # a guard against a wrong call, not part of the answer
        yield f"{keyword.arg}= is dropped", lambda t, i=i: t.keywords.pop(i)  # type: ignore[misc]
    for i in range(1, len(node.args)):
        if not isinstance(node.args[i], ast.Constant):
            told = f"the argument {ast.unparse(node.args[i])[:40]} is dropped"
            yield told, lambda t, i=i: t.args.pop(i)  # type: ignore[misc]


def _slice(node: ast.Slice) -> Edits:
    for side in ("lower", "upper", "step"):
        bound = getattr(node, side)
        if bound is not None:
            told = f"the slice's {side} {ast.unparse(bound)[:40]} is dropped"
            yield told, lambda t, side=side: setattr(t, side, None)  # type: ignore[misc]


def _if(node: ast.If | ast.IfExp | ast.While) -> Edits:
    def negate(target: ast.AST) -> None:
        target.test = ast.UnaryOp(ast.Not(), target.test)  # type: ignore[attr-defined]

    yield f"{ast.unparse(node.test)[:40]} is negated", negate
    if isinstance(node, ast.If):
        yield (
            f"{ast.unparse(node.test)[:40]} is never true",
            lambda t: setattr(t, "test", ast.Constant(False)),
        )


def _return(node: ast.Return) -> Edits:
    if isinstance(node.value, ast.Tuple) and len(node.value.elts) > 1:
        yield "the first two results are swapped", lambda t: _swap_first_two(t.value.elts)  # type: ignore[attr-defined]


def _swap_first_two(items: list[ast.expr]) -> None:
    items[0], items[1] = items[1], items[0]


def _block(node: ast.stmt) -> Edits:
    """A statement that can go: one that defines no name the rest needs."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    stored = bool(targets) and not any(isinstance(t, ast.Name | ast.Tuple) for t in targets)
    if stored or isinstance(node, ast.AugAssign | ast.Expr | ast.Continue | ast.Break):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return
        yield "the statement is dropped", lambda t: _replace(t, ast.Pass())


MAKERS: dict[Any, Callable[..., Edits]] = {
    ast.Compare: _compare,
    (ast.BinOp, ast.AugAssign): _operator,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.Constant: _constant,
    (ast.Name, ast.Attribute): _name,
    ast.Call: _call,
    ast.Slice: _slice,
    (ast.If, ast.IfExp, ast.While): _if,
    ast.Return: _return,
}
