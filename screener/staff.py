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
from screener.access import PHYSICIANS, STAFF, staff_only
from screener.archive import kept_rulebook
from screener.engine.protocol import Rulebook
from screener.presenters import queue as queues
from screener.presenters.editions import rest_on
from screener.presenters.proposed import proposed
from screener.presenters.rescreened import screened_with
from screener.presenters.rule import rule_page
from screener.presenters.submission import SubmissionPage, submission_page
from screener.staff_forms import Forms, StatusForm, why_not_more
from screener.store import clock
from screener.trial_forms import JudgementForm, Judging

ACCESS: Final = {
    "staff.queue": STAFF,
    "staff.submission": STAFF,
    "staff.rule": STAFF,
    "staff.set_status": STAFF,
    "staff.add_note": STAFF,
    "staff.stop_code": STAFF,
    "staff.judge_trial": PHYSICIANS,
}

_LATE_SAID = (
    "This page was open for too long, so nothing was saved. What you typed is still here. "
    "Please send it again."
)
_NOT_SAVED_SAID = (
    "Not saved. The system cannot save right now. What you typed is still here. Wait a minute, "
    "then send it again. If it cannot wait, act first and write it down here later."
)
_TRIAL_CHANGED_SAID = (
    "This trial was judged, or the person saved other answers, while you had it open. What you "
    "sent was not saved. Look at what changed, then decide again."
)
_TRIAL_GONE_SAID = (
    "This medicine is not among those reported for this use (any more). The judgement was not "
    "saved. What you wrote is in the box for notes."
)


def blueprint() -> Blueprint:
    """Return the blueprint `staff`."""
    staff = Blueprint("staff", __name__, url_prefix="/staff")
    at = "/submissions/<reference>"
    staff.add_url_rule("/", "queue", queue)
    staff.add_url_rule(at, "submission", submission)
    # Every rule has this address for everybody, whatever its outcome: it reveals no answer.
    staff.add_url_rule(f"{at}/rules/<rule>", "rule", rule)
    staff.add_url_rule(f"{at}/status", "set_status", set_status, methods=["POST"])
    staff.add_url_rule(f"{at}/notes", "add_note", add_note, methods=["POST"])
    staff.add_url_rule(f"{at}/code", "stop_code", stop_code, methods=["POST"])
    # Which medicine it is about stands in what is posted: an address names nothing of a person.
    staff.add_url_rule(f"{at}/trials", "judge_trial", judge_trial, methods=["POST"])
    staff.register_error_handler(store.SealError, _unreadable)
    staff.register_error_handler(CSRFError, _late)
    staff.register_error_handler(store.Unavailable, _not_saved)
    staff.register_error_handler(404, _unknown)
    return staff


@staff_only()
def queue() -> ResponseReturnValue:
    """Show a page of the queue: who needs somebody first."""
    chosen = queues.filter_of(request.args.get("show"))
    at = request.args.get("at", "")
    part = store.queue_part(statuses=chosen.statuses, limit=queues.SIZE, at=at)
    view_log.note("viewed queue")
    shown = queues.queue_page(chosen, part, clock.now(), _rulebook().protocols)
    return render_template("staff/queue.html", queue=shown)


@staff_only()
def submission(reference: str) -> ResponseReturnValue:
    """Show one submission with everything behind its flags."""
    page = _page(_stored(reference))
    return _show(page, _forms(page))


@staff_only()
def rule(reference: str, rule: str) -> ResponseReturnValue:
    """Show why one rule came out as it did, what would settle it, and what would change it."""
    stored = rest_on(_stored(reference), _under())
    page = rule_page(_rulebook(), stored, rule, _retired(stored))
    if page is None:
        stored_reference = stored.questionnaire.reference
        return render_template("staff/unknown.html", reference=stored_reference), 404
    return render_template("staff/rule.html", page=page, under=_under())


