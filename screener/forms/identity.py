"""The forms before the questions: consent, date of birth, and how to reach the person.

What they hold is kept apart from the answers and reaches no rule but the age.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from email_validator import EmailNotValidError, validate_email
from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.fields.core import Field
from wtforms.form import BaseForm
from wtforms.validators import ValidationError

from screener import phones
from screener.forms import shown
from screener.forms.birth_date import BirthDateField
from screener.forms.fields import AnswerField, TextField, TickField
from screener.forms.options import Choice, ChoiceField
from screener.saying import gettext, lazy_gettext
from screener.texts import tidy

LONGEST_PLACE = 500  # characters
_LONGEST_PHONE = 200  # characters, of which a number that cannot be read keeps no more
_KEPT = 2000  # characters of a field that cannot be taken


class ConsentForm(Form):
    """One button: the person agrees."""

    agree = TickField(
        lazy_gettext("I am 18 or older, and I agree"),
        needed=lazy_gettext(
            "Press the button to go on. If you do not agree, close this page. Nothing is kept."
        ),
    )


class BirthForm(Form):
    """The date of birth."""

    date_of_birth = BirthDateField(
        lazy_gettext("What is your date of birth?"),
        description=lazy_gettext(
            "This form is for adults only. Your age also matters for some of the questions."
        ),
    )

    shown = ""

    def __init__(self, posted: Any = None, *, today: date) -> None:
        """Take what was posted, or nothing for an empty form; `today` is the clinic's date."""
        super().__init__(posted)
        self.date_of_birth.today = today

    def show(self, stored: Mapping[str, Any]) -> None:
        """Show the date that was given before."""
        if stored.get("date_of_birth"):
            self.date_of_birth.prefill(date.fromisoformat(stored["date_of_birth"]))
        self.shown = shown.written([self.date_of_birth])


