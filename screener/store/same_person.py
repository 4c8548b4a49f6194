"""Forms that may be of the same person: found by marks, confirmed or rejected by staff alone.

Nothing is merged. What was said of two forms stands sealed in the history of both; in the open
stands only a random word that the forms of one person share, so that the list finds them.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.store import audit, clock, lines, marks, records, rows
from screener.store.database import reading, writing
from screener.store.errors import Refused, Stale, UnknownQuestionnaire
from screener.store.records import Event, QueueRow, Submission
from screener.store.tables import ReviewEventRow, SubmissionRow
from screener.store.waiting import queued

KIND = "same"
SameState = Literal["suggested", "confirmed", "rejected"]

_MOST = 30  # found by marks; a date that many give, such as 1/1/1900, must not fill a page
_TURN = 7_331_205_002  # any number: PostgreSQL's name for "it is being said who is who"
_EVENTS = (
    sa.select(ReviewEventRow.__table__)
    .where(
        ReviewEventRow.submission_id.in_(sa.bindparam("ids", expanding=True)),
        ReviewEventRow.kind == KIND,
    )
    .order_by(ReviewEventRow.number)
)
# By reference what was last said of other references.
_Said = Mapping[str, Mapping[str, bool]]


@dataclass(frozen=True)
class OtherForm:
    """Another form that is, may be, or was said not to be, of the same person.

    `same` are what is alike: born, name, phone. `since` is when it was decided or closed; for one
    that waits, when it came in.
    """

    form: QueueRow
    state: SameState
    same: tuple[str, ...]
    since: datetime


def other_forms(stored: Submission) -> tuple[OtherForm, ...]:
    """Return the other forms of a submission's person, and those that may be, the newest first.

    What staff rejected is there as such, and never suggested again.
    """
    form = stored.questionnaire
    said = _last_said(stored.events)
    rejected = [reference for reference, same in said.items() if not same]
    ways: list[sa.ColumnElement[bool]] = [SubmissionRow.reference.in_(rejected)] if rejected else []
    if stored.person is not None:
        ways.append(SubmissionRow.person == stored.person)
    maybe = marks.alike(form.identity)
    if maybe is not None:
        ways.append(SubmissionRow.reference.in_(maybe.limit(_MOST + 1)))  # itself among them
    if not ways:
        return ()
    chosen = sa.select(SubmissionRow.__table__).where(
        sa.or_(*ways), SubmissionRow.reference != form.reference, queued()
    )
    with reading() as session:
        others = rows.several(session, SubmissionRow, chosen)
        if not others:
            return ()
        opened = records.queue_rows(session, others)
        stands_since = lines.since(session, others)
    every = []
    for row, shown in zip(others, opened, strict=True):
        same = marks.shared(form.identity, shown.identity)
        state = _state(stored.person, row.person, said.get(row.reference), same)
        if state is not None:
            every.append((lines.came_in(row), OtherForm(shown, state, same, stands_since[row.id])))
    newest = sorted(every, key=lambda pair: (pair[0], pair[1].form.reference), reverse=True)
    return tuple(other for _, other in newest)


def say_same(reference: str, other: str, actor: str, *, same: bool, seen: str) -> None:
    """Say whether two forms are of the same person; it is noted in the history of both.

    `seen` is the state that the page showed: Stale is raised where it is another by now, unless it
    is already what is said here. Raises Refused where it goes against what was said of others, and
    UnknownQuestionnaire for two forms of which nothing suggests it.
    """
    with writing() as session:
        _take_turn(session)
        first, second, everybody = _locked(session, reference, other)
        said = _said_of(session, everybody)
        stands = _state(
            first.person,
            second.person,
            said[first.reference].get(second.reference),
            marks.shared(records.get(first, "identity"), records.get(second, "identity")),
        )
        if stands is None:
            raise UnknownQuestionnaire("nothing suggests that these are of the same person")
        wanted: SameState = "confirmed" if same else "rejected"
        if stands == wanted:
            return
        if stands != seen:
            raise Stale("somebody else has said meanwhile whether it is the same person")
        for each, of in ((first, second), (second, first)):
            said[each.reference][of.reference] = same
        groups = _groups(everybody, said)
        _check(groups, said, first, second)
        _link(session, groups)
        now = clock.now()
        for each, of in ((first, second), (second, first)):
            body = {"with": of.reference, "same": same}
            records.add_event(session, each, actor, KIND, body, now)
            # What was said stands in the history, sealed.
            audit.append(session, actor, "same person answered", each.reference)


def _state(
    person: str | None, other: str | None, said: bool | None, same: Sequence[str]
) -> SameState | None:
    if person is not None and person == other:
        return "confirmed"
    if said is False:
        return "rejected"
    return "suggested" if "born" in same and len(same) > 1 else None


def _last_said(events: Iterable[Event]) -> dict[str, bool]:
    return {event.body["with"]: event.body["same"] for event in events if event.kind == KIND}


def _take_turn(session: Session) -> None:
    """Let one at a time say who is who: it may concern more forms than the two."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer anyway
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))


