"""A Parquet file of as many synthetic people as wanted, with some of their answers missing.

A few thousand complete people (`people.py`) come again and again, each time with other answers
left out, so that a million of them are made in seconds.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from screener.engine.protocol import Protocol
from screener.engine.tabular.frames import frames_of
from screener.engine.tabular.layout import AT, MEDICINE, SUBMISSION, SUBMITTED, people_columns
from screener.synthetic import people

DISTINCT = 10_000


def write_population_sample(
    path: Path, protocol: Protocol, count: int, missing: float = 0.1
) -> None:
    """Write `count` people, with that share of their answers and of the cells of rows missing.

    The age stays, so that the age gate is decided.
    """
    everyone = people(protocol, min(count, DISTINCT))
    whole, trials = frames_of(protocol, everyone, [True] * len(everyone))

    def source(*_: Any) -> Iterator[pl.DataFrame]:
        for first in range(0, count, len(everyone)):
            part = _thinned(protocol, whole, trials, first, missing)
            yield part.head(count - first)

    schema = _thinned(protocol, whole, trials, 0, missing).schema
    register_io_source(source, schema=schema).sink_parquet(path, row_group_size=50_000)


def _thinned(
    protocol: Protocol, whole: pl.DataFrame, trials: pl.DataFrame, first: int, missing: float
) -> pl.DataFrame:
    number = pl.int_range(first, first + pl.len(), dtype=pl.UInt64)
    table = protocol.table.id
    kept: list[pl.Expr] = [pl.format("p{}", number + 1).alias(SUBMISSION), pl.col(SUBMITTED)]
    seeds = {id: seed for seed, id in enumerate(protocol.questions)}
    for name, column in people_columns(protocol).items():
        id = column.question.id
        if id == table:
            continue
        # All options of a question are left out together.
        left = pl.col(name) if id == "age" else _left(pl.col(name), number, seeds[id], missing)
        kept.append(left.alias(name))
    cells = [name for name in trials.columns if name not in (AT, MEDICINE)]
    row = pl.int_range(first * 100, first * 100 + pl.len(), dtype=pl.UInt64)
    rows = trials.with_columns(
        _left(pl.col(name), row, 1000 + seed, missing) for seed, name in enumerate(cells)
    )
    lists = rows.group_by(AT).agg(pl.struct(MEDICINE, *cells).alias(table))
    at = pl.int_range(pl.len(), dtype=pl.UInt32).alias(AT)
    answered = whole.select(pl.col(table).fill_null(False).alias("#answered"), at)
    joined = answered.join(lists, on=AT, how="left", maintain_order="left")
    empty = pl.when("#answered").then(
        pl.col(table).fill_null(pl.lit([], dtype=lists.schema[table]))
    )
    tried = joined.select(_left(empty, number, seeds[table], missing).alias(table))
    return whole.select(kept).hstack(tried)


def _left(column: pl.Expr, number: pl.Expr, seed: int, missing: float) -> pl.Expr:
    """Return the column with a share of its values left out, the same on every machine."""
    return pl.when(number.hash(seed) % 1000 >= round(missing * 1000)).then(column)
