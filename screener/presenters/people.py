"""Who a submission is from and how to reach them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from screener import phones
from screener.locality import region
from screener.presenters.times import moment_of
from screener.texts import tidy

UNKNOWN = "Not given"
UNREAD = "Could not be read as a phone number; as typed:"
NOT_TAKEN = "Typed, but not taken by the form:"

_LONGEST = 200  # characters of a name or a detail before the rest is folded away

# The keys of the identity that the patient's forms store, in the order staff read them.
FIELDS = {
    "preferred_name": "Likes to be called",
    "phone": "Phone",
    "voicemail": "Message",
    "shared_phone": "Others who use or see this phone",
    "best_times": "Good times to call",
    "filled_in_by": "Form filled in by",
    "language": "Language to speak",
    "interpreter": "Interpreter needed",
    "phone_2": "Second phone",
    "location": "Stated location",
    "emergency_name": "Emergency contact",
    "emergency_phone": "Emergency contact’s phone",
    "email": "E-mail",
    "date_of_birth": "Date of birth",
}
# Shown only if it was given.
_SELDOM = ("preferred_name", "phone_2", "language", "interpreter")
# What the form calls them is said to the person; staff read what it means for a call.
_CHOICES = {
    "voicemail": {
        "yes": "Yes: only that the clinic called",
        "no_name": "Yes, without the name of the clinic",
        "text": "By text message only",
        "no": "No message of any kind",
    },
    "filled_in_by": {
        "self": "The person",
        "helped": "The person, with somebody’s help",
        "other": "Somebody else, for the person",
    },
    "interpreter": {"yes": "Yes", "no": "No"},
}
# Keys that belong to another key and are shown with it.
_BEHIND = {f"{key}_{part}" for key in phones.KEYS for part in phones.PARTS} | {
    "location_at",
    "locations_before",
}


@dataclass(frozen=True)
class Note:
    """A line below a detail: our words before and after what it quotes from the person."""

    before: str = ""
    quoted: str = ""
    after: str = ""


@dataclass(frozen=True)
class Detail:
    """One labelled detail; `href` dials it if it is a number that was read with certainty.

    `value` is what the person gave, `warning` our words before it.
    """

    label: str
    value: str
    href: str = ""
    warning: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def short(self) -> str:
        """Return the beginning of a value that would fill the page; "" for any other."""
        return _short(self.value) if len(self.value) > 3 * _LONGEST else ""


# What somebody who calls must know, in their order.
_TO_CALL = (
    "phone",
    "location",
    "voicemail",
    "shared_phone",
    "phone_2",
    "best_times",
    "language",
    "interpreter",
)


@dataclass(frozen=True)
class ContactDetails:
    """A person's name, and everything else they gave to reach them."""

    name: str
    details: tuple[Detail, ...]

    @property
    def to_call(self) -> tuple[Detail, ...]:
        """Return what somebody who calls must know, as far as it was given."""
        labels = [FIELDS[key] for key in _TO_CALL]
        named = [detail for detail in self.details if detail.label in labels]
        given = [detail for detail in named if detail.value != UNKNOWN or detail.label == "Phone"]
        return tuple(sorted(given, key=lambda detail: labels.index(detail.label)))

    @property
    def helper(self) -> str:
        """Return who filled in the form, where it was not the person alone; else ""."""
        label, alone = FIELDS["filled_in_by"], (UNKNOWN, _CHOICES["filled_in_by"]["self"])
        by = next((each.value for each in self.details if each.label == label), UNKNOWN)
        return "" if by in alone else by

    @property
    def age(self) -> str:
        """Return the age, or that it is not known."""
        age = self.details[0].value
        return "Age not known" if age == UNKNOWN else age


def name_of(identity: Mapping[str, Any]) -> str:
    """Return the name as given, shortened; "Name not given" if it has no visible character."""
    return _short(_text(identity, "name")) or "Name not given"


def person(
    identity: Mapping[str, Any], age: object = None, typed: Mapping[str, Any] | None = None
) -> ContactDetails:
    """Return who it is and how to reach them, inside the app's context.

    `age` is the age in years that was screened, or None. `typed` are contact details that the form
    has not taken yet, because something in it must be corrected first.
    """
    details = [Detail("Age", UNKNOWN if age is None else f"{age} years")]
    for key, label in FIELDS.items():
        if key not in _SELDOM or _text(identity, key):
            details.append(_detail(identity, key, label))
    # Other keys that a form stored are shown too: nothing that a person gave may get lost here.
    for key in identity:
        if key not in FIELDS and key not in _BEHIND and key != "name" and _text(identity, key):
            details.append(Detail(key.replace("_", " ").capitalize(), _text(identity, key)))
    if len(_text(identity, "name")) > _LONGEST:
        details.append(Detail("Name in full", _text(identity, "name")))
    details += _not_taken(identity, typed or {})
    return ContactDetails(name_of(identity), tuple(details))


def calls_of(progress: Mapping[str, Any]) -> tuple[str, ...]:
    """Return when the person asked for a call, oldest first; before 0.3 one time was kept."""
    times = progress.get("calls") or [progress.get("call_requested")]
    return tuple(moment_of(at) for at in times if at)


def _detail(identity: Mapping[str, Any], key: str, label: str) -> Detail:
    if key in phones.KEYS:
        return _phone(identity, key, label)
    value = _text(identity, key)
    if key == "location":
        return Detail(label, value or UNKNOWN, notes=tuple(_places(identity)))
    return Detail(label, _CHOICES.get(key, {}).get(value, value) or UNKNOWN)


def _phone(identity: Mapping[str, Any], key: str, label: str) -> Detail:
    number = phones.given(identity, key, region())
    if number is None:
        return Detail(label, UNKNOWN)
    if number.phone is None:
        return Detail(label, number.typed, warning=UNREAD)
    notes = (Note("as typed:", number.typed),) if number.differs(region()) else ()
    return Detail(label, number.shown(region()), number.phone.link, notes=notes)


def _places(identity: Mapping[str, Any]) -> Iterator[Note]:
    """Yield when the place was given, and the earlier places, the latest first."""
    if at := identity.get("location_at"):
        yield Note(after=f"said {moment_of(at)}")
    for earlier in reversed(identity.get("locations_before") or []):
        when = f"said {moment_of(earlier['at'])}" if earlier.get("at") else ""
        yield Note("before:", str(earlier.get("place", "")), when)


def _not_taken(identity: Mapping[str, Any], typed: Mapping[str, Any]) -> Iterator[Detail]:
    for key, label in {"name": "Name", **FIELDS}.items():
        text = tidy(str(typed.get(key) or ""), one_line=True)
        if text and text != _text(identity, key):
            yield Detail(label, text, warning=NOT_TAKEN)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _text(identity: Mapping[str, Any], key: str) -> str:
    value = identity.get(key)
    return "" if value is None else tidy(str(value))
