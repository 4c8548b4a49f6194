"""Typed answers as the two frames of the wide layout (`layout.py`)."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from screener.engine.protocol import Protocol
from screener.engine.questions import Answers
from screener.engine.tabular import layout
from screener.engine.tabular.layout import AT, MEDICINE, SUBMITTED, LayoutColumn

_TYPES: dict[str, pl.DataType] = {
    "truth": pl.Boolean(),
    "whole": pl.Int32(),
    "decimal": pl.Float64(),
    "option": pl.String(),
    "text": pl.String(),
}


def column_type(column: LayoutColumn) -> pl.DataType:
    """The Polars type of a column of the layout."""
    return _TYPES[column.holds]


def trials_schema(protocol: Protocol) -> dict[str, pl.DataType]:
    """The columns of the frame of trials, with their types."""
    cells = layout.trial_columns(protocol).values()
    return {AT: pl.UInt32(), MEDICINE: pl.String(), **{c.name: column_type(c) for c in cells}}


def frames_of(
    protocol: Protocol, people: Sequence[Answers], submitted: Iterable[bool]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the frames of people and of trials, as `columns.py` reads them."""
    series = [pl.Series(SUBMITTED, list(submitted), pl.Boolean())]
    for column in layout.people_columns(protocol).values():
        values = [_value(column, answers) for answers in people]
        series.append(pl.Series(column.name, values, column_type(column)))
    schema = trials_schema(protocol)
    trials = [
        {AT: at, MEDICINE: medicine}
        | {id: _plain(cell) for id, cell in cells.items() if id in schema}
        for at, answers in enumerate(people)
        if isinstance(rows := answers.get(protocol.table.id), dict)
        for medicine, cells in rows.items()
    ]
    return pl.DataFrame(series), pl.DataFrame(trials, schema=schema)


def _value(column: LayoutColumn, answers: Answers) -> Any:
    answer: Any = answers.get(column.question.id)
    if answer is None:
        return None
    if column.option:
        return column.option in answer
    return True if column.question.kind == "table" else _plain(answer)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int) else float(value)
