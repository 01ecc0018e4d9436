"""Estimates: what is read, what is told, and that the 24 of the curriculum do what they claim."""

import itertools
import math
import random
from pathlib import Path

import numpy as np
import pytest

from mlsd_kit.curriculum.grading import answers, catalogue, ratios, wire
from mlsd_kit.curriculum.grading.errors import Wrong
from mlsd_kit.curriculum.grading.estimates import IDENTITY, UNIT_FREEDOM, Estimate, judgement, span
from mlsd_kit.curriculum.grading.units import Q


def memory(vectors, size):
    return vectors * size / 1e9


def estimate(**changes):
    values = {
        "function": "memory",
        "truth": memory,
        "unit": "GB",
        "inputs": {"vectors": [1_000_000, 50_000_000], "size": [512, 64]},
        "published": 0.512,
    }
    return Estimate(**{**values, **changes})


def judged(est, function):
    """The sentence of every check for ``function``; None where it passes. Answers travel."""
    told = {}
    for check in est.checks:
        told[check.name] = None

        def call(**given):
            return wire.unpack(wire.pack(function(**given)))

        for given in (*check.always, *(drawn(est) if check.inputs is not None else ())):
            try:
                check.body(call, dict(given))
            except Wrong as wrong:
                told[check.name] = str(wrong)
                break
    return told


def drawn(est, most=60):
    """Other combinations of the inputs, the published one left out."""
    every = [
        dict(zip(est.inputs, row, strict=True)) for row in itertools.product(*est.inputs.values())
    ]
    others = [given for given in every if given != est.given]
    return random.Random(0).sample(others, min(most, len(others)))


# -- reading an answer


@pytest.mark.parametrize(
    ("answer", "unit", "value"),
    [
        (Q(51.2, "GB"), "GB", 51.2),
        (Q(51_200, "MB"), "GB", 51.2),
        ((51.2e9, "B"), "GB", 51.2),
        ([51.2, "GB"], "GB", 51.2),
        (Q(2, "1/s"), "request/s", 2),
        (Q(2, "QPS"), "request/s", 2),
        (58, "worker", 58),
        (np.int64(58), "worker", 58),
        (np.array(58.0), "worker", 58),
        (Q(58, "worker"), "worker", 58),
        (Q(58), "worker", 58),
        (0.5, "", 0.5),
        (Q(50, "%"), "", 0.5),
        (Q(3, "KiB"), "KiB/token", 3),
    ],
)
def test_an_answer_of_the_right_dimension_is_read(answer, unit, value):
    for each in (answer, wire.unpack(wire.pack(answer))):
        assert math.isclose(answers.read(each, unit), value)


@pytest.mark.parametrize(
    ("answer", "unit", "said"),
    [
        (None, "GB", "did you forget to return"),
        (51.2, "GB", "the bare number 51.2: of what?"),
        (True, "worker", "got the bool True"),
        ("51 GB", "GB", "got the str '51 GB'"),
        ([1.0, 2.0], "GB", "got a list of 2 values"),
        ((1.0, "GBB"), "GB", "No unit 'GBB'"),
        ((1.0, "x" * 999), "GB", "A unit is short"),
        (math.nan, "worker", "expected a finite amount, got nan"),
        ((math.inf, "GB"), "GB", "expected a finite amount"),
        (10**999, "worker", "expected a finite amount"),
        (Q(1, "GB/s"), "GB", "multiply by how long it lasts"),
        (Q(1, "request"), "request/s", "divide by the time it takes"),
        (Q(1, "s"), "GB", "that is a time"),
        (Q(1, "user"), "request", "expected a number of requests"),
        (Q(1, "B/key"), "B/token", "something in B/key"),
        (np.zeros(3), "GB", "an array of shape"),
    ],
)
def test_any_other_answer_is_told_apart(answer, unit, said):
    with pytest.raises(Wrong) as wrong:
        answers.read(answer, unit)
    assert said in str(wrong.value)


# -- wrong ratios


