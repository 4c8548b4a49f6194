"""create_app: puts the parts of the application together."""

from collections.abc import MutableMapping
from typing import Any

from flask import Flask, current_app, make_response, render_template, request
from flask.templating import Environment
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from screener import (
    access,
    body,
    compression,
    governance,
    headers,
    learn,
    spoken,
    staff,
    static_files,
    store,
    translating,
    view_log,
)
from screener.engine.rulebook.load import load
from screener.forms.options import arranged
from screener.patient import context, routes, unsaved
from screener.places import shipped
from screener.settings import Settings

ACCESS = {
    **access.ACCESS,
    **routes.ACCESS,
    **learn.ACCESS,
    **staff.ACCESS,
    **governance.ACCESS,
    **translating.ACCESS,
}

_PAGES = (400, 403, 404, 405, 413, 429, 500, 503)
_STAFF = "/staff"
_PATIENTS = ("patient", "learn")


def create_app(settings: Settings, *, only_look: bool = False) -> Flask:
    """Return the application, ready to serve.

    With `only_look` the schema of the database is not brought up to date: it must be.

    Raise RulebookError, SettingsError (an unsigned rulebook for patients in production),
    DatabaseError, SealError, SpillError or NotWritten (a rulebook that cannot be stored); each says
    what is wrong. A read-only database is served.
    """
    folder = settings.rules or shipped("rules")
    rulebook = load(folder)
    app = Flask("screener", template_folder=str(shipped("templates")), static_folder=None)
    app.jinja_environment = _Templates
    # A misspelt name in a template is an error, not an empty place.
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(arranged=arranged, drawn_as_body=body.QUESTION)
    app.extensions[context.RULEBOOK] = rulebook
    (store.must_be_current if only_look else store.upgrade)(settings.database_url)
    store.init_app(
        app,
        settings.database_url,
        settings.keys,
        spill=settings.audit_spill,
        dispositions=settings.dispositions,
        due_times=settings.due_times,
        zone=settings.zone,
    )
    with app.app_context():
        store.check()
        if settings.production:
            store.check_spill()
        settings.check_rulebook(rulebook.hash, signed=bool(store.signatures(rulebook.hash)))
        store.keep_rulebook(rulebook.hash, rulebook.version, folder)
    compression.init_app(app)
    static_files.init_app(app)
    access.init_app(app, settings, ACCESS)
    spoken.init_app(app, settings, rulebook, folder)
    governance.init_app(app, settings, rulebook)
    view_log.init_app(app)
    for part in (routes, learn, staff, governance, translating):
        app.register_blueprint(part.blueprint())
    _set_up_templates(app, settings)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(store.Unavailable, _unavailable)
    app.register_error_handler(HTTPException, _error_page)
    return app


class _Templates(Environment):
    """Jinja's environment with the names that all templates know in one dictionary.

    In a chain of dictionaries they are looked up anew for each import of a template, and a page
    imports a dozen.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the names that a template knows before it is given any."""
        return {**self.globals, **(d or {})}


def _set_up_templates(app: Flask, settings: Settings) -> None:
    @app.context_processor
    def shared() -> dict[str, object]:
        return {
            "clinic": settings.clinic,
            "demonstration": not settings.production,
            "leave_url": headers.HARMLESS,
        }


def _stale(error: CSRFError) -> ResponseReturnValue:
    """Show a form whose token is no longer valid again, with what was typed."""
    help_page = unsaved.in_danger(400)
    if help_page is not None:
        return help_page
    again = routes.again()
    return _error_page(error) if again is None else again


def _unavailable(error: store.Unavailable) -> ResponseReturnValue:
    """Say that the database does not answer, with help, and keep what was typed."""
    if request.blueprint not in _PATIENTS:
        return view_log.not_saved(error)
    current_app.logger.error("%s", error)
    view_log.assume_signed_out()
    return _error_page(ServiceUnavailable(retry_after=view_log.RETRY_AFTER))


def _refused_page(code: int) -> str:
    """Return the page of an error, on the side to which its address belongs."""
    if request.path == _STAFF or request.path.startswith(f"{_STAFF}/"):
        if code >= 500:
            view_log.assume_signed_out()  # looking up who it is may be what failed
        return staff.error_page(code)
    return render_template(f"errors/{code}.html")


def _error_page(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if error.response is not None or 300 <= code < 400:
        return error
    page = None
    if code >= 500:
        page = unsaved.not_saved(code)
    elif code != 403:  # a post from another site holds no answers of the person
        page = unsaved.in_danger(code)
    named = code if code in _PAGES else 500 if code >= 500 else 400
    response = page or make_response(_refused_page(named), code)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response
