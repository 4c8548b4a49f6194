"""Who a submission is from and how to reach them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from screener.presenters.times import moment_of

UNKNOWN = "Not given"

# The keys of the identity that the patient's forms store, in the order staff read them.
FIELDS = {
    "phone": "Phone",
    "voicemail": "Voice message allowed",
    "location": "Stated location",
    "emergency_name": "Emergency contact",
    "emergency_phone": "Emergency contact’s phone",
    "email": "E-mail",
    "date_of_birth": "Date of birth",
}


@dataclass(frozen=True)
class Detail:
    """One labelled thing; `href` dials or writes where that makes sense."""

    label: str
    value: str
    href: str = ""


@dataclass(frozen=True)
class Person:
    """A person's name, and everything else they gave to reach them."""

    name: str
    details: tuple[Detail, ...]


def name_of(identity: Mapping[str, Any]) -> str:
    """The name as given."""
    return str(identity.get("name") or "").strip() or "Name not given"


def person(identity: Mapping[str, Any], age: object = None) -> Person:
    """Who it is. `age` is the age in years that was screened, None where there is none."""
    details = [Detail("Age", UNKNOWN if age is None else f"{age} years")]
    for key, label in FIELDS.items():
        value = str(identity.get(key) or "").strip()
        shown = value.capitalize() if key == "voicemail" else value
        details.append(Detail(label, shown or UNKNOWN, _href(key, value)))
    # Whatever else the forms came to store is shown too: nothing a person gave may get lost here.
    for key, value in identity.items():
        if key not in FIELDS and key != "name" and value not in (None, ""):
            details.append(Detail(key.replace("_", " ").capitalize(), str(value)))
    return Person(name_of(identity), tuple(details))


def calls_of(progress: Mapping[str, Any]) -> tuple[str, ...]:
    """When the person asked for a call, oldest first. Before 0.3 one time was kept, as a text."""
    times = progress.get("calls") or [progress.get("call_requested")]
    return tuple(moment_of(at) for at in times if at)


def _href(key: str, value: str) -> str:
    if not key.endswith("phone"):
        return ""
    # "x12" and what follows is an extension; a phone dials the number before it.
    digits = "".join(c for c in value.lower().partition("x")[0] if c.isdecimal() or c == "+")
    return f"tel:{digits}" if len(digits) >= 7 and digits.isascii() else ""
