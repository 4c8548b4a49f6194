"""Which submissions of the list are wanted: filters and searches as conditions of SQL."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from screener.store import marks
from screener.store.marks import Terms
from screener.store.tables import MarkRow, SubmissionRow

Listing = Literal["waiting", "handled", "all"]
_LISTED = {"waiting": 1, "handled": 2}


@dataclass(frozen=True)
class Wanted:
    """What of the list is wanted; None: whatever it is. A search alone names a person.

    `holder` is the e-mail address of who has it, "" for nobody. `rule` is a protocol and a rule
    that is met. `overdue_at` is the time by which it was due. `received` are times: from, and
    before.
    """

    listing: Listing = "waiting"
    priority: str | None = None
    status: str | None = None
    rule: tuple[str, str] | None = None
    protocol: str | None = None
    language: str | None = None
    holder: str | None = None
    overdue_at: datetime | None = None
    unfinished: bool = False
    received: tuple[datetime | None, datetime | None] = (None, None)
    raised_after: datetime | None = None
    terms: Terms | None = None

    @property
    def one_list(self) -> bool:
        """Return whether all of it has the same first place in the order."""
        return self.listing != "all"


def conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """Return the conditions for all that is wanted, apart from the rule."""
    row = SubmissionRow
    equal = {
        row.listed: _LISTED.get(wanted.listing),
        row.priority: wanted.priority,
        row.status: wanted.status,
        row.protocol: wanted.protocol,
        row.language: wanted.language,
        row.holder: wanted.holder,
    }
    met = [column == value for column, value in equal.items() if value is not None]
    if not wanted.one_list:
        met.append(row.listed > 0)
    if wanted.overdue_at is not None:
        met.append(row.due_at <= wanted.overdue_at)
    if wanted.unfinished:
        met.append(row.submitted_at.is_(None))
    first, before = wanted.received
    met += [row.received >= first] if first is not None else []
    met += [row.received < before] if before is not None else []
    met += [row.since > wanted.raised_after] if wanted.raised_after is not None else []
    met += [marks.found_by(wanted.terms)] if wanted.terms is not None else []
    return met


def selecting(wanted: Wanted, *columns: Any) -> sa.Select[Any]:
    """Return the statement that selects columns of all that is wanted, in no order.

    A rule is looked up first: few submissions have it, or enough of them are found soon.
    """
    chosen = sa.select(*columns).select_from(SubmissionRow).where(*conditions(wanted))
    if wanted.rule is None:
        return chosen
    marked = sa.and_(MarkRow.submission_id == SubmissionRow.id, _of(wanted.rule))
    return chosen.join(MarkRow, marked)


def in_order(wanted: Wanted) -> sa.Select[Any]:
    """Return the statement that selects rows of the list, to be read along its order."""
    chosen = sa.select(SubmissionRow.__table__).where(*conditions(wanted))
    if wanted.rule is None:
        return chosen
    has = sa.exists().where(MarkRow.submission_id == SubmissionRow.id, _of(wanted.rule))
    return chosen.where(has)


def _of(rule: tuple[str, str]) -> sa.ColumnElement[bool]:
    return MarkRow.mark.in_(marks.of_rule(*rule))