class PhoneField(TextField):
    """A phone number. One that cannot be read is asked about once, and then kept as typed.

    `region` is where it is read (US). `settled` says that the person was asked before: whoever
    presses on has nothing better to give, and is not held up.
    """

    width = "20"
    inputmode = "tel"
    region: str
    settled = False
    # Where a second number has its place, as the message names it; "" for a field without.
    elsewhere = ""

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse a blank where a number is needed; ask about what cannot be read."""
        if self.data is None:
            super().pre_validate(form)
        elif len(self.data) > self.longest:
            # Cut, so that not even a pasted page stands in the way; staff see that it was.
            self.data = self.data[: self.longest] + "…"
        if self.data is None or self.settled or phones.read(self.data, self.region):
            return
        raise ValidationError(" ".join([phones.problem(self.data, self.region), *self._ways()]))

    def settle(self, before: object, last: object) -> None:
        """Take any text, when the one asked about (or kept before) could not be read either.

        `before` is what is kept of this number, `last` what was typed when it was refused.
        """
        kept = tidy(str(before or ""), one_line=True)
        typed = tidy(str(last or ""), one_line=True)
        refused = bool(typed) and phones.read(typed, self.region) is None
        self.settled = self.settled or refused or self.data == kept

    def _ways(self) -> list[str]:
        second = (
            [gettext("A second number goes under “%(field)s”.", field=self.elsewhere)]
            if self.elsewhere
            else []
        )
        return [*second, gettext("Or save again to keep it as it is.")]


def compared(
    posted: MultiDict[str, str], stored: Mapping[str, Any]
) -> tuple[MultiDict[str, str], dict[str, str]]:
    """Hold posted details against what their page showed and what is stored now.

    Return the details to take, with what the person did not touch as it is stored; and of those
    that were changed elsewhere meanwhile to something else, what is stored, by field.
    """
    page = shown.read(posted.get(shown.NAME, ""))
    taken: MultiDict[str, str] = MultiDict()
    conflicts: dict[str, str] = {}
    for name in CONTACT_FIELDS:
        typed, kept = posted.get(name, ""), str(stored.get(name) or "")
        verdict = shown.verdict(page, name, [typed], [shown.fingerprint([kept])])
        taken[name] = kept if verdict == "untouched" else typed
        if verdict == "conflict":
            conflicts[name] = kept
    return taken, conflicts


class ContactForm(Form):
    """How staff can reach the person, and whom they may call in an emergency."""

    name = TextField(
        lazy_gettext("Full name"),
        description=lazy_gettext("So that we know whom we are talking to."),
        needed=lazy_gettext("Enter your full name."),
    )
    phone = PhoneField(
        lazy_gettext("Phone number"),
        description=lazy_gettext(
            "With the area code, so that staff can call you about your answers."
        ),
        needed=lazy_gettext("Enter a phone number with area code. If you have none, write “none”."),
        longest=_LONGEST_PHONE,
    )
    location = TextField(
        lazy_gettext("Where are you right now? City and state, or address"),
        description=lazy_gettext(
            "If an answer shows danger, this helps us send help to the right place."
        ),
        needed=lazy_gettext("Tell us the city and state where you are now."),
        longest=LONGEST_PLACE,
    )
    voicemail = ChoiceField(
        lazy_gettext("May we leave a message?"),
        description=lazy_gettext("It never holds an answer of yours."),
        options=[
            Choice("yes", lazy_gettext("Yes: that the clinic called")),
            Choice("no_name", lazy_gettext("Yes, but do not say who called")),
            Choice("text", lazy_gettext("Only by text message")),
            Choice("no", lazy_gettext("No")),
        ],
    )
    shared_phone = TextField(
        lazy_gettext("Does anyone else use or see this phone? Who?"),
        description=lazy_gettext("Leave it empty if nobody does."),
    )
    best_times = TextField(
        lazy_gettext("When is a good time to call?"),
        description=lazy_gettext("For example: after 3 pm."),
    )
    filled_in_by = ChoiceField(
        lazy_gettext("Who is filling in this form?"),
        options=[
            Choice("self", lazy_gettext("I am")),
            Choice("helped", lazy_gettext("I am, with help")),
            Choice("other", lazy_gettext("Someone else, for me")),
        ],
    )
    preferred_name = TextField(lazy_gettext("Name you like to be called"))
    language = TextField(lazy_gettext("Language you like to speak, if not English"))
    interpreter = ChoiceField(
        lazy_gettext("Do you need an interpreter?"),
        options=[Choice("yes", lazy_gettext("Yes")), Choice("no", lazy_gettext("No"))],
    )
    email = TextField(
        lazy_gettext("E-mail"),
        description=lazy_gettext(
            "In case the phone does not work. We never put answers in an e-mail."
        ),
        longest=254,
    )
    phone_2 = PhoneField(
        lazy_gettext("Second phone number"),
        description=lazy_gettext("If we may try another one."),
        longest=_LONGEST_PHONE,
    )
    emergency_name = TextField(
        lazy_gettext("Someone we may call in an emergency: name, and who they are to you"),
        description=lazy_gettext(
            "For example: Maria Lopez, my sister. We call them only if we fear for your safety "
            "and cannot reach you."
        ),
    )
    emergency_phone = PhoneField(lazy_gettext("Their phone number"), longest=_LONGEST_PHONE)

    def __init__(self, posted: Any = None, *, region: str) -> None:
        """Take what was posted, or nothing; `region` is where phone numbers are read (US)."""
        super().__init__(posted)
        self.region = region
        self.shown = ""
        for field, mode, complete in (
            (self.name, "", "name"),
            (self.phone, "tel", "tel"),
            (self.email, "email", "email"),
        ):
            field.inputmode, field.autocomplete = mode, complete
        for choice in (self.voicemail, self.filled_in_by, self.interpreter):
            if choice.data is not None:
                choice.offer_no_answer()
        for phone in self._phones:
            phone.region = region
        self.phone.elsewhere = self.phone_2.label.text
        for text in (field for field in self if isinstance(field, TextField)):
            text.optional = not text.needed

    def show_stored(self, stored: Mapping[str, Any]) -> None:
        """Let the page say what is stored, whatever was typed over it."""
        self.shown = shown.marked({name: [str(stored.get(name) or "")] for name in CONTACT_FIELDS})

    def show_both(self, conflicts: Mapping[str, str]) -> None:
        """Mark the fields that were changed in another window meanwhile."""
        for name, kept in conflicts.items():
            field = self[name]
            assert isinstance(field, AnswerField)
            field.show_both([kept])

    @property
    def folded(self) -> list[AnswerField]:
        """Return the fields that are shown when somebody asks for more: all can be left out."""
        names = list(self._fields)
        rest = [self[name] for name in names[names.index("preferred_name") :]]
        return [field for field in rest if isinstance(field, AnswerField)]

    @property
    def is_open(self) -> bool:
        """Return whether any of them holds something, or has to be looked at."""
        return any(field.errors or any(field.typed()) for field in self.folded)

    @property
    def _phones(self) -> list[PhoneField]:
        return [self.phone, self.phone_2, self.emergency_phone]

    def settle(self, kept: Mapping[str, Any], last: Mapping[str, Any]) -> None:
        """Ask about no number a second time. Call it before validating what was posted.

        `kept` are the details as stored, `last` what was typed when the form came back.
        """
        for field in self._phones:
            field.settle(kept.get(field.name), last.get(field.name))

    def settle_all(self, names: Collection[str]) -> None:
        """Ask about none of these numbers: they were settled when the form last came back."""
        for field in self._phones:
            field.settled = field.settled or field.name in names

    @property
    def settled(self) -> list[str]:
        """Return the names of the numbers that are not asked about."""
        return [field.name for field in self._phones if field.settled]

    @property
    def only_asks(self) -> bool:
        """Return whether nothing is wrong but numbers to ask about: all of it can be kept."""
        numbers = {field.name for field in self._phones if field.data is not None}
        return bool(self.errors) and set(self.errors) <= numbers

    def validate_email(self, field: Field) -> None:
        """Refuse what is no address; blank is fine."""
        if field.data is None:
            return
        try:
            validate_email(field.data, check_deliverability=False)
        except EmailNotValidError:
            raise ValidationError(
                gettext("Enter an e-mail address such as name@example.com, or leave it empty.")
            ) from None

    def identity(self) -> dict[str, str]:
        """Return what was given, blank fields as empty text, and what each number is read as."""
        given = {field.name: field.data or "" for field in self}
        for key in phones.KEYS:
            given |= phones.entries(key, given[key], self.region)
        return given

    def typed(self) -> dict[str, str]:
        """Return what was typed, right or wrong."""
        return {field.name: str((field.raw_data or [""])[0])[:_KEPT] for field in self}

    @property
    def keeps_all(self) -> bool:
        """Return whether `typed` is all of it: nothing was so long that it was cut."""
        return all(len(str((field.raw_data or [""])[0])) <= _KEPT for field in self)


CONTACT_FIELDS = tuple(field.name for field in ContactForm(region="US"))
# The labels wait for a language: staff read them in English.
_CHOICES = {
    name: {option.id: option.label for option in getattr(ContactForm, name).kwargs["options"]}
    for name in ("voicemail", "filled_in_by", "interpreter")
}


def in_words(name: str, value: object) -> str:
    """Return a detail as the form says it; a stored choice that it does not know as it stands."""
    return str(_CHOICES.get(name, {}).get(str(value or ""), str(value or "")))


class AloneForm(Form):
    """Who answers a page that is for the person alone: asked where somebody helps."""

    answered_by = ChoiceField(
        lazy_gettext("Who answers this page?"),
        description=lazy_gettext(
            "It is best answered alone. Whoever helps can look away for a moment."
        ),
        options=[
            Choice("alone", lazy_gettext("The person this form is about, alone")),
            Choice("helper", lazy_gettext("Someone who helps, or both together")),
        ],
    )


class WhereForm(Form):
    """Where the person is now: asked again in a new sitting, and beside the safety questions."""

    where_now = TextField(
        lazy_gettext("Where are you right now? City and state, or address"),
        description=lazy_gettext(
            "If an answer shows danger, this helps us send help to the right place. "
            "You can leave it as it is."
        ),
        longest=LONGEST_PLACE,
    )

    brought: str | None = None

    @property
    def shown(self) -> str:
        """Return the values that the page shows and brings back, or that it brought."""
        return shown.written([self.where_now]) if self.brought is None else self.brought

    def alone(self) -> "WhereForm":
        """Return it for a page of its own, whose heading is the question."""
        self.where_now.label.text = gettext("City and state, or address")
        self.where_now.description = gettext(
            "This helps us send help to the right place, if you need it."
        )
        return self
