"""The staff's side: the queue, one submission, its status and notes."""

from contextlib import suppress
from typing import Final

from flask import (
    Blueprint,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from screener import store, view_log
from screener.access import STAFF, staff_only
from screener.engine.rulebook import Rulebook
from screener.presenters import queue as queues
from screener.presenters.rule import rule_page
from screener.presenters.submission import SubmissionPage, submission_page
from screener.presenters.words import STATUSES
from screener.staff_forms import NoteForm, StatusForm
from screener.store import clock

ACCESS: Final = {
    "staff.queue": STAFF,
    "staff.submission": STAFF,
    "staff.rule": STAFF,
    "staff.set_status": STAFF,
    "staff.add_note": STAFF,
}

_OPEN_TO_ALL = tuple(status for status in STATUSES if status != "decided")
_LATE_SAID = (
    "This page was open for too long, so nothing was saved. What you typed is still here. "
    "Please send it again."
)
_NOT_SAVED_SAID = (
    "Not saved. The system cannot save right now. What you typed is still here. Wait a minute, "
    "then send it again. If it cannot wait, act first and write it down here later."
)


def blueprint() -> Blueprint:
    """Return the blueprint `staff`."""
    staff = Blueprint("staff", __name__, url_prefix="/staff")
    at = "/submissions/<reference>"
    staff.add_url_rule("/", "queue", queue)
    staff.add_url_rule(at, "submission", submission)
    # Every rule has this address for everybody, whatever its outcome: it tells nothing of answers.
    staff.add_url_rule(f"{at}/rules/<rule>", "rule", rule)
    staff.add_url_rule(f"{at}/status", "set_status", set_status, methods=["POST"])
    staff.add_url_rule(f"{at}/notes", "add_note", add_note, methods=["POST"])
    staff.register_error_handler(store.SealError, _unreadable)
    staff.register_error_handler(CSRFError, _late)
    staff.register_error_handler(store.Unavailable, _not_saved)
    staff.register_error_handler(404, _unknown)
    return staff


@staff_only()
def queue() -> ResponseReturnValue:
    """Show a page of the queue: who needs somebody first."""
    chosen = queues.filter_of(request.args.get("show"))
    counts = {name: store.count_queue(statuses=of) for name, of in queues.FILTERS.items()}
    count = counts[chosen.name]
    # A page that emptied since, or was never there, shows the nearest one instead of nothing.
    page = min(max(request.args.get("page", 1, type=int), 1), queues.pages(count))
    offset = (page - 1) * queues.SIZE
    rows = store.queue(statuses=chosen.statuses, limit=queues.SIZE, offset=offset)
    view_log.note("viewed queue")
    shown = queues.QueuePage(
        chosen, queues.lines(rows, clock.now(), _rulebook().protocols), count, page, counts
    )
    return render_template("staff/queue.html", queue=shown)


@staff_only()
def submission(reference: str) -> ResponseReturnValue:
    """Show one submission with everything behind its flags."""
    page = _page(reference)
    return _show(page, _status_form(page, fresh=True), NoteForm())


@staff_only()
def rule(reference: str, rule: str) -> ResponseReturnValue:
    """Show why one rule came out as it did, what would settle it, and what would change it."""
    stored = _stored(reference)
    page = rule_page(_rulebook(), stored, rule)
    if page is None:
        known = stored.questionnaire.reference
        return render_template("staff/unknown.html", reference=known), 404
    return render_template("staff/rule.html", page=page)


@staff_only()
def set_status(reference: str) -> ResponseReturnValue:
    """Set the status, unless somebody else changed it since the page was opened."""
    page = _page(reference)
    form = _status_form(page)
    if not form.validate():
        return _show(page, form, NoteForm()), 400
    actor = current_user.email
    try:
        store.set_status(reference, form.chosen, actor, form.shown_revision, form.note_text)
    except store.Stale:
        # The page as it stands now, with what was typed: nothing is lost, nothing overwritten.
        page = _page(reference)
        form.show_revision(page.revision)
        return _show(page, form, NoteForm(), stale=True), 409
    return _back(page)


@staff_only()
def add_note(reference: str) -> ResponseReturnValue:
    """Add a note. Notes are only ever added, so two people cannot be in each other's way."""
    page = _page(reference)
    form = NoteForm(request.form)
    if not form.validate():
        return _show(page, _status_form(page, fresh=True), form), 400
    store.add_note(reference, current_user.email, form.note_text)
    return _back(page)


@staff_only()
def _late(_error: Exception) -> ResponseReturnValue:
    """Show the page of a post whose token no longer fits, with what was typed; nothing is saved."""
    return _again(_LATE_SAID), 400


def _not_saved(error: Exception) -> ResponseReturnValue:
    """Show the page of a post that could not be stored, with what was typed."""
    if request.method == "POST":
        with suppress(Exception):  # whatever it is: then it cannot be read either
            shown = _not_saved_page()
            current_app.logger.error("%s", error)
            return shown
    ours = ("csrf_token", "revision")
    typed = tuple(text for name, text in request.form.items() if not name.endswith(ours))
    return view_log.not_saved(error, typed)


@staff_only()
def _not_saved_page() -> ResponseReturnValue:
    return view_log.with_retry(make_response(_again(_NOT_SAVED_SAID), 503))


def _again(why: str) -> str:
    """The page of a post that was not saved, with what was typed and the reason."""
    page = _page((request.view_args or {})["reference"])
    status = request.endpoint == "staff.set_status"
    note_form = NoteForm(None if status else request.form)
    return _show(page, _status_form(page, fresh=not status), note_form, late=why)


def _unknown(_error: Exception) -> ResponseReturnValue:
    return render_template("staff/unknown.html", reference=""), 404


def _unreadable(error: Exception) -> ResponseReturnValue:
    # Its message names row, column and key, and never content.
    current_app.logger.error("%s", error)
    return render_template("staff/unreadable.html", problem=str(error)), 500


def _page(reference: str) -> SubmissionPage:
    return submission_page(_rulebook(), _stored(reference), clock.now())


def _stored(reference: str) -> store.Submission:
    """Load a submission, and note in the audit log that this person sees it."""
    stored = store.submission(reference)
    if stored is None:
        abort(404)
    view_log.note("viewed", stored.questionnaire.reference)
    return stored


def _rulebook() -> Rulebook:
    served: Rulebook = current_app.extensions["screener_rulebook"]
    return served


def _status_form(page: SubmissionPage, *, fresh: bool = False) -> StatusForm:
    """The form with the statuses this person may set; `fresh` leaves aside what was posted."""
    # A decision is a physician's; everything else is anybody's who works on the queue.
    mine = [
        (id, word)
        for id, word in STATUSES.items()
        if id in (page.status, *_OPEN_TO_ALL) or current_user.has_role("physician")
    ]
    form = StatusForm(None if fresh else request.form, statuses=mine)
    if fresh:
        form.show(page.status, page.revision)
    return form


def _show(
    page: SubmissionPage,
    status_form: StatusForm,
    note_form: NoteForm,
    *,
    stale: bool = False,
    late: str = "",
) -> str:
    return render_template(
        "staff/submission.html",
        page=page,
        status_form=status_form,
        note_form=note_form,
        stale=stale,
        late=late,
    )


def _back(page: SubmissionPage) -> Response:
    url = url_for("staff.submission", reference=page.reference, _anchor="review")
    return redirect(url, 303)
