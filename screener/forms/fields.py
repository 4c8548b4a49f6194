"""Our own form fields, one a kind of answer. `templates/components/field.html` shows them.

Each keeps what was typed, also when it cannot be taken: nobody in pain types a thing twice.
`data` is the answer, or None when the field was left blank or is wrong.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from wtforms import Field
from wtforms.form import BaseForm
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from screener.texts import tidy

_MONTHS = (
    ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",),
    ("june", "jun"), ("july", "jul"), ("august", "aug"), ("september", "sept", "sep"),
    ("october", "oct"), ("november", "nov"), ("december", "dec"),
)  # fmt: skip
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_OLDEST = 120  # years; the rulebook's range of ages ends there


class AnswerField(Field):
    """What all our fields share: the attributes that the macros read, with their defaults."""

    widget = TextInput()
    kind = "text"
    unit = ""
    width = ""
    inputmode = ""
    autocomplete = ""
    rows = 5
    inline = False
    small = False
    optional = False
    exclusive: str | None = None
    option_hints: dict[str, str] = {}  # noqa: RUF012
    groups: Sequence[tuple[str, list[str]]] = ()

    def process_data(self, value: Any) -> None:
        """Take no value from anywhere but the posted form."""
        self.data = None

    def typed(self) -> list[str]:
        """Return what was posted for this field, as it was typed."""
        return [str(value) for value in self.raw_data or []]

    def as_shown(self) -> list[str]:
        """Return what the field holds, to tell later whether it was touched."""
        return self.typed()

    def _value(self) -> str:
        return next(iter(self.typed()), "")

    def in_words(self, typed: Sequence[str]) -> str:
        """Return a value as the page says it, in quotation marks; "left blank" without one."""
        values = [self._in_words(value) for value in typed if value.strip()]
        return ", ".join(f"“{value}”" for value in values) or "left blank"

    def _in_words(self, value: str) -> str:
        return value.strip()

    def show_both(self, stored: Sequence[str]) -> None:
        """Mark a value that was changed in another window too, and show both."""
        data = self.data
        self.wrong(
            f"Your answer was changed in another window. There it is now: "
            f"{self.in_words(stored)}. Here you entered: {self.in_words(self.typed())}. "
            "Leave the right answer here, then save again."
        )
        self.data = data

    def wrong(self, message: str) -> None:
        """Mark the field with one message that says what to do."""
        self.data = None
        self.errors = [message]


class TextField(AnswerField):
    """A text of one or more lines; blank means not answered."""

    def __init__(
        self,
        label: str,
        *,
        longest: int = 200,
        lines: int = 1,
        needed: str = "",
        **more: Any,
    ) -> None:
        """Make a field; `needed` is the message for a blank one, `longest` in characters."""
        super().__init__(label, **more)
        self.longest = longest
        self.needed = needed
        self.kind = "textarea" if lines > 1 else "text"
        self.rows = lines

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the text, tidied; one without a visible character is blank."""
        text = str(valuelist[0]) if valuelist else ""
        self.data = tidy(text, one_line=self.kind == "text") or None

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse a blank where something is needed, and a text that is too long."""
        if self.data is None and self.needed:
            raise ValidationError(self.needed)
        if self.data is not None and len(self.data) > self.longest:
            over = len(self.data) - self.longest
            raise ValidationError(
                f"Use {self.longest:,} characters or fewer. Please shorten it by {over:,}."
            )


class NumberField(AnswerField):
    """A number within limits. Nothing is guessed: "seven" and "7.5" get a message."""

    def __init__(
        self,
        label: str,
        *,
        low: int,
        high: int,
        decimals: int = 0,
        unit: str = "",
        subject: str = "",
        **more: Any,
    ) -> None:
        """Make a field; `subject` names the question, `decimals` are digits after the point."""
        super().__init__(label, **more)
        self.low, self.high, self.decimals = low, high, decimals
        self.unit = unit
        self.subject = subject
        self.inputmode = "decimal" if decimals else "numeric"
        digits = len(str(high)) + (decimals + 1 if decimals else 0)
        # Never so narrow that a slip, such as a word, cannot be seen and mended.
        self.width = "5" if digits <= 5 else "10"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take a plain number; anything else stays as typed, and `pre_validate` says why."""
        typed = tidy(str(valuelist[0])) if valuelist else ""
        self.data = Decimal(typed) if _NUMBER.fullmatch(typed) else None

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse what is no number, too exact, or out of range."""
        typed = tidy(self._value())
        if not typed:
            return
        digits = len(typed.partition(".")[2])
        if self.data is None or digits > self.decimals or not self.low <= self.data <= self.high:
            raise ValidationError(self.cure)

    @property
    def cure(self) -> str:
        """Return what to enter instead."""
        what = "a number" if self.decimals else "a whole number"
        cure = f"enter {what} from {self.low:,} to {self.high:,}"
        if self.decimals:
            cure += f", with {self.decimals} digits after the point at most"
        return f"{self.subject}: {cure}, or leave it blank." if self.subject else f"{cure}."


@dataclass(frozen=True)
class Choice:
    """One answer to choose from, and the heading it stands under."""

    id: str
    label: str
    hint: str = ""
    heading: str = ""


@dataclass(frozen=True)
class ShownOption:
    """One radio or tick box. The `first` of a field has the field's own id, for links to it.

    `alone` marks the option that stands alone, such as "none of these".
    """

    id: str
    value: str
    label: str
    chosen: bool
    hint: str
    first: bool
    alone: bool


@dataclass(frozen=True)
class ShownGroup:
    """Options under one heading, or under none."""

    heading: str
    options: list[ShownOption]


def arranged(field: Any) -> list[ShownGroup]:
    """Return the options of any field with choices as they are shown.

    First the groups of the field, then what is in none, and at the very end what stands alone.
    """
    choices = {str(choice[0]): (place, choice) for place, choice in enumerate(field.iter_choices())}
    hints = getattr(field, "option_hints", {})
    alone = getattr(field, "exclusive", None)
    groups: list[tuple[str, list[str]]] = list(getattr(field, "groups", ()))
    grouped = {value for _, values in groups for value in values}
    rest = [value for value in choices if value not in grouped and value != alone]
    groups.append(("", rest + [value for value in choices if value == alone]))
    first = next((values[0] for _, values in groups if values), None)
    shown = []
    for heading, values in groups:
        options = []
        for value in values:
            place, (_, label, chosen, *_more) = choices[value]
            id = field.id if value == first else f"{field.id}-{place + 1}"
            hint = hints.get(value, "")
            options.append(
                ShownOption(id, value, label, chosen, hint, value == first, value == alone)
            )
        shown.append(ShownGroup(heading, options))
    return shown


class OptionsField(AnswerField):
    """What radios and tick boxes share."""

    def __init__(self, label: str, *, options: Sequence[Choice], **more: Any) -> None:
        """Make a field with its options in the order in which they are shown."""
        super().__init__(label, **more)
        self.options = tuple(options)
        self.ids = tuple(option.id for option in options)
        self.option_hints = {option.id: option.hint for option in options if option.hint}
        headings = dict.fromkeys(option.heading for option in options if option.heading)
        self.groups = [
            (heading, [option.id for option in options if option.heading == heading])
            for heading in headings
        ]

    def _in_words(self, value: str) -> str:
        return next((option.label for option in self.options if option.id == value), value)

    def iter_choices(self) -> Iterator[tuple[str, str, bool]]:
        """Yield (value, label, chosen) for the template."""
        typed = self.typed()
        for option in self.options:
            yield option.id, option.label, option.id in typed

    def typed(self) -> list[str]:
        """Return the options posted, leaving out what the page does not offer."""
        return [value for value in super().typed() if value in self.ids]

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse an option that the page does not offer."""
        if any(value and value not in self.ids for value in super().typed()):
            raise ValidationError("Choose from the answers on this page.")


