"""Translations on the staff site: each beside its English, and a translator's signature.

A translator signs as a physician signs the rulebook: by name, for exactly this text. Translators
have no account here, so a physician of the clinic records the signature and answers for it.
"""

from datetime import timedelta
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
from wtforms import BooleanField, Form, HiddenField, StringField
from wtforms.fields.core import Field
from wtforms.validators import ValidationError

from screener import spoken, store, view_log
from screener.access import PHYSICIANS, STAFF, staff_only
from screener.booklet import translated
from screener.engine.protocol import Rulebook
from screener.languages.translation import Translation
from screener.presenters.times import moment
from screener.signin import confirmed
from screener.texts import tidy

ACCESS: Final = {"translating.document": STAFF, "translating.sign": PHYSICIANS}

_FRESH = timedelta(minutes=5)  # how recently the password must have been given
_LONGEST = 200


class TranslatorForm(Form):
    """A translator's signature. `hash` is the translation that was on the page."""

    hash = HiddenField()
    name = StringField("The translator’s full name")
    credential = StringField(
        "Their credential", description="Such as: ATA-certified translator, English into Spanish."
    )
    read = BooleanField(
        "This translator has compared every text with the English, signed this version for us in "
        "writing, and the clinic keeps what they signed"
    )

    def signed(self) -> tuple[str, str]:
        """Return name and credential as they are stored."""
        return _on_one_line(self.name.data), _on_one_line(self.credential.data)

    def validate_name(self, field: Field) -> None:
        """Refuse an empty name, and one that is too long."""
        _check(field, "Write the translator’s full name.")

    def validate_credential(self, field: Field) -> None:
        """Refuse a translator without a credential."""
        _check(field, "Write what qualifies the translator.")

    def validate_read(self, field: Field) -> None:
        """Refuse a signature without the statement that the texts were compared."""
        if not field.data:
            raise ValidationError("Tick the box once the translator has signed this version.")


def blueprint() -> Blueprint:
    """Return the blueprint `translating`."""
    translating = Blueprint("translating", __name__, url_prefix="/staff/rulebook/languages")
    translating.add_url_rule("/<code>", "document", document)
    translating.add_url_rule("/<code>/sign", "sign", sign, methods=["GET", "POST"])
    translating.register_error_handler(store.NotWritten, _not_signed)
    return translating


@staff_only()
def document(code: str) -> ResponseReturnValue:
    """Show a whole translation beside its English, what is missing, and who signed it."""
    translation = _translation(code)
    signed = _signed(translation)
    return render_template(
        "rulebook/translation_page.html",
        **translated.contents(_rulebook(), translation),
        signed=signed,
        just_signed=bool(signed) and "signed" in request.args,
        may_sign=current_user.has_role(*PHYSICIANS) and not signed,
    )


@staff_only(*PHYSICIANS)
def sign(code: str) -> ResponseReturnValue:
    """Record a translator's signature for the translation that is loaded, and for no other."""
    if not confirmed(_FRESH):
        here = url_for("translating.sign", code=code)
        return redirect(url_for("security.verify", next=here), 303)
    translation = _translation(code)
    if request.method == "GET":
        return _sign_page(translation, TranslatorForm())
    form = TranslatorForm(request.form)
    if form.hash.data != translation.hash:
        return _sign_page(translation, TranslatorForm(), changed=True), 409
    if translation.problems or not form.validate():
        return _sign_page(translation, form), 400
    name, credential = form.signed()
    store.sign_translation(
        code, translation.hash, name=name, credential=credential, recorder=current_user.email
    )
    return redirect(url_for("translating.document", code=code, signed=1), 303)


@staff_only(*PHYSICIANS)
def _not_signed(error: Exception) -> ResponseReturnValue:
    """Show the form again when the signature could not be stored."""
    current_app.logger.error("%s", error)
    translation = _translation(str((request.view_args or {})["code"]))
    page = _sign_page(translation, TranslatorForm(request.form), unsaved=True)
    return view_log.with_retry(make_response(page, 503))


def _sign_page(
    translation: Translation,
    form: TranslatorForm,
    *,
    changed: bool = False,
    unsaved: bool = False,
) -> str:
    form.hash.data = translation.hash
    return render_template(
        "rulebook/translation_sign.html",
        form=form,
        translation=translation,
        changed=changed,
        unsaved=unsaved,
        signed=_signed(translation),
    )


def _signed(translation: Translation) -> list[str]:
    """Return who signed a translation as it is, each in one line."""
    return [
        f"{signature.name}, {signature.credential}, {moment(signature.at)} "
        f"(recorded by {signature.recorder})"
        for signature in store.translation_signatures(translation.hash)
    ]


def _translation(code: str) -> Translation:
    translation = spoken.translation(code)
    if translation is None:
        abort(404)
    return translation


def _check(field: Field, empty: str) -> None:
    text = _on_one_line(field.data)
    if not any(letter.isalpha() for letter in text):
        raise ValidationError(empty)
    over = len(text) - _LONGEST
    if over > 0:
        raise ValidationError(f"Shorten this by {over} characters.")


def _on_one_line(typed: str | None) -> str:
    return " ".join(tidy(typed or "").split())


def _rulebook() -> Rulebook:
    book: Rulebook = current_app.extensions["screener_rulebook"]
    return book
