"""Earlier answers that a person who came back is shown only when they ask for it, page by page.

Somebody may look on: on another device, or on one that was left lying. Hidden is whatever the
rulebook does not call ordinary (`keep_typing`, and columns about mood): the same that no browser
may keep. What was asked to be seen, or was saved since the person came back, is not hidden; that
is noted in the session, in marks that tell nothing, and ends with it.
"""

from collections.abc import Mapping

from flask import session

from screener.engine.questions import Question
from screener.patient import locking
from screener.patient.journey import Stop, stops
from screener.patient.record import Record
from screener.patient.scripts import is_private, mark

NAME = "show-answers"  # the button's name; no question can be called so
_SHOWN = "shown"
_ALL = "all"


def hides(record: Record, stop: Stop) -> bool:
    """Return whether a screen has answers that wait until the person asks for them."""
    since = _since()
    if not since or _marks(since) & {_ALL, mark(stop.key)}:
        return False
    if stop.key in record.progress.drafts and _is_private(stop):
        return True
    if stop.medicine is not None:
        return any(is_private(stop, column) for column in _answered_cells(record, stop))
    return _is_private(stop) and any(id in record.answers for id in stop.page.questions)


def hides_any(record: Record) -> bool:
    """Return whether any screen has answers that wait."""
    return bool(_since()) and any(hides(record, stop) for stop in stops(record))


def is_asked(posted: Mapping[str, str]) -> bool:
    """Return whether a post asks to see answers."""
    return NAME in posted


def asked_for(posted: Mapping[str, str]) -> str:
    """Return the key of the screen whose answers a post asks to see."""
    return posted.get(NAME, "")


def show(stop: Stop) -> None:
    """Hide a screen no more, until the person comes back the next time."""
    _note(mark(stop.key))


def show_all() -> None:
    """Hide nothing any more, until the person comes back the next time."""
    _note(_ALL)


def questions(record: Record, stop: Stop) -> list[tuple[str, bool]]:
    """Return the questions that everybody is asked there, and whether they were answered.

    A follow-up would tell what it follows from.
    """
    given = record.answers if stop.medicine is None else stop.cells(record)
    asked = stop.questions(record)
    return [(question.text, question.id in given) for question in asked if not question.asked_when]


def _is_private(stop: Stop) -> bool:
    return not stop.page.keep_typing


def _answered_cells(record: Record, stop: Stop) -> list[Question]:
    cells = stop.cells(record)
    return [column for column in record.protocol.table.columns if column.id in cells]


def _since() -> str:
    """Return when the person came back on this device; "" where they never left."""
    device = locking.device()
    return device.resumed_at.isoformat() if device and device.resumed_at else ""


def _marks(since: str) -> set[str]:
    noted = session.get(_SHOWN) or [""]
    if noted[0] != since:
        session[_SHOWN] = noted = [since]
    return set(noted[1:])


def _note(name: str) -> None:
    # Where nothing is hidden there is no such list, and nothing has to be looked up for it.
    if _SHOWN in session:
        since, *marks = session[_SHOWN]
        session[_SHOWN] = [since, *sorted({*marks, name})]
