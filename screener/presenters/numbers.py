"""The page of numbers, in words and bars."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from screener.due import DueTimes
from screener.engine.protocol import Protocol
from screener.languages.names import form_language
from screener.numbers.percentiles import percentile
from screener.numbers.tally import OTHER, RISK, SENT, Numbers
from screener.numbers.waits import Reaction
from screener.presenters.charts import (
    NumbersRow,
    NumbersTable,
    bar,
    duration,
    key_of,
    with_share,
)
from screener.presenters.list_filters import PRIORITIES
from screener.presenters.number_filters import NumberFilters

_ASKED: dict[Reaction, str] = {
    "acknowledged": "Until acknowledged",
    "contacted": "Until the first contact attempt",
    "decided": "Until decided or closed",
}
# What meets the limit of a priority (see store/due_dates.py).
_BY_CONTACT = ("emergency", "urgent", "incomplete")
_BY_DECISION = ("hold", "review")
_NOTHING = "Nothing saved yet"

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class ProtocolNumbers:
    """What is counted by the rules and pages of one form."""

    title: str
    outcomes: NumbersTable
    stops: NumbersTable | None


@dataclass(frozen=True)
class NumbersPage:
    """The page. `by_week` is the rule that was asked for, week by week."""

    facts: tuple[tuple[str, str], ...]
    forms: NumbersTable
    languages: NumbersTable | None
    reactions: tuple[NumbersTable, ...]
    limits: NumbersTable | None
    protocols: tuple[ProtocolNumbers, ...]
    by_week: NumbersTable | None
    unreadable: int
    empty: bool


def numbers_page(
    counted: Numbers, protocols: Mapping[str, Protocol], filters: NumberFilters, times: DueTimes
) -> NumbersPage:
    """Return the page for what was counted."""
    became = _sums((name, n) for (_, _, name), n in counted.forms.items())
    begun = sum(became.values())
    shown = {id: p for id, p in protocols.items() if filters.protocol in ("", id)}
    return NumbersPage(
        facts=(
            ("Begun", f"{begun:,}"),
            ("Sent", with_share(became[SENT], begun)),
            ("Unfinished, with a risk answer", f"{became[RISK]:,}"),
            ("Came to staff, each time counted", f"{sum(counted.reactions.waits.values()):,}"),
        ),
        forms=_forms(counted),
        languages=_languages(counted),
        reactions=tuple(_reaction(counted, reaction, times) for reaction in _ASKED),
        limits=_limits(counted),
        protocols=tuple(_of_protocol(counted, id, p) for id, p in shown.items()),
        by_week=_rule_by_week(counted, protocols, filters),
        unreadable=counted.unreadable,
        empty=counted.empty,
    )


def week_name(week: date) -> str:
    """Return a week in words."""
    return f"{week:%b} {week.day}, {week.year}"


def _forms(counted: Numbers) -> NumbersTable:
    became: Counter[tuple[date, str]] = _sums(
        ((week, name), n) for (_, week, name), n in counted.forms.items()
    )
    order = (SENT, RISK, OTHER)
    by_week = {week: [became[week, name] for name in order] for week in counted.weeks}
    most = max((sum(counts) for counts in by_week.values()), default=0)
    return NumbersTable(
        "forms-by-week",
        "Forms begun in each week, and what became of them",
        ("Week from Monday", "Begun", "Sent", "Unfinished, with a risk answer", "Other unfinished"),
        key_of("Sent", "Unfinished, with a risk answer", "Other unfinished"),
        tuple(
            NumbersRow(
                week_name(week),
                bar(counts, most),
                (f"{sum(counts):,}", with_share(counts[0], sum(counts)), *map(str, counts[1:])),
            )
            for week, counts in by_week.items()
        ),
    )


def _languages(counted: Numbers) -> NumbersTable | None:
    sent = _sums((language, n) for (_, _, language), n in counted.languages.items())
    if len(sent) < 2:
        return None
    every = sum(sent.values())
    return NumbersTable(
        "languages",
        "Forms sent, by language",
        ("Language", "Sent"),
        (),
        tuple(
            NumbersRow(form_language(code).name, bar([n], every), (with_share(n, every),))
            for code, n in sent.most_common()
        ),
    )


def _reaction(counted: Numbers, reaction: Reaction, times: DueTimes) -> NumbersTable:
    rows = []
    for priority in PRIORITIES:
        states = _sums(
            (state, n)
            for (_, _, of, which, state), n in counted.reactions.states.items()
            if (of, which) == (priority, reaction)
        )
        minutes = [
            took
            for (_, _, of, which), each in counted.reactions.minutes.items()
            if (of, which) == (priority, reaction)
            for took in each
        ]
        in_time, late, still = states["in_time"] + states["done"], states["late"], states["open"]
        limit = limit_words(priority, times)
        judged = states["in_time"] + late
        rows.append(
            NumbersRow(
                priority.capitalize(),
                bar((in_time, late, still), in_time + late + still),
                (
                    limit or "No limit",
                    with_share(states["in_time"], judged) if limit else "–",
                    f"{late:,}" if limit else "–",
                    f"{still:,}",
                    duration(percentile(minutes, 0.5)) if minutes else "–",
                    duration(percentile(minutes, 0.9)) if minutes else "–",
                ),
            )
        )
    return NumbersTable(
        f"until-{reaction}",
        _ASKED[reaction],
        ("Priority", "Limit", "In time", "Late", "Not yet", "Median", "90 % within"),
        key_of("In time (for notes: done)", "Late", "Not yet, and not late"),
        tuple(rows),
    )


def limit_words(priority: str, times: DueTimes) -> str:
    """Return how soon somebody must react to a priority, "" for no limit."""
    if priority == "emergency":
        return f"{times.emergency_minutes} staffed min"
    days = {
        "urgent": times.urgent_days,
        "incomplete": times.incomplete_days,
        "hold": times.hold_days,
        "review": times.review_days,
    }
    if priority not in days:
        return ""
    number = days[priority]
    return f"{number} staffed day{'' if number == 1 else 's'}" if number else "the same staffed day"


def _limits(counted: Numbers) -> NumbersTable | None:
    states: Counter[tuple[date, str]] = Counter()
    for (_, week, priority, reaction, state), n in counted.reactions.states.items():
        met_by = {
            **dict.fromkeys(_BY_CONTACT, "contacted"),
            **dict.fromkeys(_BY_DECISION, "decided"),
        }
        if met_by.get(priority) == reaction:
            # Who left the list needs no contact any more: that meets the limit too.
            states[week, "in_time" if state == "without" else state] += n
    by_week = {
        week: [states[week, state] for state in ("in_time", "late", "open")]
        for week in counted.weeks
    }
    most = max((sum(counts) for counts in by_week.values()), default=0)
    if not most:
        return None
    return NumbersTable(
        "limits-by-week",
        "What was due, by the week in which it began to wait",
        ("Week from Monday", "In time", "Late", "Not yet"),
        key_of("In time", "Late", "Not yet, and not late"),
        tuple(
            NumbersRow(
                week_name(week),
                bar(counts, most),
                (with_share(counts[0], counts[0] + counts[1]), str(counts[1]), str(counts[2])),
            )
            for week, counts in by_week.items()
        ),
    )


_OUTCOME_HEAD = ("Met", "Cannot tell", "Not met")
_DRAWN = ("met", "unknown", "not_met")


def _of_protocol(counted: Numbers, id: str, protocol: Protocol) -> ProtocolNumbers:
    outcomes = _sums(
        pair for (of, _), each in counted.outcomes.items() if of == id for pair in each.items()
    )
    titles = {rule.id: rule.title for rule in protocol.rules.values()}
    # Rules of earlier editions come last, by their ids.
    earlier = sorted({rule for rule, _ in outcomes} - titles.keys())
    rows = [
        _outcome_row(title, [outcomes[rule, name] for name in _DRAWN], {"rule": f"{id}.{rule}"})
        for rule, title in titles.items()
    ]
    rows += [
        _outcome_row(f"{rule} (an earlier edition’s)", [outcomes[rule, n] for n in _DRAWN], None)
        for rule in earlier
    ]
    table = NumbersTable(
        f"outcomes-{id}",
        "Outcomes of each rule among forms that were sent",
        ("Rule", *_OUTCOME_HEAD),
        key_of(*_OUTCOME_HEAD),
        tuple(rows),
    )
    return ProtocolNumbers(protocol.title, table, _stops(counted, id, protocol))


def _outcome_row(label: str, counts: Sequence[int], args: Mapping[str, str] | None) -> NumbersRow:
    every = sum(counts)
    return NumbersRow(
        label, bar(counts, every), tuple(with_share(count, every) for count in counts), args
    )


def _stops(counted: Numbers, id: str, protocol: Protocol) -> NumbersTable | None:
    stops = _sums((page, n) for (of, _, page), n in counted.stops.items() if of == id)
    every = sum(stops.values())
    if not every:
        return None
    names = {"": _NOTHING, **{page.id: page.title for page in protocol.pages}}
    names |= {
        page: f"{page} (an earlier edition’s)" for page in sorted(stops.keys() - names.keys())
    }
    return NumbersTable(
        f"stops-{id}",
        "Where patients stopped: the last page saved of forms that were not sent",
        ("Last page saved", "Forms"),
        (),
        tuple(
            NumbersRow(name, bar([stops[page]], every), (with_share(stops[page], every),))
            for page, name in names.items()
        ),
    )


def _rule_by_week(
    counted: Numbers, protocols: Mapping[str, Protocol], filters: NumberFilters
) -> NumbersTable | None:
    if filters.rule is None:
        return None
    id, rule = filters.rule
    outcomes = _sums(
        ((week, outcome), n)
        for (of, week), each in counted.outcomes.items()
        for (which, outcome), n in each.items()
        if (of, which) == (id, rule)
    )
    return NumbersTable(
        "rule-by-week",
        f"{protocols[id].rules[rule].title}, by the week in which forms were begun",
        ("Week from Monday", *_OUTCOME_HEAD),
        key_of(*_OUTCOME_HEAD),
        tuple(
            _outcome_row(week_name(week), [outcomes[week, name] for name in _DRAWN], None)
            for week in counted.weeks
        ),
    )


def _sums(pairs: Iterable[tuple[Key, int]]) -> Counter[Key]:
    sums: Counter[Key] = Counter()
    for key, count in pairs:
        sums[key] += count
    return sums