@pytest.mark.parametrize(
    ("ratio", "unit", "said"),
    [
        (8, "GB", "bits for bytes"),
        (1 / 8, "GB", "bytes for bits"),
        (2, "GB", "fp32"),
        (0.5, "GB", "fp16"),
        (86_400, "request/s", "days and seconds"),
        (1 / 86_400, "s", "days and seconds"),
        (3600, "s", "hours and seconds"),
        (24, "USD", "days and hours"),
        (3, "request/s", "the peak for the average"),
        (1 / 3, "request/s", "the average for the peak"),
        (1000, "ms", "a wrong prefix, 1000"),
        (1e-6, "ms", "a wrong prefix, 1000²"),
        (1.024**3, "GB", "GiB for GB"),
        (1.024**4, "TB", "TiB for TB"),
        (100, "", "percent for a fraction"),
        (0.01, "", "a fraction for percent"),
        (1 / 3, "FLOP", "the forward pass only"),
        (2, "user", "counted twice"),
    ],
)
def test_a_wrong_ratio_has_a_meaning(ratio, unit, said):
    assert said in ratios.meaning(ratio, unit)


@pytest.mark.parametrize(
    ("ratio", "unit"),
    [(8, "s"), (1.024**3, "s"), (1.024**3, "TB"), (100, "GB"), (5.3, "GB"), (0, "GB"), (-8, "GB"),
     (math.nan, "GB"), (math.inf, "GB")],
)  # fmt: skip
def test_a_ratio_without_a_meaning_gets_none(ratio, unit):
    assert ratios.meaning(ratio, unit) == ""


# -- the checks


def test_a_right_answer_passes_in_any_unit_of_memory():
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("GiB", 2**30), ("B", 1)):
        told = judged(estimate(), lambda vectors, size, u=unit, s=size: Q(vectors * size / s, u))
        assert list(told) == ["unit", "published numbers", "every input", "other numbers"]
        assert not any(told.values())


def test_the_checks_say_what_they_ask():
    sentences = [check.sentence for check in estimate().checks]
    assert sentences[0] == "The answer is an amount of memory, in GB or the like."
    assert all(len(sentence) > 20 for sentence in sentences)
    assert rounded("up", 15).kind == "a number of workers"
    days = estimate(unit="day", truth=lambda vectors, size: 0.512)
    assert days.kind == "a time, in days or the like"


def test_bits_for_bytes_is_named():
    told = judged(estimate(), lambda vectors, size: Q(8 * vectors * size, "B"))
    said = "expected 0.512 GB, got 4.096 GB: 8 × too large (bits for bytes, 8 bits make one byte?)"
    assert told["published numbers"] == said
    assert told["every input"] is None
    assert "8 × too large (bits for bytes" in told["other numbers"]


def test_a_memorised_number_is_found_out():
    told = judged(estimate(), lambda vectors, size: Q(0.512, "GB"))
    assert told["published numbers"] is None
    assert "does not depend on vectors" in told["every input"]
    assert "Compute it from the arguments" in told["other numbers"]


def test_an_input_used_the_wrong_way_is_named():
    told = judged(estimate(), lambda vectors, size: Q(0.512e9 * vectors / 1e6 * 512 / size, "B"))
    assert told["published numbers"] is None
    assert told["every input"] == (
        "the answer should become 0.125 × as large with the other size; got 8 × as large"
    )
    assert "(" not in told["other numbers"]  # the ratio varies: naming it would mislead


def test_a_missing_unit_is_told_once():
    told = judged(estimate(), lambda vectors, size: vectors * size / 1e9)
    assert "the bare number 0.512: of what?" in told["unit"]
    assert told["other numbers"] == "the answer has no right unit yet: see the first check"


@pytest.mark.parametrize("answer", [0, -1])
def test_nothing_and_less_than_nothing_are_wrong(answer):
    told = judged(estimate(), lambda vectors, size: Q(answer, "GB"))
    assert told["published numbers"] == f"expected 0.512 GB, got {answer} GB"
    assert told["other numbers"]


