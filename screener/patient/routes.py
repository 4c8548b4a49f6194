"""All addresses of the patient's side in one place."""

from flask import Blueprint, current_app, flash, g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from screener import store
from screener.access import PUBLIC
from screener.patient import (
    asking,
    beginning,
    context,
    finishing,
    helping,
    leaving,
    locking,
    returning,
    scripts,
    unsaved,
)
from screener.patient.context import NoQuestionnaire
from screener.patient.record import Record
from screener.patient.views import go
from screener.saying import gettext

_BOTH = ("GET", "POST")
_PAGES = (
    ("/", "start", beginning.start, ("GET",)),
    ("/consent", "consent", beginning.consent, _BOTH),
    ("/date-of-birth", "date_of_birth", beginning.date_of_birth, _BOTH),
    ("/adults-only", "adults_only", beginning.adults_only, ("GET",)),
    ("/contact", "contact", beginning.contact, _BOTH),
    ("/where", "where", beginning.where, _BOTH),
    ("/questions", "questions", asking.questions, ("GET",)),
    ("/questions/<page_id>", "page", asking.page, _BOTH),
    ("/questions/<page_id>/<row>", "row", asking.row, _BOTH),
    ("/help", "help", helping.help, _BOTH),
    ("/check", "check", finishing.check, _BOTH),
    ("/received", "received", finishing.received, ("GET",)),
    ("/results", "results", finishing.results, _BOTH),
    ("/later", "later", returning.later, _BOTH),
    ("/come-back", "come_back", returning.come_back, _BOTH),
    ("/unlock", "unlock", returning.unlock, _BOTH),
    ("/another", "another", beginning.another, _BOTH),
    ("/form", "back", finishing.back, ("GET",)),
    ("/start-again", "start_again", finishing.start_again, _BOTH),
    ("/leave", "leave", leaving.leave, ("POST",)),
)

ACCESS = {f"patient.{name}": PUBLIC for _, name, _, _ in _PAGES}


def blueprint() -> Blueprint:
    """Return the blueprint `patient`."""
    patient = Blueprint("patient", __name__)
    for path, name, view, methods in _PAGES:
        patient.add_url_rule(path, name, view, methods=list(methods))
    patient.record_once(lambda state: state.app.extensions["csrf"].exempt(leaving.leave))
    patient.before_request(leaving.catch_up)
    patient.before_request(locking.turned_away)
    patient.after_request(leaving.take_off)
    patient.after_request(scripts.answer)
    patient.register_error_handler(NoQuestionnaire, _lost)
    patient.register_error_handler(store.AlreadySubmitted, _closed)
    return patient


def again() -> Response | None:
    """Show the page of this request again with what was typed; None when it is not one of ours.

    For posts whose CSRF token no longer fits: a browser that was closed overnight has lost the
    token, and the person must not lose what they typed. Nothing of it is acted on.
    """
    if request.blueprint != "patient" or request.endpoint is None:
        return None
    g.stale = True
    view = current_app.view_functions[request.endpoint]
    try:
        if away := locking.turned_away():
            return away
        response = make_response(current_app.ensure_sync(view)(**(request.view_args or {})))
    except NoQuestionnaire as error:
        response = make_response(_lost(error))
    if response.status_code < 300:
        response.status_code = 400
    return response


def _lost(_error: Exception) -> ResponseReturnValue:
    help_page = unsaved.in_danger(404, again=False)
    return help_page or (render_template("patient/lost.html"), 404)


def _closed(error: Exception) -> ResponseReturnValue:
    """Answer a post for a form that was sent, or stopped at the date of birth."""
    help_page = unsaved.closed()
    if help_page is not None:
        flash(
            gettext(
                "Your answer about your safety was added. The rest of your form was not changed."
            )
        )
        return help_page
    questionnaire = context.current_or_none()
    if questionnaire is not None and Record.of(questionnaire).under_age:
        return go(url_for("patient.adults_only"))
    flash(gettext("Your form was sent before. What you entered after that was not added."))
    return go(url_for("patient.results"))
