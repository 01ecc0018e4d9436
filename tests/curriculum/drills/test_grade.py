"""From a design to a report, on a drill that can be checked by hand."""

import codecs
import json

import pytest

from mlsd_kit.curriculum.drills.advice import StageTime, advise
from mlsd_kit.curriculum.drills.drill import Load
from mlsd_kit.curriculum.drills.grade import grade, grade_file
from mlsd_kit.curriculum.drills.measuring import settled, simulate
from mlsd_kit.curriculum.drills.neighbours import cheapest_change, quick
from mlsd_kit.curriculum.drills.report import NOT_RUN, NOT_STARTED, PASSED, WRONG


def test_a_good_design_passes_and_hears_what_it_costs(kiosk, good):
    report = grade(kiosk, good)
    assert report.status == PASSED
    assert "500 $ a day, 25% above the best known design's 400" in str(report)
    assert "More come. This design cannot carry the load: its queue never drains." in str(report)
    assert report.change is None


def test_a_design_cheaper_than_the_best_known_is_told_so(kiosk, good):
    from dataclasses import replace

    report = grade(replace(kiosk, best_cost=625.0), good, explain=False)
    assert "500 $ a day, 20% below the best known design's 625" in str(report)


def test_a_change_that_trades_a_far_miss_for_a_near_one_is_named(kiosk, good):
    from dataclasses import replace

    def limits(world):
        first, _, taste, cost = kiosk.limits(world)
        return first, taste, replace(cost, at_most=690.0)

    dear = {"tea": 200.0, "coffee": 0.0}
    wages = lambda d, world: {"clerks": 100.0 * d.clerks + dear[d.drink]}  # noqa: E731
    other = replace(kiosk, limits=limits, cost=wages, facts=lambda d, world: {
        "taste": 80.0 if d.drink == "tea" else 10.0
    })  # fmt: skip
    change = cheapest_change(other, good.but(drink="coffee"))
    assert (change.knob, change.after, change.passes) == ("drink", "tea", False)
    assert change.missed == ("wages",)
    assert "helps most: drink = 'coffee' → 'tea' (+200 $ a day); then still missed: wages" in str(
        grade(other, good.but(drink="coffee"))
    )


def test_open_knobs_are_no_attempt_and_bad_ones_are_named(kiosk, good):
    assert grade(kiosk, type(good)()).status == NOT_STARTED
    assert grade(kiosk, type(good)(clerks=3)).status == WRONG
    assert "patience is still open" in str(grade(kiosk, type(good)(clerks=3)))
    assert grade(kiosk, good.but(extras=("milk",), patience=55)).problems == ("cold milk",)


def test_offered_load_comes_before_any_percentile(kiosk, good):
    report = grade(kiosk, good.but(clerks=2))
    waits = [check for check in report.checks if check.limit.name == "p99"]
    assert [check.status for check in waits] == [NOT_RUN, NOT_RUN]
    assert "serve is offered 1.00 × what it can do: the queue never drains" in str(report)
    assert "clerks = 3 would bring it to 70 %" in str(report)
    assert "± " not in str(report)


def test_a_fault_is_named_only_where_it_is_the_cause(kiosk, good):
    ill = grade(kiosk, good.but(clerks=3))
    assert [c.limit.key for c in ill.checks if not c.ok] == ["p99_fault"]
    assert ill.fault == "a clerk ill"
    assert [name for name, _ in ill.traps] == ["alone"]
    assert "only with a clerk ill" in ill.advice
    bitter = grade(kiosk, good.but(drink="coffee"))
    assert not bitter.fault
    assert [name for name, _ in bitter.traps] == ["coffee"]


def test_the_cheapest_change_that_passes_is_found(kiosk, good):
    assert cheapest_change(kiosk, good.but(drink="coffee")).after == "tea"
    change = cheapest_change(kiosk, good.but(clerks=3))
    assert (change.knob, change.after, change.passes) == ("clerks", 4, True)
    assert change.cost == 100
    saving = cheapest_change(kiosk, good.but(clerks=20))
    assert saving.passes
    assert saving.cost < 0


def test_where_no_single_change_passes_it_says_so(kiosk, good):
    report = grade(kiosk, good.but(drink="coffee", clerks=20))
    assert report.change is None or not report.change.passes
    assert "no single change passes" in str(report)