@pytest.mark.parametrize(
    ("tolerance", "inside", "outside"),
    [
        (IDENTITY, (0.96, 1.0, 1.04), (0.94, 1.06)),
        (UNIT_FREEDOM, (0.932, 1.074), (0.90, 1.11)),
        (judgement(0.5, 3), (0.5, 2.9), (0.49, 3.1)),
    ],
)
def test_the_tolerance_is_that_of_the_estimates_nature(tolerance, inside, outside):
    est = estimate(tolerance=tolerance)
    for factor in inside + outside:
        told = judged(est, lambda vectors, size, f=factor: Q(f * vectors * size, "B"))
        assert any(told.values()) == (factor in outside), factor


def test_a_judgement_is_told_as_a_range():
    told = judged(estimate(tolerance=judgement(0.5, 2)), lambda vectors, size: Q(9, "GB"))
    assert told["published numbers"].startswith("expected 0.256 to 1.024 GB, got 9 GB")


def workers(rate, each):
    return rate / each


def rounded(rounding, published, tolerance=IDENTITY):
    return Estimate(
        function="workers",
        truth=workers,
        unit="worker",
        inputs={"rate": [100, 60, 7, 91], "each": [7, 3, 0.3]},
        published=published,
        rounding=rounding,
        tolerance=tolerance,
    )


def test_counts_are_rounded_the_way_the_task_says():
    up, down = rounded("up", 15), rounded("down", 14)
    assert not any(judged(up, lambda rate, each: math.ceil(rate / each)).values())
    assert not any(judged(down, lambda rate, each: math.floor(rate / each)).values())
    told = judged(up, lambda rate, each: math.floor(rate / each))["published numbers"]
    assert told == "expected 15 workers, got 14 workers: round up to a whole number, from 14.29"
    told = judged(up, lambda rate, each: rate / each)["published numbers"]
    assert "got 14.29 workers: round up" in told
    told = judged(down, lambda rate, each: math.ceil(rate / each))["published numbers"]
    assert "round down" in told
    assert "too large" in judged(up, lambda rate, each: 30)["published numbers"]


def test_on_the_edge_of_rounding_a_rounding_error_decides_nothing():
    est = rounded("up", 15)
    for got in (20, 21):
        est._judge(got, {"rate": 60, "each": 3})
    with pytest.raises(Wrong, match="expected 20 workers, got 19 workers"):
        rounded("up", 15, judgement(1, 1.3))._judge(19, {"rate": 60, "each": 3})


def test_a_quantile_is_judged_by_what_is_left():
    est = Estimate(
        function="leaf",
        truth=lambda leaves: 0.99 ** (1 / leaves),
        unit="",
        inputs={"leaves": [100, 2, 1000]},
        published=0.9999,
        complement=True,
    )
    assert not any(judged(est, lambda leaves: 1 - 0.01 / leaves).values())
    told = judged(est, lambda leaves: 0.99)
    assert told["published numbers"].endswith("got 0.99: 1 minus it is 99.5 × too large")
    assert "1 minus the answer should become" in told["every input"]


def test_an_author_is_told_what_is_wrong():
    with pytest.raises(ValueError, match="rounding is 'up'"):
        estimate(rounding="sideways")
    with pytest.raises(ValueError, match=r"published=0\.6 is 1\.17 × truth"):
        estimate(published=0.6)
    with pytest.raises(ValueError, match="No unit"):
        estimate(unit="GBB")


def test_an_input_that_changes_nothing_is_not_asked_about():
    est = estimate(inputs={"vectors": [1_000_000], "size": [512, 520]})
    assert [check.name for check in est.checks] == ["unit", "published numbers", "other numbers"]


def test_a_span_begins_with_the_published_value():
    values = span(2_000, 100, 1_000_000, 9)
    assert values[0] == 2_000 and all(isinstance(v, int) for v in values)
    assert (min(values), max(values)) == (100, 1_000_000)
    assert all(isinstance(v, float) for v in span(1.5, 1, 10)[1:])


# -- the estimates of the curriculum