class ChoiceField(OptionsField):
    """One of several answers; nothing is chosen beforehand."""

    kind = "radios"

    def __init__(self, label: str, **more: Any) -> None:
        """See OptionsField."""
        super().__init__(label, **more)
        self.inline = len(self.options) <= 3 and sum(len(o.label) for o in self.options) <= 30

    def offer_no_answer(self) -> None:
        """Let an answer be taken back: a radio once chosen cannot be unchosen."""
        self.options = (*self.options, Choice("", "Leave this unanswered"))
        self.exclusive = ""
        self.inline = False

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the option chosen."""
        self.data = next((value for value in valuelist if value in self.ids), None)


class ChoicesField(OptionsField):
    """Any number of answers, or "none of these" alone. No box ticked means not answered."""

    kind = "checkboxes"

    def __init__(self, label: str, **more: Any) -> None:
        """See OptionsField; the option `none` stands alone."""
        super().__init__(label, **more)
        self.exclusive = "none" if "none" in self.ids else None

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the options chosen, each once."""
        self.data = [id for id in self.ids if id in valuelist] or None

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse "none of these" together with others."""
        super().pre_validate(form)
        if self.data is not None and "none" in self.data and len(self.data) > 1:
            label = next(option.label for option in self.options if option.id == "none")
            raise ValidationError(f"Choose “{label}” or the others, not both.")


class TickField(AnswerField):
    """One box that must be ticked."""

    kind = "checkbox"

    def __init__(self, label: str, *, needed: str, **more: Any) -> None:
        """Make a box; `needed` is the message when it is not ticked."""
        super().__init__(label, **more)
        self.needed = needed

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the tick."""
        self.data = True if "y" in valuelist else None

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse a box without tick."""
        if not self.data:
            raise ValidationError(self.needed)


class BirthDateField(AnswerField):
    """A date of birth in three parts: month, day, year, as dates are written in the US."""

    kind = "date"
    autocomplete = "bday"
    today: date  # at the clinic; the form that holds the field says it

    def __init__(self, label: str, **more: Any) -> None:
        """Build the names of the three inputs from the field's own."""
        super().__init__(label, **more)
        self.part_names = [f"{self.name}-{part}" for part in ("month", "day", "year")]
        self.month = self.day = self.year = ""
        self.wrong_parts: tuple[str, ...] = ()

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Collect the three parts."""
        self.data = None
        if formdata is not None:
            self.month, self.day, self.year = (
                tidy(str(formdata.get(name, "")), one_line=True) for name in self.part_names
            )
        self.raw_data = [self.month, self.day, self.year]

    def as_shown(self) -> list[str]:
        """Return the date as one text: the parts alone could change places unseen."""
        return ["-".join(self.typed())] if any(self.typed()) else []

    def prefill(self, born: date) -> None:
        """Show a date that was given before."""
        self.month, self.day, self.year = str(born.month), str(born.day), str(born.year)
        self.raw_data = [self.month, self.day, self.year]

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse what is no day of the last 120 years, and mark the part that is wrong."""
        parts = {"month": self.month, "day": self.day, "year": self.year}
        blank = tuple(name for name, text in parts.items() if not text)
        if blank:
            self._refuse(blank, "Enter your date of birth, for example 4 27 1979.")
        month = _month(self.month)
        if month is None:
            self._refuse(("month",), "Enter the month as a number from 1 to 12.")
        if not re.fullmatch("[0-9]{4}", self.year):
            self._refuse(("year",), "Enter the year with four digits, for example 1979.")
        if not re.fullmatch("[0-9]{1,2}", self.day):
            self._refuse(("day",), "Enter the day as a number from 1 to 31.")
        self.data = self._date(int(self.year), month, int(self.day))

    def _date(self, year: int, month: int, day: int) -> date:
        try:
            born = date(year, month, day)
        except ValueError:
            self._refuse(("day",), "Check the day and the month: there is no such date.")
        if born > self.today:
            self._refuse((), "Enter a date that lies in the past.")
        if age_on(born, self.today) > _OLDEST:
            self._refuse(("year",), f"Check the year: it would make you older than {_OLDEST}.")
        return born

    def _refuse(self, parts: tuple[str, ...], message: str) -> NoReturn:
        self.wrong_parts = parts
        raise ValidationError(message)


def age_on(born: date, day: date) -> int:
    """Return the age in whole years on a day; a birthday of 29 February counts from 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _month(text: str) -> int | None:
    if re.fullmatch("[0-9]{1,2}", text):
        return int(text) if 1 <= int(text) <= 12 else None
    # Whole words only: a word of another language can begin as the name of another month does.
    word = text.lower().removesuffix(".")
    return next((number for number, names in enumerate(_MONTHS, 1) if word in names), None)
