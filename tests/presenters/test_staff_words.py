"""What staff read about danger: why somebody presses, what to ask first, what happened."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from screener.danger import PRESSING
from screener.engine.protocol import PRIORITIES
from screener.engine.screen import screen
from screener.presenters.ask_first import ask_first
from screener.presenters.basis import basis
from screener.presenters.headline import Headline, headline, reasons
from screener.presenters.history import HistoryStep, steps
from screener.presenters.queue import Line, lines
from screener.presenters.rule_groups import questions_to_ask
from screener.presenters.safety_answers import safety_answers
from screener.presenters.times import moment
from screener.store import Event, Questionnaire, QueueRow, RiskAnswer, Submission
from tests.every_page import PROTOCOL, RULEBOOK, case
from tests.web import bare_app

BEGAN = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
RAISED = datetime(2026, 3, 2, 18, 45, tzinfo=UTC)
NOW = RAISED + timedelta(minutes=12)
CALL = "2026-03-02T18:50:00+00:00"
SAFE = {"phq9_9": "0", "asq_1": "no", "asq_2": "no", "asq_3": "no", "asq_4": "no"}
ACUTE = PROTOCOL.rules["suicide_risk_acute"].title
TITLES = {id: rule.title for id, rule in PROTOCOL.rules.items()}


@pytest.fixture(autouse=True)
def clinic(tmp_path: Path) -> Iterator[None]:
    """The settings of a clinic: its clock and its phone numbers."""
    with bare_app(tmp_path).app_context():
        yield


def screened(answers: dict[str, Any], *, sent: bool) -> dict[str, Any]:
    """A screening as the store keeps it."""
    outcome = screen(PROTOCOL, PROTOCOL.read_answers(answers), submitted=sent).as_json()
    return outcome | {"rulebook": {"version": RULEBOOK.version, "hash": RULEBOOK.hash}}


def questionnaire(
    answers: dict[str, Any], priority: str = "", *, sent: bool = True, **progress: Any
) -> Questionnaire:
    """Somebody's questionnaire; without a priority it has that of its answers."""
    screening = screened(answers, sent=sent)
    return Questionnaire(
        id="x",
        reference="AAAA-AAAA",
        protocol=PROTOCOL.id,
        rulebook_version=RULEBOOK.version,
        rulebook_hash=RULEBOOK.hash,
        answers=answers,
        identity={"name": "Ana Test"},
        progress=progress,
        screening=screening,
        priority=priority or screening["priority"],
        created_at=BEGAN,
        updated_at=RAISED,
        submitted_at=RAISED if sent else None,
    )


def line(
    answers: dict[str, Any],
    priority: str = "",
    *,
    sent: bool = True,
    status: str = "new",
    **progress: Any,
) -> Line:
    """That questionnaire's line in the queue."""
    form = questionnaire(answers, priority, sent=sent, **progress)
    row = QueueRow(
        reference=form.reference,
        protocol=form.protocol,
        identity=form.identity,
        progress=form.progress,
        screening=form.screening or {},
        priority=form.priority,
        risk=form.priority in PRESSING,
        status=status,
        assigned_to=None if status == "new" else "nurse@clinic.example",
        revision=1,
        created_at=form.created_at,
        updated_at=form.updated_at,
        submitted_at=form.submitted_at,
        waiting_since=RAISED,
    )
    return lines([row], NOW, RULEBOOK.protocols)[0]


# --- the queue's line -----------------------------------------------------------------------------


def test_a_line_says_why_and_since_when() -> None:
    shown = line({**SAFE, "asq_1": "yes", "asq_5": "yes"}, sent=False)
    assert shown.reasons == (ACUTE,)
    clock = moment(RAISED).partition(", ")[2]
    assert (shown.since, shown.waiting) == (f"Emergency since {clock}", "12 minutes")
    assert shown.unfinished and shown.is_new and not shown.hands


def test_at_most_two_reasons_are_named_worst_first() -> None:
    answers = {
        **SAFE,
        "asq_1": "yes",
        "asq_5": "yes",
        "warning_signs": ["saddle_numbness", "chest_pain", "sudden_vision_loss"],
    }
    met = [
        TITLES[id]
        for id, outcome in screened(answers, sent=True)["flags"].items()
        if outcome == "met" and PROTOCOL.rules[id].priority == "emergency"
    ]
    assert len(met) == 4
    assert line(answers).reasons == (met[0], met[1], "and 2 more")


def test_a_rule_that_counts_as_met_is_named_as_one_that_cannot_tell() -> None:
    shown = line({"phq9_9": "1"}, sent=False)
    assert shown.priority == "urgent"
    assert all(reason.startswith(("Cannot tell: ", "and ")) for reason in shown.reasons)


