"""The page about notifications, and the warning on every staff page, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from screener.hours import StaffedHours
from screener.presenters.times import moment, waited
from screener.roster import EMERGENCY, Recipient, Roster
from screener.store import Delivery, Outcome, Telling

_HOURS = {
    "staffed": "In staffed hours",
    "closed": "Outside of staffed hours",
    "any": "At any hour",
}
_WORDS = {
    "emergency": "emergency",
    "urgent": "urgent",
    "incomplete": "incomplete",
    "hold": "hold",
    "review": "for review",
    "note": "for information",
}
_STATES = {"waiting": "Waits", "sent": "Sent", "dead": "Given up", "dropped": "Not needed"}


@dataclass(frozen=True)
class Trouble:
    """Why emergencies have nowhere to go, and what to do about it."""

    what: str
    do: str


@dataclass(frozen=True)
class ListedRecipient:
    """One entry of the clinic's list. `failing` says since when messages do not arrive, and why."""

    id: str
    name: str
    to: str
    priorities: str
    hours: str
    minutes: str
    last_sent: str
    waiting: int
    failing: str


@dataclass(frozen=True)
class SentTest:
    """What became of a test message."""

    at: str
    to: str
    outcome: str
    arrived: bool


@dataclass(frozen=True)
class ToldPage:
    """Who is told of what, whether it works, and what to do about somebody who is not reached."""

    troubles: tuple[Trouble, ...]
    entries: tuple[ListedRecipient, ...]
    now: tuple[str, ...]
    worker: str
    tests: tuple[SentTest, ...]
    steps: tuple[str, ...]
    untold: int
    dead_links: int


def troubles(
    roster: Roster, telling: Telling, hours: StaffedHours, now: datetime, unseen: timedelta
) -> tuple[Trouble, ...]:
    """Return why an emergency that comes in now may reach nobody; nothing where all is well."""
    listed = roster.told_of(EMERGENCY)
    if not listed:
        return (
            Trouble(
                "Nobody is told of emergencies.",
                "Look at the queue often. Whoever runs this system: write who is told into a file, "
                "and name it in SCREENER_TELL.",
            ),
        )
    shown = []
    if not any(recipient.is_told(hours.staffed(now)) for recipient in listed):
        shown.append(
            Trouble(
                "Nobody is told of an emergency at this hour.",
                "Look at the queue often. Whoever runs this system: name somebody for these hours "
                "in the file that SCREENER_TELL names.",
            )
        )
    seen = telling.worker_seen
    if seen is None or now - seen > unseen:
        since = f"was last at work {waited(seen, now)} ago" if seen else "has never run"
        shown.append(
            Trouble(
                "No notifications are sent now.",
                f"Look at the queue often. Whoever runs this system: start screener worker, which "
                f"{since}.",
            )
        )
    for recipient in listed:
        failing = telling.deliveries.get(recipient.id, Delivery()).failing
        if failing is not None:
            shown.append(
                Trouble(
                    f"Messages to {recipient.name} do not arrive: {failing.reason}.",
                    "Look at the queue often. When it is mended, send a test: one that arrives "
                    "ends this warning.",
                )
            )
    return tuple(shown)


def told_page(
    roster: Roster,
    telling: Telling,
    tests: Sequence[Outcome],
    dead_links: int,
    hours: StaffedHours,
    now: datetime,
    unseen: timedelta,
) -> ToldPage:
    """Return the page about notifications."""
    names = {entry.id: entry.name for entry in roster.recipients}
    return ToldPage(
        troubles=troubles(roster, telling, hours, now, unseen),
        entries=tuple(
            _entry(recipient, telling.deliveries.get(recipient.id, Delivery()))
            for recipient in roster.recipients
        ),
        now=_in_turn(roster, hours, now),
        worker=_worker(telling.worker_seen, now),
        tests=tuple(_test(outcome, names) for outcome in tests),
        steps=roster.steps_when_not_reached,
        untold=telling.untold_emergencies,
        dead_links=dead_links,
    )


def _worker(seen: datetime | None, now: datetime) -> str:
    if seen is None:
        return "The worker that sends them has never run."
    return f"The worker that sends them was last at work {waited(seen, now)} ago."


def _in_turn(roster: Roster, hours: StaffedHours, now: datetime) -> tuple[str, ...]:
    """Return in words who is told of an emergency that comes in now, one after the other."""
    staffed = hours.staffed(now)
    told = [r for r in roster.told_of(EMERGENCY) if r.is_told(staffed)]
    lines = []
    for i, recipient in enumerate(told):
        after = sum(earlier.minutes for earlier in told[:i])
        lines.append(f"{recipient.name}, {f'after {after} minutes' if after else 'at once'}")
    return tuple(lines)


def _entry(recipient: Recipient, delivery: Delivery) -> ListedRecipient:
    emergency = EMERGENCY in recipient.priorities
    failing = delivery.failing
    at = failing and (failing.ended_at or failing.created_at)
    return ListedRecipient(
        id=recipient.id,
        name=recipient.name,
        to=recipient.mail or f"Webhook at {urlsplit(recipient.webhook).hostname}",
        priorities=", ".join(map(_WORDS.__getitem__, recipient.priorities)).capitalize(),
        hours=_HOURS[recipient.hours],
        minutes=f"Next one after {recipient.minutes} minutes" if emergency else "",
        last_sent=moment(delivery.last_sent) if delivery.last_sent else "Never",
        waiting=delivery.waiting,
        failing=f"{failing.reason} ({moment(at)})" if failing and at else "",
    )


def _test(outcome: Outcome, names: dict[str, str]) -> SentTest:
    said = _STATES.get(outcome.state, outcome.state)
    if outcome.reason:
        said += f": {outcome.reason}"
    if outcome.state == "waiting" and outcome.tries:
        said += ", and is tried again"
    to = names.get(outcome.recipient, outcome.recipient) or "Whoever asked for it"
    return SentTest(moment(outcome.created_at), to, said, outcome.state == "sent")
