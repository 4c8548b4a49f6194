"""Adopting an edition of the rules: everybody who waits is screened under it too.

The first screening stays. Whoever is more pressing under the new edition is so in the queue at
once; nobody is lowered. A served site does this by itself, beside its requests (see `begin`).
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Thread

from flask import Flask, current_app

from screener import store
from screener.danger import PRESSING
from screener.engine.old_answers import RetiredId, retired_in
from screener.engine.protocol import Rulebook
from screener.engine.screen import Screening
from screener.patient import context, safety, saving
from screener.patient.record import Record
from screener.replay import OutcomeChange, compared
from screener.staff import hearing
from screener.store import clock

EDITION = "edition"  # why a review is reopened, for its history
_PAUSE = 60.0  # seconds between two looks for who waits
_BREATH = 0.01  # seconds between two forms, for those who save meanwhile
_PORTION = 100  # forms between two lines in the log


@dataclass(frozen=True)
class Adopted:
    """What an edition says of one who waits.

    `queue` is the priority in the queue before and after, "" for who is not in it; `screened` the
    priority by the screening until now and by this edition, and `because` the rules that give it.
    `retired` are ids that were read as others, `unreadable` the places of answers that were not
    read. `problem` says why the edition could not screen at all.
    """

    reference: str
    sent: bool
    queue: tuple[str, str]
    screened: tuple[str, str]
    because: tuple[str, ...] = ()
    changes: tuple[OutcomeChange, ...] = ()
    retired: tuple[RetiredId, ...] = ()
    unreadable: tuple[str, ...] = ()
    problem: str = ""

    @property
    def raised(self) -> bool:
        """Return whether it stands higher in the queue, or enters it."""
        return self.queue[0] != self.queue[1]


def foresee(edition: Rulebook) -> Iterator[Adopted]:
    """Yield what an edition would say of everybody who waits. Nothing stored changes."""
    for id in store.to_adopt(edition.hash):
        form = store.waiting_form(id)
        looked = None if form is None else _look(edition, form, clock.now())
        if looked is not None:
            yield looked[0]


def adopt(edition: Rulebook) -> Iterator[Adopted | None]:
    """Screen everybody who waits under an edition, each in a transaction of its own.

    Yield what was written of each, None where there was nothing to write. It can be stopped and
    begun again anywhere, by several processes at once. A form that does not open, or that cannot be
    screened, is logged and passed over. Raises NotWritten and Unavailable.
    """
    for id in store.to_adopt(edition.hash):
        try:
            yield _adopt(edition, id)
        except (store.NotWritten, store.Unavailable):
            raise
        except store.SealError as error:
            current_app.logger.error("not screened under %s: %s", edition.version, error)
            yield None
        except Exception:
            # Whoever waits behind this form must not wait for it to be mended.
            current_app.logger.exception("a form was not screened under %s", edition.version)
            yield None


def begin(app: Flask) -> None:
    """Adopt the edition that an app serves, in a thread beside its requests, as long as it runs.

    It looks again every minute: for who was saved by a process with another edition, or reopened.
    """
    Thread(target=_keep_adopting, args=(app,), name="adoption", daemon=True).start()


def adopt_served() -> int:
    """Adopt the edition that the current app serves, with progress in its log; return how many.

    In production an edition that nobody has signed changes nothing: staff are reading it.
    """
    edition = context.rulebook()
    waiting = len(store.to_adopt(edition.hash))
    if not waiting or not _is_signed(edition):
        return 0
    log = current_app.logger.getChild("adoption")
    log.setLevel("INFO")
    log.info("%s wait to be screened under %s", waiting, edition.version)
    written = raised = 0
    for number, adopted in enumerate(adopt(edition), 1):
        written += adopted is not None
        raised += adopted is not None and adopted.raised
        if number % _PORTION == 0:
            log.info("%s of %s screened under %s", number, waiting, edition.version)
        time.sleep(_BREATH)
    log.info("%s screened under %s, %s raised in the queue", written, edition.version, raised)
    return written


def _keep_adopting(app: Flask) -> None:
    while True:
        with app.app_context():
            try:
                # Submissions from before the list could be searched: they need no edition.
                store.fill_list()
                adopt_served()
            except Exception:
                # Nothing is half done, and the next look goes on: the thread must not end.
                current_app.logger.exception("screening who waits stopped; it goes on later")
        time.sleep(_PAUSE)


def _is_signed(edition: Rulebook) -> bool:
    settings = context.settings()
    if not settings.production or settings.signed_rulebook == edition.hash:
        return True
    return bool(store.signatures(edition.hash))


def _adopt(edition: Rulebook, id: str) -> Adopted | None:
    # Most of the work is done before the lock, under which others wait to save.
    form = store.waiting_form(id)
    if form is None:
        return None
    looked = _look(edition, form, clock.now())

    def look(stands: store.Questionnaire) -> store.Change | None:
        nonlocal looked
        if stands != form:
            looked = _look(edition, stands, clock.now())
        return None if looked is None else looked[1]

    written = store.adopt(id, edition.hash, look)
    return looked[0] if looked is not None and written is not None else None


def _look(
    edition: Rulebook, form: store.Questionnaire, now: datetime
) -> tuple[Adopted, store.Change] | None:
    """Screen a form; None where its own screening is of this edition."""
    stored = form.screening or {}
    earlier = stored.get("rulebook", {}).get("hash", form.rulebook_hash)
    if earlier == edition.hash:
        return None
    was = str(stored.get("priority", "not screened"))
    sent = form.submitted_at is not None
    try:
        record = Record.under(edition, form)
    except context.NoQuestionnaire:
        problem = f"the rulebook has no protocol {form.protocol}"
        head = {"version": edition.version, "hash": edition.hash}
        kept = store.Change(screening={"rulebook": head, "problem": problem})
        queue = str(form.priority or "")
        return Adopted(form.reference, sent, (queue, queue), (was, was), problem=problem), kept
    before = _in_queue(record, form.priority)
    safety.note(saving.readings(record), record.progress, now.isoformat(timespec="seconds"))
    change = saving.at_least(form.priority, saving.ranked(record))
    if form.heard is not None:
        # What staff took down is asked about too, and raises the queue as the answers do.
        assert change.progress is not None
        heard = hearing.screened(record.protocol, form.heard, submitted=sent)
        change = hearing.raised(change.priority, change.progress, heard)
    after = _in_queue(record, change.priority)
    adopted = Adopted(
        form.reference,
        sent,
        (before, after),
        (was, record.screening.priority),
        _because(record.screening),
        compared(stored.get("flags", {}), record.screening),
        retired_in(record.protocol, form.answers),
        tuple(".".join(path) for path in record.unreadable),
    )
    news = adopted.raised and after in PRESSING
    screening = saving.screening_of(record, edition)
    return adopted, replace(change, screening=screening, news=news, why=EDITION)


def _in_queue(record: Record, priority: str | None) -> str:
    """Return a priority if staff see the form."""
    return str(priority or "") if record.sent or safety.is_risk(record.progress) else ""


def _because(screening: Screening) -> tuple[str, ...]:
    """Return the rules that give a screening its priority; one that escalates may not be met."""
    return tuple(
        rule.id
        for rule in screening.protocol.rules.values()
        if rule.priority == screening.priority
        and (
            screening.outcomes[rule.id] == "met"
            or (screening.outcomes[rule.id] == "unknown" and rule.if_unknown == "escalate")
        )
    )
