"""What somebody types to find a person: read in every way in which it may be meant."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

from screener.store import Terms
from screener.store.records import plain_reference
from screener.texts import tidy

LONGEST = 200  # characters
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_REFERENCE = re.compile(r"[0-9A-Za-z]{4}[\s\-\u2010-\u2015]?[0-9A-Za-z]{4}")
_EXTENSION = re.compile(r"(?<=\d)[\s,;(]*(?:ext(?:ension)?|x|#)[\s.:#]*\d{1,8}\)?$", re.IGNORECASE)
_OLDEST = 1900


def terms_of(typed: str) -> Terms | None:
    """Read what was typed; None where there is nothing to look for.

    A name of eight letters may be a reference too, and 3/4/1980 be the third of April: all that it
    may mean is looked for.
    """
    text = tidy(typed, one_line=True)
    reference = plain_reference(text) if _REFERENCE.fullmatch(text) else ""
    born = tuple(dict.fromkeys(day.isoformat() for day in _dates(text)))
    # An extension is no part of what is compared.
    digits = _EXTENSION.sub("", text) if not born else text
    if any(letter.isalpha() for letter in digits):
        digits = text
    letters = any(letter.isalpha() for letter in digits)
    name = text if letters and not born else ""
    number = "" if letters or (born and not text.isdigit()) else digits
    if not (reference or born or name or sum(map(str.isdigit, number)) >= 5):
        return None
    return Terms(reference, name, number, born)


def _dates(text: str) -> Iterator[date]:
    """Yield the dates that a text may be: year first, or month and day in both orders."""
    if match := re.fullmatch(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})", text):
        yield from _valid(*map(int, match.groups()))
    match = re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})", text) or re.fullmatch(
        r"(\d{2})(\d{2})(\d{4})", text
    )
    if match:
        first, second, last = map(int, match.groups())
        for year in (last,) if last > 99 else (1900 + last, 2000 + last):
            yield from _valid(year, first, second)
            yield from _valid(year, second, first)
    words = re.findall(r"[a-z]+|\d+", re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", text.casefold()))
    months = [_MONTHS.index(word[:3]) + 1 for word in words if word[:3] in _MONTHS]
    numbers = [int(word) for word in words if word.isdigit()]
    if len(words) == 3 and len(months) == 1 and len(numbers) == 2:
        yield from _valid(max(numbers), months[0], min(numbers))


def _valid(year: int, month: int, day: int) -> Iterator[date]:
    if year >= _OLDEST:
        with suppress(ValueError, OverflowError):
            yield date(year, month, day)
