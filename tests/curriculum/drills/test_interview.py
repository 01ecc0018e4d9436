"""The interview: what is asked counts, prose does not."""

from dataclasses import replace

import pytest

from mlsd_kit.curriculum.drills import interview as module
from mlsd_kit.curriculum.drills.answers import number, understood
from mlsd_kit.curriculum.drills.drill import load
from mlsd_kit.curriculum.drills.grade import grade
from mlsd_kit.curriculum.drills.interview import STEPS, Interview


@pytest.fixture
def held(kiosk, monkeypatch, tmp_path):
    (tmp_path / "task.md").write_text('# Kiosk\n\n*"Design a kiosk: 40\ncustomers a second."*\n')
    drill = replace(kiosk, folder=tmp_path)
    monkeypatch.setattr(module, "load", lambda name: drill)
    return Interview("kiosk")


def say(held, line, seconds=60.0, judge=None):
    return "\n".join(held.say(line, seconds, "mine.py", judge))


def test_the_steps_fill_45_minutes():
    assert len(STEPS) == 6
    assert sum(step.minutes for step in STEPS) == 45


def test_the_opening_keeps_its_numbers_until_one_asks(held):
    assert "“Design a kiosk.”" in held.open("mine.py")
    assert "40" not in " ".join(held.open("mine.py"))
    assert say(held, "How many customers?") == "(How many come?) 40 a second."
    assert "do not understand" in say(held, "Do you like tea?")
    assert held.asked == [0]


def test_the_seed_chooses_whose_numbers_hold(held):
    held.seed = 1
    assert say(held, "at what rate?").endswith(" 160 a second.")
    assert "rate = 40" in held.worlds[2]


def test_estimates_are_judged_by_ratio(held):
    say(held, "next")
    assert "A number, please" in say(held, "many")
    assert "40 a second" in say(held, "what is the rate?")
    first = say(held, "144")
    assert first.startswith("I read 144 customers: off by × 1e+03: a prefix?")
    assert "1.44e+05" not in first
    assert "It is 1.44e+05" in say(held, "40 a second = 144")
    assert held.estimates == [144.0]
    held.estimates = []
    assert "right" in say(held, "40 × 3600 is about 150k")


def test_estimates_left_open_are_answered_on_leaving(held):
    say(held, "next")
    say(held, "7")
    assert "Customers an hour? It is 1.44e+05 customers." in say(held, "next")
    assert held.estimates == [7.0]


def test_a_word_that_is_no_command_is_told_what_there_is(held):
    assert "no command 'back'. Commands: next" in say(held, "back")
    assert say(held, "help").startswith("Commands: next")
    assert held.notes == []


@pytest.mark.parametrize(
    ("drill", "line", "answer"),
    [
        ("flash_crowd", "How long may an answer take?", "10,000 ms"),
        ("flash_crowd", "how long may a user wait?", "10,000 ms"),
        ("flash_crowd", "how long does one request take", "1.5 s of one"),
        ("flash_crowd", "how long until a new replica answers?", "90 s with"),
        ("flash_crowd", "what is the price of a GPU?", "0.80 $ an hour"),
        ("search_funnel", "How long may a user wait for an answer?", "p99 of 100 ms"),
        ("fraud_50ms", "within how many seconds must it be decided?", "p99 of 50 ms"),
        ("recommendation_feed", "how long may a user wait?", "p99 of 200 ms"),
        ("recommendation_feed", "how soon must a new item be shown?", "within 30 minutes"),
        ("ab_sizing", "How many days may it run?", "Within 28 days"),
    ],
)
def test_a_question_gets_its_own_answer(drill, line, answer):
    found = load(drill)
    (number,) = understood(line, found.questions)
    assert answer in found.questions[number].answer.format(**vars(found.world))


def test_designs_are_graded_and_prose_is_only_noted(held, kiosk, good):
    judge = lambda drill: grade(drill, good, explain=False)  # noqa: E731
    assert "First the steps before" in say(held, "check", judge=judge)
    for _ in range(2):
        say(held, "next")
    assert say(held, "a linear model") == "Noted."
    for _ in range(2):
        say(held, "next")
    verdict = say(held, "check", judge=lambda drill: grade(drill, good))
    assert "passed" in verdict
    assert "follow-up" not in verdict
    assert "best known" not in verdict
    assert "More come." in say(held, "next")
    assert "never drains" in say(held, "check", judge=judge)
    say(held, "next")
    assert held.over
    page = held.report()
    assert "1. passed, 500 $ a day" in page
    assert "1. wrong: missed" in page
    assert "**missed**: How many come? 40 a second." in page
    assert "- Model: a linear model" in page
    assert "| **all** | 10.0 | 45 |" in page


def test_it_can_be_put_aside_and_taken_up(held, tmp_path):
    say(held, "how many?")
    say(held, "next", 90.0)
    held.save(tmp_path / "kept.json")
    again = Interview.resume(tmp_path / "kept.json")
    assert again == held
    assert again.spent[0] == 150.0


def test_time_is_told_and_overrun_too(held):
    assert say(held, "time", 120.0).startswith("2 of 8 minutes")
    assert "over time" in say(held, "time", 500.0)


def test_numbers_are_read_with_prefixes():
    assert number("10 GB") == 10.0
    assert number("2.5M users") == 2.5e6
    assert number("-") is None
