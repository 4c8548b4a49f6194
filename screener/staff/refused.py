"""Posts that could not be taken, and what cannot be shown: nothing that was typed is lost."""

from contextlib import suppress

from flask import current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from screener import view_log
from screener.access import staff_only
from screener.staff import queue, search, told
from screener.staff.submission import forms_for, page_of, role, show, stored_as
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


@staff_only()
def late(_error: Exception) -> ResponseReturnValue:
    """Show the page of a post whose token no longer fits, with what was typed; nothing is saved."""
    if request.endpoint == "staff.send_test":
        return told.late(), 400
    lists = {"staff.assign_here": queue.late, "staff.search_for": search.late}
    if request.endpoint in lists:
        return lists[request.endpoint]()
    return _again(_LATE_SAID), 400


def not_saved(error: Exception) -> ResponseReturnValue:
    """Show the page of a post that could not be stored, with what was typed."""
    if request.method == "POST":
        with suppress(Exception):  # whatever it is: then it cannot be read either
            shown = _not_saved_page()
            current_app.logger.error("%s", error)
            return shown
    ours = ("csrf_token", "revision", "seen", "confirmed")
    typed = tuple(text for name, text in request.form.items() if not name.endswith(ours))
    return view_log.not_saved(error, typed)


@staff_only()
def _not_saved_page() -> ResponseReturnValue:
    return view_log.with_retry(make_response(_again(_NOT_SAVED_SAID), 503))


def _again(why: str) -> str:
    """Show the page of a post that was not saved, with what was typed and the reason."""
    page = page_of(stored_as((request.view_args or {})["reference"]))
    if request.endpoint == "staff.judge_trial":
        judging = Judging(page, role(), request.form)
        forms = forms_for(page)
        if judging.here is None and judging.posted is not None:
            forms.keep(f"{why} {TRIAL_GONE}", judging.posted.words_text)
        return show(page, forms, judging=judging, late=why if judging.here else "")
    status = request.endpoint == "staff.set_status"
    forms = forms_for(page, sent=request.form) if status else forms_for(page, note=request.form)
    return show(page, forms, late=why)


def unknown(_error: Exception) -> ResponseReturnValue:
    return render_template("staff/unknown.html", reference=""), 404


def unreadable(error: Exception) -> ResponseReturnValue:
    # Its message names row, column and key, and never content.
    current_app.logger.error("%s", error)
    page = render_template("staff/unreadable.html", problem=str(error), typed=_typed_note())
    return page, 500


def _typed_note() -> str:
    """Return the note, reason or judgement of this post, "" where it has none."""
    names = ("status-note", "note-note", "trial-words")
    return next(filter(None, map(request.form.get, names)), "")