FOLDER = Path(__file__).parents[3] / "exercises" / "estimates"
NAMES = sorted(path.name for path in FOLDER.glob("*") if path.is_dir())
PUBLISHED = {
    "embedding_memory": Q(51.2, "GB"),
    "graph_index_memory": Q(64, "GB"),
    "pq_index_memory": Q(72, "GB"),
    "average_qps": Q(23.1e3, "request/s"),
    "peak_qps": Q(69.4e3, "request/s"),
    "requests_in_flight": Q(400, "request"),
    "workers_needed": Q(58, "worker"),
    "leaf_quantile": Q(0.9999),
    "kv_cache_per_token": Q(128, "KiB/token"),
    "sequences_in_memory": Q(104, "sequence"),
    "decode_floor": Q(5.2, "ms"),
    "gpus_for_tokens": Q(29, "GPU"),
    "training_flops": Q(8.4e22, "FLOP"),
    "training_days": Q(30.4, "day"),
    "ab_sample_size": Q(745.6e3, "user"),
    "ab_duration": Q(14.9, "day"),
    "log_partitions": Q(50, "partition"),
    "feature_reads": Q(5e6, "key/s"),
    "log_storage": Q(2.7, "PB"),
    "embedding_training_memory": Q(768, "GB"),
    "gpu_bill": Q(14.7e3, "USD"),
    "own_or_rent": Q(12.8, "month"),
    "ring_all_reduce": Q(54, "ms"),
    "zipf_hit_rate": Q(0.757),
}


def exercise(name):
    return catalogue.read(FOLDER / name, "estimates")


def test_there_are_24():
    assert sorted(PUBLISHED) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_gives_the_published_value_and_passes(name):
    found = exercise(name)
    est = found.checks_module.ESTIMATE
    reference = getattr(found.module("reference"), found.function)
    got = answers.read(reference(**est.given), est.unit)
    published = PUBLISHED[name].to(est.unit).value
    assert published == pytest.approx(est.published)
    assert math.isclose(got, published, rel_tol=0.01)
    assert not any(judged(est, reference).values())
    assert len(drawn(est)) >= 5


@pytest.mark.parametrize("name", NAMES)
def test_every_combination_of_inputs_has_an_answer(name):
    est = exercise(name).checks_module.ESTIMATE
    assert all(0 < est.expected(given) < math.inf for given in [est.given, *drawn(est, 500)])


@pytest.mark.parametrize("name", NAMES)
def test_every_wrong_version_is_rejected(name):
    found = exercise(name)
    est = found.checks_module.ESTIMATE
    assert len(found.misconceptions) >= 2
    for wrong in found.misconceptions.values():
        assert any(judged(est, wrong).values()), wrong.__name__


@pytest.mark.parametrize("name", NAMES)
def test_the_published_answer_alone_is_rejected(name):
    est = exercise(name).checks_module.ESTIMATE
    told = judged(est, lambda **given: Q(est.expected(est.given), est.unit))
    assert told["published numbers"] is None
    assert "Compute it from the arguments" in told["other numbers"]


LITTLE = {("kv_cache_per_token", "query_heads"), ("pq_index_memory", "id_bytes")}
"""What no answer depends on, or by less than the tolerance where the others are the task's."""


@pytest.mark.parametrize("name", NAMES)
def test_an_argument_that_is_left_out_is_named(name):
    est = exercise(name).checks_module.ESTIMATE
    for argument in est.inputs:

        def without(argument=argument, **given):
            return Q(est.expected({**given, argument: est.given[argument]}), est.unit)

        told = judged(est, without)
        if (name, argument) not in LITTLE:
            assert f"does not depend on {argument}" in told["every input"]
        if argument != "query_heads":  # a distractor
            assert told["other numbers"]


@pytest.mark.parametrize("name", NAMES)
def test_the_statement_names_every_argument_and_the_unit(name):
    found = exercise(name)
    est, text = found.checks_module.ESTIMATE, found.statement
    assert text.startswith(f"# {found.title}\n")
    assert all(f"| `{argument}` |" in text for argument in est.inputs)
    assert f'"{est.unit}"' in text or not est.unit
    assert "## What the interviewer looks for" in text
