"""What every model of the rulebook shares: frozen, no unknown keys, text typed strictly."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict


class Model(BaseModel):
    """A part of the rulebook as written. Frozen; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _written(pattern: str, expected: str) -> BeforeValidator:
    """Return a validator that refuses text of another form."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and not re.fullmatch(pattern, value):
            raise ValueError(f"{expected} is expected, found {value}")
        return value

    return BeforeValidator(check)


def _id(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9_]+", value):
        raise ValueError(f"an id has lower-case letters, digits and _, found {value}")
    return str(value)


def _range(value: Any) -> Any:
    if isinstance(value, str):
        ends = re.fullmatch(rf"({_DIGITS}) to ({_DIGITS})", value)
        if ends is None or int(ends[1]) >= int(ends[2]):
            raise ValueError(f"a range such as 0 to 10 is expected, found {value}")
        return int(ends[1]), int(ends[2])
    return value


def _review(value: Any) -> Any:
    if value != "unreviewed" and not isinstance(value, (dict, Review)):
        raise ValueError(f"unreviewed, or by and on, are expected; found {value}")
    return value


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _alone(value: tuple[str, ...]) -> tuple[str, ...]:
    if "none" in value and len(value) > 1:
        raise ValueError("none stands alone")
    return value


_DIGITS = "(?:0|[1-9][0-9]*)"
_Date = Annotated[date, _written(r"\d{4}-\d{2}-\d{2}", "a date such as 2026-05-31")]


class Review(Model):
    """Who reviewed a part of the rulebook, and when."""

    by: str
    on: _Date


Reviewed = Annotated[Literal["unreviewed"] | Review, BeforeValidator(_review)]
Whole = Annotated[int, _written(_DIGITS, "a whole number")]
YesNo = Annotated[bool, _written("yes|no", "yes or no")]
# What a medicine is taken for, as far as conditions on rows tell it apart.
Uses = Annotated[tuple[Literal["mood", "pain"], ...], BeforeValidator(_several)]
Id = Annotated[str, BeforeValidator(_id)]
Range = Annotated[tuple[int, int], BeforeValidator(_range)]
Several = Annotated[tuple[str, ...], BeforeValidator(_several)]
DecimalText = _written(rf"{_DIGITS}(\.[0-9]+)?", "a number")


class Sourced(Model):
    """A part of the rulebook that names where it comes from.

    `reference` holds ids of references.yaml, `choice` ids of choices.yaml.
    """

    reference: Several = ()
    choice: Several = ()


# What 45 CFR 170.315(b)(11) wants to know of evidence-based decision support, in its order.
Attribute = Literal[
    "race",
    "ethnicity",
    "language",
    "sexual_orientation",
    "gender_identity",
    "sex",
    "date_of_birth",
    "social_determinants",
    "health_status_assessments",
]
# What a question says that it asks of these; empty where it says nothing.
Attributes = Annotated[
    tuple[Attribute | Literal["none"], ...], BeforeValidator(_several), AfterValidator(_alone)
]
_When = Annotated[str, _written(r"\d{4}(-\d{2}(-\d{2})?)?", "a date such as 2026-05-31 or 2026")]


class Stated(Model):
    """Who made a source or a protocol, who paid for it, and when; "" where that is not stated."""

    developer: str = ""
    funding: str = ""
    released: _When = ""
    revised: _When = ""
