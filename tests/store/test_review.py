"""The staff's side of the store: edits, history, and who stands in the queue at all."""

from datetime import timedelta

import pytest
from flask import Flask

from screener import store
from screener.store import Change
from tests.clock import Clock

NURSE, DOCTOR = "nurse@clinic.example", "doctor@clinic.example"


def arrive(
    priority: str = "review", rank: int = 5, *, risk: bool = False, done: bool = True
) -> str:
    token = store.start("fibromyalgia", "0.1.0", "sha256:x")
    change = Change(priority=priority, rank=rank, risk=risk, identity={"name": "Ada Example"})
    saved = store.save(token, change=lambda _: change)
    if done:
        store.submit(token)
    return saved.reference


def seen(reference: str) -> store.Submission:
    submission = store.submission(reference)
    assert submission is not None
    return submission


def nurse_sets(reference: str, status: str, note: str = "") -> int:
    revision = seen(reference).revision
    return store.set_status(reference, status, NURSE, revision, note, role="intake")


def test_the_queue_goes_by_priority_and_then_by_waiting_time(stored: Flask, at: Clock) -> None:
    expected = {}
    for hour, (name, rank) in enumerate([("b", 5), ("d", 1), ("a", 5), ("c", 0)]):
        at(hours=hour)
        expected[name] = arrive(rank=rank)
    order = [expected[name] for name in "cdba"]
    assert [row.reference for row in store.queue()] == order
    assert [row.reference for row in store.queue(limit=2)] == order[:2]
    assert store.queue()[0].waiting_since == at.start + timedelta(hours=3)
    assert store.count_queue() == 4


def test_what_was_acknowledged_stands_below_what_was_not_and_above_what_presses_less(
    stored: Flask,
) -> None:
    first, second = arrive("emergency", 1), arrive("emergency", 1)
    urgent = arrive("urgent", 2)
    nurse_sets(first, "acknowledged")
    assert [row.reference for row in store.queue()] == [second, first, urgent]


def test_an_unfinished_one_stands_in_the_queue_only_with_a_risk_answer(stored: Flask) -> None:
    hidden = arrive(done=False)
    shown = arrive("urgent", 1, risk=True, done=False)
    assert [(row.reference, row.unfinished) for row in store.queue()] == [(shown, True)]
    assert store.submission(hidden) is None
    with pytest.raises(store.UnknownQuestionnaire):
        store.add_note(hidden, NURSE, "x")


def test_closed_ones_leave_the_queue(stored: Flask) -> None:
    reference = arrive()
    nurse_sets(reference, "closed", "wrong number")
    assert store.queue() == [] and store.count_queue() == 0
    assert [row.reference for row in store.queue(statuses=["closed"])] == [reference]


def test_a_reference_is_found_however_it_is_typed(stored: Flask) -> None:
    reference = arrive()
    for typed in (reference.lower(), reference.replace("-", ""), f" {reference} "):
        assert seen(typed).questionnaire.reference == reference
    assert store.submission("") is None and store.submission("'; --") is None


def test_a_status_is_set_with_its_history_and_says_who_has_it(stored: Flask) -> None:
    reference = arrive()
    before = seen(reference)
    assert (before.status, before.assigned_to, before.events) == ("new", None, ())
    revision = nurse_sets(reference, "acknowledged", "called")
    assert seen(reference).assigned_to == NURSE
    store.assign(reference, DOCTOR, NURSE, revision, role="intake")
    store.add_note(reference, DOCTOR, "Thank you")
    after = seen(reference)
    assert (after.status, after.assigned_to) == ("acknowledged", DOCTOR)
    assert [(event.kind, event.actor, event.body) for event in after.events] == [
        ("status", NURSE, {"from": "new", "to": "acknowledged", "note": "called"}),
        ("assignment", NURSE, {"from": NURSE, "to": DOCTOR}),
        ("note", DOCTOR, {"text": "Thank you"}),
    ]
    assert [entry.action for entry in store.audit_entries()] == [
        "note",
        "assigned",
        "status acknowledged",
        "submitted",
    ]


def test_an_edit_of_an_outdated_page_is_refused_and_changes_nothing(stored: Flask) -> None:
    reference = arrive()
    revision = seen(reference).revision
    nurse_sets(reference, "acknowledged")
    with pytest.raises(store.Stale):
        store.set_status(reference, "closed", DOCTOR, revision, "done", role="physician")
    with pytest.raises(store.Stale):
        store.assign(reference, None, NURSE, revision, role="intake")
    assert seen(reference).status == "acknowledged" and len(seen(reference).events) == 1


def test_an_unknown_status_role_or_reference_is_refused(stored: Flask) -> None:
    reference = arrive()
    revision = seen(reference).revision
    with pytest.raises(ValueError, match="not a status"):
        store.set_status(reference, "eligible", NURSE, revision, role="intake")
    with pytest.raises(ValueError, match="not a role"):
        store.set_status(reference, "acknowledged", NURSE, revision, role="boss")
    with pytest.raises(store.UnknownQuestionnaire):
        store.set_status("AAAA-AAAA", "closed", NURSE, 1, "x", role="intake")
    assert seen(reference).status == "new" and not seen(reference).events


def test_what_staff_have_not_seen_is_new_again(stored: Flask) -> None:
    token = store.start("fibromyalgia", "0.1.0", "sha256:x")
    reference = store.save(token, change=lambda _: risk_answer("yes")).reference
    nurse_sets(reference, "acknowledged")
    store.save(token, change=lambda _: risk_answer("yes"))
    assert seen(reference).status == "acknowledged", "nothing new"
    old = seen(reference).revision
    store.save(token, change=lambda _: risk_answer("no"))
    assert seen(reference).status == "new"
    with pytest.raises(store.Stale):
        store.set_status(reference, "in_contact", NURSE, old, role="intake")
    nurse_sets(reference, "acknowledged")
    store.submit(token)
    assert seen(reference).status == "new" and store.count_queue() == 1
    actors = [event.actor for event in seen(reference).events]
    assert actors == [NURSE, "program", NURSE, "program"]


def test_an_answer_that_came_while_the_page_was_open_is_not_acknowledged_with_it(
    stored: Flask,
) -> None:
    token = store.start("fibromyalgia", "0.1.0", "sha256:x")
    reference = store.save(token, change=lambda _: risk_answer("no")).reference
    shown = seen(reference).revision
    store.save(token, change=lambda _: risk_answer("yes"))
    with pytest.raises(store.Stale):
        store.set_status(reference, "acknowledged", NURSE, shown, role="intake")
    assert seen(reference).status == "new"


def risk_answer(value: str) -> Change:
    return Change(priority="urgent", rank=1, risk=True, risk_answers=[("asq_1", value)])
