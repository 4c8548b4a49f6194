"""Posts that could not be taken, and what cannot be shown: nothing that was typed is lost."""

from contextlib import suppress

from flask import current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user
from werkzeug.exceptions import NotFound

from screener import view_log
from screener.access import staff_only
from screener.staff import call, queue, same, search, told
from screener.staff.drafts import keep_typed
from screener.staff.submission import open_page, panel_for, role, show, show_all
from screener.staff.trial_forms import Judging
from screener.staff.trials import TRIAL_GONE

_LATE_SAID = (
    "This page was open for too long, so nothing was saved. What you typed is still here. "
    "Please send it again."
)
_NOT_SAVED_SAID = (
    "Not saved. The system cannot save right now. What you typed is still here. Wait a minute, "
    "then send it again. If it cannot wait, act first and write it down here later."
)
_ERRORS = {
    400: (
        "We could not read that",
        "Something in the page did not reach us in one piece, so nothing was saved. Go back, look "
        "at what you entered, and send it again.",
    ),
    403: (
        "This page is not open to you",
        "Your account does not have the role that it needs, or what you sent came from another "
        "site. Nothing was changed.",
    ),
    404: ("We cannot find that page", "The address may be misspelt, or the page has moved."),
    405: (
        "This page cannot be opened like that",
        "Its address only takes what another page sends. Nothing was changed.",
    ),
    413: (
        "That was too much at once",
        "What you sent is longer than we can take, so nothing was saved. Go back, make it shorter, "
        "and send it again.",
    ),
    429: ("Too many tries", "Nothing was done. Wait a few minutes, and try again."),
    500: (
        "Something went wrong on our side",
        "What you sent may not have been saved: look before you send it again. If it cannot wait, "
        "act first and write it down here later. If this stays, tell whoever runs this system.",
    ),
    503: (
        "The system does not answer right now",
        "Nothing was saved. Wait a minute, then try again. If it cannot wait, act first and write "
        "it down here later.",
    ),
}


@staff_only()
def late(_error: Exception) -> ResponseReturnValue:
    """Show the page of a post whose token no longer fits, with what was typed; nothing is done.

    It is kept as a draft only where the browser says that the post comes from a page of ours:
    nobody else can put words into the place of what somebody typed.
    """
    if request.endpoint == "staff.send_test":
        return told.late(), 400
    lists = {"staff.assign_here": queue.late, "staff.search_for": search.late}
    if request.endpoint in lists:
        return lists[request.endpoint]()
    if request.endpoint in ("staff.draft", "staff.still_open"):
        return "", 400
    if request.endpoint == "staff.act" and request.headers.get("Sec-Fetch-Site") == "same-origin":
        keep_typed((request.view_args or {})["reference"], current_user.email, request.form)
    try:
        if request.endpoint == "staff.say_same":
            return same.late(**(request.view_args or {})), 400
        return _again(_LATE_SAID), 400
    except NotFound:  # within the handler of an error nobody else catches it
        return unknown(_error)


def not_saved(error: Exception) -> ResponseReturnValue:
    """Show the page of a post that could not be stored, with what was typed."""
    if request.method == "POST":
        with suppress(Exception):  # whatever it is: then it cannot be read either
            shown = _not_saved_page()
            current_app.logger.error("%s", error)
            return shown
    ours = ("csrf_token", "revision", "seen", "confirmed", "-do")
    typed = tuple(text for name, text in request.form.items() if not name.endswith(ours))
    return view_log.not_saved(error, typed)


@staff_only()
def _not_saved_page() -> ResponseReturnValue:
    return view_log.with_retry(make_response(_again(_NOT_SAVED_SAID), 503))


def _again(why: str) -> str:
    """Show the page of a post that was not saved, with what was typed and the reason."""
    if request.endpoint == "staff.take_answers":
        return call.shown_again((request.view_args or {})["reference"], why)
    page = open_page((request.view_args or {})["reference"])
    if request.endpoint == "staff.judge_trial":
        judging = Judging(page.shown, role(), request.form)
        if judging.here is not None or judging.posted is None:
            return show_all(page, judging=judging, late=why)
        panel = panel_for(page, words=judging.posted.words_text)
        panel.lost = [f"{why} {TRIAL_GONE}"]
        return show(page, panel)
    sent = request.form if request.endpoint == "staff.act" else None
    return show(page, panel_for(page, sent=sent), late=why)


def unknown(_error: Exception) -> ResponseReturnValue:
    return render_template("staff/unknown.html", reference=""), 404


def error_page(code: int) -> str:
    """Return the page for a status that no view of the staff answered with itself."""
    title, text = _ERRORS[code]
    return render_template("staff/error.html", title=title, text=text)


def unreadable(error: Exception) -> ResponseReturnValue:
    # Its message names row, column and key, and never content.
    current_app.logger.error("%s", error)
    page = render_template("staff/unreadable.html", problem=str(error), typed=_typed_note())
    return page, 500


def _typed_note() -> str:
    """Return the words or the judgement of this post, "" where it has none."""
    names = ("act-text", "trial-words")
    return next(filter(None, map(request.form.get, names)), "")
