"""Where the person is now, and since when: the place to which help would be sent.

It belongs to the person's details and is no answer: no rule reads it. Earlier places are kept
with their times, for staff who look for somebody.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from screener.forms import shown
from screener.forms.identity import LONGEST_PLACE, WhereForm
from screener.patient import context
from screener.patient.journey import Stop
from screener.patient.record import Record
from screener.texts import tidy

FIELD = "where_now"
SITTING = timedelta(hours=2)  # without a save: whoever comes back later may be somewhere else
_MOST_KEPT = 30  # earlier places


def is_due(record: Record) -> bool:
    """Return whether the person came back after a while and has not given their place since."""
    away = context.now() - record.questionnaire.updated_at > SITTING
    return away or record.progress.place_due


def note_sitting(record: Record) -> None:
    """Remember at a save that a new sitting began, until the person says where they are."""
    record.progress.place_due = is_due(record)


def say(record: Record, text: str, *, confirmed: bool = False) -> None:
    """Put a place into the record's details, with the time; a blank leaves them as they are.

    A place that stays the same is said anew only if the person was asked for nothing else
    (`confirmed`): what stands filled in beside other questions is easily passed over.
    """
    if confirmed:
        record.progress.place_due = False
    text = tidy(text, one_line=True)
    if len(text) > LONGEST_PLACE:
        # Never a reason to hold up somebody who answers questions about safety.
        text = text[: LONGEST_PLACE - 1] + "…"
    kept = record.identity | record.details
    before = str(kept.get("location") or "")
    if not text or (text == before and not confirmed):
        return
    earlier = list(kept.get("locations_before") or [])
    if before and text != before:
        earlier = [*earlier, {"place": before, "at": kept.get("location_at") or ""}][-_MOST_KEPT:]
    record.details |= {
        "location": text,
        "location_at": context.now().isoformat(timespec="seconds"),
        "locations_before": earlier,
    }
    record.progress.place_due = False


def is_asked(record: Record, stop: Stop) -> bool:
    """Return whether a page holds a question on safety: the place is asked beside it."""
    if stop.medicine is not None:
        return False
    return any(record.protocol.questions[id].risk for id in stop.page.questions)


def form(record: Record, posted: Mapping[str, Any] | None = None) -> WhereForm:
    """Return the field, filled with what was posted, or else with the last place."""
    if posted is not None and FIELD in posted:
        again = WhereForm(MultiDict({FIELD: posted[FIELD]}))
        again.brought = str(posted.get(shown.NAME, ""))
        return again
    return WhereForm(MultiDict({FIELD: str(record.identity.get("location") or "")}))


def beside(record: Record, stop: Stop, posted: Mapping[str, Any]) -> WhereForm | None:
    """Return the field for a page that holds a question on safety, else None."""
    return form(record, posted) if is_asked(record, stop) else None


def note(record: Record, stop: Stop, posted: Mapping[str, Any]) -> None:
    """Take the place that was posted beside questions on safety, unless it was not touched."""
    if not is_asked(record, stop):
        return
    if not is_untouched(posted):
        say(record, str(posted.get(FIELD, "")))


def is_untouched(posted: Mapping[str, Any]) -> bool:
    """Return whether the place came back as its page showed it: a newer one may be stored."""
    page = shown.read(str(posted.get(shown.NAME, "")))
    typed = shown.fingerprint([str(posted.get(FIELD, ""))])
    return page is not None and page.get(FIELD) == typed


def apart(record: Record, stop: Stop, posted: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return what was posted without the place, where the page asks for it, once."""
    rest = posted.copy()
    if is_asked(record, stop) and len(posted.getlist(FIELD)) == 1:
        rest.poplist(FIELD)
    return rest
