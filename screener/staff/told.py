"""Who is told of what: the page, the test messages, and the warning on every staff page."""

from datetime import timedelta

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from screener import store, view_log
from screener.access import staff_only
from screener.presenters.told import Trouble, told_page, troubles
from screener.settings import Settings
from screener.store import Content, Draft, clock
from screener.telling.work import draft

_TOO_OFTEN = "Nothing was sent: there were too many tests within an hour. Wait, and try again."
_LATE = "This page was open for too long, so nothing was sent. Please send the test again."


@staff_only()
def notifications() -> ResponseReturnValue:
    """Show who is told of what, and whether it works."""
    view_log.note("viewed notifications")
    return _page()


@staff_only()
def send_test(entry: str) -> ResponseReturnValue:
    """Send a test message to an entry of the list; without one, to whoever asks for it."""
    settings, now = _settings(), clock.now()
    listed = {recipient.id: recipient for recipient in settings.roster.recipients}
    if entry in listed:
        test, name = draft(listed[entry], now, rank=0), listed[entry].name
    elif not entry and settings.mail_server is not None:
        name = str(current_user.email)
        test = Draft("", "mail", Content(name), now, rank=0)
    else:
        abort(404)
    if store.take("test message", current_user.email, settings.limit_test_message):
        return _page(_TOO_OFTEN), 429
    store.send_test(test, current_user.email)
    flash(f"A test to {name} is on its way. Open this page again to see what became of it.")
    return redirect(url_for("staff.notifications"), 303)


def late() -> str:
    """Return the page of a test whose token no longer fits; nothing is sent."""
    return _page(_LATE)


def shared() -> dict[str, object]:
    """Return what every staff page may show: why emergencies have nowhere to go, and the steps."""
    return {
        "telling_troubles": _troubles,
        "steps_when_not_reached": _settings().roster.steps_when_not_reached,
    }


def _troubles() -> tuple[Trouble, ...]:
    settings = _settings()
    entries = [recipient.id for recipient in settings.roster.recipients]
    try:
        telling = store.telling(entries)
    except store.StoreError:
        return ()  # the page says already that the database does not answer
    hours = settings.due_times.hours
    return troubles(settings.roster, telling, hours, clock.now(), _unseen(settings))


def _page(problem: str = "") -> str:
    settings = _settings()
    entries = [recipient.id for recipient in settings.roster.recipients]
    page = told_page(
        settings.roster,
        store.telling(entries),
        store.test_messages(),
        store.dead_links(),
        settings.due_times.hours,
        clock.now(),
        _unseen(settings),
    )
    mail = current_user.email if settings.mail_server is not None else ""
    return render_template("staff/notifications.html", page=page, problem=problem, mail=mail)


def _unseen(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.worker_minutes)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["screener_settings"]
    return settings
