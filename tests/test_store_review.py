"""The staff's side of the store: the queue's order, edits, history."""

from datetime import timedelta

import pytest
from flask import Flask

from screener import store
from screener.store import Change
from tests.clock import Clock

NURSE = "nurse@clinic.example"


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
    found = store.submission(reference)
    assert found is not None
    return found


def test_the_queue_goes_by_priority_and_then_by_waiting_time(stored: Flask, at: Clock) -> None:
    expected = {}
    for hour, (name, rank) in enumerate([("b", 5), ("d", 1), ("a", 5), ("c", 0)]):
        at(hours=hour)
        expected[name] = arrive(rank=rank)
    order = [expected[name] for name in "cdba"]
    assert [row.reference for row in store.queue()] == order
    assert [row.reference for row in store.queue(limit=2, offset=1)] == order[1:3]
    assert store.queue()[0].waiting_since == at.start + timedelta(hours=3)
    assert store.count_queue() == 4


def test_an_unfinished_one_stands_in_the_queue_only_with_a_risk_answer(stored: Flask) -> None:
    hidden = arrive(done=False)
    shown = arrive("urgent", 1, risk=True, done=False)
    assert [(row.reference, row.unfinished) for row in store.queue()] == [(shown, True)]
    assert store.submission(hidden) is None
    with pytest.raises(store.UnknownQuestionnaire):
        store.add_note(hidden, NURSE, "x")


def test_closed_ones_leave_the_queue(stored: Flask) -> None:
    reference = arrive()
    store.set_status(reference, "closed", NURSE, seen(reference).revision)
    assert store.queue() == [] and store.count_queue() == 0
    assert [row.reference for row in store.queue(statuses=["closed"])] == [reference]


def test_a_reference_is_found_however_it_is_typed(stored: Flask) -> None:
    reference = arrive()
    for typed in (reference.lower(), reference.replace("-", ""), f" {reference} "):
        assert seen(typed).questionnaire.reference == reference
    assert store.submission("") is None and store.submission("'; --") is None


def test_a_status_is_set_with_its_history(stored: Flask) -> None:
    reference = arrive()
    before = seen(reference)
    assert (before.status, before.assigned_to, before.events) == ("new", None, ())
    revision = store.set_status(reference, "acknowledged", NURSE, before.revision, "called")
    store.assign(reference, NURSE, NURSE, revision)
    store.add_note(reference, "doctor@clinic.example", "Thank you")
    after = seen(reference)
    assert (after.status, after.assigned_to) == ("acknowledged", NURSE)
    assert [(event.kind, event.actor, event.body) for event in after.events] == [
        ("status", NURSE, {"from": "new", "to": "acknowledged", "note": "called"}),
        ("assignment", NURSE, {"from": None, "to": NURSE}),
        ("note", "doctor@clinic.example", {"text": "Thank you"}),
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
    store.set_status(reference, "acknowledged", NURSE, revision)
    with pytest.raises(store.Stale):
        store.set_status(reference, "closed", "other@clinic.example", revision)
    with pytest.raises(store.Stale):
        store.assign(reference, None, NURSE, revision)
    assert seen(reference).status == "acknowledged" and len(seen(reference).events) == 1


def test_an_unknown_status_or_reference_is_refused(stored: Flask) -> None:
    with pytest.raises(ValueError, match="not a status"):
        store.set_status(arrive(), "eligible", NURSE, 1)
    with pytest.raises(store.UnknownQuestionnaire):
        store.set_status("AAAA-AAAA", "closed", NURSE, 1)


def test_what_staff_have_not_seen_is_new_again(stored: Flask) -> None:
    token = store.start("fibromyalgia", "0.1.0", "sha256:x")
    reference = store.save(token, change=lambda _: risk_answer("yes")).reference
    store.set_status(reference, "acknowledged", NURSE, seen(reference).revision)
    store.save(token, change=lambda _: risk_answer("yes"))
    assert seen(reference).status == "acknowledged", "nothing new"
    old = seen(reference).revision
    store.save(token, change=lambda _: risk_answer("no"))
    assert seen(reference).status == "new"
    with pytest.raises(store.Stale):
        store.set_status(reference, "closed", NURSE, old)
    store.set_status(reference, "closed", NURSE, seen(reference).revision)
    store.submit(token)
    assert seen(reference).status == "new" and store.count_queue() == 1
    assert [event.actor for event in seen(reference).events] == [
        NURSE,
        "program",
        NURSE,
        "program",
    ]


def risk_answer(value: str) -> Change:
    return Change(priority="urgent", rank=1, risk=True, risk_answers=[("asq_1", value)])
