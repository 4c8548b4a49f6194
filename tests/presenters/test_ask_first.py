"""What staff ask first: safety, in the exact words."""

from dataclasses import replace
from typing import Any

import pytest

from screener.presenters.ask_first import ask_first
from screener.presenters.rescreened import rescreen
from screener.presenters.rule_groups import questions_to_ask
from tests.every_page import PROTOCOL, RULEBOOK
from tests.presenters.stored import SAFE, questionnaire

ITEM_9 = PROTOCOL.questions["phq9_9"].short
FIT = "does not fit with"
FIRST: list[tuple[dict[str, Any], bool, dict[str, str]]] = [
    (SAFE, True, {}),
    (
        {"phq9_9": "0", "asq_1": "declined", "asq_2": "no"},
        True,
        {"asq_1": "declined", "asq_3": "left blank", "asq_4": "left blank", "asq_5": "left blank"},
    ),
    ({**SAFE, "phq9_9": "1"}, True, dict.fromkeys(SAFE, FIT)),
    (
        {**SAFE, "asq_1": "yes", "asq_3": "yes", "asq_5": "no"},
        True,
        dict.fromkeys(("phq9_9", "asq_1", "asq_3"), FIT),
    ),
    ({**SAFE, "asq_4": "yes", "asq_5": "no"}, True, {}),  # an attempt long ago fits with item 9
    ({**SAFE, "asq_4": "yes", "asq_5": "yes"}, True, dict.fromkeys(("phq9_9", "asq_5"), FIT)),
    ({**SAFE, "phq9_9": "2", "asq_1": "yes", "asq_5": "no"}, True, {}),
    (
        {"asq_1": "yes"},
        False,
        {
            "phq9_9": "left blank",  # its page stands before this one
            "asq_2": "left blank",
            "asq_3": "left blank",
            "asq_4": "left blank",
            "asq_5": "left blank",
        },
    ),
    (
        {"pain_areas": ["neck"]},
        False,
        dict.fromkeys(("phq9_9", *(f"asq_{i}" for i in range(1, 6))), "not answered yet"),
    ),
]


@pytest.mark.parametrize(("answers", "sent", "expected"), FIRST)
def test_what_to_ask_begins_with_safety(
    answers: dict[str, Any], sent: bool, expected: dict[str, str]
) -> None:
    stands = rescreen(RULEBOOK, questionnaire(answers, sent=sent))
    first = ask_first(stands)
    assert list(first) == [id for id in PROTOCOL.questions if id in expected]
    for id, why in expected.items():
        assert why in first[id].why
    further = questions_to_ask(stands, without=first)
    assert not {each.question for each in further} & {each.question for each in first.values()}


def test_it_is_asked_in_the_exact_words_with_the_options() -> None:
    first = ask_first(rescreen(RULEBOOK, questionnaire({**SAFE, "phq9_9": "1"})))
    item = PROTOCOL.questions["phq9_9"]
    assert first["phq9_9"].question == f"{item.stem} {item.text}"
    assert first["phq9_9"].answers[:2] == ("Not at all", "Several days")
    assert first["asq_1"].answers == ("Yes", "No", "Prefer not to answer")
    assert first["asq_1"].why == f"“No” does not fit with “Several days (1)” to “{ITEM_9}”"


def test_an_emergency_that_is_met_leaves_its_blank_questions_to_be_asked() -> None:
    form = questionnaire({"phq9_9": "0", "asq_1": "no", "asq_2": "declined"})
    stands = rescreen(RULEBOOK, form)
    assert stands.outcomes["suicide_risk_acute"] == "met"
    assert list(ask_first(stands)) == ["asq_2", "asq_3", "asq_4", "asq_5"]


def test_what_was_typed_or_cannot_be_read_is_not_called_blank() -> None:
    drafts = {"safety": {"asq_2": ["yes"], "asq_3": [""]}}
    form = questionnaire({**SAFE}, drafts=drafts)
    form = replace(form, answers={"phq9_9": "0", "asq_1": "no", "asq_4": "perhaps"})
    first = ask_first(rescreen(RULEBOOK, form))
    assert first["asq_2"].why == "typed or ticked, and not settled"
    assert first["asq_3"].why == "left blank"
    assert first["asq_4"].why == "the stored answer cannot be read"


def test_the_newest_answer_counts_for_what_to_ask() -> None:
    form = questionnaire(SAFE, "emergency", added={"asq_3": "yes"})
    first = ask_first(rescreen(RULEBOOK, form))
    assert FIT in first["asq_3"].why and first["asq_5"].why == "left blank"
