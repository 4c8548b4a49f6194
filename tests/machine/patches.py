"""The patches behind `faults.py`: each breaks the program as it once was, or nearly was, broken."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from pytest import MonkeyPatch
from sqlalchemy.orm import Session

from screener import store
from screener.engine.priorities import PRIORITIES
from screener.forms import shown
from screener.forms.pages import PageForm
from screener.patient import context, safety, saving, unsaved
from screener.patient.record import Record
from screener.presenters import submission as submission_page
from screener.presenters.safety_answers import safety_answers
from screener.store import (
    audit,
    clock,
    connections,
    database,
    devices,
    questionnaires,
    records,
    resealing,
    review,
)
from screener.store.tables import AuditHeadRow, ReviewEventRow, RiskAnswerRow, SubmissionRow


def _erase(token: str) -> None:
    with database.writing() as session:
        session.execute(sa.delete(SubmissionRow).where(SubmissionRow.id == _id(token)))


def _id(token: str) -> str:
    return devices.row_id(token)


def discard_whatever_it_holds(patch: MonkeyPatch) -> None:
    """A form of somebody under age was deleted, and its risk answers with it."""

    def discard(token: str, *_why: Any) -> bool:
        _erase(token)
        return True

    patch.setattr(store, "discard", discard)


def look_before_the_lock(patch: MonkeyPatch) -> None:
    """Whether a form may go was looked at before the lock was taken."""

    def discard(token: str, *_why: Any) -> bool:
        with database.reading() as session:
            row = session.get(SubmissionRow, _id(token))
            kept = row is not None and (row.risk or row.submitted_at is not None)
        if not kept:
            with vars(questionnaires)["writing"]() as session:
                session.execute(sa.delete(SubmissionRow).where(SubmissionRow.id == _id(token)))
        return not kept

    patch.setattr(store, "discard", discard)


def old_tab_wins(patch: MonkeyPatch) -> None:
    """What an old page shows was taken for what the person wants."""
    patch.setattr(PageForm, "compare", lambda *_: {})


def conflict_unseen(patch: MonkeyPatch) -> None:
    """An answer that another window had changed was overwritten without showing both."""
    original = shown.verdict

    def verdict(*given: Any) -> str:
        return "changed" if original(*given) == "conflict" else original(*given)

    patch.setattr(shown, "verdict", verdict)


def send_past_errors(patch: MonkeyPatch) -> None:
    """Sending passed over what could not be taken."""

    def submit() -> store.Questionnaire:
        def write(stored: store.Questionnaire) -> store.Change:
            record = Record.of(stored)
            record.progress.drafts, record.progress.contact_typed = {}, {}
            return saving.settled(record, record.answers, submitted=True)

        return store.submit(context.token(), write)

    patch.setattr(saving, "submit", submit)


def _expire(*conditions: Any) -> Callable[[int], int]:
    def expire_drafts(days: int) -> int:
        limit = clock.now() - timedelta(days=days)
        old = (SubmissionRow.submitted_at.is_(None), SubmissionRow.updated_at < limit, *conditions)
        with database.writing() as session:
            session.execute(sa.delete(SubmissionRow).where(*old))
        return 0

    return expire_drafts


def tidy_whatever_staff_did(patch: MonkeyPatch) -> None:
    """The daily command erased an emergency that staff had acted on."""
    acted = sa.exists().where(ReviewEventRow.submission_id == SubmissionRow.id)
    patch.setattr(store, "expire_drafts", _expire(sa.or_(SubmissionRow.risk.is_(False), acted)))


def call_is_no_risk(patch: MonkeyPatch) -> None:
    """Only answers counted as risk answers, and no request for a call."""
    patch.setattr(safety, "is_risk", lambda progress: bool(progress.help_met))


def unfinished_unseen(patch: MonkeyPatch) -> None:
    """An unfinished form was the person's own, whatever it told."""
    original = store.submission

    def submission(reference: str) -> store.Submission | None:
        seen = original(reference)
        return seen if seen and seen.questionnaire.submitted_at else None

    patch.setattr(store, "submission", submission)


def sending_resets_the_clock(patch: MonkeyPatch) -> None:
    """Who had waited since the first risk answer waited anew from sending on."""
    original = store.submit

    def submit(token: str, *change: Any) -> store.Questionnaire:
        sent = original(token, *change)
        with database.writing() as session:
            session.get_one(SubmissionRow, _id(token)).raised_at = clock.now()
        return sent

    patch.setattr(store, "submit", submit)


def priority_follows_the_answers(patch: MonkeyPatch) -> None:
    """The priority fell when the answer was changed to get past a page."""
    patch.setattr(safety, "priority", lambda screening, _progress: screening.priority)


