"""Recording what staff see, and showing a notice when that, or saving, does not work."""

from typing import Final, Literal

from flask import Flask, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user
from werkzeug.wrappers import Response

from screener import store

RETRY_AFTER: Final = 60  # seconds; a full disk takes longer, a lock less
Notice = Literal["", "waiting", "unsaved", "unrecorded"]

_NOTED = "screener_noted"
_WORST: Final[tuple[store.Kept, ...]] = ("log", "spill", "journal")


def init_app(app: Flask) -> None:
    """Give `recording_notice` to the templates."""

    @app.context_processor
    def shared() -> dict[str, object]:
        return {"recording_notice": notice}


def note(action: str, object: str = "") -> None:
    """Record that the signed-in user reads this. Reading never fails because of it."""
    kept = store.record_view(current_user.email, action, object)
    g.setdefault(_NOTED, []).append(kept)


def notice() -> Notice:
    """Return the notice for staff pages while views do not reach the audit log.

    `waiting` stays until everything is in the log; the others are about this request.
    """
    worst = max(g.get(_NOTED, ()), key=_WORST.index, default="log")
    if worst == "journal":
        return "unrecorded"
    if worst == "spill":
        return "unsaved"
    return "waiting" if store.views_waiting() else ""


def assume_signed_out() -> None:
    """Treat a user who was not looked up yet as signed out, so that an error page can be shown.

    Every template asks who is signed in, and looking that up may be what fails.
    """
    if "_login_user" not in g:
        g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]


def not_saved(error: Exception, typed: tuple[str, ...] = ()) -> ResponseReturnValue:
    """Answer staff with what they typed while the database cannot be used, without using it.

    `typed` must hold nothing secret: it is shown on the page.
    """
    current_app.logger.error("%s", error)
    assume_signed_out()
    reading = request.method in ("GET", "HEAD")
    page = render_template("staff/not_saved.html", typed=typed, reading=reading)
    return with_retry(make_response(page, 503))


def with_retry(response: Response) -> Response:
    """Add the header that says when to try again."""
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response
