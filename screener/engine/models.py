"""What every model of the rulebook shares: frozen, no unknown keys, text typed strictly."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

# Highest first. `ineligible` is for the age gate alone and ends the screening.
PRIORITIES = ("ineligible", "emergency", "urgent", "hold", "incomplete", "review", "note")

PriorityName = Literal["ineligible", "emergency", "urgent", "hold", "incomplete", "review", "note"]


class Model(BaseModel):
    """A part of the rulebook as written. Frozen; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _whole(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"0|[1-9][0-9]*", value):
        raise ValueError(f"a whole number is expected, found {value}")
    return value


def _decimal(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"(0|[1-9][0-9]*)(\.[0-9]+)?", value):
        raise ValueError(f"a number is expected, found {value}")
    return value


def _yes_no(value: Any) -> Any:
    if isinstance(value, str):
        if value not in ("yes", "no"):
            raise ValueError(f"yes or no is expected, found {value}")
        return value == "yes"
    return value


def _id(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9_]+", value):
        raise ValueError(f"an id has lower-case letters, digits and _, found {value}")
    return str(value)


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _range(value: Any) -> Any:
    if isinstance(value, str):
        found = re.fullmatch(r"(0|[1-9][0-9]*) to (0|[1-9][0-9]*)", value)
        if found is None or int(found[1]) >= int(found[2]):
            raise ValueError(f"a range such as 0 to 10 is expected, found {value}")
        return int(found[1]), int(found[2])
    return value


def _date(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError(f"a date such as 2026-05-31 is expected, found {value}")
    return str(value)


class Review(Model):
    """Who reviewed a part of the rulebook, and when."""

    by: str
    on: Annotated[date, BeforeValidator(_date)]


def _review(value: Any) -> Any:
    if value != "unreviewed" and not isinstance(value, (dict, Review)):
        raise ValueError(f"unreviewed, or by and on, are expected; found {value}")
    return value


Reviewed = Annotated[Literal["unreviewed"] | Review, BeforeValidator(_review)]
Whole = Annotated[int, BeforeValidator(_whole)]
YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Id = Annotated[str, BeforeValidator(_id)]
Range = Annotated[tuple[int, int], BeforeValidator(_range)]
Several = Annotated[tuple[str, ...], BeforeValidator(_several)]
DecimalText = BeforeValidator(_decimal)
