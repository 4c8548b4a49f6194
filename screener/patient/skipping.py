"""Medicines that a person does not remember: passed over with one tap, and done.

What was typed there is taken all the same. The rest is a blank, which stays unknown; that the
person passed over it is kept as the screen counting as done.
"""

from collections.abc import Mapping
from typing import Literal

from werkzeug.datastructures import MultiDict

from screener.patient import journey
from screener.patient.journey import Stop
from screener.patient.record import Record

FIELD = "page-skip"  # no question can be called so: ids have no hyphen
Skip = Literal["", "this", "rest"]


def offered(record: Record, stop: Stop) -> Skip:
    """Return what can be passed over on a screen: its own medicine, or all that are left."""
    if stop.medicine is None:
        return ""
    return "rest" if stop.if_remembered(record) else "this"


def chosen(record: Record, stop: Stop, posted: Mapping[str, str]) -> Skip:
    """Return what the person passed over, of what is offered."""
    offer = offered(record, stop)
    return offer if offer and posted.get(FIELD) == offer else ""


def apart(stop: Stop, posted: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return a post without the button that passes over medicines, on a screen that has one."""
    if stop.medicine is None:
        return posted
    return MultiDict([(name, v) for name, v in posted.items(multi=True) if name != FIELD])


def note(record: Record, stop: Stop) -> Stop:
    """Count every medicine from this one on as done that nothing hangs on; return the last."""
    progress, last = record.progress, stop
    order = journey.stops(record)
    keys = [listed.key for listed in order]
    for listed in order[keys.index(stop.key) + 1 :] if stop.key in keys else []:
        if not listed.if_remembered(record) or listed.page != stop.page:
            break
        last = listed
        if listed.key not in progress.pages_saved and listed.key not in progress.drafts:
            progress.pages_saved.append(listed.key)
    return last
