"""The staff's side: a submission, and what is done with it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.store import (
    audit,
    clock,
    drafts,
    due_dates,
    judgements,
    marks,
    phone_answers,
    records,
    rows,
    states,
)
from screener.store.database import disposition_lists, reading, writing
from screener.store.errors import Refused, Stale, UnknownQuestionnaire
from screener.store.judgements import Judgement
from screener.store.phone_answers import Heard, TakenDown
from screener.store.questionnaires import apply, place_in_queue
from screener.store.records import Submission
from screener.store.tables import SubmissionRow
from screener.store.waiting import queued

_BY_REFERENCE = sa.select(SubmissionRow.__table__).where(
    SubmissionRow.reference == sa.bindparam("named"), queued()
)
_LOCKED = _BY_REFERENCE.with_for_update()

# What whoever takes a step typed and did not use by it: their draft from then on. Where that is
# nothing they have none any more; None leaves it as it is.
Rest = Mapping[str, str] | None


@dataclass(frozen=True)
class Contact:
    """An attempt to reach a person: `how`, whether they were reached, and what was agreed.

    `next_try` is when somebody tries again.
    """

    how: str
    reached: bool | None
    agreed: str = field(default="", repr=False)
    next_try: datetime | None = None

    @property
    def body(self) -> dict[str, Any]:
        """Return it as an event keeps it."""
        again = "" if self.next_try is None else self.next_try.isoformat()
        return {
            "how": self.how,
            "reached": self.reached,
            "agreed": self.agreed,
            "next_try": again,
        }


def submission(reference: str) -> Submission | None:
    """Return a queued questionnaire with its history; None when there is none to see.

    An unfinished one without risk answers is the person's own and is not shown.
    """
    with reading() as session:
        row = _find(session, reference, lock=False)
        return None if row is None else records.submission(session, row)


def set_status(
    reference: str,
    status: str,
    actor: str,
    revision: int,
    note: str = "",
    *,
    role: str,
    dispositions: Mapping[str, str] | None = None,
    rest: Rest = None,
) -> int:
    """Set the status and return the new revision. Who takes the step has it from then on.

    `role` is the actor's; `note` is the reason where the step needs one, else as one likes;
    `dispositions` are those of whoever leaves the waiting list, by kind of danger; `Rest` says
    what `rest` is. `revision` is the one the page showed: Stale is raised when somebody was
    faster. Raises Refused for a step that may not be taken or lacks something (see `states.py`),
    ValueError for an unknown status or role, UnknownQuestionnaire for an unknown reference.
    Whatever is raised, nothing is changed.
    """
    chosen = {kind: words for kind, words in (dispositions or {}).items() if words}
    with writing() as session:
        row = _locked(session, reference, revision)
        stands = records.standing_of(row)
        lists = disposition_lists()
        states.check(stands, role, status, reason=note, chosen=chosen, lists=lists)
        body: dict[str, Any] = {"from": row.status, "to": status, "note": note}
        if chosen:
            body["dispositions"] = chosen
        _move(row, stands, status, actor)
        return _edited(session, row, actor, "status", body, f"status {status}", rest)


def ask(
    reference: str, question: str, actor: str, revision: int, *, role: str, rest: Rest = None
) -> int:
    """Note what is to be asked of the person and return the new revision: it needs information.

    It may be asked for more while it does. Raises Stale, Refused and UnknownQuestionnaire as
    `set_status` does.
    """
    with writing() as session:
        row = _locked(session, reference, revision)
        stands = records.standing_of(row)
        states.check_question(stands, role, question)
        body = {"from": row.status, "to": states.ASKED, "note": question}
        _move(row, stands, states.ASKED, actor)
        return _edited(session, row, actor, "ask", body, "asked for information", rest)


def log_contact(reference: str, contact: Contact, actor: str, *, rest: Rest = None) -> int:
    """Log an attempt to reach the person and return the new revision.

    It is a fact: it may be logged whatever the status, and never conflicts with what others do.
    Raises Refused where it lacks something, and UnknownQuestionnaire.
    """
    states.check_contact(contact.how, contact.reached)
    with writing() as session:
        row = _locked(session, reference, None)
        row.contacted_at = clock.now()
        due_dates.met_by_contact(row)
        return _edited(session, row, actor, "contact", contact.body, "contact logged", rest)


def assign(
    reference: str,
    to: str | None,
    actor: str,
    revision: int,
    *,
    role: str,
    note: str = "",
    rest: Rest = None,
) -> int:
    """Assign to a member of staff (None: to nobody) and return the new revision.

    Raises Stale, Refused and UnknownQuestionnaire as `set_status` does.
    """
    with writing() as session:
        row = _locked(session, reference, revision)
        if row.status == "decided" and role != states.CLINICIAN:
            raise Refused({"status": states.PHYSICIANS_OWN})
        body = {"from": row.assigned_to, "to": to} | ({"note": note} if note else {})
        row.assigned_to = to
        return _edited(session, row, actor, "assignment", body, "assigned", rest)


def add_note(reference: str, actor: str, text: str, *, rest: Rest = None) -> None:
    """Append a note. It never conflicts with what others do. Raises UnknownQuestionnaire."""
    with writing() as session:
        row = _locked(session, reference, None)
        _leave(session, row, actor, rest)
        records.add_event(session, row, actor, "note", {"text": text}, clock.now())
        audit.append(session, actor, "note", row.reference)


def judge_trial(reference: str, judgement: Judgement, actor: str, *, role: str, seen: str) -> None:
    """Keep what a physician says of a trial; the answers and their screening stay as they are.

    `seen` is the mark of what the page showed of it (`trial_mark`): Stale is raised when another
    judgement or another answer came meanwhile. Raises Refused for a judgement that may not be
    recorded or lacks something, UnknownQuestionnaire for an unknown reference. It conflicts with
    no other step of the review.
    """
    with writing() as session:
        row = _locked(session, reference, None)
        before = judgements.of_trial(
            records.events(session, row.id), judgement.medicine, judgement.use
        )
        stands = bool(before) and before[-1].body["adequate"] is not None
        judgements.check_judgement(judgement, role, stands)
        if judgements.mark(before, row.updated_at) != seen:
            raise Stale(f"{row.reference} was changed since the page was opened")
        action = "trial judged" if judgement.adequate is not None else "trial judgement taken back"
        records.add_event(session, row, actor, judgements.KIND, asdict(judgement), clock.now())
        audit.append(session, actor, action, row.reference)


def take_down(
    reference: str,
    taken: TakenDown,
    actor: str,
    hear: Callable[[Submission, TakenDown, datetime], Heard],
) -> bool:
    """Keep answers that staff took down, beside the person's own; return whether it was new.

    `hear` screens the person's answers with these and all others laid over them, under the lock,
    and says what to write: a priority is raised and never lowered. Two people who take answers
    down at once both keep theirs. Raises UnknownQuestionnaire for an unknown reference.
    """
    with writing() as session:
        row = _locked(session, reference, None)
        stored = records.submission(session, row)
        if phone_answers.is_sent_twice(stored, taken, actor):
            return False
        now = clock.now()
        heard = hear(stored, taken, now)
        change = heard.change
        body = phone_answers.body_of(stored, taken, heard.screening)
        records.add_event(session, row, actor, phone_answers.KIND, body, now)
        stands = stored.questionnaire
        apply(session, row, stands, replace(change, risk_answers=None), now, place_in_queue(row))
        others = marks.screened_later(session, row)
        marks.write(session, row, stands.identity, stands.screening, others)
        records.add_risk_answers(session, row.id, change.risk_answers or [], now, actor)
        if taken.answers:
            row.revision += 1  # whoever has its page open has not seen them
        rows.write(session, SubmissionRow, row)
        audit.append(session, actor, "answers taken down", row.reference)
        return True


def _find(session: Session, reference: str, *, lock: bool) -> SubmissionRow | None:
    statement = _LOCKED if lock else _BY_REFERENCE
    return rows.one_or_none(
        session, SubmissionRow, statement, named=records.plain_reference(reference)
    )


def _locked(session: Session, reference: str, revision: int | None) -> SubmissionRow:
    row = _find(session, reference, lock=True)
    if row is None:
        raise UnknownQuestionnaire("there is no submission with this reference")
    if revision is not None and row.revision != revision:
        raise Stale(f"{row.reference} was changed since the page was opened")
    return row


def _move(row: SubmissionRow, stands: states.Standing, to: str, actor: str) -> None:
    if stands.reopens(to):
        row.raised_at = clock.now()  # what was raised before was dealt with
    row.status = to
    if stands.leaves(to) or stands.reopens(to):
        due_dates.set_due(row)
    row.assigned_to = actor


def _leave(session: Session, row: SubmissionRow, actor: str, rest: Rest) -> None:
    if rest is not None:
        drafts.put(session, row.id, actor, rest)


def _edited(
    session: Session,
    row: SubmissionRow,
    actor: str,
    kind: str,
    body: dict[str, Any],
    action: str,
    rest: Rest,
) -> int:
    row.revision += 1
    _leave(session, row, actor, rest)
    rows.write(session, SubmissionRow, row)
    records.add_event(session, row, actor, kind, body, clock.now())
    audit.append(session, actor, action, row.reference)
    return row.revision
