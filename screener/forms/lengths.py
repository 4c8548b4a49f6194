"""Lengths of time: said in weeks, months or years, stored in whole weeks.

Nothing is guessed: 6 may be weeks or months, so a number needs its unit. Months are 52/12 weeks and
years 52, rounded down.
"""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from wtforms.form import BaseForm
from wtforms.validators import ValidationError

from screener.forms.fields import DONT_REMEMBER, NumberField, Pick
from screener.forms.numbers import plain, says_unknown
from screener.texts import tidy

WEEKS = "weeks"
_UNITS = {
    r"d|days?": Fraction(1, 7),
    r"w|wks?|weeks?": Fraction(1),
    r"mos?|mths?|months?": Fraction(52, 12),
    r"y|yrs?|years?": Fraction(52),
}
_ONE = re.compile(
    r"(an?|one|half an?|[0-9]{1,5}(?:\.[0-9]{1,4})?)\s*(" + "|".join(_UNITS) + r")\b\.?"
)
_BETWEEN = re.compile(r"\s*(?:,|and|\+)?\s*")
_ABOUT = re.compile(r"(?:about|around|approximately|roughly|~)\s*")
_IN_WORDS = {"a": "1", "an": "1", "one": "1", "half a": "0.5", "half an": "0.5"}
_SOON, _LATER = 9, 104  # weeks from which months say more, and years
LENGTHS = [
    *(Pick(f"{unit}", unit, adds=True) for unit in ("weeks", "months", "years")),
    DONT_REMEMBER,
]


def read_length(typed: str) -> Fraction | None:
    """Return the weeks that a text says, such as "6 months" or "1 year 2 months", or None.

    Nothing needs no unit: "0".
    """
    text = _ABOUT.sub("", plain(typed).replace("½", ".5"), count=1)
    if re.fullmatch(r"0+", text):
        return Fraction(0)
    total, smallest = Fraction(0), None
    while text:
        part = _ONE.match(text)
        if part is None:
            return None
        factor = next(f for names, f in _UNITS.items() if re.fullmatch(names, part[2]))
        if smallest is not None and factor >= smallest:
            return None  # "2 months 3 years" is more likely a slip
        smallest = factor
        total += Fraction(_IN_WORDS.get(part[1], part[1])) * factor
        text = text[part.end() :]
        text = text[between.end() :] if (between := _BETWEEN.match(text)) else text
    return total if smallest is not None else None


def shown_length(weeks: Decimal | int) -> str:
    """Return a stored length as the form shows it, and as it reads it again: "26 weeks"."""
    return f"{weeks} week" if weeks == 1 else f"{weeks} weeks"


def in_longer_units(weeks: Decimal | int) -> str:
    """Return a length in months or years, as people say it; "" where weeks say it best."""
    if weeks < _SOON:
        return ""
    if weeks < _LATER:
        return f"about {round(Fraction(weeks) * 12 / 52)} months"
    years = f"{float(round(Fraction(weeks) / 52, 1)):g}"
    return f"about {years} years"


class LengthField(NumberField):
    """A length of time with its unit, in weeks, months or years."""

    def __init__(self, label: str, **more: Any) -> None:
        """See NumberField."""
        super().__init__(label, **more)
        self.unit, self.inputmode, self.width = "", "", "10"
        self.picks, self.example = LENGTHS, "6 months"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take a length; anything else stays as typed, and `pre_validate` says why."""
        typed = str(valuelist[0]) if valuelist else ""
        length = read_length(typed)
        self.data = None if length is None else Decimal(int(length))
        self.unit = ""
        if self.data is not None:
            # What it is in other units stands behind the box, so that a slip is seen.
            weeks = shown_length(self.data)
            same = tidy(typed).lower() in (weeks, "0")
            self.unit = in_longer_units(self.data) if same else f"= {weeks}"

    def shown(self, number: Decimal) -> str:
        """See NumberField."""
        return shown_length(number)

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse what has no unit or is out of range."""
        typed = tidy(self._value())
        if not typed or says_unknown(typed):
            return
        subject = f"{self.subject}: " if self.subject else ""
        if self.data is None:
            number = re.fullmatch(r"[0-9]{1,5}", typed)
            example = f"{typed} weeks, {typed} months" if number else "6 weeks, 8 months"
            raise ValidationError(
                f"{subject}write how long, such as {example} or 2 years. Or leave it blank."
            )
        if not self.low <= self.data <= self.high:
            raise ValidationError(
                f"{subject}we read {shown_length(self.data)}. Enter a length of time from "
                f"{self.low:,} to {self.high:,} weeks, or leave it blank."
            )
