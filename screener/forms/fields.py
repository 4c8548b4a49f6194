"""Our own form fields, one a kind of answer. `templates/components/field.html` shows them.

Each keeps what was typed, also when it cannot be taken: nobody in pain types a thing twice.
`data` is the answer, or None when the field was left blank or is wrong.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wtforms import Field
from wtforms.form import BaseForm
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from screener.forms.numbers import is_dose, is_unclear, other_unit, read_number, says_unknown
from screener.saying import gettext
from screener.texts import tidy


@dataclass(frozen=True)
class Pick:
    """A button that a script shows below a box: it writes `value` into it.

    One that only `adds` writes it behind the number that stands there.
    """

    value: str
    label: str
    adds: int = 0  # of a unit of time: so many twelfths of a week
    also: str = ""  # how it is written behind 1


def dont_remember() -> Pick:
    """Return the button of whoever does not remember."""
    return Pick(gettext("I don't remember"), gettext("I don't remember"))


class AnswerField(Field):
    """What all our fields share: the attributes that the macros read, with their defaults."""

    widget = TextInput()
    kind = "text"
    unit = ""
    width = ""
    inputmode = ""
    autocomplete = ""
    rows = 5
    columns = 0
    small = False
    optional = False
    exclusive: str | None = None
    option_hints: dict[str, str] = {}  # noqa: RUF012
    groups: Sequence[tuple[str, list[str]]] = ()
    picks: Sequence[Pick] = ()
    example = ""

    def __init__(self, label: str, *, description: str = "", **more: Any) -> None:
        """Make a field. Texts that wait for a language are said in that of the request."""
        super().__init__(str(label), description=str(description), **more)

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
        return ", ".join(f"“{value}”" for value in values) or gettext("left blank")

    def _in_words(self, value: str) -> str:
        return value.strip()

    def show_both(self, stored: Sequence[str]) -> None:
        """Mark a value that was changed in another window too, and show both."""
        data = self.data
        self.wrong(
            gettext(
                "Your answer was changed in another window. There it is now: %(there)s. "
                "Here you entered: %(here)s. Leave the right answer here, then save again.",
                there=self.in_words(stored),
                here=self.in_words(self.typed()),
            )
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
        self.needed = str(needed)
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
                gettext(
                    "Use %(most)s characters or fewer. Please shorten it by %(over)s.",
                    most=f"{self.longest:,}",
                    over=f"{over:,}",
                )
            )


class NumberField(AnswerField):
    """A number within limits, alone or with its unit. Nothing is guessed: "seven" gets a message.

    "I don't remember" is a blank: not answered.
    """

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
        """Take a number; anything else stays as typed, and `pre_validate` says why."""
        self.data = read_number(str(valuelist[0]), self.unit) if valuelist else None

    def as_shown(self) -> list[str]:
        """Return what the field holds, however it was written: "1,200 mg" is 1200.

        Who does not remember leaves it blank.
        """
        if says_unknown(self._value()):
            return []
        return super().as_shown() if self.data is None or self.errors else [self.shown(self.data)]

    def shown(self, number: Decimal) -> str:
        """Return a number as the form shows it, and reads it again."""
        return f"{number.normalize():f}"

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse what is no number, too exact, or out of range."""
        typed = tidy(self._value())
        if not typed or says_unknown(typed):
            return
        if self.data is None:
            raise ValidationError(" ".join([self.cure(), *self._why(typed)]))
        exponent = self.data.as_tuple().exponent
        assert isinstance(exponent, int)
        if -exponent > self.decimals:
            raise ValidationError(self.cure(self.decimals))
        if not self.low <= self.data <= self.high:
            raise ValidationError(self.cure())

    def cure(self, decimals: int = 0) -> str:
        """Return what to enter instead, with the most `decimals` where there were too many."""
        low, high = f"{self.low:,}", f"{self.high:,}"
        if is_dose(self.unit):
            cure = gettext(
                "Enter how many %(unit)s a day, from %(low)s to %(high)s.",
                unit=self.unit,
                low=low,
                high=high,
            )
        elif self.decimals:
            cure = gettext("Enter a number from %(low)s to %(high)s.", low=low, high=high)
        else:
            cure = gettext("Enter a whole number from %(low)s to %(high)s.", low=low, high=high)
        sentences = [cure]
        if decimals:
            most = gettext("Write at most %(digits)s digits after the point.", digits=decimals)
            sentences.append(most)
        return about_subject(self.subject, [*sentences, gettext("Or leave it blank.")])

    def _why(self, typed: str) -> Iterator[str]:
        """Yield why what was typed is no number that can be taken."""
        if is_unclear(typed):
            yield gettext(
                "“%(typed)s” can be read in two ways. Write it without a sign for thousands.",
                typed=typed,
            )
        wrong = other_unit(typed, self.unit) if self.unit else ""
        if wrong:
            yield gettext(
                "You wrote “%(wrong)s”, and we need %(unit)s.", wrong=wrong, unit=self.unit
            )


def about_subject(subject: str, sentences: Sequence[str]) -> str:
    """Return sentences with the short name of the question that they are about, if it has one."""
    text = " ".join(sentences)
    return gettext("%(subject)s: %(text)s", subject=subject, text=text) if subject else text


class TickField(AnswerField):
    """One box that must be ticked."""

    kind = "checkbox"

    def __init__(self, label: str, *, needed: str, **more: Any) -> None:
        """Make a box; `needed` is the message when it is not ticked."""
        super().__init__(label, **more)
        self.needed = str(needed)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the tick."""
        self.data = True if "y" in valuelist else None

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse a box without tick."""
        if not self.data:
            raise ValidationError(self.needed)
