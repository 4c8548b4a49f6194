"""The filters of the list: read from an address, in words, and as what the store is asked for.

An address of the list may be kept and passed on, for it names no person.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from screener.engine.protocol import Protocol
from screener.languages.names import form_language
from screener.locality import zone
from screener.presenters.words import STATUSES
from screener.store import OPEN, Wanted

PRIORITIES = ("emergency", "urgent", "incomplete", "hold", "review", "note")
_CHECKS = {"overdue": "Overdue", "unfinished": "Unfinished with a risk answer"}
_DAYS = {"from": "Received from", "to": "Received until"}


@dataclass(frozen=True)
class FilterOption:
    """One value of a filter, and under which heading it stands, "" for none."""

    value: str
    text: str
    group: str = ""


@dataclass(frozen=True)
class ListFilter:
    """One filter as a field of the form: its options, or none for a day."""

    name: str
    label: str
    value: str
    options: tuple[FilterOption, ...] = ()
    problem: str = ""

    @property
    def groups(self) -> dict[str, list[FilterOption]]:
        """Return the options by their headings."""
        groups: dict[str, list[FilterOption]] = {}
        for option in self.options:
            groups.setdefault(option.group, []).append(option)
        return groups


@dataclass(frozen=True)
class ListFilters:
    """All filters. `show` is the list that is shown: open, or closed."""

    show: str
    selects: tuple[ListFilter, ...]
    days: tuple[ListFilter, ...]
    checks: Mapping[str, bool]
    wanted: Wanted

    @property
    def title(self) -> str:
        """Return the heading of the list."""
        return "Waiting" if self.show == "open" else "Decided and closed"

    @property
    def check_labels(self) -> Mapping[str, str]:
        """Return what stands beside each box."""
        return _CHECKS

    @property
    def args(self) -> dict[str, str]:
        """Return them as the parameters of an address, without those that are not set."""
        fields = {field.name: field.value for field in (*self.selects, *self.days)}
        boxes = {name: "1" for name, ticked in self.checks.items() if ticked}
        show = {} if self.show == "open" else {"show": self.show}
        return {**show, **{name: value for name, value in fields.items() if value}, **boxes}

    @property
    def set(self) -> tuple[str, ...]:
        """Return those that narrow the list, in words."""
        words = [
            f"{field.label}: {option.text}"
            for field in self.selects
            for option in field.options
            if field.value and option.value == field.value
        ]
        words += [f"{day.label} {day.value}" for day in self.days if day.value and not day.problem]
        return (*words, *(_CHECKS[name] for name, ticked in self.checks.items() if ticked))

    @property
    def problems(self) -> tuple[tuple[str, str], ...]:
        """Return what is wrong with them, each with the place of its field."""
        return tuple((day.problem, f"#filter-{day.name}") for day in self.days if day.problem)


def filters_of(
    args: Mapping[str, str],
    protocols: Mapping[str, Protocol],
    languages: Sequence[str],
    staff: Sequence[str],
    me: str,
    now: datetime,
) -> ListFilters:
    """Read the parameters of an address; a value that no filter offers narrows nothing."""
    show = "closed" if args.get("show") == "closed" else "open"
    statuses = [status for status in STATUSES if (status in OPEN) == (show == "open")]
    offered = (
        ("priority", "Priority", [FilterOption(p, p.capitalize()) for p in PRIORITIES]),
        ("status", "Status", [FilterOption(status, STATUSES[status]) for status in statuses]),
        ("assigned", "Assigned to", list(_people(staff, me))),
        ("flag", "Flag", list(_flags(protocols))),
        ("form", "Form", [FilterOption(id, p.title) for id, p in protocols.items()]),
        # Not `language`: that parameter chooses the language of any page.
        ("written_in", "Language", [FilterOption(c, form_language(c).name) for c in languages]),
    )
    selects = tuple(
        ListFilter(name, label, _offered(args.get(name, ""), options), tuple(options))
        for name, label, options in offered
        if len(options) > 1
    )
    days = tuple(_day(name, label, args.get(name, "").strip()) for name, label in _DAYS.items())
    checks = {name: args.get(name) == "1" for name in _CHECKS}
    filters = ListFilters(show, selects, days, checks, Wanted())
    return replace(filters, wanted=_wanted(filters, me, now))


def _wanted(filters: ListFilters, me: str, now: datetime) -> Wanted:
    given = filters.args
    protocol, _, rule = given.get("flag", "").partition(".")
    holders = {"": None, "nobody": "", "me": me}
    assigned = given.get("assigned", "")
    first, last = (None if day.problem else _read(day.value) for day in filters.days)
    return Wanted(
        listing="waiting" if filters.show == "open" else "handled",
        priority=given.get("priority"),
        status=given.get("status"),
        rule=(protocol, rule) if rule else None,
        protocol=given.get("form"),
        language=given.get("written_in"),
        holder=holders.get(assigned, assigned),
        overdue_at=now if filters.checks["overdue"] else None,
        unfinished=filters.checks["unfinished"],
        received=(_midnight(first), _midnight(last and last + timedelta(days=1))),
    )


def _offered(value: str, options: Sequence[FilterOption]) -> str:
    return value if any(option.value == value for option in options) else ""


def _people(staff: Sequence[str], me: str) -> Iterator[FilterOption]:
    yield FilterOption("me", "Me")
    yield FilterOption("nobody", "Nobody")
    yield from (FilterOption(email, email) for email in staff if email != me)


def _flags(protocols: Mapping[str, Protocol]) -> Iterator[FilterOption]:
    for id, protocol in protocols.items():
        for rule in protocol.rules.values():
            yield FilterOption(f"{id}.{rule.id}", rule.title, protocol.title)


def _day(name: str, label: str, typed: str) -> ListFilter:
    wrong = bool(typed) and _read(typed) is None
    problem = f"{label}: write a date as year, month and day, such as 2026-05-17." if wrong else ""
    return ListFilter(name, label, typed[:20], (), problem)


def _read(typed: str) -> date | None:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if 1900 <= day.year < 2200 else None


def _midnight(day: date | None) -> datetime | None:
    """Return when a day begins at the clinic."""
    return None if day is None else datetime.combine(day, time(), zone())
