"""The queue's lines: why somebody presses, and since when."""

from datetime import datetime
from typing import Any

import pytest

from screener.danger import PRESSING
from screener.engine.priorities import PRIORITIES
from screener.presenters.queue import QueueLine, lines
from screener.presenters.times import moment
from screener.store import QueueRow
from tests.every_page import PROTOCOL, RULEBOOK, case
from tests.presenters.stored import (
    ACUTE,
    BEGAN,
    CALL,
    EARLIER,
    NOW,
    RAISED,
    SAFE,
    TITLES,
    questionnaire,
    screened,
)


def line(
    answers: dict[str, Any],
    priority: str = "",
    *,
    sent: bool = True,
    status: str = "new",
    **progress: Any,
) -> QueueLine:
    """Return that questionnaire's line in the queue."""
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
    assert shown.requests == (
        f"Asked for a call (2 times): {clock}",
        f"Not sure they are safe: {clock}",
    )
    shown = line(SAFE, "urgent", calls=[yesterday])
    assert shown.requests == (f"Asked for a call: {moment(datetime.fromisoformat(yesterday))}",)


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


# --- the history ----------------------------------------------------------------------------------


def test_every_priority_has_words_for_the_queue() -> None:
    for priority in PRIORITIES:
        assert line(SAFE, priority).since.startswith(f"{priority.capitalize()} since ")
