"""The rulebook on the staff site: the document to sign, and a physician's signature."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask import (
    Blueprint,
    Flask,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import BooleanField, Form, HiddenField, StringField
from wtforms.fields.core import Field
from wtforms.validators import ValidationError

from screener import spoken, store, view_log
from screener.access import PHYSICIANS, STAFF, staff_only
from screener.booklet import html
from screener.booklet.html import Signed
from screener.engine.proof.report import Report, ReportError, read_report
from screener.engine.protocol import Rulebook
from screener.engine.rulebook.notices import notices
from screener.locality import date_of
from screener.places import shipped
from screener.presenters.times import moment
from screener.settings import Settings
from screener.signin import confirmed
from screener.store import Signature, clock
from screener.texts import tidy

ACCESS: Final = {
    "governance.document": STAFF,
    "governance.own": STAFF,
    "governance.printed": STAFF,
    "governance.sign": PHYSICIANS,
}

_CONTENTS = "screener_booklet"
_FRESH = timedelta(minutes=5)  # how recently the password must have been given
_LONGEST_NAME = 200
# What patients see; everything else is for staff.
_PATIENTS = ("patient", "learn")


@dataclass(frozen=True)
class Reviewer:
    """Who reviewed the rulebook that is served, for the line on every page. `on` may be empty."""

    by: str
    on: str


class SignForm(Form):
    """A signature. `hash` is the content that was on the page. CSRF is checked for the app."""

    hash = HiddenField()
    name = StringField("Your full name", description="As it is on your license.")
    read = BooleanField("I have read this version of the rulebook and approve it for this clinic")

    @property
    def signer(self) -> str:
        """Return the name as it is stored."""
        return " ".join(tidy(self.name.data or "").split())

    def validate_name(self, field: Field) -> None:
        """Refuse an empty name, and one that is too long."""
        if not any(letter.isalpha() for letter in self.signer):
            raise ValidationError("Write your full name.")
        over = len(self.signer) - _LONGEST_NAME
        if over > 0:
            raise ValidationError(f"Shorten the name by {over} characters.")

    def validate_read(self, field: Field) -> None:
        """Refuse a signature without the statement that the rulebook was read."""
        if not field.data:
            raise ValidationError("Tick the box once you have read the rulebook.")


def blueprint() -> Blueprint:
    """Return the blueprint `governance`."""
    governance = Blueprint("governance", __name__, url_prefix="/staff/rulebook")
    governance.add_url_rule("", "document", document)
    governance.add_url_rule("/sources", "own", own)
    governance.add_url_rule("/print", "printed", printed)
    governance.add_url_rule("/sign", "sign", sign, methods=["GET", "POST"])
    governance.register_error_handler(store.NotWritten, _not_signed)
    return governance


def init_app(app: Flask, settings: Settings, rulebook: Rulebook) -> None:
    """Show on every page who reviewed the rulebook; refuse patients if only staff are served."""

    @app.context_processor
    def review() -> dict[str, object]:
        return {"rulebook_signature": _reviewed(settings, rulebook.hash)}

    @app.before_request
    def keep_patients_out() -> ResponseReturnValue | None:
        # Reading help is never refused, nor is leaving.
        helping = request.endpoint == "patient.help" and request.method == "GET"
        open_to_all = helping or request.endpoint == "patient.leave"
        if settings.serve == "staff" and request.blueprint in _PATIENTS and not open_to_all:
            return make_response(render_template("errors/closed.html"), 503)
        return None


@staff_only()
def document() -> ResponseReturnValue:
    """Show the whole rulebook, who signed it, and what needs attention."""
    rulebook = _rulebook()
    signatures = store.signatures()
    valid = [s for s in signatures if s.rulebook_hash == rulebook.hash]
    return render_template(
        "rulebook/page.html",
        **_contents(),
        proofs=html.proofs(rulebook, _report()),
        signed=[_signed(signature) for signature in valid],
        earlier=[(s.rulebook_hash, _signed(s)) for s in signatures if s not in valid],
        notices=notices(rulebook, date_of(clock.now())),
        just_signed=bool(valid) and "signed" in request.args,
        may_sign=_may_sign(valid),
        translations=[
            (translation, bool(store.translation_signatures(translation.hash)))
            for translation in spoken.translations()
        ],
        closed=_settings().serve == "staff",
    )


@staff_only()
def own() -> ResponseReturnValue:
    """Show what the rulebook says of itself: makers, dates, sources, and what each rule uses."""
    return render_template("rulebook/own.html", **_contents())


@staff_only()
def printed() -> ResponseReturnValue:
    """Send the document as one file to print; as a download, since it has its own style."""
    rulebook = _rulebook()
    signed = [_signed(signature) for signature in store.signatures(rulebook.hash)]
    response = make_response(html.printed(rulebook, signed, _report()))
    name = f"rulebook-{rulebook.hash.removeprefix('sha256:')[:12]}.html"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@staff_only(*PHYSICIANS)
def sign() -> ResponseReturnValue:
    """Record a physician's signature for the rulebook that is loaded, and for no other."""
    if not confirmed(_FRESH):
        return redirect(url_for("security.verify", next=url_for("governance.sign")), 303)
    rulebook = _rulebook()
    if request.method == "GET":
        return _sign_page(rulebook, SignForm())
    form = SignForm(request.form)
    if form.hash.data != rulebook.hash:
        # The physician read another version than the one served: nothing is signed.
        return _sign_page(rulebook, SignForm(), changed=True), 409
    if not form.validate():
        return _sign_page(rulebook, form), 400
    store.sign_rulebook(rulebook.hash, current_user.email, form.signer)
    return redirect(url_for("governance.document", signed=1), 303)