def test_the_same_numbers_every_time_and_for_every_design(kiosk, good):
    assert str(grade(kiosk, good)) == str(grade(kiosk, good))
    first, second = (
        kiosk.simulate(d, kiosk.world, 1, 1.0, False) for d in (good, good.but(clerks=9))
    )
    assert len(first.total) == len(second.total)
    assert (first.total >= second.total - 1e-9).all()


def test_a_limit_inside_the_interval_is_looked_at_for_longer(kiosk, good):
    from dataclasses import replace

    limit = kiosk.limits(kiosk.world)[0]
    mean, half = simulate(kiosk, good).measured(limit)
    assert half > 0
    assert not settled(kiosk, good).longer
    close = replace(kiosk, limits=lambda world: (replace(limit, at_most=mean),))
    assert settled(close, good).longer
    assert "the limit lies inside the interval" in str(grade(close, good, explain=False))


def test_a_quick_look_agrees_with_the_long_one(kiosk, good):
    for clerks in (2, 3, 5, 20):
        design = good.but(clerks=clerks)
        assert quick(kiosk, design).passes == grade(kiosk, design, explain=False).passed


def load(rho):
    return Load("rank", rho, 10, "rankers")


@pytest.mark.parametrize(
    ("stage", "says"),
    [
        (StageTime("rank", 0.0, 0.2, 0.01, 0.01, load(0.5)), "a smaller batch"),
        (StageTime("rank", 0.05, 0.0, 0.01, 0.01, load(0.9)), "rankers = 13 would bring it"),
        (StageTime("rank", 0.05, 0.0, 0.01, 0.01, load(0.4)), "bursts, a timeout or a fault"),
        (StageTime("rank", 0.001, 0.0, 0.05, 0.05, load(0.4)), "more replicas do not help"),
        (StageTime("rank", 0.05, 0.0, 0.01, 0.01, load(1.2)), "the queue never drains"),
    ],
)
def test_advice_follows_from_the_three_parts_of_the_time(stage, says):
    small = StageTime("other", 0.0, 0.0, 0.001, 0.001)
    assert says in advise((small, stage))
    assert advise((small, stage)).startswith("rank")


def test_a_file_that_cannot_be_read_is_a_wrong_design(kiosk, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("design = Kiosk(clerk=3)")
    report = grade_file(kiosk, file)
    assert report.status == WRONG
    assert "Did you mean clerks?" in str(report)
    assert str(report).splitlines()[-1] == "design/kiosk: wrong"


@pytest.mark.parametrize("before", [b"", codecs.BOM_UTF8], ids=["plain", "byte order mark"])
def test_a_file_may_begin_with_a_byte_order_mark(kiosk, good, tmp_path, before):
    file = tmp_path / "mine.py"
    text = 'design = Kiosk(clerks=5, patience=10, drink="tea", extras=())\n'
    file.write_bytes(before + text.encode())
    report = grade_file(kiosk, file)
    assert report.status == PASSED
    assert str(report) == str(grade(kiosk, good))


def test_the_report_is_plain_data_and_one_picture(kiosk, good):
    report = grade(kiosk, good.but(clerks=3))
    data = json.loads(json.dumps(report.to_json()))
    assert [each["status"] for each in data["checks"]] == ["passed", "wrong", "passed", "passed"]
    shown = report._repr_html_()
    assert shown.count("<svg") == 1
    assert "http" not in shown.replace("http://www.w3.org/2000/svg", "")
    for words in ("p99 wait, a clerk ill", "With a clerk ill", "limit", "own work"):
        assert words in shown
    assert report._repr_html_() == shown


def test_names_are_escaped_in_html(kiosk, good):
    from dataclasses import replace

    report = replace(grade(kiosk, good), exercise="<script>")
    assert "<script>" not in report._repr_html_()


def test_the_waterfall_fills_its_bar(kiosk, good):
    lines = str(grade(kiosk, good)).splitlines()
    bar = next(line for line in lines if line.startswith("  serve |"))
    drawn = bar.partition("|")[2].partition("|")[0]
    assert len(drawn) == 40
    assert set(drawn) <= set(".:# ")
    assert drawn.strip() == drawn
