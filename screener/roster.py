"""Whom a clinic tells of a submission: a list in a YAML file of its own, in the order of calling.

Pure: what the list says of a priority at a time. Reading reports every fault with file, line and
column, as the rulebook's files do.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import BeforeValidator

from screener.engine.field_types import Id, Model, Whole
from screener.engine.problems import RulebookError
from screener.engine.rulebook.files import Files, Item
from screener.engine.yaml_text import Document
from screener.hours import StaffedHours

EMERGENCY = "emergency"
Priority = Literal["emergency", "urgent", "incomplete", "hold", "review", "note"]
_KEYS = ("tell", "steps_when_not_reached")
_MOST_MINUTES = 240
_LONGEST = 300  # characters of a step


def _priorities(value: object) -> object:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed:
        raise ValueError("a list of priorities is expected, such as [emergency, urgent]")
    return tuple(listed)


Priorities = Annotated[tuple[Priority, ...], BeforeValidator(_priorities)]


class Recipient(Model):
    """One entry of the list: a person, or several behind one address.

    `hours` says when they are told: while the clinic is staffed, while it is closed, or at any
    hour. `minutes` pass until the next one is told of an emergency that nobody acknowledged.
    `secret` names the secret that signs what goes to a webhook.
    """

    id: Id
    name: str
    priorities: Priorities
    hours: Literal["staffed", "closed", "any"]
    mail: str = ""
    webhook: str = ""
    secret: str = ""
    minutes: Whole = 10

    @property
    def channel(self) -> str:
        """Return how messages get there."""
        return "mail" if self.mail else "webhook"

    @property
    def address(self) -> str:
        """Return where messages go."""
        return self.mail or self.webhook

    def is_told(self, staffed: bool) -> bool:
        """Return whether they are told now."""
        return self.hours == "any" or (self.hours == "staffed") == staffed


@dataclass(frozen=True)
class Roster:
    """The list of a clinic, and what it does about somebody who cannot be reached."""

    recipients: tuple[Recipient, ...] = ()
    steps_when_not_reached: tuple[str, ...] = ()

    def told_of(self, priority: str) -> tuple[Recipient, ...]:
        """Return whoever is told of a priority, at whatever hours, in the order of calling."""
        return tuple(entry for entry in self.recipients if priority in entry.priorities)

    def next_for_emergency(self, staffed: bool, told: str) -> Recipient | None:
        """Return who is told next of an emergency; None where nobody is at these hours.

        They follow in the order of the list, from whoever was `told` last, and begin again at its
        end.
        """
        everybody = [entry.id for entry in self.recipients]
        start = everybody.index(told) + 1 if told in everybody else 0
        in_turn = (*self.recipients[start:], *self.recipients[:start])
        return next(
            (r for r in in_turn if EMERGENCY in r.priorities and r.is_told(staffed)),
            None,
        )

    def told_at(
        self, priority: str, now: datetime, hours: StaffedHours
    ) -> list[tuple[Recipient, datetime]]:
        """Return who is told of another priority, and when: now, or when the clinic opens."""
        staffed = hours.staffed(now)
        times = []
        for entry in self.told_of(priority):
            if entry.is_told(staffed):
                times.append((entry, now))
            elif entry.hours == "staffed":
                times.append((entry, hours.next_opening(now)))
        return times

    def until_next(self, recipient: Recipient) -> timedelta:
        """Return how long an emergency waits for somebody until the next one is told."""
        return timedelta(minutes=recipient.minutes)


def read_roster(path: Path, secrets: Collection[str] = (), *, plain_http: bool = False) -> Roster:
    """Read the list. `secrets` are the names of secrets that there are for webhooks.

    `plain_http` allows a webhook without TLS, for a demonstration. Raise RulebookError with every
    fault, each with its place and what would be right.
    """
    files = Files(path.parent)
    document = files.read(path.name)
    if document is None or not files.has_keys(document, _KEYS):
        raise RulebookError(files.problems)
    entries: Mapping[str, Item[Recipient]] = {}
    if "tell" in document.data:
        entries = files.items(document, "tell", Recipient)
    for entry in entries.values():
        _check(files, entry, secrets, plain_http)
    steps = _steps(files, document)
    if files.problems:
        raise RulebookError(files.problems)
    return Roster(tuple(entry.value for entry in entries.values()), steps)


def _check(
    files: Files, entry: Item[Recipient], secrets: Collection[str], plain_http: bool
) -> None:
    recipient = entry.value
    if not recipient.name.strip():
        files.refuse(entry, ("name",), "name: is empty: write who this is")
    if bool(recipient.mail) == bool(recipient.webhook):
        both = "both mail and webhook" if recipient.mail else "neither mail nor webhook"
        files.refuse(entry, (), f"{recipient.id} has {both}: write one of them")
    if recipient.mail:
        try:
            validate_email(recipient.mail, check_deliverability=False)
        except EmailNotValidError as error:
            found = f"found {recipient.mail}: {error}"
            files.refuse(entry, ("mail",), f"mail: an address is expected, {found}")
    if recipient.webhook:
        _check_webhook(files, entry, secrets, plain_http)
    elif recipient.secret:
        files.refuse(entry, ("secret",), "secret: is for a webhook, and mail needs none")
    if not 1 <= recipient.minutes <= _MOST_MINUTES:
        message = f"minutes: 1 to {_MOST_MINUTES} are expected, found {recipient.minutes}"
        files.refuse(entry, ("minutes",), message)


def _check_webhook(
    files: Files, entry: Item[Recipient], secrets: Collection[str], plain_http: bool
) -> None:
    recipient = entry.value
    schemes = ("https", "http") if plain_http else ("https",)
    try:
        parts = urlsplit(recipient.webhook)
        right = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if not right or "@" in parts.netloc or parts.fragment or not recipient.webhook.isascii():
        message = "webhook: an address that begins with https:// is expected, without user and #"
        files.refuse(entry, ("webhook",), f"{message}, found {recipient.webhook}")
    if not recipient.secret:
        message = "secret is missing: name one of SCREENER_WEBHOOK_SECRETS"
        files.refuse(entry, (), f"{recipient.id}: {message}")
    else:
        what = "secret of SCREENER_WEBHOOK_SECRETS"
        files.check_names(entry, ("secret",), [recipient.secret], secrets, what)


def _steps(files: Files, document: Document) -> tuple[str, ...]:
    key = "steps_when_not_reached"
    listed = document.data.get(key, [])
    if not isinstance(listed, list):
        files.refuse(document, (key,), f"{key}: a list of sentences is expected")
        return ()
    for i, step in enumerate(listed):
        if not isinstance(step, str) or not step.strip():
            files.refuse(document, (key, i), "a sentence is expected")
        elif len(step) > _LONGEST:
            files.refuse(document, (key, i), f"write {_LONGEST} characters at most")
    return tuple(" ".join(step.split()) for step in listed if isinstance(step, str))
