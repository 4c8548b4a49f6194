"""The numbers as a file for spreadsheets, with small counts hidden.

Only weeks that are over are in it, and it is not narrowed by language: what two files differ by
would be a count too. Every count is a part of one total, and the reactions are those to the first
wait of each form: all waits less the forms that were sent would be those with a risk answer.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from screener.engine.priorities import PRIORITIES
from screener.numbers.percentiles import percentile
from screener.numbers.suppression import shown_parts, shown_total
from screener.numbers.tally import OTHER, OUTCOMES, RISK, SENT, Numbers, Reactions
from screener.numbers.waits import REACTIONS, STATES

HEAD = ("week", "form", "table", "of", "count", "number", "suppressed")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SHARES = {"median minutes": 0.5, "90th percentile minutes": 0.9}

OTHERS = "other"

Row = tuple[str, str, int | float | None]  # what it is of, which count, and the number


@dataclass(frozen=True)
class FileColumns:
    """What is counted of a form: the ids of its pages and rules, and its languages.

    They are the same in every file, so that a line which is there tells nothing. What is none of
    them, such as a page of an earlier edition, counts as OTHERS.
    """

    pages: tuple[str, ...]
    rules: tuple[str, ...]
    languages: tuple[str, ...]


def as_csv(
    counted: Numbers, weeks: Sequence[date], columns: Mapping[str, FileColumns], least: int
) -> str:
    """Return the numbers of some weeks, by form, without counts below `least`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    for protocol, offered in columns.items():
        for week in weeks:
            for table, rows in _tables(counted, (protocol, week), offered, least):
                for of, count, number in rows:
                    shown = ("", "yes") if number is None else (number, "")
                    line = (week.isoformat(), protocol, table, of, count, *shown)
                    writer.writerow([_safe(cell) for cell in line])
    return out.getvalue()


def _safe(cell: str | float) -> str | float:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _tables(
    counted: Numbers, key: tuple[str, date], columns: FileColumns, least: int
) -> Iterator[tuple[str, list[Row]]]:
    became = {name: counted.forms[*key, name] for name in (SENT, RISK, OTHER)}
    # How many were begun is not in it: with it, few unfinished ones would hide all that was sent.
    sent = shown_total(became[SENT], least)
    unfinished = shown_total(became[RISK] + became[OTHER], least)
    yield "forms", [("", "sent", sent), ("", "unfinished", unfinished)]
    risk = {"with a risk answer": became[RISK], "without": became[OTHER]}
    yield "unfinished", _rows("", unfinished, risk, least)
    stops = _offered(counted.stops, key, ("", *columns.pages))
    stops = {page or "none": count for page, count in stops.items()}
    yield "last page saved", _rows("", unfinished, stops, least)
    languages = _offered(counted.languages, key, columns.languages)
    yield "language", _rows("", sent, languages, least)
    for rule in columns.rules:
        outcomes = {name: counted.outcomes[key][rule, name] for name in OUTCOMES}
        outcomes["not screened"] = became[SENT] - sum(outcomes.values())
        yield "outcome", _rows(rule, sent, outcomes, least)
    yield from _reactions(counted.first, key, sent, least)


def _reactions(
    first: Reactions, key: tuple[str, date], sent: int | None, least: int
) -> Iterator[tuple[str, list[Row]]]:
    """Yield how staff reacted to the forms that were sent."""
    priorities = shown_parts(sent, _offered(first.waits, key, PRIORITIES), least)
    yield "priority", [("", name, n) for name, n in priorities.items()]
    for priority in PRIORITIES:
        total = priorities[priority]
        for reaction in REACTIONS:
            states: dict[str, int] = {
                state: first.states[*key, priority, reaction, state] for state in STATES
            }
            yield reaction, _rows(priority, total, states, least)
            minutes = first.minutes.get((*key, priority, reaction), [])
            enough = total is not None and len(minutes) >= least
            shares = {
                name: round(percentile(minutes, share)) if enough else None
                for name, share in _SHARES.items()
            }
            yield reaction, [(priority, name, number) for name, number in shares.items()]


def _rows(of: str, total: int | None, parts: Mapping[str, int], least: int) -> list[Row]:
    return [(of, name, number) for name, number in shown_parts(total, parts, least).items()]


def _offered(
    counts: Mapping[tuple[str, date, str], int], key: tuple[str, date], offered: Sequence[str]
) -> dict[str, int]:
    """Return the counts of a form and week, for each that is offered and for all others."""
    of_key = {rest: n for (*start, rest), n in counts.items() if (*start,) == key}
    here = {name: of_key.pop(name, 0) for name in offered}
    return {**here, OTHERS: sum(of_key.values())}
