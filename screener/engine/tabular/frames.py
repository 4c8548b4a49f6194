"""Typed answers as the two frames of the wide layout (`layout.py`)."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from screener.engine.protocol import Protocol
from screener.engine.questions import Answers
from screener.engine.tabular import layout
from screener.engine.tabular.layout import AT, MEDICINE, SUBMITTED, LayoutColumn

_TYPES: dict[str, Any] = {
    "truth": pl.Boolean(),
    "whole": pl.Int32(),
    "decimal": pl.Float64(),
    "option": pl.String(),
    "text": pl.String(),
}


def column_type(column: LayoutColumn) -> pl.DataType:
    """The Polars type of a column of the layout."""
    found: pl.DataType = _TYPES[column.holds]
    return found


def people_schema(protocol: Protocol) -> dict[str, pl.DataType]:
    """The columns of the frame of people that rules may read, with their types."""
    columns = layout.people_columns(protocol).values()
    return {SUBMITTED: pl.Boolean(), **{one.name: column_type(one) for one in columns}}


def trials_schema(protocol: Protocol) -> dict[str, pl.DataType]:
    """The columns of the frame of trials, with their types."""
    columns = layout.trial_columns(protocol).values()
    cells = {one.name: column_type(one) for one in columns}
    return {AT: pl.UInt32(), MEDICINE: pl.String(), **cells}


def frames_of(
    protocol: Protocol, people: Sequence[Answers], submitted: Iterable[bool]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frames of people and of trials, as `columns.py` reads them."""
    table = protocol.table.id
    rows = [
        {AT: at, MEDICINE: medicine, **{id: _plain(cell) for id, cell in cells.items()}}
        for at, answers in enumerate(people)
        for medicine, cells in _mapping(answers.get(table)).items()
    ]
    schema = people_schema(protocol)
    wide: dict[str, list[Any]] = {SUBMITTED: list(submitted)}
    for column in layout.people_columns(protocol).values():
        wide[column.name] = [_value(column, answers) for answers in people]
    return (
        pl.DataFrame(wide, schema=schema),
        pl.DataFrame(rows, schema=trials_schema(protocol)),
    )


def _value(column: LayoutColumn, answers: Answers) -> Any:
    given: Any = answers.get(column.question.id)
    if given is None:
        return None
    if column.option:
        return column.option in given
    return True if column.question.kind == "table" else _plain(given)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int) else float(value)


def _mapping(value: Any) -> dict[str, dict[str, Any]]:
    return value if isinstance(value, dict) else {}
