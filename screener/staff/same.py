"""Two forms that may be of one person: side by side, and what staff say of them."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from screener import store
from screener.access import staff_only
from screener.presenters.editions import rest_on
from screener.presenters.rescreened import rescreen
from screener.presenters.same_person import alike_words
from screener.presenters.two_forms import FormToCompare, two_forms
from screener.staff.submission import retired_rulebook, served_rulebook, stored_as
from screener.store import clock
from screener.store.records import plain_reference

_MEANWHILE = "Somebody else has answered this meanwhile. Look at what they said, then decide."
_LATE = "This page was open for too long, so nothing was saved. Please choose again."
_CHOOSE = "Choose whether it is the same person."


@staff_only()
def compare(reference: str, other: str) -> ResponseReturnValue:
    """Show two forms side by side that are, or may be, of the same person."""
    return _page(reference, other)


@staff_only()
def say_same(reference: str, other: str) -> ResponseReturnValue:
    """Take what staff say: that two forms are of the same person, or are not."""
    said, seen = request.form.get("same"), request.form.get("seen", "")
    if said not in ("yes", "no"):
        return _page(reference, other, _CHOOSE), 400
    try:
        store.say_same(reference, other, current_user.email, same=said == "yes", seen=seen)
    except store.Stale:
        return _page(reference, other, _MEANWHILE, rejected=True), 409
    except store.Refused as error:
        return _page(reference, other, " ".join(error.problems.values()), rejected=True), 400
    except store.UnknownQuestionnaire:
        abort(404)
    there = url_for("staff.submission", reference=plain_reference(reference), _anchor="same")
    return redirect(there, 303)


def late(reference: str, other: str) -> str:
    """Show the page again after a post from one that was open for too long; nothing is said."""
    return _page(reference, other, _LATE, rejected=True)


def _page(reference: str, other: str, problem: str = "", *, rejected: bool = False) -> str:
    """Show the page; what was rejected is shown only to whoever had it open."""
    stored = stored_as(reference)
    named = plain_reference(other)
    those = (each for each in store.other_forms(stored) if each.form.reference == named)
    pair = next(those, None)
    if pair is None or (pair.state == "rejected" and not rejected):
        abort(404)
    forms = [_form(stored), _form(stored_as(named))]
    return render_template(
        "staff/two_forms.html",
        page=two_forms(forms[0], forms[1], clock.now()),
        reference=stored.questionnaire.reference,
        other=named,
        state=pair.state,
        alike=alike_words(pair.same),
        problem=problem,
    )


def _form(stored: store.Submission) -> FormToCompare:
    resting = rest_on(stored)
    retired = retired_rulebook(resting)
    return FormToCompare(stored, rescreen(served_rulebook(), resting.questionnaire, retired))
