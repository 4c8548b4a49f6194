"""Height and weight: typed as people know them, stored as the question counts them.

Nothing is guessed: a number needs its unit, for 67 may be inches and 160 pounds or centimeters.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from wtforms.form import BaseForm
from wtforms.validators import ValidationError

from screener.forms.fields import NumberField, about_subject
from screener.saying import gettext
from screener.texts import tidy

# With three digits after it, a comma may stand for thousands: such a number is asked about.
_NUMBER = r"([0-9]{1,4}(?:\.[0-9]{1,4}|,[0-9]{1,2})?)"
_INCH, _FOOT, _POUND = Decimal("2.54"), 12, Decimal("0.45359237")
# Signs that phones put in place of ' and ".
_SIGNS = str.maketrans({"’": "'", "‘": "'", "′": "'", "”": '"', "“": '"', "″": '"', "½": ".5"})


@dataclass(frozen=True)
class Measure:
    """A quantity: its units, and the patterns that are read."""

    unit: re.Pattern[str]
    patterns: tuple[tuple[re.Pattern[str], tuple[Decimal, ...]], ...]


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.replace("N", _NUMBER))


_METERS, _CENTIMETERS = r"(?:m|met(?:er|re)s?|metros?)", r"(?:cms?\.?|cent[ií]met(?:er|re|ro)s?)"
_FEET = r"(?:'|ft\.?|foot|feet|pies?)"
_INCHES = r"(?:\"|''|in\.?|inch|inches|pulg\.?|pulgadas?)"
_KILOGRAMS, _POUNDS = r"(?:kg|kgs|kilos?|kilogramo?s?)", r"(?:lbs?\.?|pounds?|libras?)"


def _units(*units: str) -> re.Pattern[str]:
    return re.compile(rf"[0-9][\s.,]*(?:{'|'.join(units)})(?![a-z])")


MEASURES = {
    "cm": Measure(
        _units(_METERS, _CENTIMETERS, _FEET, _INCHES),
        (
            (_pattern(rf"N\s*{_CENTIMETERS}"), (Decimal(1),)),
            (_pattern(rf"N\s*{_METERS}"), (Decimal(100),)),
            # "1m7" may be 1.07 or 1.7 meters, so two digits are needed.
            (
                re.compile(rf"([0-9])\s*{_METERS}\s*([0-9]{{2}})\s*{_CENTIMETERS}?"),
                (Decimal(100), Decimal(1)),
            ),
            # Feet are whole: "5.11 ft" is meant as 5 feet 11 inches, and is not that.
            (re.compile(rf"([0-9]{{1,2}})\s*{_FEET}"), (_FOOT * _INCH,)),
            (_pattern(rf"N\s*{_INCHES}"), (_INCH,)),
            (
                _pattern(rf"N\s*{_FEET}[\s,]*(?:(?:and|y|con)\s+)?N\s*{_INCHES}?"),
                (_FOOT * _INCH, _INCH),
            ),
        ),
    ),
    "kg": Measure(
        _units(_KILOGRAMS, _POUNDS),
        (
            (_pattern(rf"N\s*{_KILOGRAMS}"), (Decimal(1),)),
            (_pattern(rf"N\s*{_POUNDS}"), (_POUND,)),
        ),
    ),
}


def in_us_units(unit: str, value: Decimal | int) -> str:
    """Return a number of centimeters as feet and inches, one of kilograms as pounds; whole ones."""
    if unit == "kg":
        return gettext("%(pounds)s lb", pounds=_rounded(Decimal(value) / _POUND, 0))
    feet, inches = divmod(int(_rounded(Decimal(value) / _INCH, 0)), _FOOT)
    return gettext("%(feet)s ft %(inches)s in", feet=feet, inches=inches)


class MeasureField(NumberField):
    """A height or a weight with its unit, in feet and inches, centimeters, pounds or kilograms."""

    def __init__(self, label: str, *, unit: str, **more: Any) -> None:
        """See NumberField; `unit` is what is stored, a key of MEASURES."""
        super().__init__(label, **more)
        self.measure, self.stored_in = MEASURES[unit], unit
        self.inputmode, self.width = "", "10"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take a number with a unit; anything else stays as typed, and `pre_validate` says why."""
        text = _plain(valuelist[0]) if valuelist else ""
        self.data, self.unit = None, ""
        for pattern, factors in self.measure.patterns:
            if read := pattern.fullmatch(text):
                numbers = [Decimal(number.replace(",", ".")) for number in read.groups()]
                larger, smaller = factors[0], factors[-1]
                if len(numbers) == 2 and (numbers[1] * smaller >= larger or numbers[0] % 1):
                    return
                total = sum(n * factor for n, factor in zip(numbers, factors, strict=True))
                self.data = _rounded(Decimal(total), self.decimals)
                metric = factors[0] in (1, 100)
                # What it is in the other units stands behind the box, so that a slip is seen.
                show = in_us_units if metric else shown_measure
                self.unit = f"= {show(self.stored_in, self.data)}"

    def shown(self, number: Decimal) -> str:
        """See NumberField."""
        return shown_measure(self.stored_in, number)

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse what has no unit or is out of range."""
        if not tidy(self._value()):
            return
        blank = gettext("Or leave it blank.")
        weight = self.stored_in == "kg"
        if self.data is None and self.measure.unit.search(_plain(self._value())):
            see = gettext("We see the unit, but cannot read the number.")
            digits = gettext("Write it in digits, with a point before decimals.")
            example = gettext("For example: 160 lb, or 72.5 kg.")
            if not weight:
                example = gettext(
                    "For example: 5 ft 7 in with fewer than 12 inches, 170 cm, or 1.70 m."
                )
            raise ValidationError(about_subject(self.subject, [see, digits, example, blank]))
        if self.data is None:
            how = gettext("Write your height with its unit, such as 5 ft 7 in, or 170 cm.")
            if weight:
                how = gettext("Write your weight with its unit, such as 160 lb, or 72.5 kg.")
            raise ValidationError(about_subject(self.subject, [how, blank]))
        if not self.low <= self.data <= self.high:
            read = gettext("We read %(number)s.", number=shown_measure(self.stored_in, self.data))
            low, high = (in_us_units(self.stored_in, Decimal(n)) for n in (self.low, self.high))
            cure = gettext(
                "Enter a number from %(low)s to %(high)s %(unit)s (%(us_low)s to %(us_high)s).",
                low=self.low,
                high=self.high,
                unit=self.stored_in,
                us_low=low,
                us_high=high,
            )
            raise ValidationError(about_subject(self.subject, [read, cure, blank]))


def shown_measure(unit: str, value: Decimal | int) -> str:
    """Return a stored number as the form shows it, and as it reads it again."""
    text = format(value, "f")
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {unit}"


def _plain(typed: object) -> str:
    return tidy(str(typed)).translate(_SIGNS).lower()


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
