"""Numbers as people write them: "1,200", "7.5", "150 mg a day", "124/78". Nothing is guessed."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from screener.engine.questions import Question
from screener.saying import is_english
from screener.texts import tidy

# "1,200.5" and "1.200,5" have thousands; what stands before one or two digits are decimals, and so
# is what follows a 0: "0,125" is never 125.
_NUMBER = re.compile(
    r"(?P<us>[1-9][0-9]{0,2}(?:,[0-9]{3}){1,2}(?:\.[0-9]{1,9})?)(?![.,]?[0-9])"
    r"|(?P<other>[1-9][0-9]{0,2}(?:(?:\.[0-9]{3}){2}(?:,[0-9]{1,9})?|\.[0-9]{3},[0-9]{1,9}))"
    r"(?![.,]?[0-9])"
    r"|(?P<plain>[0-9]{1,9}\.[0-9]{1,9}|0,[0-9]{1,9}|[0-9]{1,9}(?:,[0-9]{1,2}(?![0-9]))?)"
)
# One and two tenths to some, one thousand two hundred to others; "0.125" is clear to everybody.
_UNCLEAR = re.compile(r"[1-9][0-9]{0,2}(?P<sign>[.,])[0-9]{3}(?![.,]?[0-9])")
_PER_DAY = re.compile(
    r"\s*(?:(?:a|per|each|every|/)\s*day|/\s*d|daily"
    r"|(?:al|por|cada|/)\s*d[ií]a|diari[oa]s?)\.?$"
)
# How units are also written. A unit that is not here is written as the question writes it.
_SPELLINGS = {
    "mg": ("mg", "mgs", "milligram", "milligrams", "miligramo", "miligramos"),
    "µg": ("µg", "μg", "ug", "mcg", "microgram", "micrograms", "microgramo", "microgramos"),
    "mmHg": ("mmhg", "mm hg", "mm"),
}
_UNKNOWN = re.compile(
    r"(?:i )?(?:do not|don't|dont|can't|cannot|cant) (?:know|remember|recall)|not sure|unsure"
    r"|unknown|no idea|\?+"
    r"|(?:yo )?no (?:me acuerdo|lo recuerdo|recuerdo|lo s[eé]|s[eé])|no estoy segur[oa]|ni idea"
)
_READING = re.compile(r"([0-9]{1,3})\s*(?:/|\\|\bover\b|\bsobre\b)\s*([0-9]{1,3})(?:\s*mm\s*hg)?")


def read_number(typed: str, unit: str) -> Decimal | None:
    """Return the number in a text, alone or with its own unit, or None where it is anything else.

    A dose may end with "a day", since every dose is one.
    """
    number = _NUMBER.match(text := plain(typed))
    if number is None:
        return None
    if is_unclear(text):
        return None
    rest = _without_day(text[number.end() :].strip(), unit).rstrip(". ")
    if rest and rest not in _spellings(unit):
        return None
    if number["us"]:
        return Decimal(number[0].replace(",", ""))
    if "," in number[0] and not decimal_comma():
        return None
    if number["other"]:
        return Decimal(number[0].replace(".", "").replace(",", "."))
    return Decimal(number[0].replace(",", "."))


def decimal_comma() -> bool:
    """Return whether a comma before one or two digits is read as a point: not in English."""
    return not is_english()


def is_unclear(typed: str) -> bool:
    """Return whether a number can be meant in two ways: "1.200", and "1,200" where it is not US.

    In English the comma stands for thousands, as in the US. The point may be that of somebody who
    learned to write numbers elsewhere.
    """
    number = _UNCLEAR.match(plain(typed))
    return number is not None and (number["sign"] == "." or decimal_comma())


def other_unit(typed: str, unit: str) -> str:
    """Return the unit behind the number of a text where it is not `unit`: "g" in "150 g", or ""."""
    number = _NUMBER.match(text := plain(typed))
    rest = _without_day(text[number.end() :].strip(" ."), unit) if number else ""
    is_other = re.fullmatch(r"[^\W\d_]+(?: [^\W\d_]+)?", rest) and rest not in _spellings(unit)
    return rest if is_other else ""


def is_dose(unit: str) -> bool:
    """Return whether a number with this unit is what is taken in a day."""
    return unit.startswith(("mg", "µg"))


def says_unknown(typed: str) -> bool:
    """Return whether a text says that the person does not know."""
    return _UNKNOWN.fullmatch(plain(typed).rstrip(".!")) is not None


def split_readings(
    questions: Sequence[Question], posted: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Return a posted form in which "124/78" above a blank stands as 124 there and 78 below.

    Above and below are two questions on blood pressure, one after the other.
    """
    values = {name: list(typed) for name, typed in posted.items()}
    for upper, lower in pairwise(questions):
        if not (upper.unit == lower.unit == "mmHg"):
            continue
        typed = values.get(upper.id) or [""]
        reading = _READING.fullmatch(plain(typed[0]))
        if reading is None:
            continue
        below = (values.get(lower.id) or [""])[0]
        # Another number below: which of the two is right is the person's to say.
        if not below.strip() or read_number(below, lower.unit) == Decimal(reading[2]):
            values[upper.id], values[lower.id] = [reading[1]], [reading[2]]
    return values


def plain(typed: str) -> str:
    """Return a text in small letters, with the apostrophe that keyboards have."""
    return tidy(typed).replace("’", "'").replace("‘", "'").lower()


def _spellings(unit: str) -> tuple[str, ...]:
    if unit.startswith("mg of "):
        return (unit.lower(), *_SPELLINGS["mg"])
    return _SPELLINGS.get(unit, (unit.lower(), unit.lower().removesuffix("s")))


def _without_day(rest: str, unit: str) -> str:
    return _PER_DAY.sub("", rest) if is_dose(unit) else rest
