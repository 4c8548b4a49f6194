"""Forms as the numbers are counted from: no names, no answers, and only what a count needs.

Outcomes, the last page and the steps of the review are sealed, so that each form is opened, a part
of it. The order of the list is indexed, and a form is never raised before it was begun: so that one
range of an index holds every form that was begun, sent or raised since a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.engine.priorities import PRIORITIES
from screener.store import records
from screener.store.database import keyring, reading
from screener.store.errors import SealError
from screener.store.keyring import Place
from screener.store.states import HANDLED
from screener.store.tables import ReviewEventRow, SubmissionRow

_AT_ONCE = 500
_PROGRAM = "program"
_STATUS, _ASK, _CONTACT = "status", "ask", "contact"
# Every value of `urgency`: with these and `listed` given, the index of the list goes by time.
_URGENCIES = [2 * rank + seen for rank in (*range(len(PRIORITIES)), 1000) for seen in (0, 1)]
_SENT = SubmissionRow.submitted_at.is_not(None)


@dataclass(frozen=True)
class CountedStep:
    """A step of the review: again (new once more), reopened, taken, left (the list) or contact."""

    at: datetime
    kind: str


@dataclass(frozen=True)
class CountedForm:
    """What of a form is counted. `unreadable`: a part of it does not open.

    `outcomes` are those of the screening of a form that was sent, as it was sent; `last_page` is
    the last that was saved of one that was not, "" for none. `priority` is "" for none.
    """

    protocol: str
    language: str
    priority: str
    risk: bool
    created_at: datetime
    submitted_at: datetime | None
    raised_at: datetime | None
    outcomes: Mapping[str, str] = field(default_factory=dict, repr=False)
    last_page: str = field(default="", repr=False)
    steps: tuple[CountedStep, ...] = ()
    unreadable: bool = False


def how_many_counted(since: datetime) -> int:
    """Return how many forms `counted_forms` would open."""
    with reading() as session:
        counted = sa.select(sa.func.count()).select_from(SubmissionRow).where(*_in_range(since))
        return session.scalar(counted) or 0


def counted_forms(since: datetime) -> Iterator[CountedForm]:
    """Yield every form that was begun, sent or raised since a time, in no order."""
    row = SubmissionRow
    chosen = sa.select(
        row.id,
        row.protocol,
        row.language,
        row.priority,
        row.risk,
        row.created_at,
        row.submitted_at,
        # A form that staff do not see has none, whatever its row says.
        sa.case((sa.or_(_SENT, row.risk.is_(True)), row.raised_at)).label("raised_at"),
        sa.case((_SENT, row.sealed_screening)).label("sealed_screening"),
        sa.case((~_SENT, row.sealed_progress)).label("sealed_progress"),
    ).where(*_in_range(since))
    with reading() as session:
        steps, broken = _steps(session, since)
        for each in session.execute(chosen.execution_options(yield_per=_AT_ONCE)):
            yield _counted(each, tuple(steps.get(each.id, ())), each.id in broken)


def _in_range(since: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        SubmissionRow.listed.in_((0, 1, 2)),
        SubmissionRow.urgency.in_(_URGENCIES),
        SubmissionRow.since >= since,
    )


def _counted(row: Any, steps: tuple[CountedStep, ...], broken: bool) -> CountedForm:
    outcomes: Mapping[str, str] = {}
    last_page = ""
    try:
        if row.sealed_screening is not None:
            outcomes = _opened(row, "sealed_screening").get("flags", {})
        if row.sealed_progress is not None:
            saved = _opened(row, "sealed_progress").get("pages_saved") or [""]
            last_page = str(saved[-1]).partition("/")[0]  # of a medicine, its page alone
    except SealError:
        broken = True
    return CountedForm(
        protocol=row.protocol,
        language=row.language,
        priority=row.priority or "",
        risk=row.risk,
        created_at=row.created_at,
        submitted_at=row.submitted_at,
        raised_at=row.raised_at,
        outcomes=outcomes,
        last_page=last_page,
        steps=steps,
        unreadable=broken,
    )


def _opened(row: Any, column: str) -> dict[str, Any]:
    place = Place(SubmissionRow.__tablename__, row.id, column)
    value: dict[str, Any] = keyring().unseal(getattr(row, column), place)
    return value


def _steps(session: Session, since: datetime) -> tuple[dict[str, list[CountedStep]], set[str]]:
    """Return the steps of every form in the range, and the ids of those with one that is broken."""
    event = ReviewEventRow
    # Only what changed a status is opened: that somebody was contacted stands in the kind.
    body = sa.case((event.kind == _STATUS, event.sealed_body)).label("sealed_body")
    chosen = (
        sa.select(event.submission_id, event.number, event.at, event.actor, event.kind, body)
        .join(SubmissionRow, SubmissionRow.id == event.submission_id)
        .where(event.kind.in_((_STATUS, _ASK, _CONTACT)), *_in_range(since))
        .order_by(event.submission_id, event.number)
    )
    steps: dict[str, list[CountedStep]] = {}
    broken: set[str] = set()
    for row in session.execute(chosen.execution_options(yield_per=_AT_ONCE)):
        try:
            step = CountedStep(row.at, _kind(row))
        except SealError:
            broken.add(row.submission_id)
            continue
        steps.setdefault(row.submission_id, []).append(step)
    return steps, broken


def _kind(row: Any) -> str:
    if row.kind == _CONTACT:
        return "contact"
    if row.kind == _ASK:
        return "taken"
    body = records.body_of(row)
    if row.actor == _PROGRAM and body["to"] == "new":
        return "again"
    if body["to"] in HANDLED:
        return "left"
    return "reopened" if body["from"] in HANDLED else "taken"
