"""What the numbers are counted from: a part of each form, opened from both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from screener import store
from screener.store import Change, CountedForm, clock
from screener.store.states import CONTACTS
from screener.store.tables import ReviewEventRow, SubmissionRow
from tests.clock import Clock
from tests.store.test_review import DOCTOR, NURSE, arrive, nurse_sets, seen

LONG_AGO = timedelta(days=400)


def counted(since: timedelta = LONG_AGO) -> list[CountedForm]:
    forms = list(store.counted_forms(clock.now() - since))
    assert store.how_many_counted(clock.now() - since) == len(forms)
    return sorted(forms, key=lambda form: form.created_at)


def kinds() -> list[str]:
    (form,) = counted()
    return [step.kind for step in form.steps]


def test_nothing_is_counted_of_an_empty_database(stored: Flask) -> None:
    assert counted() == []


def test_of_a_form_that_was_sent_the_outcomes_are_opened(stored: Flask, at: Clock) -> None:
    at(hours=1)
    token = store.start("depression", "1", "sha256:x", language="es")
    screening = {"flags": {"a": "met", "b": "unknown"}}
    change = Change(priority="hold", rank=3, screening=screening, language="es")
    store.save(token, change=lambda _: change, progress={"pages_saved": ["pain"]})
    at(hours=2)
    store.submit(token)
    (form,) = counted()
    assert (form.protocol, form.language, form.priority) == ("depression", "es", "hold")
    assert form.created_at == at.start + timedelta(hours=1)
    assert form.submitted_at == form.raised_at == at.start + timedelta(hours=2)
    assert form.outcomes == {"a": "met", "b": "unknown"}
    assert form.last_page == "" and not form.risk and not form.unreadable


@pytest.mark.parametrize(
    ("saved", "last"),
    [([], ""), (["pain", "mood"], "mood"), (["pain", "medicines/sertraline"], "medicines")],
)
def test_of_one_that_was_not_sent_the_last_page_is(
    stored: Flask, saved: list[str], last: str
) -> None:
    token = store.start("fibromyalgia", "1", "sha256:x")
    store.save(token, progress={"pages_saved": saved})
    (form,) = counted()
    assert (form.last_page, form.submitted_at, form.raised_at) == (last, None, None)
    assert form.outcomes == {} and form.priority == ""


def test_the_steps_of_a_review(stored: Flask) -> None:
    reference = arrive()
    nurse_sets(reference, "acknowledged")
    store.log_contact(reference, store.Contact(CONTACTS[0], reached=False), NURSE)
    revision = seen(reference).revision
    store.ask(reference, "Which dose?", NURSE, revision, role="intake")
    store.add_note(reference, NURSE, "a note is no step")
    store.set_status(
        reference, "decided", DOCTOR, seen(reference).revision, "enough", role="physician"
    )
    store.set_status(
        reference, "in_contact", DOCTOR, seen(reference).revision, "more", role="physician"
    )
    assert kinds() == ["taken", "contact", "taken", "left", "reopened"]


def test_new_once_more_is_a_step_of_the_program(stored: Flask) -> None:
    token = store.start("fibromyalgia", "1", "sha256:x")
    change = Change(priority="urgent", rank=2, risk=True, risk_answers=[("asq_1", "yes")])
    reference = store.save(token, change=lambda _: change).reference
    nurse_sets(reference, "acknowledged")
    more = Change(priority="urgent", rank=2, risk=True, risk_answers=[("asq_2", "yes")])
    store.save(token, change=lambda _: more)
    assert kinds() == ["taken", "again"]


def test_only_what_was_begun_or_raised_since_a_time_is_opened(stored: Flask, at: Clock) -> None:
    at(days=0)
    arrive()
    raised = arrive()
    nurse_sets(raised, "closed", "moved away")
    at(days=10)
    recent = arrive(done=False)
    assert len(counted(timedelta(days=5))) == 1
    # It waits again, so that it is counted again.
    nurse_sets(raised, "in_contact", "she called")
    again = counted(timedelta(days=5))
    assert [form.raised_at for form in again] == [at.start + timedelta(days=10), None]
    assert recent and len(counted()) == 3


def test_what_was_erased_is_counted_no_more(stored: Flask) -> None:
    token = store.start("fibromyalgia", "1", "sha256:x")
    assert len(counted()) == 1
    assert store.discard(token)
    assert counted() == []


@pytest.mark.parametrize("table", [SubmissionRow, ReviewEventRow])
def test_what_does_not_open_is_said_and_stops_nothing(stored: Flask, table: type) -> None:
    arrive()
    token = store.start("fibromyalgia", "1", "sha256:x")
    change = Change(priority="review", rank=5, screening={"flags": {"a": "met"}})
    reference = store.save(token, change=lambda _: change).reference
    store.submit(token)
    nurse_sets(reference, "acknowledged")
    column = "sealed_screening" if table is SubmissionRow else "sealed_body"
    broken = sa.update(table).values({column: b"broken"})
    if table is SubmissionRow:
        broken = broken.where(SubmissionRow.reference == reference)
    with store.db.engine.begin() as connection:
        connection.execute(broken)
    assert [form.unreadable for form in counted()] == [False, True]