def earlier_answers_unseen(patch: MonkeyPatch) -> None:
    """The staff page showed what stands now, and nothing that was changed since."""
    patch.setattr(
        submission_page, "safety_answers", lambda protocol, _kept: safety_answers(protocol, ())
    )


def drafts_are_no_answers(patch: MonkeyPatch) -> None:
    """A sign ticked together with "none of these" was kept only until it was mended."""
    patch.setattr(saving, "_drafted", lambda *_: {})


def nothing_reopens(patch: MonkeyPatch) -> None:
    """A new risk answer stayed behind a decision."""
    patch.setattr(questionnaires, "_reopen", lambda *_: None)


def after_sending_too_late(patch: MonkeyPatch) -> None:
    """An answer on danger that came after the form was sent was dropped."""
    patch.setattr(unsaved, "closed", lambda: None)


def no_help_on_a_full_disk(patch: MonkeyPatch) -> None:
    """Who told of danger while nothing could be stored got a page of the machine's trouble."""
    patch.setattr(unsaved, "not_saved", lambda *_given, **_more: None)


def full_disk_is_a_bare_error(patch: MonkeyPatch) -> None:
    """A failing disk was a fault like any other: 500."""

    patch.setattr(connections, "why_not_now", lambda _error: None)


def unsaved_is_lost(patch: MonkeyPatch) -> None:
    """What could not be saved was not shown again."""
    patch.setattr(unsaved, "_typed", lambda: [])


def another_persons_form(patch: MonkeyPatch) -> None:
    """A worker remembered the form of whoever came first."""
    original = context.current
    kept: list[store.Questionnaire] = []

    def current() -> store.Questionnaire:
        kept[:] = kept or [original()]
        return kept[0]

    patch.setattr(context, "current", current)


def view_unrecorded(patch: MonkeyPatch) -> None:
    """Who looked was not written down."""
    original = audit.append

    def append(
        session: Session, actor: str, action: str, object: str, *more: Any, **named: Any
    ) -> Any:
        if action == "viewed":
            return None
        return original(session, actor, action, object, *more, **named)

    patch.setattr(audit, "append", append)


def head_left_behind(patch: MonkeyPatch) -> None:
    """An entry was added, and the sealed end of the log still named the one before."""
    original = audit.append

    def append(session: Session, actor: str, action: str, *more: Any, **named: Any) -> None:
        before = session.scalar(sa.select(AuditHeadRow.sealed_head))
        original(session, actor, action, *more, **named)
        if action == "submitted":
            session.execute(sa.update(AuditHeadRow).values(sealed_head=before))

    patch.setattr(audit, "append", append)


def rotation_forgets_risk_answers(patch: MonkeyPatch) -> None:
    """Sealing anew passed over a table, and its key was dropped."""
    tables = tuple(table for table in resealing._TABLES if table is not RiskAnswerRow)
    patch.setattr(resealing, "_TABLES", tables)


def under_age_leaves_nobody_to_reach(patch: MonkeyPatch) -> None:
    """Of somebody under age the risk answers stayed, and no way to reach them."""
    original = store.discard

    def discard(token: str, why: str = "", keep: Any = None) -> bool:
        if keep is None:
            return original(token, why)
        return original(token, why, lambda stored: replace(keep(stored), identity={}))

    patch.setattr(store, "discard", discard)


def handled_above_new(patch: MonkeyPatch) -> None:
    """Who waited longest stood first, although somebody was already seeing to them."""
    original = store.queue

    def queue(**given: Any) -> list[store.QueueRow]:
        return sorted(
            original(**given),
            key=lambda row: (PRIORITIES.index(row.priority or PRIORITIES[-1]), row.waiting_since),
        )

    patch.setattr(store, "queue", queue)


def any_page_is_fresh(patch: MonkeyPatch) -> None:
    """A status was taken from a page that did not show what came since."""
    original = review._locked

    def locked(session: Session, reference: str, revision: int | None) -> SubmissionRow:
        return original(session, reference, None)

    patch.setattr(review, "_locked", locked)


def notes_kept_in_one_place(patch: MonkeyPatch) -> None:
    """A second note took the place of the first."""
    original = records.add_event

    def add_event(session: Session, row: SubmissionRow, *given: Any) -> None:
        session.execute(
            sa.delete(ReviewEventRow).where(
                ReviewEventRow.submission_id == row.id, ReviewEventRow.kind == "note"
            )
        )
        original(session, row, *given)

    patch.setattr(records, "add_event", add_event)


def any_step_is_fine(patch: MonkeyPatch) -> None:
    """Staff could take any step at any time, whoever they were."""
    from screener.store import states

    patch.setattr(states, "check", lambda *_given, **_more: None)