@staff_only()
def set_status(reference: str) -> ResponseReturnValue:
    """Take a step, unless somebody else took one since the page was opened."""
    page = _page(_stored(reference))
    forms = _forms(page, sent=request.form)
    sent = forms.posted
    if not sent.validate():
        forms.refuse({field.short_name: str(field.errors[0]) for field in sent if field.errors})
        return _show(page, forms), 400
    try:
        store.set_status(
            reference,
            sent.chosen,
            current_user.email,
            sent.shown_revision,
            sent.note_text,
            role=_role(),
            dispositions=sent.dispositions,
        )
    except store.Refused as error:
        forms.refuse(error.problems)
        return _show(page, forms), 400
    except store.Stale:
        return _stale(reference, sent)
    # Whoever acknowledges goes on reading from the top.
    return _back(page, "" if sent.chosen == "acknowledged" else "review")


def _stale(reference: str, sent: StatusForm) -> ResponseReturnValue:
    """Show the page as it is now, with what was typed: nothing is lost, nothing overwritten."""
    stored = _stored(reference)
    page = _page(stored)
    if _taken_already(stored, sent):
        return _back(page, "")
    forms = _forms(page, sent=request.form)
    forms.show_revision()
    return _show(page, forms, stale=True), 409


def _taken_already(stored: store.Submission, sent: StatusForm) -> bool:
    """Return whether the last step is this one: the button was pressed twice."""
    steps = [event for event in stored.events if event.kind == "status"]
    if not steps or steps[-1].actor != current_user.email:
        return False
    body = steps[-1].body
    same = {"to": sent.chosen, "note": sent.note_text, "dispositions": sent.dispositions}
    return {**body, "dispositions": body.get("dispositions", {})} == {"from": body["from"], **same}


@staff_only()
def add_note(reference: str) -> ResponseReturnValue:
    """Add a note. Notes are only ever added, so two people cannot be in each other's way."""
    page = _page(_stored(reference))
    forms = _forms(page, note=request.form)
    if not forms.note.validate():
        return _show(page, forms), 400
    store.add_note(reference, current_user.email, forms.note.note_text)
    return _back(page, "review")


@staff_only()
def stop_code(reference: str) -> ResponseReturnValue:
    """Take back the code and link with which the person can open an unfinished form elsewhere."""
    page = _page(_stored(reference))
    store.revoke_return_code_of(reference, current_user.email)
    return _back(page, "review")


@staff_only("physician")
def judge_trial(reference: str) -> ResponseReturnValue:
    """Take a physician's word on a trial: show what it would change, then record it."""
    stored = _stored(reference)
    page = _page(stored)
    judging = Judging(page, _role(), request.form)
    sent = judging.here
    if sent is None:
        assert judging.posted is not None
        forms = _forms(page)
        forms.keep(_TRIAL_GONE_SAID, judging.posted.words_text)
        return _show(page, forms, judging=judging), 400
    tried = next(medicine for medicine in page.tried if medicine.id == sent.trial[0])
    judgement = sent.judgement(tried.name, tried.row)
    confirmed = sent.confirmed.data == "yes"
    if confirmed and _judged_already(stored, judgement):
        return _back(page, "trials")
    try:
        stands = sent.trial in store.standing_judgements(stored)
        if not sent.is_whole(judgement, _role(), stands):
            return _show(page, _forms(page), judging=judging), 400
        if not confirmed:
            if sent.seen.data != judging.marks[sent.trial]:
                raise store.Stale("the trial is not as the page showed it")
            return _confirm(stored, judgement, sent)
        seen = str(sent.seen.data)
        store.judge_trial(reference, judgement, current_user.email, role=_role(), seen=seen)
    except store.Refused as error:
        sent.refuse(error.problems)
        return _show(page, _forms(page), judging=judging), 400
    except store.Stale:
        return _trial_stale(reference, judgement)
    return _back(page, "trials")


def _confirm(
    stored: store.Submission, judgement: store.Judgement, sent: JudgementForm
) -> ResponseReturnValue:
    retired = _retired(stored)
    page = proposed(_rulebook(), stored, judgement, current_user.email, clock.now(), retired)
    return render_template("staff/judgement.html", page=page, form=sent)


def _judged_already(stored: store.Submission, judgement: store.Judgement) -> bool:
    """Return whether the last word on the trial is this one: the button was pressed twice."""
    before = store.of_trial(stored.events, judgement.medicine, judgement.use)
    mine = bool(before) and before[-1].actor == current_user.email
    return mine and store.judgement_of(before[-1]) == judgement


