"""Other forms that are, or may be, of the same person, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from screener.presenters.people import name_of
from screener.presenters.times import day, moment, without_today
from screener.presenters.words import rank, status_word
from screener.store import OPEN, OtherForm

_ALIKE = {"born": "birth date", "name": "name", "phone": "phone"}


@dataclass(frozen=True)
class OtherFormLine:
    """Another form: whose, when it came, what is alike, and where it stands with staff.

    `waits` says that it is on the list too.
    """

    reference: str
    name: str
    priority: str | None
    came: str
    alike: str
    stands: str
    waits: bool


@dataclass(frozen=True)
class OtherForms:
    """The other forms of a person: confirmed, suggested, and said not to be theirs."""

    confirmed: tuple[OtherFormLine, ...]
    suggested: tuple[OtherFormLine, ...]
    rejected: tuple[OtherFormLine, ...]


def other_forms_shown(others: Iterable[OtherForm], now: datetime) -> OtherForms:
    """Return the other forms by what staff said of them, those that wait first, by priority."""
    by_state: dict[str, list[OtherFormLine]] = {}
    for other in others:
        by_state.setdefault(other.state, []).append(_line(other, now))
    for lines in by_state.values():
        lines.sort(key=lambda line: (not line.waits, rank(line.priority) if line.waits else 0))
    return OtherForms(
        tuple(by_state.get("confirmed", ())),
        tuple(by_state.get("suggested", ())),
        tuple(by_state.get("rejected", ())),
    )


def alike_words(same: Sequence[str]) -> str:
    """Return what two people have alike: same birth date and phone, another name."""
    if "born" not in same:
        return "not the same birth date"
    words = "same " + listed([_ALIKE[kind] for kind in same])
    return words if "name" in same else f"{words}, another name"


def stands(status: str, at: datetime, now: datetime) -> str:
    """Return where a form stands: decided 2 March; for one that waits, since when it is there."""
    word = status_word(status).lower()
    return f"{word}, came {day(at, now)}" if status in OPEN else f"{word} {day(at, now)}"


def ordinal(number: int) -> str:
    """Return 1st, 2nd, 3rd, 11th."""
    teens = number % 100 in (11, 12, 13)
    ending = "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _line(other: OtherForm, now: datetime) -> OtherFormLine:
    form = other.form
    sent = form.submitted_at
    came = f"sent {moment(sent)}" if sent else f"begun {moment(form.created_at)}, not sent"
    return OtherFormLine(
        form.reference,
        "Cannot be opened" if form.unreadable else name_of(form.identity),
        form.priority,
        without_today(came, now),
        alike_words(other.same),
        stands(form.status, other.since, now),
        form.status in OPEN,
    )


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: a, b and c."""
    return words[0] if len(words) < 2 else f"{', '.join(words[:-1])} and {words[-1]}"
