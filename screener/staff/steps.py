"""Steps of the review: a status, a note, a code taken back."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from screener import store
from screener.access import staff_only
from screener.staff.forms import StatusForm
from screener.staff.submission import back, forms_for, page_of, role, show, stored_as


@staff_only()
def set_status(reference: str) -> ResponseReturnValue:
    """Take a step, unless somebody else took one since the page was opened."""
    page = page_of(stored_as(reference))
    forms = forms_for(page, sent=request.form)
    sent = forms.posted
    if not sent.validate():
        forms.refuse({field.short_name: str(field.errors[0]) for field in sent if field.errors})
        return show(page, forms), 400
    try:
        store.set_status(
            reference,
            sent.chosen,
            current_user.email,
            sent.shown_revision,
            sent.note_text,
            role=role(),
            dispositions=sent.dispositions,
        )
    except store.Refused as error:
        forms.refuse(error.problems)
        return show(page, forms), 400
    except store.Stale:
        return _stale(reference, sent)
    # Whoever acknowledges goes on reading from the top.
    return back(page, "" if sent.chosen == "acknowledged" else "review")


def _stale(reference: str, sent: StatusForm) -> ResponseReturnValue:
    """Show the page as it is now, with what was typed: nothing is lost, nothing overwritten."""
    stored = stored_as(reference)
    page = page_of(stored)
    if _taken_already(stored, sent):
        return back(page, "")
    forms = forms_for(page, sent=request.form)
    forms.show_revision()
    return show(page, forms, stale=True), 409


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
    page = page_of(stored_as(reference))
    forms = forms_for(page, note=request.form)
    if not forms.note.validate():
        return show(page, forms), 400
    store.add_note(reference, current_user.email, forms.note.note_text)
    return back(page, "review")


@staff_only()
def stop_code(reference: str) -> ResponseReturnValue:
    """Take back the code and link with which the person can open an unfinished form elsewhere."""
    page = page_of(stored_as(reference))
    store.revoke_return_code_of(reference, current_user.email)
    return back(page, "review")
