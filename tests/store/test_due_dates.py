"""By when somebody must react: set when a submission is raised, met by contact or by leaving."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from screener import hours, store
from screener.due import DueTimes
from screener.hours import StaffedHours
from screener.store import Change, due_dates
from screener.store.tables import SubmissionRow
from tests.clock import Clock
from tests.conftest import DISPOSITIONS, KEY
from tests.store.test_review import DOCTOR, arrive, nurse_sets, seen

ALWAYS = StaffedHours(hours.read_week("Mon-Sun 00:00-24:00"), frozenset(), ZoneInfo("UTC"))


@pytest.fixture
def due(database_url: str) -> Iterator[Flask]:
    """Yield a store of a clinic that is always staffed."""
    app = Flask("due")
    times = DueTimes(ALWAYS)
    store.init_app(app, database_url, {"k1": KEY}, dispositions=DISPOSITIONS, due_times=times)
    with app.app_context():
        store.check()
        yield app
        store.db.engine.dispose()


def due_at(reference: str) -> datetime | None:
    [row] = [row for row in store.queue(statuses=store.STATUSES) if row.reference == reference]
    return row.due_at


def change(reference: str, **columns: object) -> None:
    with store.db.engine.begin() as connection:
        chosen = sa.update(SubmissionRow).where(SubmissionRow.reference == reference)
        connection.execute(chosen.values(**columns))


def contact(reference: str) -> None:
    """Let staff try to reach somebody, as the log of contacts does."""
    with Session(store.db.engine) as session, session.begin():
        row = session.scalars(
            sa.select(SubmissionRow).where(SubmissionRow.reference == reference)
        ).one()
        due_dates.met_by_contact(row)


def test_each_priority_is_due_after_its_own_time(due: Flask, at: Clock) -> None:
    at(hours=1)
    now = at.start + timedelta(hours=1)
    assert due_at(arrive("emergency", 1, risk=True)) == now + timedelta(minutes=15)
    urgent, hold = due_at(arrive("urgent", 2)), due_at(arrive("hold", 4))
    assert urgent is not None and now < urgent <= now + timedelta(days=1)
    assert hold is not None and timedelta(days=2) < hold - now <= timedelta(days=4)
    assert due_at(arrive("note", 6)) is None


def test_what_is_raised_is_due_anew(due: Flask, at: Clock) -> None:
    at(hours=0)
    token = store.start("fibromyalgia", "1.0.0", "sha256:x")
    first = Change(priority="urgent", rank=2, risk=True)
    reference = store.save(token, change=lambda _: first).reference
    before = due_at(reference)
    at(hours=1)
    raised = Change(priority="emergency", rank=1, risk=True, risk_answers=[("asq_5", "yes")])
    store.save(token, change=lambda _: raised)
    after = due_at(reference)
    assert before is not None and after == at.start + timedelta(hours=1, minutes=15)


@pytest.mark.parametrize(
    ("priority", "rank", "met"),
    [
        ("emergency", 1, True),
        ("urgent", 2, True),
        ("incomplete", 3, True),
        ("hold", 4, False),
        ("review", 5, False),
    ],
)
def test_contact_meets_what_waits_for_contact(
    due: Flask, priority: str, rank: int, met: bool
) -> None:
    reference = arrive(priority, rank)
    contact(reference)
    assert (due_at(reference) is None) == met


def test_leaving_the_list_meets_it_and_coming_back_sets_it_again(due: Flask, at: Clock) -> None:
    at(hours=0)
    reference = arrive("review", 5)
    first = due_at(reference)
    nurse_sets(reference, "closed", "wrong number")
    assert due_at(reference) is None
    at(hours=72)
    nurse_sets(reference, "acknowledged", "they called")
    again = due_at(reference)
    assert first is not None and again is not None and again > first + timedelta(days=2)


def test_acknowledging_does_not_meet_it(due: Flask) -> None:
    reference = arrive("emergency", 1, risk=True)
    before = due_at(reference)
    nurse_sets(reference, "acknowledged")
    assert due_at(reference) == before is not None


@pytest.mark.parametrize("acknowledged", [True, False])
def test_a_new_risk_answer_after_contact_is_due_again(
    due: Flask, at: Clock, acknowledged: bool
) -> None:
    at(hours=0)
    token = store.start("fibromyalgia", "1.0.0", "sha256:x")
    told = Change(priority="emergency", rank=1, risk=True, risk_answers=[("asq_5", "yes")])
    reference = store.save(token, change=lambda _: told).reference
    if acknowledged:
        nurse_sets(reference, "acknowledged")
    contact(reference)
    assert due_at(reference) is None
    at(hours=2)
    more = Change(priority="emergency", rank=1, risk=True, risk_answers=[("asq_5", "no")])
    store.save(token, change=lambda _: more)
    assert due_at(reference) == at.start + timedelta(hours=2, minutes=15)
    assert seen(reference).status == "new"


def test_older_submissions_get_one(due: Flask) -> None:
    waiting, reached, hold = arrive("urgent", 2), arrive("urgent", 2), arrive("hold", 4)
    closed = arrive("review", 5)
    for reference in (reached, hold):
        nurse_sets(reference, "acknowledged")
        nurse_sets(reference, "in_contact")
    nurse_sets(closed, "closed", "wrong number")
    expected = {reference: due_at(reference) for reference in (waiting, hold)}
    for reference in (waiting, reached, hold, closed):
        change(reference, marked=None, due_at=None)
    assert store.fill_list() == 4
    assert {reference: due_at(reference) for reference in expected} == expected
    assert due_at(reached) is None, "somebody was in contact, which was not logged then"
    assert due_at(closed) is None


def test_overdue_ones_are_counted_and_filtered(due: Flask, at: Clock) -> None:
    at(hours=0)
    late, early = arrive("emergency", 1, risk=True), arrive("review", 5)
    now = at.start + timedelta(hours=1)
    assert store.list_counts(now).overdue == 1
    part = store.queue_part(store.Wanted(overdue_at=now), limit=25)
    assert [row.reference for row in part.rows] == [late] and early
    assert store.list_counts(datetime(2020, 1, 1, tzinfo=UTC)).overdue == 0


def test_without_times_nothing_is_due(stored: Flask) -> None:
    assert due_at(arrive("emergency", 1, risk=True)) is None and DOCTOR
