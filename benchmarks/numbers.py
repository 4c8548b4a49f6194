"""`python -m benchmarks.numbers`: what the page of numbers costs, with 10,000 forms in its weeks.

A synthetic clinic is stored on SQLite and on PostgreSQL: forms of the last twelve weeks, a fifth of
them unfinished, each that was sent with the outcomes of all rules and three steps of its review,
and as many older ones as are asked for. Then everything that the page does is timed, in rounds.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import sqlalchemy as sa
from flask import Flask
from tqdm import tqdm

from benchmarks.queue import KEY, postgresql
from benchmarks.queue_people import NOW, reference_of, sealed_field
from screener import hours, places, store, zones
from screener.due import DueTimes
from screener.engine.priorities import PRIORITIES
from screener.engine.protocol import Rulebook
from screener.engine.rulebook.load import load
from screener.hours import StaffedHours
from screener.numbers.tally import tally
from screener.numbers.weeks import begins, last_weeks
from screener.presenters.number_filters import number_filters_of
from screener.presenters.numbers import numbers_page
from screener.store.database import keyring, writing
from screener.store.keyring import Place
from screener.store.tables import ReviewEventRow, SubmissionRow

OUT = Path("build/numbers.json")
WEEKS = 12
_AT_ONCE = 1_000
_OUTCOMES = ("met", "not_met", "unknown")
_STEPS = (("status", "acknowledged"), ("contact", ""), ("status", "decided"))


@dataclass(frozen=True)
class NumbersFigure:
    """Seconds of processor time that the page takes on one database, and how many forms it has."""

    database: str
    forms: int
    older: int
    seconds: float


def store_forms(book: Rulebook, count: int, older: int) -> None:
    """Fill an empty database with so many forms of the last weeks, and so many from before."""
    chance = Random(7)  # noqa: S311 (the same people each time)
    for first in tqdm(range(0, count + older, _AT_ONCE), unit_scale=_AT_ONCE, leave=False):
        numbers = range(first, min(first + _AT_ONCE, count + older))
        every = [_form(book, number, number < count, chance) for number in numbers]
        with writing() as session:
            tables: tuple[tuple[Any, list[dict[str, Any]]], ...] = (
                (SubmissionRow.__table__, [row for row, _ in every]),
                (ReviewEventRow.__table__, [step for _, steps in every for step in steps]),
            )
            for table, rows in tables:
                session.connection().execute(sa.insert(table), rows)
    if store.db.engine.dialect.name == "postgresql":
        # As the server does by itself after a while.
        with store.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as now:
            now.execute(sa.text("VACUUM ANALYZE"))


def _form(
    book: Rulebook, number: int, recent: bool, chance: Random
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    id = f"{number:064d}"
    days = chance.uniform(0, 7 * WEEKS - 1) if recent else chance.uniform(7 * WEEKS + 7, 2000)
    came = NOW - timedelta(days=days)
    sent = number % 5 != 0
    protocol = book.protocols["fibromyalgia" if chance.random() < 0.8 else "depression"]
    rank = chance.randrange(1, len(PRIORITIES))
    outcomes = {rule: chance.choice(_OUTCOMES) for rule in protocol.rules}
    saved = [page.id for page in protocol.pages][: chance.randrange(len(protocol.pages))]
    row = {
        "id": id,
        "reference": reference_of(number),
        "protocol": protocol.id,
        "rulebook_version": "1",
        "rulebook_hash": book.hash,
        "created_at": came,
        "updated_at": came,
        "submitted_at": came if sent else None,
        "priority": PRIORITIES[rank],
        "priority_rank": rank,
        "raised_at": came if sent else None,
        "risk": False,
        "status": "decided" if sent else "new",
        "revision": 1,
        "language": chance.choice(("en", "es")),
        "marked": "k1:benchmark",
        "sealed_identity": sealed_field(id, "identity", {"name": f"Person{number}"}),
        "sealed_answers": sealed_field(
            id, "answers", {f"q{n}": "as long as most" for n in range(60)}
        ),
        "sealed_progress": sealed_field(id, "progress", {"pages_saved": saved}),
        "sealed_screening": sealed_field(id, "screening", {"flags": outcomes}),
    }
    return row, list(_steps(id, came, chance)) if sent else []


def _steps(id: str, at: datetime, chance: Random) -> Iterator[dict[str, Any]]:
    for number, (kind, to) in enumerate(_STEPS, 1):
        at += timedelta(minutes=chance.expovariate(1 / 300))
        body = {"from": "new", "to": to, "note": "a note as long as some are"}
        place = Place("review_event", f"{id}.{number}", "sealed_body")
        yield {
            "submission_id": id,
            "number": number,
            "at": at,
            "actor": "nurse0@clinic.example",
            "kind": kind,
            "sealed_body": keyring().seal(body, place),
        }


def seconds(book: Rulebook) -> float:
    """Return the processor time of everything that the page does before its template."""
    zone = zones.zone("America/Chicago")
    week = hours.read_week("Mon-Fri 09:00-17:00")
    due = DueTimes(StaffedHours(week, frozenset(), zone))
    began = time.process_time()
    weeks = last_weeks(WEEKS, NOW, zone)
    since = begins(weeks[0], zone)
    store.how_many_counted(since)
    counted = tally(store.counted_forms(since), weeks, due, NOW)
    numbers_page(counted, book.protocols, number_filters_of({}, book.protocols, ["en"]), due)
    return time.process_time() - began


def measured(
    database: str, url: str, book: Rulebook, arguments: argparse.Namespace
) -> NumbersFigure:
    """Fill a database and measure the page on it."""
    store.upgrade(url)
    app = Flask("bench-numbers")
    store.init_app(app, url, {"k1": KEY})
    with app.app_context():
        store.check()
        store_forms(book, arguments.forms, arguments.older)
        times = [seconds(book) for _ in range(arguments.rounds)]
        store.db.engine.dispose()
    return NumbersFigure(database, arguments.forms, arguments.older, round(median(times), 2))


def main(given: list[str] | None = None) -> int:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.numbers", description=__doc__)
    parser.add_argument("--forms", type=int, default=10_000)
    parser.add_argument("--older", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args(given)
    book = load(places.shipped("rules"))
    with tempfile.TemporaryDirectory(prefix="screener-numbers-") as folder:
        figures = [measured("SQLite", f"sqlite:///{folder}/numbers.db", book, arguments)]
        with postgresql(Path(folder) / "pg") as make:
            figures.append(measured("PostgreSQL", make("numbers"), book, arguments))
    for figure in figures:
        print(f"{figure.database}: {figure.seconds} s for {figure.forms} forms")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
