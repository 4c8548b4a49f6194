"""The headline: the safety matter in words, above everything else."""

from datetime import datetime
from typing import Any

import pytest

from screener.presenters.headline import Headline, headline, reasons
from screener.presenters.rescreened import rescreen
from screener.presenters.safety_answers import safety_answers
from screener.presenters.times import moment
from screener.store import Questionnaire, RiskAnswer
from tests.every_page import PROTOCOL, RULEBOOK
from tests.presenters.stored import ACUTE, BEGAN, CALL, EARLIER, NOW, SAFE, questionnaire


def head(form: Questionnaire, *kept: RiskAnswer) -> Headline:
    return headline(rescreen(RULEBOOK, form), safety_answers(PROTOCOL, kept))


HEADINGS: list[tuple[str, dict[str, Any], str, str]] = [
    ("emergency", EARLIER, "an earlier answer on safety, since changed", "give a lower priority"),
    ("urgent", {"calls": [CALL]}, "asked for a call", "asked for a call"),
    ("emergency", {"unsafe": [CALL]}, "not sure they are safe", "not sure that they are safe"),
    (
        "emergency",
        {"added": {"asq_5": "yes"}},
        "an answer on safety that came after the form was closed",
        "after the form was closed",
    ),
]


@pytest.mark.parametrize(("priority", "progress", "cause", "says"), HEADINGS)
def test_the_headline_says_what_no_rule_explains(
    priority: str, progress: dict[str, Any], cause: str, says: str
) -> None:
    shown = head(questionnaire(SAFE, priority, **progress))
    assert (shown.kind, shown.cause) == ("earlier", cause)
    assert says in shown.reported[0]
    if cause != "an earlier answer on safety, since changed":
        assert not any("give a lower priority" in text for text in shown.reported)


def test_an_answer_after_sending_is_shown_as_the_newest_with_the_one_before() -> None:
    form = questionnaire({**SAFE, "asq_3": "no"}, "emergency", added={"asq_3": "yes"})
    kept = [RiskAnswer("asq_3", "no", BEGAN), RiskAnswer("asq_3", "yes", NOW)]
    answers = {shown.given.question: shown for shown in head(form, *kept).answers}
    shown = answers[PROTOCOL.questions["asq_3"].text]
    assert shown.given.values == ("Yes",)
    assert shown.given.note == "came after the form was closed"
    assert shown.since == moment(NOW)
    assert shown.earlier == (f"No ({moment(BEGAN)})",)


def test_under_age_is_said_and_the_answers_stand_below_it() -> None:
    form = questionnaire({"age": 16, "asq_1": "yes", "asq_5": "yes"}, "emergency", sent=False)
    shown = head(form)
    assert (shown.kind, shown.cause) == ("earlier", "under 18 by the date given")
    assert "The rules stop there" in shown.reported[0]
    assert not any("changed" in text or "a lower priority" in text for text in shown.reported)
    assert ("Yes",) in [answer.given.values for answer in shown.answers]
    assert shown.open == () and shown.further == ()
    assert reasons(rescreen(RULEBOOK, form)) == ("Under 18 by the date given.",)


def test_what_is_asked_for_is_told_beside_a_rule_that_is_met() -> None:
    form = questionnaire({**SAFE, "asq_1": "yes", "asq_5": "yes"}, unsafe=[CALL], calls=[CALL])
    shown = head(form)
    assert (shown.kind, shown.cause, shown.titles) == ("safety", "", (ACUTE,))
    assert [text.split(".")[0] for text in shown.reported] == [
        "The person is not sure that they are safe",
        f"The person asked for a call {moment(datetime.fromisoformat(CALL))}",
    ]