def _trial_stale(reference: str, judgement: store.Judgement) -> ResponseReturnValue:
    """Show the trial as it is now, with what was typed: nothing is lost, nothing overwritten."""
    stored = _stored(reference)
    page = _page(stored)
    if _judged_already(stored, judgement):
        return _back(page, "trials")
    judging = Judging(page, _role(), request.form)
    judging.show_mark()
    return _show(page, _forms(page), judging=judging, late=_TRIAL_CHANGED_SAID), 409


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
    ours = ("csrf_token", "revision", "seen", "confirmed")
    typed = tuple(text for name, text in request.form.items() if not name.endswith(ours))
    return view_log.not_saved(error, typed)


@staff_only()
def _not_saved_page() -> ResponseReturnValue:
    return view_log.with_retry(make_response(_again(_NOT_SAVED_SAID), 503))


def _again(why: str) -> str:
    """Show the page of a post that was not saved, with what was typed and the reason."""
    page = _page(_stored((request.view_args or {})["reference"]))
    if request.endpoint == "staff.judge_trial":
        judging = Judging(page, _role(), request.form)
        forms = _forms(page)
        if judging.here is None and judging.posted is not None:
            forms.keep(f"{why} {_TRIAL_GONE_SAID}", judging.posted.words_text)
        return _show(page, forms, judging=judging, late=why if judging.here else "")
    status = request.endpoint == "staff.set_status"
    forms = _forms(page, sent=request.form) if status else _forms(page, note=request.form)
    return _show(page, forms, late=why)


def _unknown(_error: Exception) -> ResponseReturnValue:
    return render_template("staff/unknown.html", reference=""), 404


def _unreadable(error: Exception) -> ResponseReturnValue:
    # Its message names row, column and key, and never content.
    current_app.logger.error("%s", error)
    page = render_template("staff/unreadable.html", problem=str(error), typed=_typed_note())
    return page, 500


def _typed_note() -> str:
    """Return the note, reason or judgement of this post, "" where it has none."""
    names = ("status-note", "note-note", "trial-words")
    return next(filter(None, map(request.form.get, names)), "")


def _page(stored: store.Submission) -> SubmissionPage:
    resting = rest_on(stored, _under())
    retired, answered_under = _retired(resting), _retired(stored)
    return submission_page(_rulebook(), stored, resting, clock.now(), retired, answered_under)


def _under() -> str:
    """Return the key of the screening that is asked for, "" for the one that counts."""
    return request.args.get("under", "")


def _stored(reference: str) -> store.Submission:
    """Load a submission, and note in the audit log that this person sees it."""
    stored = store.submission(reference)
    if stored is None:
        abort(404)
    view_log.note("viewed", stored.questionnaire.reference)
    return stored


def _retired(stored: store.Submission) -> Rulebook | None:
    """Return the rulebook that screened a submission, where that is not the one in use."""
    _, rulebook_hash = screened_with(stored.questionnaire)
    return None if rulebook_hash == _rulebook().hash else kept_rulebook(rulebook_hash)


def _rulebook() -> Rulebook:
    served: Rulebook = current_app.extensions["screener_rulebook"]
    return served


def _role() -> str:
    return "physician" if current_user.has_role("physician") else "intake"


def _forms(page: SubmissionPage, *, sent: object = None, note: object = None) -> Forms:
    """Return the forms of what this person may do now; `sent` and `note` are what was posted."""
    return Forms(page.standing, _role(), page.revision, sent, note)


def _show(
    page: SubmissionPage,
    forms: Forms,
    *,
    judging: Judging | None = None,
    stale: bool = False,
    late: str = "",
) -> str:
    return render_template(
        "staff/submission.html",
        page=page,
        forms=forms,
        under=_under(),
        judging=judging or Judging(page, _role()),
        why_not_more=why_not_more(page.standing, _role()),
        stale=stale,
        late=late,
    )


def _back(page: SubmissionPage, anchor: str) -> Response:
    url = url_for("staff.submission", reference=page.reference, _anchor=anchor or None)
    return redirect(url, 303)
