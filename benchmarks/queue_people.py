"""Synthetic submissions for the benchmark of the list: as the program stores them, in one go.

They are spread alike whatever their number, so that a page of 25 is full with few and with many. A
handful of people can be searched for: there is one of each, however many are stored.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from tqdm import tqdm

from screener import store
from screener.store import marks
from screener.store.database import keyring, writing
from screener.store.keyring import Place
from screener.store.records import ALPHABET
from screener.store.tables import MarkRow, SubmissionRow

NOW = datetime(2026, 6, 1, 15, tzinfo=UTC)
DAY = datetime(2025, 3, 3, tzinfo=UTC)  # a day on which thirty forms came in
_AT_ONCE = 2_000
_PRIORITIES = ("emergency", "urgent", "incomplete", "hold", "review", "note")
_OPEN = ("new", "acknowledged", "in_contact", "ready_for_physician")
_ANSWERS = {f"question_{number}": "an answer as long as most" for number in range(60)}


def store_people(count: int) -> None:
    """Fill an empty database with so many submissions."""
    chance = Random(7)  # noqa: S311 (the same people each time)
    for first in tqdm(range(0, count, _AT_ONCE), unit_scale=_AT_ONCE, leave=False):
        numbers = range(first, min(first + _AT_ONCE, count))
        with writing() as session:
            every = [_person(number, chance) for number in numbers]
            table: Any = SubmissionRow.__table__
            session.connection().execute(sa.insert(table), [row for row, _ in every])
            marked = [mark for _, found in every for mark in found]
            session.connection().execute(sa.insert(MarkRow.__table__), marked)  # type: ignore[arg-type]
    if store.db.engine.dialect.name == "postgresql":
        # As the server does by itself after a while.
        with store.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as now:
            now.execute(sa.text("VACUUM ANALYZE"))


def _person(number: int, chance: Random) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    id = f"{number:064d}"
    waits = number % 5 == 0
    unfinished = waits and chance.random() < 0.2
    came = NOW - timedelta(minutes=chance.randrange(5, 365 * 24 * 60))
    if number % 5 == 1 and number < 150:
        came = DAY + timedelta(minutes=number)
    elif DAY <= came < DAY + timedelta(days=1):
        came -= timedelta(days=1)
    rank = chance.randrange(6)
    found = number == 3
    identity = {
        "name": "Rosalind O’Example" if found else f"Person{number % 997} Family{number}",
        "phone": "212-555-0199" if found else f"312{number:07d}",
        "date_of_birth": "1901-01-01" if found else f"19{number % 60 + 30}-{number % 12 + 1:02}-03",
    }
    rules = ["rare"] if number % 5 == 0 and number < 25 else []
    rules += ["common"] if chance.random() < 0.3 else []
    screening = {"priority": _PRIORITIES[rank], "flags": dict.fromkeys(rules, "met")}
    row = {
        "id": id,
        "reference": "MARK-EDAA" if found else reference_of(number),
        "protocol": "fibromyalgia" if chance.random() < 0.8 or rules else "depression",
        "rulebook_version": "1.0.0",
        "rulebook_hash": "sha256:x",
        "created_at": came,
        "updated_at": came,
        "submitted_at": None if unfinished else came,
        "priority": _PRIORITIES[rank],
        "priority_rank": rank + 1,
        "raised_at": came,
        "risk": unfinished,
        "status": _OPEN[chance.randrange(4)] if waits else "closed",
        "assigned_to": None
        if chance.random() < 0.4
        else f"nurse{chance.randrange(3)}@clinic.example",
        "revision": 1,
        "language": "es" if chance.random() < 0.3 else "en",
        "due_at": NOW + timedelta(hours=chance.randrange(-20, 80)) if waits else None,
        "marked": "k1:benchmark",
        # Every tenth who waits sent a second form on the same day.
        "person": f"{number // 50:016x}" if number % 50 in (0, 5) else None,
        "person_day": DAY.date() if number % 50 in (0, 5) else None,
        "sealed_identity": sealed_field(id, "identity", identity),
        "sealed_answers": sealed_field(id, "answers", _ANSWERS),
        "sealed_progress": sealed_field(id, "progress", {}),
        "sealed_screening": sealed_field(id, "screening", screening),
    }
    texts = [*marks.of_person(identity), *(f"rule|fibromyalgia|{rule}" for rule in rules)]
    made = {keyring().marks(text)[0] for text in texts}
    return row, [
        {"mark": mark, "reference": row["reference"], "listed": 1 if waits else 2} for mark in made
    ]


def sealed_field(id: str, field: str, value: dict[str, Any]) -> bytes:
    return keyring().seal(value, Place("submission", id, f"sealed_{field}"))


def reference_of(number: int) -> str:
    letters = ""
    for _ in range(8):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return f"{letters[:4]}-{letters[4:]}"
