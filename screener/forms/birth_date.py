"""The field for a date of birth, in three parts, and the age that follows from it."""

import re
from datetime import date
from typing import Any, NoReturn

from wtforms.form import BaseForm
from wtforms.validators import ValidationError

from screener.forms.fields import AnswerField
from screener.saying import gettext, locale
from screener.texts import tidy

_MONTHS = (
    ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",),
    ("june", "jun"), ("july", "jul"), ("august", "aug"), ("september", "sept", "sep"),
    ("october", "oct"), ("november", "nov"), ("december", "dec"),
)  # fmt: skip
_WIDTHS = ("wide", "abbreviated")
_EXAMPLE = {"month": "4", "day": "27", "year": "1979"}
_OLDEST = 120  # years; the rulebook's range of ages ends there


class BirthDateField(AnswerField):
    """A date of birth in three parts, shown in the order in which the language writes dates."""

    kind = "date"
    autocomplete = "bday"
    today: date  # at the clinic; the form that holds the field says it

    def __init__(self, label: str, *, description: str = "", **more: Any) -> None:
        """Build the names of the three inputs from the field's own; an example ends the hint."""
        self.order = parts_in_order()
        self.example_date = " ".join(_EXAMPLE[part] for part in self.order)
        example = gettext("For example, %(date)s.", date=self.example_date)
        super().__init__(label, description=f"{description} {example}".strip(), **more)
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
            self._refuse(
                blank,
                gettext("Enter your date of birth, for example %(date)s.", date=self.example_date),
            )
        month = _month(self.month)
        if month is None:
            self._refuse(("month",), gettext("Enter the month as a number from 1 to 12."))
        if not re.fullmatch("[0-9]{4}", self.year):
            self._refuse(("year",), gettext("Enter the year with four digits, for example 1979."))
        if not re.fullmatch("[0-9]{1,2}", self.day):
            self._refuse(("day",), gettext("Enter the day as a number from 1 to 31."))
        self.data = self._date(int(self.year), month, int(self.day))

    def _date(self, year: int, month: int, day: int) -> date:
        try:
            born = date(year, month, day)
        except ValueError:
            self._refuse(("day",), gettext("Check the day and the month: there is no such date."))
        if born > self.today:
            self._refuse((), gettext("Enter a date that lies in the past."))
        if age_on(born, self.today) > _OLDEST:
            self._refuse(
                ("year",),
                gettext("Check the year: it would make you older than %(age)s.", age=_OLDEST),
            )
        return born

    def _refuse(self, parts: tuple[str, ...], message: str) -> NoReturn:
        self.wrong_parts = parts
        raise ValidationError(message)


def parts_in_order() -> tuple[str, ...]:
    """Return month, day and year in the order in which the language writes them."""
    pattern = locale().date_formats["short"].pattern
    places = {part: pattern.lower().index(part[0]) for part in ("month", "day", "year")}
    return tuple(sorted(places, key=lambda part: places[part]))


def age_on(born: date, day: date) -> int:
    """Return the age in whole years on a day; a birthday of 29 February counts from 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _month(text: str) -> int | None:
    if re.fullmatch("[0-9]{1,2}", text):
        return int(text) if 1 <= int(text) <= 12 else None
    # Whole words only: a word of another language can begin as the name of another month does.
    word = text.lower().removesuffix(".")
    ours = locale().months["format"]
    for number, names in enumerate(_MONTHS, 1):
        ours_too = (ours[width][number].lower().removesuffix(".") for width in _WIDTHS)
        if word in names or word in ours_too:
            return number
    return None
