"""Our own form fields, one a kind of answer. `templates/components/field.html` shows them.

Each keeps what was typed, also when it cannot be taken: nobody in pain types a thing twice.
`data` is the answer, or None when the field was left blank or is wrong.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from wtforms import Field
from wtforms.form import BaseForm
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from screener.texts import tidy

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


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
