"""The history of a submission: who did what, in the order of time."""

from datetime import timedelta
from typing import Any

from screener.presenters.history import HistoryStep, steps
from screener.store import Event, Submission
from tests.presenters.stored import CALL, RAISED, SAFE, questionnaire


def history(*events: Event, sent: bool = False, **progress: Any) -> list[HistoryStep]:
    """Return the steps, oldest first."""
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
