"""Marks: by what staff find a submission that is sealed.

Each is a keyed hash of one thing: a word of a name, a phone number, the date of birth, a rule that
is met. The key is not in the database, which tells only which submissions share a mark. A form that
staff do not see has none.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener import phones
from screener.store import later, records, rows
from screener.store.database import keyring
from screener.store.tables import MarkRow, ReviewEventRow, SubmissionRow

_NAMES = ("name", "preferred_name")
_MOST_WORDS = 20  # of a name; a pasted page must not become an index
# Digits of a phone number that are compared: without its area code, which people leave out.
_LOCAL, _FEWEST = 7, 5
_HEARD = (
    sa.select(ReviewEventRow.__table__)
    .where(ReviewEventRow.submission_id == sa.bindparam("id"), ReviewEventRow.kind == "phone")
    .order_by(ReviewEventRow.number.desc())
    .limit(1)
)
_DELETE = sa.delete(MarkRow).where(MarkRow.reference == sa.bindparam("named"))
_INSERT = sa.insert(MarkRow).values(
    mark=sa.bindparam("hash"),
    reference=sa.bindparam("named"),
    listed=sa.select(SubmissionRow.listed)
    .where(SubmissionRow.reference == sa.bindparam("named"))
    .scalar_subquery(),
)


@dataclass(frozen=True, repr=False)
class Terms:
    """What somebody searches for, in each way in which it may be meant.

    `number` is a phone number as it was typed or read; `born` are dates as year-month-day.
    """

    reference: str = ""
    name: str = ""
    number: str = ""
    born: tuple[str, ...] = ()


def write(
    session: Session,
    row: SubmissionRow,
    identity: Mapping[str, Any],
    screening: Mapping[str, Any] | None,
    others: Iterable[Mapping[str, Any]] = (),
) -> None:
    """Mark a row that staff see, which must be locked; write only where its marks are others.

    `others` are screenings of the same answers under other editions of the rules: what is met by
    any of them is found. `row.marked` is set, for the caller to store.
    """
    texts = {*of_person(identity)}
    for screened in (screening or {}, *others):
        texts |= {_rule(row.protocol, rule) for rule in _met(screened)}
    hashes = sorted({keyring().marks(text)[0] for text in texts})
    made_of = keyring().marks("\n".join(["made of", row.id, *sorted(texts)]))[0].hex()
    marked = f"{keyring().current}:{made_of}"
    if row.marked == marked:
        return
    connection = session.connection()
    connection.execute(_DELETE, {"named": row.reference})
    if hashes:
        values = [{"hash": mark, "named": row.reference} for mark in hashes]
        connection.execute(_INSERT, values)
    row.marked = marked


def is_current(row: SubmissionRow) -> bool:
    """Return whether a row's marks were made with the current key."""
    return row.marked is not None and row.marked.rpartition(":")[0] == keyring().current


def screened_later(session: Session, row: SubmissionRow) -> list[dict[str, Any]]:
    """Return the other screenings of a row: under later editions, and with what staff heard."""
    kept = later.rows_of(session, [row]).get(row.id, ())
    return [screening.screening for screening in later.opened(kept)] + heard(session, row)


def heard(session: Session, row: SubmissionRow) -> list[dict[str, Any]]:
    """Return the last screening with answers that staff took down, if there is any."""
    last = rows.several(session, ReviewEventRow, _HEARD, id=row.id)
    return [records.body_of(event)["screening"] for event in last]


def of_rule(protocol: str, rule: str) -> tuple[bytes, ...]:
    """Return the marks of a rule that is met, under every key."""
    return keyring().marks(_rule(protocol, rule))


def of_person(identity: Mapping[str, Any]) -> Iterator[str]:
    """Yield by what a person is found, in plain text: what is hashed."""
    for name in _NAMES:
        for word in _words(str(identity.get(name) or "")):
            parts = _parts(word)
            yield from map(_word, parts)
            if len(parts) > 1:
                yield _word("".join(parts))
    for key in phones.KEYS:
        number = phones.given(identity, key, "")
        if number is None:
            continue
        if digits := _last_digits(number.phone.e164 if number.phone else number.typed):
            yield f"phone|{digits}"
    if born := identity.get("date_of_birth"):
        yield f"born|{born}"


