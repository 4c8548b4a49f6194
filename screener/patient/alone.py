"""Whether the person is alone with a page that is for them alone.

Somebody may help to fill in the form, and says so with the contact details. Then the pages with
questions on safety, and with private ones, ask who answers them. Whatever was not answered alone is
asked again by staff. Nothing is held up by it: it is no answer, and no rule reads it.
"""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from screener.forms.identity import AloneForm
from screener.patient.journey import Stop
from screener.patient.record import Record

FIELD = "answered_by"
HELPED = ("helped", "other")


def is_asked(record: Record, stop: Stop) -> bool:
    """Return whether somebody helps, and the page holds a question for the person alone."""
    return record.identity.get("filled_in_by") in HELPED and _is_for_one_alone(record, stop)


def _is_for_one_alone(record: Record, stop: Stop) -> bool:
    if stop.medicine is not None:
        return False
    questions = (record.protocol.questions[id] for id in stop.page.questions)
    return any(question.risk or question.private for question in questions)


def beside(record: Record, stop: Stop, posted: Mapping[str, Any]) -> AloneForm | None:
    """Return the question for a page that is for the person alone, else None."""
    if not is_asked(record, stop):
        return None
    chosen = posted.get(FIELD) or record.progress.answered_by.get(stop.page.id, "")
    return AloneForm(MultiDict({FIELD: chosen} if chosen else {}))


def note(record: Record, stop: Stop, posted: Mapping[str, Any]) -> None:
    """Remember who answered; what the page does not offer counts as nothing said."""
    if is_asked(record, stop):
        form = AloneForm(MultiDict({FIELD: posted.get(FIELD, "")}))
        record.progress.answered_by[stop.page.id] = form.answered_by.data or ""


def apart(record: Record, stop: Stop, posted: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return what was posted without who answered, where the page may ask for it, once.

    Another window may have said meanwhile that nobody helps.
    """
    rest = posted.copy()
    if _is_for_one_alone(record, stop) and len(posted.getlist(FIELD)) == 1:
        rest.poplist(FIELD)
    return rest
