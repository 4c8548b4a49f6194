"""What the views share: showing a template, and the gates in front of the questions."""

from collections.abc import Mapping

from flask import g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from screener import store
from screener.patient import context, journey, saving, whereabouts
from screener.patient.journey import Stop
from screener.patient.record import Record
from screener.saying import lazy_gettext

LATER = "save-later"  # the button's name; no question can be called so: ids have no hyphen
STALE = lazy_gettext(
    "This page was open for a long time. What you entered is still here. Please send it again. "
    "If this comes back, allow cookies for this site."
)


def show(template: str, **values: object) -> str:
    """Render a template.

    `stale` is the message for a page whose token no longer fits, or ""; `here` is where its form
    is sent: without a fragment, which the browser would carry on to the next page.
    """
    stale = str(STALE) if g.get("stale", False) else ""
    return render_template(f"patient/{template}", stale=stale, here=here(), **values)


def here() -> str:
    """Return the address of this page."""
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    return f"{request.script_root}{request.path}{query}"


def go(url: str) -> Response:
    """Redirect after a post: going back does not send it again."""
    return redirect(url, 303)


def back_to() -> str:
    """Return "check" when the page was opened from the check page, else ""."""
    return "check" if request.args.get("from") == "check" else ""


def is_for_later(posted: Mapping[str, str]) -> bool:
    """Return whether a page was saved to come back to it another time."""
    return LATER in posted


def is_paused(record: Record) -> bool:
    """Return whether an emergency still waits for the person's answer."""
    return any(help.emergency for help in saving.unread(record))


def gate(record: Record) -> Response | None:
    """Return where to go instead of the questions, or None: the form was sent, or has to wait.

    A post is never turned away by an emergency: what it brings is saved first.
    """
    if request.method == "POST" and (record.sent or record.under_age):
        raise store.AlreadySubmitted(record.questionnaire.reference)
    if record.sent:
        return go(url_for("patient.results"))
    if record.under_age:
        return go(url_for("patient.adults_only"))
    if not record.identity.get("phone"):
        return go(url_for("patient.contact"))
    if request.method == "GET" and is_paused(record):
        return go(url_for("patient.help"))
    if request.method == "GET" and whereabouts.is_due(record):
        return go(_ask_where())
    return None


def _ask_where() -> str:
    """Return the address that asks where the person is now and leads on to this page."""
    values = {"to": request.path, "from": back_to()}
    return url_for("patient.where", **{k: v for k, v in values.items() if v})  # type: ignore[arg-type]


def open_record() -> Record:
    """Return this device's record. Raises NoQuestionnaire."""
    return Record.of(context.current())


# Kept in the session, so that no address says it: the screen whose answers raised help, and the
# page that was opened last. Each by its address, which has a number in place of the name of a
# medicine.
_RAISED, _OPENED = "raised", "opened"
_FROM_CHECK = "?from=check"
_BESIDE = ("questions", "contact", "check", "later", "start_again")  # pages beside the questions


def opened() -> None:
    """Note that this page is shown: whoever asks for help there comes back to it."""
    session.pop(_RAISED, None)
    address = f"{request.script_root}{request.path}{_FROM_CHECK if back_to() else ''}"
    if session.get(_OPENED) != address:
        session[_OPENED] = address


def help_after(stop: Stop, back: str) -> str:
    """Return the address of help for a screen whose answers raised it."""
    session[_RAISED] = stop.url()
    return url_for("patient.help", **({"from": back} if back else {}))  # type: ignore[arg-type]


def after_help(record: Record, back: str) -> str:
    """Return where to go on after help: past the screen that raised it, unless it waits.

    Where no answer raised it, that is the page from which it was opened.
    """
    stops = {stop.url(): stop for stop in journey.stops(record)}
    if raised := stops.get(session.get(_RAISED, "")):
        waits = raised.key not in record.saved or raised.key in record.progress.drafts
        return raised.url(back) if waits else journey.following(record, raised, back)
    last = str(session.get(_OPENED, ""))
    shown = {*stops, *(url_for(f"patient.{name}") for name in _BESIDE)}
    return last if last.removesuffix(_FROM_CHECK) in shown else journey.resumed(record)