def alike(identity: Mapping[str, Any]) -> sa.Select[Any] | None:
    """Return who may be the same person: by the date of birth, and a name or a phone number.

    None for a person without them. Whether the names are the same is for the caller to see: a mark
    is of one word.
    """
    texts = {*of_person(identity)}
    born = [text for text in texts if text.startswith("born|")]
    others = sorted(texts - {*born})
    return _both(_with(born), [_with(others)]) if born and others else None


def shared(identity: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what two people have alike of `born`, `name` and `phone`.

    A name is the same where each word of the shorter is in the other, in whatever order.
    """
    texts, others = {*of_person(identity)}, {*of_person(other)}
    alike = {text.partition("|")[0] for text in texts & others} - {"name"}
    if _is_named(identity, others) or _is_named(other, texts):
        alike.add("name")
    return tuple(kind for kind in ("born", "name", "phone") if kind in alike)


def _is_named(identity: Mapping[str, Any], texts: set[str]) -> bool:
    """Return whether every word of a name is among the texts of another person."""
    words = (_parts(word) for word in _words(str(identity.get("name") or "")))
    name = {_word(part) for parts in words for part in parts}
    return bool(name) and name <= texts


def found_by(terms: Terms, reference: Any = SubmissionRow.reference) -> sa.ColumnElement[bool]:
    """Return the condition for what the terms may mean, for the reference of a row."""
    # One list of references, whatever they are found by: a database looks that up first.
    ways = [sa.select(SubmissionRow.reference).where(SubmissionRow.reference == terms.reference)]
    texts = [f"born|{day}" for day in terms.born]
    if digits := _last_digits(terms.number):
        texts.append(f"phone|{digits}")
    if texts:
        ways.append(_with(texts))
    words = [parts for word in _words(terms.name) if (parts := _parts(word))]
    if words:
        first, *others = (_named(parts) for parts in words)
        ways.append(_both(first, others))
    condition: sa.ColumnElement[bool] = reference.in_(sa.union(*ways))
    return condition


def _named(parts: Sequence[str]) -> sa.Select[Any]:
    """Return who has a word in their name: O'Brien is typed as one word or as two."""
    whole = _with([_word("".join(parts))])
    if len(parts) == 1:
        return whole
    first, *others = (_with([_word(part)]) for part in parts)
    either = sa.union(whole, _both(first, others)).subquery()
    return sa.select(either.c.reference)


def _both(first: sa.Select[Any], others: Iterable[sa.Select[Any]]) -> sa.Select[Any]:
    """Return the references that are in all."""
    here = first.subquery()
    every = sa.select(here.c.reference)
    for other in others:
        every = every.where(here.c.reference.in_(other))
    return every


def _with(texts: Sequence[str]) -> sa.Select[Any]:
    """Return the references with one of the marks of these texts, under any key."""
    marks = [mark for text in texts for mark in keyring().marks(text)]
    return sa.select(MarkRow.reference).where(MarkRow.mark.in_(marks))


def _last_digits(text: str) -> str:
    """Return the digits of a number that are compared, "" where it has too few."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))
    return digits[-_LOCAL:] if len(digits) >= _FEWEST else ""


def _words(name: str) -> list[str]:
    """Return the words of a name; a double name has two."""
    return re.split(r"[\s\-\u2010-\u2015]+", name, maxsplit=_MOST_WORDS)[:_MOST_WORDS]


def _parts(word: str) -> list[str]:
    """Return a word in small letters without accents, parted where it has other signs."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [part for part in re.split(r"[\W_]+", letters.casefold()) if part]


def _word(word: str) -> str:
    return f"name|{word}"


def _rule(protocol: str, rule: str) -> str:
    return f"rule|{protocol}|{rule}"


def _met(screening: Mapping[str, Any]) -> list[str]:
    return [rule for rule, outcome in screening.get("flags", {}).items() if outcome == "met"]
