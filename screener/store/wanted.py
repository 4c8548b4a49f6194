"""Which submissions of the list are wanted: filters and searches as conditions of SQL."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from screener.store import marks
from screener.store.marks import Terms
from screener.store.tables import LIST_ORDER, MarkRow, SubmissionRow

Listing = Literal["waiting", "handled", "all"]
_LISTED = {"waiting": 1, "handled": 2}
_OTHER = aliased(SubmissionRow, name="other")
_Row = type[SubmissionRow]


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


def selecting(wanted: Wanted, *columns: Any, rare: bool = False) -> sa.Select[Any]:
    """Return the statement that selects columns of all that is wanted, in no order.

    `rare` says that few have its rule, so that they are looked up first.
    """
    return _chosen(wanted, columns, rare=rare, ordered=False)


def in_order(wanted: Wanted, *, rare: bool = False) -> sa.Select[Any]:
    """Return the statement that selects rows of the list, to be read along its order."""
    return _chosen(wanted, (SubmissionRow.__table__,), rare=rare, ordered=True)


def by_rule_alone(wanted: Wanted) -> bool:
    """Return whether nothing but a rule is wanted of a list."""
    return wanted == Wanted(wanted.listing, rule=wanted.rule)


def is_rare(session: Session, wanted: Wanted, few: int) -> bool:
    """Return whether at most `few` of the list have the rule that is wanted."""
    if wanted.rule is None:
        return False
    some = sa.select(MarkRow.listed).where(*_of(wanted)).limit(few + 1)
    return (session.scalar(sa.select(sa.func.count()).select_from(some.subquery())) or 0) <= few


def _chosen(wanted: Wanted, columns: Any, *, rare: bool, ordered: bool) -> sa.Select[Any]:
    chosen = sa.select(*columns).select_from(SubmissionRow)
    chosen = chosen.where(*_conditions(wanted, ordered=ordered), _stands_first(wanted))
    if wanted.rule is None:
        return chosen
    if rare:
        has = sa.select(MarkRow.reference).where(*_of(wanted))
        return chosen.where(SubmissionRow.reference.in_(has))
    return chosen.where(_has_rule(wanted, SubmissionRow))


def _has_rule(wanted: Wanted, row: _Row) -> sa.ColumnElement[bool]:
    # Not EXISTS: PostgreSQL would join all who have the rule, instead of asking row by row.
    this = sa.select(sa.literal(1)).where(MarkRow.reference == row.reference)
    return this.where(*_of(wanted)).limit(1).scalar_subquery() == 1


def _conditions(wanted: Wanted, *, ordered: bool) -> list[sa.ColumnElement[bool]]:
    """Return the conditions for all that is wanted, apart from the rule.

    Where it is to be read along the order, no index of a time must lead away from that.
    """
    row = SubmissionRow
    times = {"due_at", "received"} if ordered else set[str]()
    met = _equal(wanted, row) + _ranges(wanted, row, hidden=times)
    return met if wanted.priority is None else [*met, row.priority == wanted.priority]


def _equal(wanted: Wanted, row: _Row, hide: bool = False) -> list[sa.ColumnElement[bool]]:
    equal = {
        "listed": _LISTED.get(wanted.listing),
        "status": wanted.status,
        "protocol": wanted.protocol,
        "language": wanted.language,
        "holder": wanted.holder,
        "unfinished": 1 if wanted.unfinished else None,
    }
    return [
        (_hidden(getattr(row, name)) if hide else getattr(row, name)) == value
        for name, value in equal.items()
        if value is not None
    ]


def _ranges(wanted: Wanted, row: _Row, hidden: set[str]) -> list[sa.ColumnElement[bool]]:
    due_at, received, reference = (
        _hidden(getattr(row, name)) if name in hidden else getattr(row, name)
        for name in ("due_at", "received", "reference")
    )
    met = [] if wanted.one_list else [row.listed > 0]
    if wanted.overdue_at is not None:
        met.append(due_at <= wanted.overdue_at)
    first, before = wanted.received
    met += [received >= first] if first is not None else []
    met += [received < before] if before is not None else []
    met += [row.since > wanted.raised_after] if wanted.raised_after is not None else []
    met += [marks.found_by(wanted.terms, reference)] if wanted.terms is not None else []
    return met


def _stands_first(wanted: Wanted) -> sa.ColumnElement[bool]:
    """Return the condition that no other form of a row's line comes first.

    Of the forms of a line that are wanted the first shows it; a priority is that of its first form.
    The others of a line are few, and are looked up by their person alone.
    """
    row, other = SubmissionRow, _OTHER
    hidden = {"due_at", "received", "reference"}
    wanted_too = _equal(wanted, other, hide=True) + _ranges(wanted, other, hidden)
    if wanted.rule is not None:
        wanted_too.append(_has_rule(wanted, other))
    theirs, own = (
        sa.tuple_(*(_hidden(getattr(form, name)) for name in LIST_ORDER)) for form in (other, row)
    )
    line = sa.exists().where(
        other.person == row.person,
        _hidden(other.person_day) == row.person_day,
        _hidden(other.listed) == row.listed,
    )
    alone = ~line.where(theirs < own, *wanted_too)
    if wanted.priority is not None:
        # Without who acknowledged it: see the table.
        lesser = _hidden(other.urgency) // 2 < row.urgency // 2
        alone = sa.and_(alone, ~line.where(lesser))
    return sa.or_(row.person.is_(None), alone)


def _hidden(column: Any) -> sa.ColumnElement[Any]:
    """Return a column that leads a database to no index."""
    return sa.func.coalesce(column, sa.null())


def _of(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """Return the conditions for the marks of the rule on the list."""
    assert wanted.rule is not None
    listed = _LISTED.get(wanted.listing)
    where = MarkRow.listed > 0 if listed is None else MarkRow.listed == listed
    return [MarkRow.mark.in_(marks.of_rule(*wanted.rule)), where]
