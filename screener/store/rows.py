"""Single rows, read and written by statements that are made once.

SQLAlchemy's units of work cost more than everything else that a save does. What every request
reads and writes goes this way instead, in the same session and transaction: a plain object with
the columns of its table, and `write` stores what was set on it.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.store.tables import Base

T = TypeVar("T", bound=Base)
_KEY = "row_key_{}"


class _Row(SimpleNamespace):
    """A row as it was read, beside what is set on it."""

    def __init__(self, columns: dict[str, Any]) -> None:
        super().__init__(**columns)
        self._read = columns


def by_key(table: type[Base]) -> sa.Select[Any]:
    """Return the statement that reads a row; its parameters are the columns of the key."""
    conditions = (column == sa.bindparam(column.name) for column in sa.inspect(table).primary_key)
    return sa.select(table.__table__).where(*conditions)


def one_or_none(
    session: Session, table: type[T], statement: sa.Select[Any], **values: Any
) -> T | None:
    """Return the row of a statement that selects a table's columns, or None."""
    return next(iter(several(session, table, statement, **values)), None)


def several(
    session: Session, _table: type[T], statement: sa.Select[Any], **values: Any
) -> Sequence[T]:
    """Return the rows of a statement that selects a table's columns."""
    result = session.connection().execute(statement, values)
    names = tuple(result.keys())
    # It has the columns of the table, which is all that anybody asks of it.
    return [cast(T, _Row(dict(zip(names, row, strict=True)))) for row in result]


def write(session: Session, table: type[T], row: T) -> None:
    """Store what was set on a row that was read here."""
    before: dict[str, Any] = row._read  # type: ignore[attr-defined]
    now = {name: getattr(row, name) for name in before}
    changed = {name: value for name, value in now.items() if value is not before[name]}
    if changed:
        keys = sa.inspect(table).primary_key
        key = {_KEY.format(column.name): before[column.name] for column in keys}
        session.connection().execute(_update(table, tuple(changed)), {**changed, **key})
        row._read = now  # type: ignore[attr-defined]


def add(session: Session, table: type[Base], **columns: Any) -> None:
    """Insert a row."""
    session.connection().execute(_insert(table), columns)


@lru_cache(maxsize=256)
def _update(table: type[Base], names: Iterable[str]) -> sa.Update:
    keys = sa.inspect(table).primary_key
    conditions = (column == sa.bindparam(_KEY.format(column.name)) for column in keys)
    return sa.update(table).where(*conditions).values({name: sa.bindparam(name) for name in names})


@lru_cache(maxsize=32)
def _insert(table: type[Base]) -> sa.Insert:
    return sa.insert(table.__table__)  # type: ignore[arg-type]
