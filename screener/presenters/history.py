"""What staff have done with a submission, in sentences."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from screener.presenters.times import moment
from screener.presenters.words import status_word
from screener.store import Event


@dataclass(frozen=True)
class Step:
    """One step: when, by whom, what, and the note in lines of text."""

    at: str
    actor: str
    what: str
    note: tuple[str, ...]


def steps(events: Iterable[Event]) -> tuple[Step, ...]:
    """The review's steps, the newest first."""
    found = [Step(moment(one.at), _actor(one.actor), _what(one), _note(one.body)) for one in events]
    return tuple(reversed(found))


def _actor(actor: str) -> str:
    return "The program" if actor == "program" else actor


def _what(event: Event) -> str:
    before, after = event.body.get("from"), event.body.get("to")
    if event.kind == "note":
        return "Note added"
    if event.kind == "assignment":
        return f"Assigned to {after}" if after else f"No longer assigned to {before}"
    if before == after:
        return f"Status confirmed: {status_word(str(after))}"
    said = f"Status changed from {status_word(str(before))} to {status_word(str(after))}"
    if event.actor == "program":
        said += ": the person answered again after it was looked at"
    return said


def _note(body: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(body.get("note") or body.get("text") or "").splitlines())
