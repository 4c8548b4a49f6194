"""People as the rows of the two tables that the SQL reads, loaded through plain SQL."""

from collections.abc import Callable, Sequence
from typing import Any

from screener.engine.protocol import Protocol
from screener.engine.tabular import layout
from screener.engine.tabular.layout import AT, MEDICINE, SUBMITTED
from tests.engine.tabular.population_samples import Person, frames_of_people

ANSWERS, TRIALS = "answers", "medicines_tried"


def rows_of(protocol: Protocol, people: Sequence[Person]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of both tables, in the order of the columns that the schema has."""
    frame, trials = frames_of_people(protocol, people)
    wide = frame.select(SUBMITTED, *layout.people_columns(protocol))
    long = trials.select(MEDICINE, *layout.trial_columns(protocol))
    return {
        ANSWERS: [(f"s{i}", *row) for i, row in enumerate(wide.rows())],
        TRIALS: [
            (f"s{at}", *row) for at, row in zip(trials[AT].to_list(), long.rows(), strict=True)
        ],
    }


def fill_tables(
    execute: Callable[[str], object],
    schema: str,
    tables: dict[str, list[tuple[Any, ...]]],
) -> None:
    """Create the tables and put the rows in, many at a time."""
    for statement in schema.split(";\n"):
        if statement.strip():
            execute(statement)
    for table, rows in tables.items():
        for first in range(0, len(rows), 200):
            values = ", ".join(
                f"({', '.join(map(_literal, row))})" for row in rows[first : first + 200]
            )
            execute(f"INSERT INTO {table} VALUES {values}")


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(value) if isinstance(value, int | float) else "'" + value.replace("'", "''") + "'"
