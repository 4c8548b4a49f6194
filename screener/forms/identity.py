"""The forms before the questions: consent, date of birth, and how to reach the person.

What they hold is kept apart from the answers and reaches no rule but the age.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import Form
from wtforms.fields.core import Field
from wtforms.validators import ValidationError

from screener.forms import shown
from screener.forms.fields import BirthDateField, Choice, ChoiceField, TextField, TickField

_PHONE = re.compile(r"[0-9+().\- x/]+")
_KEPT = 2000  # characters of a field that cannot be taken
_PHONE_MESSAGE = "Enter a phone number with area code, for example 555-555-0100."


class ConsentForm(Form):
    """One box: the person agrees."""

    agree = TickField(
        "I am 18 or older, I have read these points, and I agree.",
        needed="Tick the box to go on. If you do not agree, close this page. Nothing is kept.",
    )


class BirthForm(Form):
    """The date of birth."""

    date_of_birth = BirthDateField(
        "What is your date of birth?",
        description=(
            "This form is for adults only. Your age also matters for some of the questions. "
            "For example, 4 27 1979."
        ),
    )

    shown = ""

    def show(self, stored: Mapping[str, Any]) -> None:
        """Show the date that was given before."""
        if stored.get("date_of_birth"):
            self.date_of_birth.prefill(date.fromisoformat(stored["date_of_birth"]))
        self.shown = shown.written([self.date_of_birth])


class ContactForm(Form):
    """How staff can reach the person, and whom they may call in an emergency."""

    name = TextField(
        "Full name",
        description="So that we know whom we are talking to.",
        needed="Enter your full name.",
    )
    phone = TextField(
        "Phone number",
        description="So that staff can call you about your answers.",
        needed=_PHONE_MESSAGE,
        longest=40,
    )
    voicemail = ChoiceField(
        "May we leave a voice message?",
        description="A message says only that the clinic called.",
        options=[Choice("yes", "Yes"), Choice("no", "No")],
    )
    email = TextField(
        "E-mail",
        description="In case the phone does not work. We never put answers in an e-mail.",
        longest=254,
    )
    location = TextField(
        "Where are you right now? City and state, or address",
        description="If an answer shows danger, this helps us send help to the right place.",
        needed="Tell us the city and state where you are now.",
    )
    emergency_name = TextField(
        "Someone we may call in an emergency: name, and who they are to you",
        description=(
            "For example: Maria Lopez, my sister. We call them only if we fear for your safety "
            "and cannot reach you."
        ),
    )
    emergency_phone = TextField("Their phone number", longest=40)

    def __init__(self, *given: Any, **more: Any) -> None:
        """Dress the fields for phones: the right keyboard, and what the browser can fill in."""
        super().__init__(*given, **more)
        for field, mode, complete in (
            (self.name, "", "name"),
            (self.phone, "tel", "tel"),
            (self.email, "email", "email"),
            (self.emergency_phone, "tel", ""),
        ):
            field.inputmode, field.autocomplete = mode, complete
        if self.voicemail.data is not None:
            self.voicemail.offer_no_answer()
        self.phone.width = self.emergency_phone.width = "20"
        self.email.optional = self.emergency_name.optional = self.emergency_phone.optional = True

    def validate_phone(self, field: Field) -> None:
        """Refuse what cannot be dialled."""
        _check_phone(field.data)

    def validate_emergency_phone(self, field: Field) -> None:
        """Refuse what cannot be dialled; blank is fine."""
        _check_phone(field.data)

    def validate_email(self, field: Field) -> None:
        """Refuse what is no address; blank is fine."""
        if field.data is None:
            return
        try:
            validate_email(field.data, check_deliverability=False)
        except EmailNotValidError:
            raise ValidationError(
                "Enter an e-mail address such as name@example.com, or leave it empty."
            ) from None

    def identity(self) -> dict[str, str]:
        """Return what was given, blank fields as empty text."""
        return {field.name: field.data or "" for field in self}

    def typed(self) -> dict[str, str]:
        """Return what was typed, right or wrong."""
        return {field.name: str((field.raw_data or [""])[0])[:_KEPT] for field in self}


def _check_phone(text: str | None) -> None:
    if text is None:
        return
    if not _PHONE.fullmatch(text) or sum(letter.isdigit() for letter in text) < 7:
        raise ValidationError(_PHONE_MESSAGE)
