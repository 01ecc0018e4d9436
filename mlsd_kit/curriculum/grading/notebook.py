"""In a notebook: ``check("knn", my_function)`` shows the verdict that the terminal would.

The kernel may have been changed in any way by then, so it judges nothing: a fresh process draws
the inputs, and a third one runs the function.
"""

from __future__ import annotations

import base64
import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from mlsd_kit import paths
from mlsd_kit.curriculum.grading.catalogue import find
from mlsd_kit.curriculum.grading.errors import GradingError
from mlsd_kit.curriculum.grading.verdict import Folded, Verdict

START = (
    "import sys; sys.path.append({home!r}); "
    "from mlsd_kit.curriculum.grading.notebook import judge_process; judge_process()"
)
PATIENCE = 300
"""Seconds after which the judge itself is given up."""


def check(name: str, answer: Callable[..., Any] | str, *, seed: int | None = None) -> Any:
    """Judge a function defined in the notebook, or the letter chosen in a prediction.

    Parameters
    ----------
    name : str
        The exercise: ``"knn"``.
    answer : callable or str
        Your function; for a prediction the letter of your option.
    seed : int, default=None
        Replays a run.

    Returns
    -------
    Verdict or Prediction
        Shown as HTML in a notebook, as text elsewhere.
    """
    exercise = find(name)
    if exercise.kind == "predict":
        from mlsd_kit.curriculum.grading.prediction import predict

        return predict(name, str(answer))
    if not callable(answer):
        raise GradingError(
            f'Pass your function: check("{exercise.name}", {exercise.judged_by.function}).'
        )
    request = {"name": exercise.id, "seed": seed, "root": str(paths.root()), **packed(answer)}
    verdict = _judged(request)
    from mlsd_kit.curriculum.grading import state

    state.record(exercise, verdict)
    return verdict


def solution(name: str) -> Folded:
    """The reference solution, folded up; before passing, the sentence that says what to do.

    Parameters
    ----------
    name : str
        The exercise: ``"knn"``.
    """
    from mlsd_kit.curriculum.grading import path

    exercise = find(name)
    try:
        return Folded(f"Reference solution of {exercise.name}", path.solution(name))
    except GradingError:
        return Folded(f"The reference solution opens here once {exercise.name} is passed.")


def packed(function: Callable[..., Any]) -> dict[str, str]:
    """The function by value, and its source for messages."""
    import cloudpickle

    name = getattr(function, "__name__", "the function")
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    own = module is not None and _is_beside(module)
    try:
        if own:
            cloudpickle.register_pickle_by_value(module)
        data = cloudpickle.dumps(function)
    except Exception as error:
        raise GradingError(
            f"{name} uses something that cannot leave the notebook "
            f"({type(error).__name__}: {error}): pass it in, or make it inside the function."
        ) from None
    finally:
        if own:
            cloudpickle.unregister_pickle_by_value(module)
    code = getattr(function, "__code__", None)
    filename = code.co_filename if code is not None else "the notebook"
    source = ""
    try:
        lines, start = inspect.getsourcelines(function)
        source = "\n" * (max(start, 1) - 1) + "".join(lines)
    except (OSError, TypeError):
        pass
    return {
        "function": name,
        "source": source,
        "filename": filename,
        "pickled": base64.b64encode(data).decode(),
    }


def _is_beside(module: ModuleType) -> bool:
    """True for the learner's own module beside a notebook, which the judge cannot import."""
    name, file = module.__name__, getattr(module, "__file__", None)
    if file is None or name == "__main__" or name.partition(".")[0] == "mlsd_kit":
        return False
    path = Path(file).resolve()
    return not path.is_relative_to(sys.prefix) and not path.is_relative_to(sys.base_prefix)


def _judged(request: dict[str, Any]) -> Verdict:
    home = str(Path(__file__).resolve().parents[3])
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-X", "utf8", "-c", START.format(home=home)],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise GradingError(f"The judge gave no verdict within {PATIENCE} seconds.") from None
    try:
        answer = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise GradingError(f"The judge could not start: {last}") from None
    if "error" in answer:
        raise GradingError(answer["error"])
    return Verdict.from_json(answer)


def judge_process() -> None:
    """The judge: one request on its input, one verdict on its output."""
    import os

    from mlsd_kit.curriculum.grading.grader import judge
    from mlsd_kit.curriculum.grading.process import Program

    request = json.loads(sys.stdin.read())
    os.environ["MLSD_HOME"] = request["root"]
    pickled = base64.b64decode(request["pickled"])
    try:
        exercise = find(request["name"])
        program = Program(request["function"], request["source"], request["filename"], pickled)
        verdict = judge(exercise, program, seed=request["seed"])
        print(json.dumps({**verdict.to_json(), "file": ""}))
    except GradingError as error:
        print(json.dumps({"error": str(error)}))
