"""What every patient view needs: the rulebook, the settings, and whose questionnaire it is.

The person's cookie holds a random token and nothing else; the store knows only its hash.
"""

from datetime import date, datetime
from typing import Any

from flask import current_app, g, request
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from screener import locality, spoken, store
from screener.engine.protocol import Rulebook
from screener.settings import Limit, Settings
from screener.store import clock

RULEBOOK = "screener_rulebook"
SETTINGS = "screener_settings"
COOKIE = "screener_questionnaire"
_LEFT = "screener_left"  # set by the script of "Leave"


class NoQuestionnaire(Exception):
    """There is no questionnaire for this device: no cookie, or one that is not known any more."""


def rulebook() -> Rulebook:
    """Return the rulebook that is served, in the words that the person reads."""
    return spoken.rulebook()


def settings() -> Settings:
    """Return the settings of the app."""
    configured: Settings = current_app.extensions[SETTINGS]
    return configured


def now() -> datetime:
    """Return the time, in UTC."""
    return clock.now()


def today() -> date:
    """Return the date at the clinic, by whose clock a person turns 18."""
    return locality.date_of(now())


def token() -> str:
    """Return the token of this device, or "" when it has none."""
    return "" if has_left() else request.cookies.get(COOKIE, "")


def has_left() -> bool:
    """Return whether the person has left, and this device still has to forget the form."""
    return _LEFT in request.cookies


def current() -> store.Questionnaire:
    """Return this device's questionnaire. Raises NoQuestionnaire."""
    questionnaire = store.load(token()) if token() else None
    # One of a protocol that is no longer served cannot be shown; it stays with the clinic.
    if questionnaire is None or questionnaire.protocol not in rulebook().protocols:
        raise NoQuestionnaire
    spoken.continue_in(questionnaire.language)
    return questionnaire


def current_or_none() -> store.Questionnaire | None:
    """Return this device's questionnaire, or None."""
    try:
        return current()
    except NoQuestionnaire:
        return None


def remember(response: Response, value: str) -> None:
    """Keep the token on this device for as long as an unfinished form is kept."""
    days = settings().draft_days
    response.set_cookie(COOKIE, value, max_age=days * 86400, **_cookie())


def remember_until_closed(response: Response) -> None:
    """Keep the token only until the browser is closed: a sent form needs no coming back."""
    response.set_cookie(COOKIE, token(), **_cookie())


def forget(response: Response) -> None:
    """Take the token off this device."""
    response.delete_cookie(COOKIE, **_cookie())
    response.delete_cookie(_LEFT, **_cookie())


def limit(name: str, subject: str, allowed: Limit) -> None:
    """Raise TooManyRequests when `subject` did too much of `name`."""
    wait = store.take(name, subject, allowed)
    if wait:
        raise too_many(wait)


def too_many(wait: float) -> TooManyRequests:
    """Return the error for somebody who may go on after so many seconds."""
    return TooManyRequests(retry_after=int(wait) + 1)


def posted() -> bool:
    """Return whether a form was sent and may be acted on.

    A form whose CSRF token no longer fits is shown again with what was typed, and
    must not be acted on.
    """
    return request.method == "POST" and not g.get("stale", False)


def _cookie() -> dict[str, Any]:
    return {"path": "/", "httponly": True, "samesite": "Lax", "secure": settings().https}
