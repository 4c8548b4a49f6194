"""The call script: what to ask, and the answers as they are given, kept apart from the form's."""

import json
from contextlib import suppress

from flask import abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.utils import redirect

from screener import store
from screener.access import staff_only
from screener.presenters.call_script import CallScript, call_script, with_left
from screener.presenters.editions import FORM, PHONE, rest_on
from screener.staff.call_form import CallForm, entered, left_over
from screener.staff.hearing import hearing
from screener.staff.submission import retired_rulebook, served_rulebook, stored_as

_ENDED = (
    "Your session ended before this was saved. What you entered is still here. Please save it, or "
    "take it out and save."
)


@staff_only()
def call(reference: str) -> ResponseReturnValue:
    """Show what to ask, in which words, and what was answered so far."""
    script = _script(stored_as(reference))
    kept = _kept(script.reference)
    protocol = script.rescreened.protocol
    if kept is None or protocol is None:
        return _show(script, _blank(script))
    sent = CallForm.sent(protocol, kept, script.rescreened.answers)
    return _again(script, sent, kept, late=_ENDED)


@staff_only()
def take_answers(reference: str) -> ResponseReturnValue:
    """Keep every answer that can be taken, and say at each other one what is wrong with it."""
    stored = stored_as(reference)
    script = _script(stored)
    protocol = script.rescreened.protocol
    if protocol is None:
        abort(404)
    answers = script.rescreened.answers
    sent = CallForm.sent(protocol, request.form, answers)
    if sent.unexpected(request.form):
        abort(400)
    if sent.is_empty:
        _forget(script.reference)
    if not sent.how.validate() or sent.is_empty:
        return _again(script, sent, request.form, empty=sent.is_empty), 400
    taken = sent.taken(protocol, answers)
    saved = len(taken.answers) + len(taken.none)
    if saved:
        actor = current_user.email
        hear = hearing(protocol, script.rescreened.rulebook.hash, actor)
        store.take_down(reference, taken, actor, hear)
        _forget(script.reference)
    if not sent.wrong:
        return redirect(url_for("staff.call", reference=script.reference, _anchor="taken"), 303)
    if saved:
        script = _script(stored_as(reference))
    return _again(script, sent, left_over(sent, request.form), saved=saved), 400


def keep_of_ended(email: str) -> str:
    """Keep what somebody entered whose session has ended; return where it is offered again."""
    reference = (request.view_args or {})["reference"]
    if entered(request.form):
        lists = {name: texts for name, texts in request.form.lists() if name != "csrf_token"}
        with suppress(store.Unavailable):
            store.keep_entered(reference, email, json.dumps(lists))
    return url_for("staff.call", reference=reference)


def _kept(reference: str) -> "MultiDict[str, str] | None":
    """Return what this person entered before a session ended; what does not open hides nothing."""
    try:
        kept = store.entered(reference, current_user.email)
    except store.SealError as error:
        current_app.logger.error("%s", error)
        return None
    return MultiDict(json.loads(kept)) if kept else None


def _forget(reference: str) -> None:
    if _kept(reference) is not None:
        store.keep_entered(reference, current_user.email, "")


def shown_again(reference: str, why: str) -> str:
    """Show the page of a post that was not saved, with all that was entered and the reason."""
    script = _script(stored_as(reference))
    protocol = script.rescreened.protocol
    if protocol is None:
        abort(404)
    sent = CallForm.sent(protocol, request.form, script.rescreened.answers)
    return _again(script, sent, request.form, late=why)


def _script(stored: store.Submission) -> CallScript:
    books = [retired_rulebook(rest_on(stored, under)) for under in (FORM, PHONE)]
    return call_script(served_rulebook(), stored, books)


def _blank(script: CallScript) -> CallForm | None:
    rescreened = script.rescreened
    if rescreened.protocol is None:
        return None
    form = CallForm.blank(rescreened.protocol, script.paths, rescreened.answers)
    form.how.seen.data = str(script.seen)
    return form


def _again(
    script: CallScript,
    sent: CallForm,
    typed: "MultiDict[str, str]",
    *,
    saved: int = 0,
    empty: bool = False,
    late: str = "",
) -> str:
    """Show the page as it is now, with what was typed and is not saved."""
    rescreened = script.rescreened
    assert rescreened.protocol is not None
    script = with_left(script, entered(typed))
    form = CallForm.sent(rescreened.protocol, typed, rescreened.answers, script.paths)
    form.how = sent.how
    form.how.seen.data = str(script.seen if saved else sent.how.shown_saves)
    return _show(script, form, saved=saved, empty=empty, late=late)


def _show(
    script: CallScript,
    form: CallForm | None,
    *,
    saved: int = 0,
    empty: bool = False,
    late: str = "",
) -> str:
    given = {"page": script, "form": form, "saved": saved, "empty": empty, "late": late}
    return render_template("staff/call.html", **given)