@staff_only(*PHYSICIANS)
def _not_signed(error: Exception) -> ResponseReturnValue:
    """Show the form again when the signature could not be stored."""
    current_app.logger.error("%s", error)
    page = _sign_page(_rulebook(), SignForm(request.form), unsaved=True)
    return view_log.with_retry(make_response(page, 503))


def _may_sign(valid: list[Signature]) -> bool:
    """Return whether this is a physician who has not signed this version yet."""
    mine = any(signature.signer == current_user.email for signature in valid)
    return bool(current_user.has_role(*PHYSICIANS)) and not mine


def _sign_page(
    rulebook: Rulebook, form: SignForm, *, changed: bool = False, unsaved: bool = False
) -> str:
    form.hash.data = rulebook.hash
    signed = [_signed(signature) for signature in store.signatures(rulebook.hash)]
    return render_template(
        "rulebook/sign.html",
        form=form,
        rulebook=rulebook,
        changed=changed,
        unsaved=unsaved,
        signed=signed,
    )


def _reviewed(settings: Settings, rulebook_hash: str) -> Reviewer | None:
    try:
        signed = store.last_signature(rulebook_hash)
    except Exception:
        # This runs for error pages too, including those about an unavailable database.
        current_app.logger.exception("the signature of the rulebook could not be looked up")
        return None
    if signed:
        return Reviewer(signed.name, _day(signed.at))
    if settings.signed_rulebook == rulebook_hash:
        return Reviewer("a physician of this clinic", "")
    return None


def _signed(signature: Signature) -> Signed:
    return Signed(signature.name, signature.signer, moment(signature.at))


def _day(at: datetime) -> str:
    day = date_of(at)
    return f"{day:%B} {day.day}, {day.year}"


def _contents() -> dict[str, Any]:
    """Return the document's parts, made once: the rulebook does not change while it is served."""
    contents: dict[str, Any] | None = current_app.extensions.get(_CONTENTS)
    if contents is None:
        contents = current_app.extensions[_CONTENTS] = html.contents(_rulebook())
    return contents


def _report() -> Report | ReportError | None:
    """Return the report of proofs beside the rules as it is now: it can change while they serve."""
    try:
        return read_report(_settings().rules or shipped("rules"))
    except ReportError as error:
        return error


def _rulebook() -> Rulebook:
    book: Rulebook = current_app.extensions["screener_rulebook"]
    return book


def _settings() -> Settings:
    settings: Settings = current_app.extensions["screener_settings"]
    return settings
