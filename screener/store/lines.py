"""Lines of the list: the forms of one person and one day stand in one line.

Staff have confirmed that they are of one person (see `same_person.py`). Each form stays what it is:
only where it is shown changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.store import records, rows
from screener.store.database import clinic_zone
from screener.store.records import EarlierForm, QueueRow
from screener.store.states import HANDLED
from screener.store.tables import ReviewEventRow, SubmissionRow

_OF_PEOPLE = sa.select(SubmissionRow.__table__).where(
    SubmissionRow.person.in_(sa.bindparam("people", expanding=True)), SubmissionRow.listed > 0
)
_LAST_STEPS = (
    sa.select(ReviewEventRow.submission_id, sa.func.max(ReviewEventRow.at))
    .where(
        ReviewEventRow.submission_id.in_(sa.bindparam("ids", expanding=True)),
        ReviewEventRow.kind == "status",
    )
    .group_by(ReviewEventRow.submission_id)
)


def set_day(row: SubmissionRow) -> None:
    """Set the day on which a form came in, at the clinic, for one of a person who has several."""
    day = came_in(row).astimezone(clinic_zone()).date()
    row.person_day = day if row.person is not None else None


def came_in(row: SubmissionRow) -> datetime:
    """Return when a form was sent, or begun where it was not sent."""
    return row.submitted_at or row.created_at


def of_rows(session: Session, shown: Sequence[SubmissionRow]) -> tuple[QueueRow, ...]:
    """Open rows of the list, each with the others of its line, the most pressing first."""
    people = sorted({row.person for row in shown if row.person is not None})
    if not people:
        return records.queue_rows(session, shown)
    theirs: dict[str, list[SubmissionRow]] = {}
    for row in rows.several(session, SubmissionRow, _OF_PEOPLE, people=people):
        theirs.setdefault(str(row.person), []).append(row)
    lines = [_line(row, theirs.get(row.person or "", [row])) for row in shown]
    opened = records.queue_rows(session, [row for line in lines for row in line])
    by_reference = {row.reference: row for row in opened}
    befores = [_before(line, theirs.get(line[0].person or "", ())) for line in lines]
    stands_since = since(session, [row for row in befores if row is not None])
    shown_lines = []
    for line, last in zip(lines, befores, strict=True):
        forms = sorted(theirs.get(line[0].person or "", ()), key=_age)
        numbered = [_numbered(by_reference[row.reference], row, forms) for row in line]
        before = last and EarlierForm(last.reference, last.status, stands_since[last.id])
        later = sum(_age(row) > max(map(_age, line)) for row in forms)
        shown_lines.append(
            replace(numbered[0], also=tuple(numbered[1:]), before=before or None, later=later)
        )
    return tuple(shown_lines)


def since(session: Session, those: Iterable[SubmissionRow]) -> dict[str, datetime]:
    """Return by id since when rows stand as they do: when each was handled, else when it came."""
    by_id = {row.id: row for row in those}
    handled = [row.id for row in by_id.values() if row.status in HANDLED]
    times = {row.id: came_in(row) for row in by_id.values()}
    if handled:
        for id, at in session.execute(_LAST_STEPS, {"ids": handled}):
            times[id] = at
    return times


def _line(row: SubmissionRow, forms: Sequence[SubmissionRow]) -> list[SubmissionRow]:
    """Return the forms of a row's line in the order of the list."""
    line = {
        form.reference: form
        for form in forms
        if form.person_day == row.person_day and form.listed == row.listed
    }
    return sorted({**line, row.reference: row}.values(), key=_urgency)


def _before(line: Sequence[SubmissionRow], forms: Iterable[SubmissionRow]) -> SubmissionRow | None:
    """Return the last form that came before a line."""
    first = min(map(_age, line))
    return max((form for form in forms if _age(form) < first), key=_age, default=None)


def _numbered(opened: QueueRow, row: SubmissionRow, forms: Sequence[SubmissionRow]) -> QueueRow:
    number = sum(_age(form) <= _age(row) for form in forms)
    return replace(opened, number=number if len(forms) > 1 else 0)


def _age(row: SubmissionRow) -> tuple[datetime, str]:
    return came_in(row), row.reference


def _urgency(row: SubmissionRow) -> tuple[int, datetime, str]:
    assert row.urgency is not None and row.since is not None
    return row.urgency, row.since, row.reference
