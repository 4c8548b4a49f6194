"""What staff do with a submission: each thing by a button of the one form."""

from datetime import timedelta

from flask import request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from screener import store
from screener.access import staff_only
from screener.staff.drafts import keep_typed
from screener.staff.forms import ASKED, ASSIGN, CONTACT, DISCARD, NOTE, ActForm, Panel
from screener.staff.submission import OpenedPage, back, open_page, panel_for, role, show, stored_as
from screener.store import clock

_TWICE = timedelta(minutes=1)  # a button that is pressed twice is pressed twice at once


@staff_only()
def act(reference: str) -> ResponseReturnValue:
    """Do what the button says, unless somebody else took a step since the page was opened."""
    page = open_page(reference)
    panel = panel_for(page, sent=request.form)
    form = panel.form
    if form.chosen == DISCARD:
        store.keep_draft(reference, current_user.email, {})
        return back(page, "act")
    if not form.validate():
        wrong, form.do.errors = form.do.errors, []  # it has no field to stand at: said at the top
        panel.refuse({"do": str(wrong[0])} if wrong else {})
        return _refused(page, panel), 400
    if _done_already(page.stored, form):
        return _onward(page, form)
    try:
        _take(reference, form)
    except store.Refused as error:
        panel.refuse(error.problems)
        return _refused(page, panel), 400
    except store.Stale:
        return _stale(reference, form)
    return _onward(page, form)


def _onward(page: OpenedPage, form: ActForm) -> ResponseReturnValue:
    # Whoever acknowledges goes on reading from the top.
    return back(page, "" if form.chosen == "acknowledged" else "act")


def _refused(page: OpenedPage, panel: Panel) -> str:
    keep_typed(page.stored.questionnaire.reference, current_user.email, request.form)
    return show(page, panel)


def _take(reference: str, form: ActForm) -> None:
    me, rest, revision = current_user.email, form.rest, form.shown_revision
    if form.chosen in (NOTE, CONTACT, ASSIGN, ASKED):
        _no_disposition(form)
    if form.chosen == NOTE:
        store.add_note(reference, me, form.words, rest=rest)
    elif form.chosen == CONTACT:
        store.log_contact(reference, form.contact, me, rest=rest)
    elif form.chosen == ASSIGN:
        to, note = form.assignee, form.words
        store.assign(reference, to, me, revision, role=role(), note=note, rest=rest)
    elif form.chosen == ASKED:
        store.ask(reference, form.words, me, revision, role=role(), rest=rest)
    else:
        store.set_status(
            reference,
            form.chosen,
            me,
            revision,
            form.words,
            role=role(),
            dispositions=form.dispositions,
            rest=rest,
        )


def _no_disposition(form: ActForm) -> None:
    """Refuse a disposition that was chosen and would be passed over."""
    if form.dispositions:
        text = "A disposition for {} is not recorded with this step."
        raise store.Refused({kind: text.format(store.DANGERS[kind]) for kind in form.dispositions})


def _stale(reference: str, form: ActForm) -> ResponseReturnValue:
    """Show the page as it is now, with what was typed: nothing is lost, nothing overwritten."""
    page = open_page(reference)
    if _done_already(page.stored, form):
        return _onward(page, form)
    panel = panel_for(page, sent=request.form)
    before = str(panel.form.seen.data or "")
    panel.form.show(page.shown.revision, page.shown.seen)
    keep_typed(reference, current_user.email, request.form)
    return show(page, panel, stale=before), 409


def _done_already(stored: store.Submission, form: ActForm) -> bool:
    """Return whether the last step is this one: the button was pressed twice."""
    wanted = _event_of(form)
    kind = wanted[0]
    if kind in ("status", "ask"):  # notes and the like may have come since
        steps = [event for event in stored.events if event.kind in ("status", "ask")]
    else:
        steps = list(stored.events[_seen_events(form) :])
        steps = [event for event in steps if clock.now() - event.at < _TWICE]
    if not steps or steps[-1].actor != current_user.email or steps[-1].kind != kind:
        return False
    body = {name: value for name, value in steps[-1].body.items() if name != "from"}
    if kind == "status":
        body.setdefault("dispositions", {})
    return body == wanted[1]


def _event_of(form: ActForm) -> tuple[str, dict[str, object]]:
    """Return the kind and the body, without where it was before, of the event that a step adds."""
    if form.chosen == NOTE:
        return "note", {"text": form.words}
    if form.chosen == CONTACT:
        return "contact", form.contact.body
    if form.chosen == ASSIGN:
        note = {"note": form.words} if form.words else {}
        return "assignment", {"to": form.assignee, **note}
    body: dict[str, object] = {"to": form.chosen, "note": form.words}
    if form.chosen == ASKED:
        return "ask", body
    return "status", {**body, "dispositions": form.dispositions}


def _seen_events(form: ActForm) -> int:
    """Return how many events the page showed that was sent."""
    count = str(form.seen.data or "").partition(".")[0]
    return int(count[:9]) if count.isascii() and count.isdigit() else 0


@staff_only()
def stop_code(reference: str) -> ResponseReturnValue:
    """Take back the code and link with which the person can open an unfinished form elsewhere."""
    stored = stored_as(reference)
    store.revoke_return_code_of(reference, current_user.email)
    return back(stored, "act")