def _locked(
    session: Session, reference: str, other: str
) -> tuple[SubmissionRow, SubmissionRow, Sequence[SubmissionRow]]:
    """Lock two forms and all that were confirmed to be of either's person."""
    named = [records.plain_reference(each) for each in (reference, other)]
    of_them = sa.select(SubmissionRow.person).where(
        SubmissionRow.reference.in_(named), SubmissionRow.person.is_not(None)
    )
    people = list(session.scalars(of_them))
    chosen = sa.select(SubmissionRow.__table__).where(
        sa.or_(SubmissionRow.reference.in_(named), SubmissionRow.person.in_(people)), queued()
    )
    # Everybody who locks several takes them in one order.
    everybody = rows.several(
        session, SubmissionRow, chosen.order_by(SubmissionRow.id).with_for_update()
    )
    by_reference = {row.reference: row for row in everybody}
    if named[0] == named[1] or not by_reference.keys() >= {*named}:
        raise UnknownQuestionnaire("there is no submission with this reference")
    return by_reference[named[0]], by_reference[named[1]], everybody


def _said_of(session: Session, everybody: Iterable[SubmissionRow]) -> dict[str, dict[str, bool]]:
    by_id = {row.id: row.reference for row in everybody}
    said: dict[str, dict[str, bool]] = {reference: {} for reference in by_id.values()}
    for event in rows.several(session, ReviewEventRow, _EVENTS, ids=list(by_id)):
        body = records.body_of(event)
        said[by_id[event.submission_id]][body["with"]] = body["same"]
    return said


def _groups(everybody: Iterable[SubmissionRow], said: _Said) -> list[list[SubmissionRow]]:
    """Return the forms by person: whoever is confirmed with one of a group belongs to it."""
    groups: list[list[SubmissionRow]] = []
    for row in everybody:
        own = {name for name, same in said[row.reference].items() if same}
        joined = [group for group in groups if own & {other.reference for other in group}]
        groups = [group for group in groups if group not in joined]
        groups.append([row, *(other for group in joined for other in group)])
    return groups


def _check(
    groups: Iterable[Sequence[SubmissionRow]],
    said: _Said,
    first: SubmissionRow,
    second: SubmissionRow,
) -> None:
    """Refuse what would make one person of two forms that were said not to be of one."""
    for group in groups:
        names = {row.reference for row in group}
        for row in group:
            for other, same in said[row.reference].items():
                if same or other not in names:
                    continue
                if {row.reference, other} == {first.reference, second.reference}:
                    between = ", ".join(sorted(names - {row.reference, other}))
                    text = f"Both are confirmed with {between}. Say there first which is another."
                else:
                    text = (
                        f"{row.reference} and {other} were said not to be the same person, and "
                        "this would make them one. Look at those two again first."
                    )
                raise Refused({"same": text})


def _link(session: Session, groups: Iterable[Sequence[SubmissionRow]]) -> None:
    """Give the forms of one person the same word, and take it from who has no other."""
    used: set[str] = set()
    for group in sorted(groups, key=len, reverse=True):
        word: str | None = None
        if len(group) > 1:
            theirs = (row.person for row in group if row.person and row.person not in used)
            word = next(theirs, None) or secrets.token_hex(8)
            used.add(word)
        for row in group:
            row.person = word
            lines.set_day(row)
            rows.write(session, SubmissionRow, row)
