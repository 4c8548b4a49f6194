"""What the store gives back: frozen plain data, and how rows become it.

None of it shows what a person told us when it is printed, in a log or a traceback.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.store import devices, later, rows
from screener.store.database import keyring
from screener.store.devices import ReturnCode
from screener.store.errors import SealError
from screener.store.keyring import Place
from screener.store.later import LaterScreening
from screener.store.states import HANDLED as HANDLED
from screener.store.states import Standing, standing
from screener.store.tables import LaterScreeningRow, ReviewEventRow, RiskAnswerRow, SubmissionRow

_RISK_ANSWERS = (
    sa.select(RiskAnswerRow.__table__)
    .where(RiskAnswerRow.submission_id == sa.bindparam("id"))
    .order_by(RiskAnswerRow.number)
)
_EVENTS = (
    sa.select(ReviewEventRow.__table__)
    .where(ReviewEventRow.submission_id == sa.bindparam("id"))
    .order_by(ReviewEventRow.number)
)
FIELDS = ("identity", "answers", "progress", "screening")  # sealed_… columns of a submission
# Read aloud and typed again without mistakes: no 0 O, 1 I L, 5 S, 2 Z, 8 B, U V.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"


@dataclass(frozen=True)
class Questionnaire:
    """One person's questionnaire, unfinished or submitted.

    `heard` are its answers with those that staff took down laid over them, where whoever asked for
    it needs them and there are any.
    """

    id: str
    reference: str
    protocol: str
    rulebook_version: str
    rulebook_hash: str
    answers: dict[str, Any] = field(repr=False)
    identity: dict[str, Any] = field(repr=False)
    progress: dict[str, Any] = field(repr=False)
    screening: dict[str, Any] | None = field(repr=False)
    priority: str | None
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    language: str = "en"
    heard: dict[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, repr=False)
class Change:
    """What a save writes. None leaves a field alone; a dict replaces the whole field.

    `rank` orders the queue, smaller is more urgent. `risk` stays true once it was true.
    `risk_answers` are the safety questions' values now, None for one taken back; a value is
    kept for good whenever it differs from the question's last. `news` says that there is something
    that staff have not seen, such as a request for a call: it reopens the review, as a new risk
    answer does. `why` is the reason that the history gives, where it is not the person's doing.
    `language` is the one of the page that was saved.
    """

    answers: Mapping[str, Any] | None = None
    identity: Mapping[str, Any] | None = None
    progress: Mapping[str, Any] | None = None
    screening: Mapping[str, Any] | None = None
    priority: str | None = None
    rank: int | None = None
    risk: bool | None = None
    risk_answers: list[tuple[str, Any]] | None = None
    news: bool = False
    why: str = ""
    language: str = ""


@dataclass(frozen=True)
class RiskAnswer:
    """A value that a safety question had from `at` on; None when the answer was taken back.

    `taken_by` took it down from the person; "" where the person answered on the form.
    """

    question: str
    value: Any = field(repr=False)
    at: datetime
    taken_by: str = ""


@dataclass(frozen=True)
class Event:
    """One step of the review: its `kind` and what it says.

    The kinds are status, ask, contact, note, assignment, trial, phone, same and left.

    A status that took somebody in danger off the waiting list has `dispositions` by kind of
    danger, in the words that were chosen: a list that changes later rewrites no history.
    """

    at: datetime
    actor: str
    kind: str
    body: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class EarlierForm:
    """A form that the same person sent before: its status, and since when it has it.

    `at` is when it was decided or closed; for one that still waits, when it came in.
    """

    reference: str
    status: str
    at: datetime


@dataclass(frozen=True)
class QueueRow:
    """One form in the queue. `waiting_since` is when its priority was raised.

    `due_at` is by when somebody must react, None where nothing is due (any more); `contacted_at`
    when staff last tried to reach the person.

    `screening` is the one that its priority rests on (see `governing`).
    `unreadable`: its data do not open. It keeps its place, and the others stay to be seen.

    `also` are the others of its line: forms of the same person and day, as staff confirmed. It is
    the `number`th form of this person, 0 where no other is confirmed; `before` is the last one of
    an earlier line, and `later` counts those that came after.
    """

    reference: str
    protocol: str
    identity: dict[str, Any] = field(repr=False)
    progress: dict[str, Any] = field(repr=False)
    screening: dict[str, Any] = field(repr=False)
    priority: str | None
    risk: bool
    status: str
    assigned_to: str | None
    revision: int
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    waiting_since: datetime
    unreadable: bool = False
    language: str = "en"
    due_at: datetime | None = None
    contacted_at: datetime | None = None
    also: tuple["QueueRow", ...] = ()
    number: int = 0
    before: EarlierForm | None = None
    later: int = 0

    @property
    def line(self) -> tuple["QueueRow", ...]:
        """Return every form of its line, itself first."""
        return (self, *self.also)

    @property
    def unfinished(self) -> bool:
        """Return whether the person has not submitted yet."""
        return self.submitted_at is None


@dataclass(frozen=True)
class Submission:
    """A questionnaire as staff see it, with its review history, oldest first.

    `waiting_since` is when its priority was raised. `later` are the screenings under editions of
    the rules that were served since the answers were saved, oldest first. `return_code` says since
    when the person can come back with a code, and until when. `person` is what the forms of this
    person share, None where staff confirmed no other.
    """

    questionnaire: Questionnaire
    risk: bool
    status: str
    assigned_to: str | None
    revision: int
    waiting_since: datetime
    events: tuple[Event, ...]
    risk_answers: tuple[RiskAnswer, ...]
    later: tuple[LaterScreening, ...] = ()
    return_code: ReturnCode | None = None
    due_at: datetime | None = None
    person: str | None = None

    @property
    def standing(self) -> Standing:
        """Return what decides which steps may be taken now."""
        form = self.questionnaire
        return standing(self.status, form.priority, self.risk, form.progress)


def plain_reference(text: str) -> str:
    """Return a reference as stored (XXXX-XXXX), however it was typed."""
    letters = re.sub(r"[^0-9A-Z]", "", text.upper())
    return f"{letters[:4]}-{letters[4:]}"


def put(row: SubmissionRow, field: str, value: Mapping[str, Any]) -> None:
    """Seal one field (identity, answers, progress, screening) into its row."""
    column = f"sealed_{field}"
    setattr(row, column, keyring().seal(dict(value), Place("submission", row.id, column)))


def get(row: SubmissionRow, field: str) -> dict[str, Any]:
    """Open one sealed field of a row."""
    column = f"sealed_{field}"
    place = Place("submission", row.id, column)
    value: dict[str, Any] = keyring().unseal(getattr(row, column), place)
    return value


def questionnaire(row: SubmissionRow) -> Questionnaire:
    """Open a row."""
    return Questionnaire(
        id=row.id,
        reference=row.reference,
        protocol=row.protocol,
        rulebook_version=row.rulebook_version,
        rulebook_hash=row.rulebook_hash,
        answers=get(row, "answers"),
        identity=get(row, "identity"),
        progress=get(row, "progress"),
        screening=None if row.sealed_screening is None else get(row, "screening"),
        priority=row.priority,
        created_at=row.created_at,
        updated_at=row.updated_at,
        submitted_at=row.submitted_at,
        language=row.language,
    )


def queue_rows(session: Session, listed: Sequence[SubmissionRow]) -> tuple[QueueRow, ...]:
    """Open what the queue shows of some rows."""
    kept = later.rows_of(session, listed)
    return tuple(_queue_row(row, kept.get(row.id, ())) for row in listed)


def _queue_row(row: SubmissionRow, kept: Sequence[LaterScreeningRow]) -> QueueRow:
    shown: dict[str, dict[str, Any]] = {"identity": {}, "progress": {}, "screening": {}}
    unreadable = False
    for name in shown:
        try:
            if getattr(row, f"sealed_{name}") is not None:
                shown[name] = get(row, name)
        except SealError:
            unreadable = True
    try:
        shown["screening"] = later.governing(shown["screening"], later.opened(kept))
    except SealError:
        unreadable = True
    return QueueRow(
        reference=row.reference,
        protocol=row.protocol,
        identity=shown["identity"],
        progress=shown["progress"],
        screening=shown["screening"],
        unreadable=unreadable,
        priority=row.priority,
        risk=row.risk,
        status=row.status,
        assigned_to=row.assigned_to,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
        submitted_at=row.submitted_at,
        waiting_since=waiting_since(row),
        language=row.language,
        due_at=row.due_at,
        contacted_at=row.contacted_at,
    )


def submission(session: Session, row: SubmissionRow) -> Submission:
    """Open a row with everything that belongs to it."""
    return Submission(
        questionnaire=questionnaire(row),
        risk=row.risk,
        status=row.status,
        assigned_to=row.assigned_to,
        revision=row.revision,
        waiting_since=waiting_since(row),
        events=events(session, row.id),
        risk_answers=risk_answers(session, row.id),
        later=later.opened(later.rows_of(session, [row]).get(row.id, ())),
        return_code=devices.code_of(session, row.id),
        due_at=row.due_at,
        person=row.person,
    )


def standing_of(row: SubmissionRow) -> Standing:
    """Return what of a row decides which steps may be taken."""
    return standing(row.status, row.priority, row.risk, get(row, "progress"))


def waiting_since(row: SubmissionRow) -> datetime:
    """Return since when a row waits; the queue is in the order of that time."""
    return row.raised_at or row.submitted_at or row.created_at


def risk_answers(session: Session, submission_id: str) -> tuple[RiskAnswer, ...]:
    """Return every value the safety questions had, oldest first."""
    answers = []
    for row in rows.several(session, RiskAnswerRow, _RISK_ANSWERS, id=submission_id):
        place = Place("risk_answer", f"{submission_id}.{row.number}", "sealed_answer")
        body = keyring().unseal(row.sealed_answer, place)
        taken_by = str(body.get("taken_by", ""))
        answers.append(RiskAnswer(body["question"], body["value"], row.at, taken_by))
    return tuple(answers)


def add_risk_answers(
    session: Session,
    submission_id: str,
    values: list[tuple[str, Any]],
    at: datetime,
    taken_by: str = "",
) -> bool:
    """Keep the values that differ from their question's last; return whether there were any.

    What the person saved is held against what they saved, and what staff took down (`taken_by`)
    against what staff took down.
    """
    before = risk_answers(session, submission_id)
    same = (answer for answer in before if bool(answer.taken_by) == bool(taken_by))
    last = {answer.question: answer.value for answer in same}
    number = len(before)
    for question, value in values:
        value = json.loads(json.dumps(value))  # as it will be read back: a tuple becomes a list
        if last.get(question) == value:
            continue
        number += 1
        last[question] = value
        place = Place("risk_answer", f"{submission_id}.{number}", "sealed_answer")
        body = {"question": question, "value": value}
        sealed = keyring().seal(body | ({"taken_by": taken_by} if taken_by else {}), place)
        kept = {"submission_id": submission_id, "number": number, "at": at}
        rows.add(session, RiskAnswerRow, **kept, sealed_answer=sealed)
    return number > len(before)


def events(session: Session, submission_id: str) -> tuple[Event, ...]:
    """Return the review's steps, oldest first."""
    return tuple(
        Event(row.at, row.actor, row.kind, body_of(row))
        for row in rows.several(session, ReviewEventRow, _EVENTS, id=submission_id)
    )


def body_of(row: ReviewEventRow) -> dict[str, Any]:
    """Open what a step of the review says."""
    place = Place("review_event", f"{row.submission_id}.{row.number}", "sealed_body")
    body: dict[str, Any] = keyring().unseal(row.sealed_body, place)
    return body


def add_event(
    session: Session, row: SubmissionRow, actor: str, kind: str, body: dict[str, Any], at: datetime
) -> None:
    """Append a step; the row must be locked, for its steps are numbered."""
    count = sa.select(sa.func.count()).where(ReviewEventRow.submission_id == row.id)
    number = (session.scalar(count.select_from(ReviewEventRow)) or 0) + 1
    event = ReviewEventRow(submission_id=row.id, number=number, at=at, actor=actor, kind=kind)
    event.sealed_body = keyring().seal(body, child_place(event))
    session.add(event)
    session.flush()


def child_place(row: RiskAnswerRow | ReviewEventRow) -> Place:
    """Return the place of a child's sealed value: the parent is part of it."""
    column = "sealed_answer" if isinstance(row, RiskAnswerRow) else "sealed_body"
    return Place(row.__tablename__, f"{row.submission_id}.{row.number}", column)
