"""When a follow-up is shown, as a page carries it to its script: a small form of a condition.

It is written in JSON and is about answers on the page alone:

    {"all": [...]}  {"any": [...]}  {"not": ...}
    {"answered": "other_treatments"}
    {"chosen": "other_treatments", "of": ["ect", "tms"]}       one of these is chosen or ticked
    {"number": "exercise_weeks", "at_most": 11, "blank": true}  what holds while it is blank
    {"number": "exercise_weeks", "equals": 3, "blank": false}

`assets/src/script/conditions.js` reads it.
"""

from decimal import Decimal
from typing import Any

from screener.engine.terms import terms as t

Json = dict[str, Any]


class CannotBeWritten(Exception):
    """A condition has a part that this form has no words for."""


def written(condition: t.Bool) -> Json:
    """Return a condition in JSON. Raise CannotBeWritten."""
    match condition:
        case t.Truth(value):
            return {"all" if value else "any": []}
        case t.And(parts):
            return {"all": [written(part) for part in parts]}
        case t.Or(parts):
            return {"any": [written(part) for part in parts]}
        case t.Not(part):
            return {"not": written(part)}
        case t.IsAnswered(path):
            return {"answered": _name(path)}
        case t.Among(path, options) | t.Ticked(path, options):
            return {"chosen": _name(path), "of": list(options)}
        case t.Compare(sign, left, right):
            return _comparison(sign, left, right)
    raise CannotBeWritten(condition)


def _comparison(sign: str, left: t.Int, right: t.Int) -> Json:
    match sign, left, right:
        case _, t.Points(), t.Whole():
            return _points(sign, left, right.value)
        case "<=", t.Whole(), t.Points():  # n or more: not n - 1 or less
            return {"not": _points(sign, right, left.value - 1)}
        case "=", t.Whole(), t.Points():
            return _points(sign, right, left.value)
        case _, t.Amount(), t.Whole():
            return _amount(sign, left, right.value)
        case "<=", t.Whole(), t.Amount():
            return {"not": _amount(sign, right, left.value - 1)}
        case "=", t.Whole(), t.Amount():
            return _amount(sign, right, left.value)
    raise CannotBeWritten((sign, left, right))


def _points(sign: str, points: t.Points, limit: int) -> Json:
    fitting = [option for option, value in points.points if _fits(sign, value, limit)]
    chosen = {"chosen": _name(points.path), "of": fitting}
    if not _fits(sign, points.default, limit):
        return chosen
    others = [option for option, value in points.points if not _fits(sign, value, limit)]
    return {"not": {"chosen": _name(points.path), "of": others}}


def _amount(sign: str, amount: t.Amount, limit: int) -> Json:
    number = Decimal(limit) / 10**amount.decimals
    return {
        "number": _name(amount.path),
        "at_most" if sign == "<=" else "equals": int(number) if number % 1 == 0 else float(number),
        "blank": _fits(sign, amount.default, limit),
    }


def _fits(sign: str, value: int, limit: int) -> bool:
    return value <= limit if sign == "<=" else value == limit


def _name(path: str) -> str:
    """Return the name of the field: of a cell, that of its column."""
    name = path.removeprefix(".")
    if "." in name:
        raise CannotBeWritten(path)  # a cell of another row
    return name
