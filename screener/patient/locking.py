"""The idle lock: after a while, a device shows the form again only for the date of birth.

The time is the server's, noted with the device. What is locked is reading. What an open page sends
is saved at once, whoever holds the device: an answer on danger must never wait for a date of birth.
"""

from datetime import timedelta

from flask import g, request, session, url_for
from werkzeug.wrappers import Response

from screener import store
from screener.patient import context
from screener.patient.views import go, here

# What shows nothing of a form, or must never wait.
_OPEN = {
    f"patient.{name}"
    for name in ("start", "consent", "help", "leave", "unlock", "come_back", "another")
}
# What takes nothing that was typed: its buttons wait for the date of birth.
_BUTTONS = {f"patient.{name}" for name in ("check", "start_again", "results", "received", "later")}
_ONWARD = "after_unlock"
_TOLD_NOW = "told_now"


def device() -> store.Device | None:
    """Return this device as the store knows it; looked up once a request."""
    if "device" not in g:
        token = context.token()
        g.device = store.device(token, idle()) if token else None
    kept: store.Device | None = g.device
    return kept


def idle() -> timedelta:
    """Return for how long a device may be idle."""
    return timedelta(minutes=context.settings().patient_idle_minutes)


def is_locked() -> bool:
    """Return whether this device has to be asked for the date of birth."""
    kept = device()
    return kept is not None and context.now() - kept.seen_at > idle()


def turned_away() -> Response | None:
    """Return where to go instead of what was asked for, or None where it may be shown."""
    if request.endpoint in _OPEN:
        return None
    if request.method == "POST" and request.endpoint not in _BUTTONS:
        return None  # and a save looks nothing up for it
    if not is_locked():
        return None
    session[_ONWARD] = here()
    return go(url_for("patient.unlock"))


def tell_now() -> None:
    """Let help be shown in full once on a locked device: an answer just called for it."""
    if is_locked():
        session[_TOLD_NOW] = True


def was_told_now() -> bool:
    """Return whether help may be shown in full, once."""
    return request.method == "GET" and bool(session.pop(_TOLD_NOW, False))


def onward() -> str:
    """Return where the person wanted to go when the lock had fallen, once."""
    return str(session.pop(_ONWARD, "")) or url_for("patient.questions")
