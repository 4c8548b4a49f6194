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

from screener.forms.fields import NumberField, Pick, about_subject, dont_remember
from screener.forms.numbers import decimal_comma, is_unclear, plain, says_unknown
from screener.saying import gettext, ngettext
from screener.texts import tidy

WEEKS, MONTHS = "weeks", "months"
_UNITS = {
    r"d|days?|d[ií]as?": Fraction(1, 7),
    r"w|wks?|weeks?|sem|semanas?": Fraction(1),
    r"mos?|mths?|months?|mes|meses": Fraction(52, 12),
    r"y|yrs?|years?|a[ñn]os?": Fraction(52),
}
_ONE = re.compile(
    r"(an?|one|half an?|una?|medi[oa]|[0-9]{1,5}(?:\.[0-9]{1,4}|,[0-9]{1,2})?)\s*("
    + "|".join(_UNITS)
    + r")\b\.?"
)
_BETWEEN = re.compile(r"\s*(?:,|and\b|y\b|con\b|\+)?\s*")
_ABOUT = re.compile(
    r"(?:about|around|approximately|roughly|unos|unas|aproximadamente|como|cerca de|~)\s*"
)
_IN_WORDS = {"a": "1", "an": "1", "one": "1", "half a": "0.5", "half an": "0.5",
             "un": "1", "una": "1", "medio": "0.5", "media": "0.5"}  # fmt: skip
_SOON, _LATER = 9, 104  # weeks from which months say more, and years


def lengths() -> list[Pick]:
    """Return the units of time as buttons, and one for whoever does not remember."""
    units = (
        (gettext("weeks"), gettext("week"), 12),
        (gettext("months"), gettext("month"), 52),
        (gettext("years"), gettext("year"), 624),
    )
    picks = [Pick(several, several, twelfths, single) for several, single, twelfths in units]
    return [*picks, dont_remember()]


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
        if part is None or ("," in part[1] and not decimal_comma()) or is_unclear(part[1]):
            return None
        factor = next(f for names, f in _UNITS.items() if re.fullmatch(names, part[2]))
        if smallest is not None and factor >= smallest:
            return None  # "2 months 3 years" is more likely a slip
        smallest = factor
        total += Fraction(_IN_WORDS.get(part[1], part[1].replace(",", "."))) * factor
        text = text[part.end() :]
        text = text[between.end() :] if (between := _BETWEEN.match(text)) else text
    return total if smallest is not None else None


def shown_length(weeks: Decimal | int) -> str:
    """Return a stored length as the form shows it, and as it reads it again: "26 weeks"."""
    return ngettext("%(num)s week", "%(num)s weeks", int(weeks))


def in_longer_units(weeks: Decimal | int) -> str:
    """Return a length in months or years, as people say it; "" where weeks say it best."""
    if weeks < _SOON:
        return ""
    if weeks < _LATER:
        return gettext("about %(months)s months", months=round(Fraction(weeks) * 12 / 52))
    years = f"{float(round(Fraction(weeks) / 52, 1)):g}"
    return gettext("about %(years)s years", years=years)


class LengthField(NumberField):
    """A length of time with its unit, in weeks, months or years."""

    def __init__(self, label: str, **more: Any) -> None:
        """See NumberField."""
        super().__init__(label, **more)
        self.unit, self.inputmode, self.width = "", "", "10"
        self.picks, self.example = lengths(), gettext("6 months")

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
        blank = gettext("Or leave it blank.")
        if self.data is None:
            number = re.fullmatch(r"[0-9]{1,5}", typed)
            weeks, months = (typed, typed) if number else ("6", "8")
            how = gettext(
                "Write how long, such as %(weeks)s weeks, %(months)s months or 2 years.",
                weeks=weeks,
                months=months,
            )
            raise ValidationError(about_subject(self.subject, [how, blank]))
        if not self.low <= self.data <= self.high:
            read = gettext("We read %(length)s.", length=shown_length(self.data))
            cure = gettext(
                "Enter a length of time from %(low)s to %(high)s weeks.",
                low=f"{self.low:,}",
                high=f"{self.high:,}",
            )
            raise ValidationError(about_subject(self.subject, [read, cure, blank]))


class MonthsField(NumberField):
    """A number of months, which may be said in years: "2 years" is 24.

    Weeks are read where they make whole months, as 52 do.
    """

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take a number; anything else stays as typed, and `pre_validate` says why."""
        super().process_formdata(valuelist)
        if self.data is None and valuelist:
            weeks = read_length(str(valuelist[0]))
            months = None if weeks is None else weeks * Fraction(12, 52)
            if months is not None and months.denominator == 1:
                self.data = Decimal(int(months))
