"""Counting: one pass over the forms of some weeks.

A form counts in the week in which it was begun, whatever became of it later, so that all its
numbers are about the same people. A wait counts in the week in which it began.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from screener.due import DueTimes
from screener.numbers.waits import REACTIONS, Reaction, State, Wait, waits_of
from screener.numbers.weeks import week_of
from screener.store import CountedForm

SENT, RISK, OTHER = "sent", "risk", "other"  # what became of a form that was begun
OUTCOMES = ("met", "not_met", "unknown")


@dataclass
class Reactions:
    """How staff reacted, by form (the id of its protocol), week and priority.

    `waits` are all of them, `states` and `minutes` by reaction too.
    """

    waits: Counter[tuple[str, date, str]] = field(default_factory=Counter)
    states: Counter[tuple[str, date, str, Reaction, State]] = field(default_factory=Counter)
    minutes: dict[tuple[str, date, str, Reaction], list[float]] = field(default_factory=dict)

    def add(
        self, key: tuple[str, date, str], wait: Wait, due: datetime | None, now: datetime
    ) -> None:
        """Count a wait that is due at a time."""
        self.waits[key] += 1
        for reaction in REACTIONS:
            state = wait.state(reaction, due, now)
            self.states[*key, reaction, state] += 1
            took = wait.took(reaction)
            if took is not None and state != "none":
                self.minutes.setdefault((*key, reaction), []).append(took)


@dataclass
class Numbers:
    """The numbers, by form (the id of its protocol) and week, and by what else the keys have.

    `forms` by what became of them, `languages` of those that were sent, `outcomes` of these by rule
    and outcome, `stops` by the last page saved of those that were not sent ("" for none).
    `reactions` are to every wait, in its own week; `first` to the first wait of each form that was
    sent, in the week of the form. `unreadable` do not open and are not in the others.
    """

    weeks: tuple[date, ...]
    forms: Counter[tuple[str, date, str]] = field(default_factory=Counter)
    languages: Counter[tuple[str, date, str]] = field(default_factory=Counter)
    # Most of the work: a counter for each form and week counts all outcomes of a form in one go.
    outcomes: defaultdict[tuple[str, date], Counter[tuple[str, str]]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    stops: Counter[tuple[str, date, str]] = field(default_factory=Counter)
    reactions: Reactions = field(default_factory=Reactions)
    first: Reactions = field(default_factory=Reactions)
    unreadable: int = 0

    @property
    def empty(self) -> bool:
        """Return whether nothing was counted."""
        return not (self.forms or self.reactions.waits or self.unreadable)


def tally(
    forms: Iterable[CountedForm],
    weeks: Sequence[date],
    due_times: DueTimes,
    now: datetime,
    *,
    protocol: str = "",
    language: str = "",
) -> Numbers:
    """Count forms, maybe of one protocol and in one language only."""
    counted = Numbers(tuple(weeks))
    shown, zone = frozenset(weeks), due_times.hours.zone
    for form in forms:
        if (protocol and form.protocol != protocol) or (language and form.language != language):
            continue
        if form.unreadable:
            counted.unreadable += 1
            continue
        begun = week_of(form.created_at, zone)
        if begun in shown:
            _count_form(counted, form, begun)
        for number, wait in enumerate(waits_of(form)):
            due = due_times.due(form.priority, wait.since)
            week = week_of(wait.since, zone)
            if week in shown:
                counted.reactions.add((form.protocol, week, form.priority), wait, due, now)
            if begun in shown and number == 0 and form.submitted_at is not None:
                counted.first.add((form.protocol, begun, form.priority), wait, due, now)
    return counted


def _count_form(counted: Numbers, form: CountedForm, week: date) -> None:
    key = (form.protocol, week)
    if form.submitted_at is None:
        counted.forms[*key, RISK if form.risk else OTHER] += 1
        counted.stops[*key, form.last_page] += 1
        return
    counted.forms[*key, SENT] += 1
    counted.languages[*key, form.language] += 1
    counted.outcomes[key].update(form.outcomes.items())