EARLIER = {"help_met": {"suicide_risk_acute": {"kind": "crisis", "at": CALL}}}
CAUSES: list[tuple[str, dict[str, Any], str]] = [
    ("emergency", EARLIER, "An answer on safety that was changed since"),
    ("urgent", {}, "An answer on safety that was changed since"),
    ("urgent", {"calls": [CALL]}, "Asked for a call"),
    ("urgent", {"call_requested": CALL}, "Asked for a call"),
    ("urgent", {"calls": [CALL], **EARLIER}, "An answer on safety that was changed since"),
    ("emergency", {"unsafe": [CALL]}, "Not sure they are safe"),
    ("emergency", {"unsafe": [CALL], "calls": [CALL], **EARLIER}, "Not sure they are safe"),
    ("emergency", {"calls": [CALL]}, "An answer on safety that was changed since"),
    (
        "emergency",
        {"added": {"asq_5": "yes"}},
        "An answer on safety that came after the form was closed",
    ),
    (
        "emergency",
        {"drafts": {"warning_signs": {"warning_signs": ["chest_pain", "none"]}}},
        "An answer on safety that is not settled",
    ),
]


@pytest.mark.parametrize(("priority", "progress", "says"), CAUSES)
def test_what_no_rule_explains_is_explained_truly(
    priority: str, progress: dict[str, Any], says: str
) -> None:
    assert line(SAFE, priority, **progress).reasons == (says,)


def test_somebody_under_age_is_said_to_be() -> None:
    told = {"age": 16, "asq_1": "yes", "asq_5": "yes"}
    assert line(told, "emergency", sent=False).reasons == ("Under 18 by the date given",)
    assert line(told, "urgent", calls=[CALL]).reasons == ("Under 18 by the date given",)


def test_a_call_stands_in_the_line_with_its_last_time() -> None:
    yesterday = "2026-03-01T08:00:00+00:00"
    shown = line({**SAFE, "asq_1": "yes", "asq_5": "yes"}, calls=[yesterday, CALL], unsafe=[CALL])
    clock = moment(datetime.fromisoformat(CALL)).partition(", ")[2]
    assert shown.asked == (
        f"Asked for a call (2 times): {clock}",
        f"Not sure they are safe: {clock}",
    )
    shown = line(SAFE, "urgent", calls=[yesterday])
    assert shown.asked == (f"Asked for a call: {moment(datetime.fromisoformat(yesterday))}",)


def test_one_that_does_not_press_is_explained_by_its_rules_or_not_at_all() -> None:
    assert line(SAFE, "hold").reasons == ()
    assert line(dict(case("V07"))).reasons[0] == TITLES["hold_pregnant"]


def test_what_is_handled_waits_no_longer_and_says_by_whom() -> None:
    answers = {**SAFE, "asq_1": "yes", "asq_5": "yes"}
    assert line(answers, status="closed").waiting == ""
    assert line(answers, status="closed").hands == "by nurse@clinic.example"
    assert line(answers, status="in_contact").hands == "with nurse@clinic.example"


def test_a_line_that_does_not_open_says_only_that() -> None:
    row = QueueRow(
        reference="AAAA-AAAA",
        protocol="gone",
        identity={},
        progress={},
        screening={},
        priority="emergency",
        risk=True,
        status="new",
        assigned_to="nurse@clinic.example",
        revision=3,
        created_at=BEGAN,
        updated_at=BEGAN,
        submitted_at=None,
        waiting_since=RAISED,
        unreadable=True,
    )
    shown = lines([row], NOW, RULEBOOK.protocols)[0]
    assert (shown.name, shown.reasons) == ("Cannot be opened", ("What is stored does not open",))
    assert shown.hands == "was with nurse@clinic.example"


# --- the headline ---------------------------------------------------------------------------------


def head(form: Questionnaire, *kept: RiskAnswer) -> Headline:
    return headline(basis(RULEBOOK, form), safety_answers(PROTOCOL, kept))


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
    assert says in shown.told[0]
    if cause != "an earlier answer on safety, since changed":
        assert not any("give a lower priority" in text for text in shown.told)


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
    assert "The rules stop there" in shown.told[0]
    assert not any("changed" in text or "a lower priority" in text for text in shown.told)
    assert ("Yes",) in [answer.given.values for answer in shown.answers]
    assert shown.open == () and shown.further == ()
    assert reasons(basis(RULEBOOK, form)) == ("Under 18 by the date given.",)


def test_what_is_asked_for_is_told_beside_a_rule_that_is_met() -> None:
    form = questionnaire({**SAFE, "asq_1": "yes", "asq_5": "yes"}, unsafe=[CALL], calls=[CALL])
    shown = head(form)
    assert (shown.kind, shown.cause, shown.titles) == ("safety", "", (ACUTE,))
    assert [text.split(".")[0] for text in shown.told] == [
        "The person is not sure that they are safe",
        f"The person asked for a call {moment(datetime.fromisoformat(CALL))}",
    ]


# --- what to ask first ----------------------------------------------------------------------------

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
    stands = basis(RULEBOOK, questionnaire(answers, sent=sent))
    first = ask_first(stands)
    assert list(first) == [id for id in PROTOCOL.questions if id in expected]
    for id, why in expected.items():
        assert why in first[id].why
    further = questions_to_ask(stands, without=first)
    assert not {each.question for each in further} & {each.question for each in first.values()}


