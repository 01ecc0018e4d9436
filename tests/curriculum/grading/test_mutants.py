"""Stubs and mutants: what is cut out of a reference, and what is planted into it."""

import ast

import pytest

from mlsd_kit.curriculum.grading import GradingError
from mlsd_kit.curriculum.grading.mutants import mutants
from mlsd_kit.curriculum.grading.mutation import equivalent
from mlsd_kit.curriculum.grading.stub import solved, stub

BODY = '''
def f(x, k=2):
    """Doc with 1 and < inside."""
    # >>> your code
    total = 0
    for v in sorted(x[1:k], reverse=True):
        if v < 3 and not v == 1:
            continue
        total += -v
    kept = [i for i in x if i != 0]
    kept[0] = max(total, k)
    print(kept)
    return total, zip(kept, x, strict=True)
    # <<< your code


def g(x):
    return x + 1
'''


def changes(source=BODY):
    return [mutant.change for mutant in mutants(source)]


@pytest.mark.parametrize(
    "change",
    [
        "< becomes <=",
        "< becomes >",
        "and becomes or",
        "not is dropped",
        "== becomes !=",
        "!= becomes ==",
        "+ becomes -",
        "- is dropped",
        "0 becomes 1",
        "0 becomes -1",
        "True becomes False",
        "max becomes min",
        "reverse= is dropped",
        "the argument k is dropped",
        "the slice's lower 1 is dropped",
        "the slice's upper k is dropped",
        "v < 3 and (not v == 1) is negated",
        "v < 3 and (not v == 1) is never true",
        "the statement is dropped",
        "the first two results are swapped",
    ],
)
def test_small_errors_are_planted(change):
    assert change in changes()


def test_only_the_learners_part_is_changed_and_every_mutant_is_another_program():
    every = mutants(BODY)
    assert not any("x + 1" in mutant.line or "Doc" in mutant.line for mutant in every)
    sources = [mutant.source for mutant in every]
    assert len(set(sources)) == len(sources)
    assert ast.unparse(ast.parse(BODY)) not in sources
    assert len({mutant.id for mutant in every}) == len(every)
    for mutant in every:
        compile(mutant.source, "mutant", "exec")
        assert mutant.line in BODY


def test_a_guard_of_zip_is_not_part_of_the_answer():
    assert "strict= is dropped" not in changes()


def test_sql_in_a_string_is_changed_too():
    source = '''
def f():
    # >>> your code
    return """
        SELECT a, SUM(b) FROM t LEFT JOIN u USING (a)
        WHERE c >= 10 AND d <> 'x'
        ORDER BY a DESC
    """
    # <<< your code
'''
    found = changes(source)
    assert "SUM becomes max in «SELECT a, SUM(b) FROM t LEFT JOIN u USING (a)»" in found
    for start in ("LEFT JOIN becomes join", ">= becomes >", "AND becomes or", "<> becomes =",
                  "DESC becomes asc", "10 becomes 11"):  # fmt: skip
        assert any(change.startswith(start) for change in found), start
    assert changes("# >>> your code\nx = 'to be or not'\n# <<< your code\n") == []


def test_equivalent_mutants_are_declared_with_a_reason(curriculum):
    from mlsd_kit.curriculum.grading.catalogue import find

    exercise = find("total")
    assert equivalent(exercise) == {}
    file = exercise.folder / "mutants.toml"
    file.write_text('[[equivalent]]\nline = "a"\nchange = "b"\nreason = "c"\n')
    assert equivalent(exercise) == {"a | b": "c"}
    file.write_text('[[equivalent]]\nline = "a"\nchange = "b"\n')
    with pytest.raises(GradingError, match="line, change and reason"):
        equivalent(exercise)


def test_the_stub_keeps_everything_but_the_regions():
    text = stub(BODY, "f")
    assert text.count("raise NotImplementedError") == 1
    assert '"""Doc with 1 and < inside."""' in text
    assert "return x + 1" in text and "total += -v" not in text
    compile(text, "stub", "exec")


def test_the_solution_keeps_everything_but_the_marks():
    assert "your code" not in solved(BODY)
    assert ast.dump(ast.parse(solved(BODY))) == ast.dump(ast.parse(BODY))


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\n",
        "# >>> your code\nx = 1\n",
        "# <<< your code\n",
        "# >>> your code\n# >>> your code\n# <<< your code\n",
    ],
)
def test_marks_must_come_in_pairs(text):
    with pytest.raises(GradingError, match=r"reference\.py"):
        stub(text, "f")
