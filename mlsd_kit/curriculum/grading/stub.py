"""The stub that a learner starts from: the reference with the marked regions cut out."""

from __future__ import annotations

from mlsd_kit.curriculum.grading.catalogue import Exercise
from mlsd_kit.curriculum.grading.errors import GradingError

BEGIN, END = "# >>> your code", "# <<< your code"


def stub(reference: str, function: str) -> str:
    """``reference`` with every marked region replaced by a line that says what to write.

    >>> text = "def f(x):\\n    # >>> your code\\n    return 2 * x\\n    # <<< your code\\n"
    >>> print(stub(text, "f"), end="")
    def f(x):
        raise NotImplementedError("write f")
    """
    kept: list[str] = []
    inside = False
    regions = 0
    for number, line in enumerate(reference.splitlines(), 1):
        mark = line.strip()
        if mark == BEGIN:
            if inside:
                raise GradingError(f"reference.py:{number}: a region begins inside a region.")
            inside, regions = True, regions + 1
            indent = line[: len(line) - len(line.lstrip())]
            kept.append(f'{indent}raise NotImplementedError("write {function}")')
        elif mark == END:
            if not inside:
                raise GradingError(f"reference.py:{number}: a region ends that never began.")
            inside = False
        elif not inside:
            kept.append(line)
    if inside or not regions:
        raise GradingError(f"reference.py needs the lines `{BEGIN}` and `{END}`, in pairs.")
    return "\n".join(kept) + "\n"


def solved(reference: str) -> str:
    """``reference`` without the marks: what the learner sees as the solution."""
    lines = [line for line in reference.splitlines() if line.strip() not in (BEGIN, END)]
    return "\n".join(lines) + "\n"


def of(exercise: Exercise) -> str:
    """The stub of ``exercise``."""
    return stub(exercise.text("reference.py"), exercise.function)


def stale(exercise: Exercise) -> bool:
    """True if ``exercise.py`` is not what the reference gives."""
    path = exercise.folder / "exercise.py"
    return not path.exists() or path.read_text(encoding="utf-8") != of(exercise)