def test_it_is_asked_in_the_exact_words_with_the_options() -> None:
    first = ask_first(basis(RULEBOOK, questionnaire({**SAFE, "phq9_9": "1"})))
    item = PROTOCOL.questions["phq9_9"]
    assert first["phq9_9"].question == f"{item.stem} {item.text}"
    assert first["phq9_9"].answers[:2] == ("Not at all", "Several days")
    assert first["asq_1"].answers == ("Yes", "No", "Prefer not to answer")
    assert first["asq_1"].why == f"“No” does not fit with “Several days (1)” to “{ITEM_9}”"


def test_an_emergency_that_is_met_leaves_its_blank_questions_to_be_asked() -> None:
    form = questionnaire({"phq9_9": "0", "asq_1": "no", "asq_2": "declined"})
    stands = basis(RULEBOOK, form)
    assert stands.outcomes["suicide_risk_acute"] == "met"
    assert list(ask_first(stands)) == ["asq_2", "asq_3", "asq_4", "asq_5"]


def test_what_was_typed_or_cannot_be_read_is_not_called_blank() -> None:
    drafts = {"safety": {"asq_2": ["yes"], "asq_3": [""]}}
    form = questionnaire({**SAFE}, drafts=drafts)
    form = replace(form, answers={"phq9_9": "0", "asq_1": "no", "asq_4": "perhaps"})
    first = ask_first(basis(RULEBOOK, form))
    assert first["asq_2"].why == "typed or ticked, and not settled"
    assert first["asq_3"].why == "left blank"
    assert first["asq_4"].why == "the stored answer cannot be read"


def test_the_newest_answer_counts_for_what_to_ask() -> None:
    form = questionnaire(SAFE, "emergency", added={"asq_3": "yes"})
    first = ask_first(basis(RULEBOOK, form))
    assert FIT in first["asq_3"].why and first["asq_5"].why == "left blank"


# --- the history ----------------------------------------------------------------------------------


def history(*events: Event, sent: bool = False, **progress: Any) -> list[HistoryStep]:
    """The steps, oldest first."""
    form = questionnaire(SAFE, "urgent", sent=sent, **progress)
    stored = Submission(form, True, "new", None, 1, RAISED, events, ())
    return [*reversed(steps(stored))]


def event(kind: str, body: dict[str, Any], actor: str = "a@b.example", minutes: int = 0) -> Event:
    return Event(RAISED + timedelta(minutes=minutes), actor, kind, body)


def test_a_step_says_who_did_what() -> None:
    told = [
        (step.actor, step.what, step.note)
        for step in history(
            event("status", {"from": "new", "to": "acknowledged", "note": "x\ny"}),
            event("assignment", {"from": None, "to": "c@d.example"}),
            event("assignment", {"from": "c@d.example", "to": None}),
            event("note", {"text": "hello"}),
            event("status", {"from": "acknowledged", "to": "new", "note": ""}, "program"),
        )
    ]
    assert told[0] == ("a@b.example", "Status changed from New to Acknowledged", ("x", "y"))
    assert told[1][1] == "Assigned to c@d.example"
    assert told[2][1] == "No longer assigned to c@d.example"
    assert told[3][1:] == ("Note added", ("hello",))
    assert told[4][0] == "The program"
    assert told[4][1].startswith("Back to New from Acknowledged: the person answered")


def test_a_leaving_is_told_with_its_dispositions_in_the_words_of_then() -> None:
    recorded = {"suicide": "Old words", "medical": "Seen today", "later": "x"}
    body = {"from": "in_contact", "to": "closed", "note": "Seen.", "dispositions": recorded}
    [step] = history(event("status", body))
    assert step.what == "Status changed from In contact to Closed"
    assert step.note == ("Seen.",)
    assert step.dispositions == (
        ("Suicide risk", "Old words"),
        ("Medical danger", "Seen today"),
        ("later", "x"),
    )


def test_what_the_person_did_stands_among_the_steps_in_the_order_of_time() -> None:
    told = history(
        event("status", {"from": "new", "to": "acknowledged", "note": ""}, minutes=1),
        event("left", {"why": "start_again"}, "person", 10),
        event("left", {"why": "under_age"}, "person", 11),
        event("left", {"why": ""}, "person", 12),
        sent=True,
        calls=[CALL, "no time at all"],
        unsafe=["2026-03-02T18:51:00+00:00"],
    )
    assert [(step.what, step.actor) for step in told] == [
        ("The person asked for a call", ""),
        ("The person sent the form", ""),
        ("Status changed from New to Acknowledged", "a@b.example"),
        ("The person asked for a call", ""),
        ("The person was not sure they are safe", ""),
        ("The person began a new form. This one stays as it is", ""),
        ("The person gave a date of birth under 18. The form stopped there", ""),
        ("The person left the form on their device", ""),
    ]
    assert told[0].at == "no time at all"


def test_every_priority_has_words_for_the_queue() -> None:
    for priority in PRIORITIES:
        assert line(SAFE, priority).since.startswith(f"{priority.capitalize()} since ")
