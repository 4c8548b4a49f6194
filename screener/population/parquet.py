"""Parquet files of answers. Types are checked for the whole file, before a row is read."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl

from screener.engine.problems import did_you_mean
from screener.engine.protocol import Protocol
from screener.engine.questions import AnswerProblem, Question
from screener.engine.tabular.layout import AT, MEDICINE, SUBMISSION, SUBMITTED
from screener.population.rows import (
    CHUNK,
    COUNT,
    ROW,
    Chunk,
    Header,
    InputError,
    RawRow,
    must_be_file,
    no_trials,
    problem_with,
    with_options,
)

_NO_TEXT = "a list of text is needed"
# So many decimals of a number in range are exact as Float64.
_DECIMALS = 6


class ParquetReader:
    """One Parquet file; see `rows.Reader`."""

    unit = "row"

    def __init__(self, protocol: Protocol, path: Path) -> None:
        self.protocol = protocol
        self.path = path
        must_be_file(path)
        with _failing_in_plain_words(path):
            with path.open("rb"):  # a folder is refused as the system says it
                self.file = pl.scan_parquet(path, glob=False)
            self.schema = self.file.collect_schema()
            self.size = int(self.file.select(pl.len()).collect().item())
        self.header = Header(protocol, tuple(self.schema), path)
        if self.header.retired:
            self.file = self.file.rename(self.header.retired)
            self.schema = self.file.collect_schema()
        self.retired = self.header.retired
        self.has_submissions = SUBMISSION in self.schema
        problems = [problem for name in self.schema if (problem := self._wrong(name))]
        if problems:
            raise InputError(f"{path}: " + "; ".join(problems[:3]))

    def chunks(self, advance: Callable[[int], None]) -> Iterator[Chunk]:
        """The rows in order; see `rows.Reader`."""
        columns = [column for name in self.schema for column in self._plain(name)]
        for first in range(0, self.size, CHUNK):
            with _failing_in_plain_words(self.path):
                frame = self.file.slice(first, CHUNK).collect()
            size = frame.height
            empty = frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
            numbers = pl.int_range(first + 1, first + 1 + size, dtype=pl.UInt64, eager=True)
            if empty.any():
                frame = frame.filter(~empty)
            people = frame.select(pl.lit(numbers.filter(~empty)).alias(ROW), *columns)
            trials = self._trials(frame)
            inexact = self._inexact(frame)
            yield Chunk(people, trials, inexact, self._rows(frame), tuple(numbers.filter(empty)))
            advance(size)

    # --- types ---------------------------------------------------------------------------------

    def _wrong(self, name: str) -> str:
        """What is wrong with the type of a column, or nothing."""
        kind = self.schema[name]
        if name == SUBMISSION:
            fits, needs = _is_text(kind) or kind.is_integer(), "text or whole numbers are needed"
        elif name == SUBMITTED or name in self.header.options:
            fits, needs = kind == pl.Boolean, "true or false is needed"
        elif name == self.protocol.table.id:
            return self._wrong_table(kind)
        else:
            fits, needs = _fits(self.protocol.questions[name], kind)
        return "" if fits or kind == pl.Null else f"the column {name} holds {kind}; {needs}"

    def _wrong_table(self, kind: pl.DataType) -> str:
        table = self.protocol.table
        if kind == pl.Null:
            return ""
        fields = _fields(kind)
        if MEDICINE not in fields or not _is_text(fields[MEDICINE]):
            return f"the column {table.id} holds {kind}; a list of {{medicine: text, …}} is needed"
        columns = {column.id: column for column in table.columns}
        for name, held in fields.items():
            if name == MEDICINE:
                continue
            if name not in columns:
                return f"{table.id}.{name} is no column{did_you_mean(name, columns)}"
            fits, needs = _fits(columns[name], held)
            if not fits and held != pl.Null:
                return f"{table.id}.{name} holds {held}; {needs}"
        return ""

    # --- columns -------------------------------------------------------------------------------

    def _plain(self, name: str) -> Iterator[pl.Expr]:
        """A column in the plain type that `rows.Chunk` has for it."""
        column = pl.col(name)
        if name == SUBMISSION:
            yield column.cast(pl.String)
        elif name == SUBMITTED or name in self.header.options:
            yield column.cast(pl.Boolean)
        elif name == self.protocol.table.id:
            yield column.is_not_null().alias(name)
        elif self.protocol.questions[name].kind == "choices":
            texts = column.cast(pl.List(pl.String))
            yield texts.list.join(";", ignore_nulls=True).alias(name)
            yield texts.list.len().alias(name + COUNT)
        else:
            yield _scalar(self.protocol.questions[name], column)

    def _trials(self, frame: pl.DataFrame) -> pl.DataFrame:
        table = self.protocol.table
        fields = _fields(self.schema.get(table.id, pl.Null()))
        if not fields:
            return no_trials()
        rows = (
            frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias(AT), table.id)
            .filter(pl.col(table.id).list.len() > 0)
            .explode(table.id)
            .unnest(table.id)
        )
        single = (cell for cell in table.columns if cell.kind != "choices")
        cells = [_scalar(cell, pl.col(cell.id)) for cell in single if cell.id in fields]
        return rows.select(AT, pl.col(MEDICINE).cast(pl.String), *cells)

    def _inexact(self, frame: pl.DataFrame) -> frozenset[int]:
        """The rows with a number that a column of Float64 may round."""
        flags = [pl.col(name).is_not_null() for name in self.schema if self._is_long(name)]
        if not flags:
            return frozenset()
        return frozenset(frame.select(pl.any_horizontal(flags)).to_series().arg_true())

    def _is_long(self, name: str) -> bool:
        kind = self.schema[name]
        kinds = [kind, *_fields(kind).values()]
        return any(isinstance(kind, pl.Decimal) and kind.scale > _DECIMALS for kind in kinds)

    # --- rows as read --------------------------------------------------------------------------

    def _rows(self, frame: pl.DataFrame) -> Callable[[int], RawRow]:
        return lambda at: self._raw(frame.row(at, named=True))

    def _raw(self, row: Mapping[str, Any]) -> RawRow:
        shown = {name: value for name, value in row.items() if value is not None}
        cells = {n: v for n, v in shown.items() if n not in (SUBMISSION, SUBMITTED)}
        answers, problems = with_options(self.header, cells)
        table = self.protocol.table.id
        if table in answers:
            answers[table], faults = _table(table, answers[table])
            problems += faults
        return RawRow(answers, shown, tuple(problems))


@contextmanager
def _failing_in_plain_words(path: Path) -> Iterator[None]:
    """Let a file that Polars cannot read end in one line. Raises InputError.

    A broken file can let it panic. That is no Exception, and each thread that ends so prints where
    it was; so nothing is printed while a file is read.
    """
    with _nothing_printed():
        try:
            yield
        except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise problem_with(path, error) from None


@contextmanager
def _nothing_printed() -> Iterator[None]:
    kept = None
    with suppress(OSError):  # standard error may be closed
        kept = os.dup(2)
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        if kept is not None:
            os.dup2(kept, 2)
            os.close(kept)


def _table(
    table: str, rows: list[Mapping[str, Any] | None]
) -> tuple[dict[str, Any], list[AnswerProblem]]:
    """The list of medicines as the mapping that answers have for it."""
    by_medicine: dict[str, Any] = {}
    problems = []
    for row in rows:
        cells = {name: value for name, value in (row or {}).items() if value is not None}
        medicine = cells.pop(MEDICINE, None)
        if medicine is None:
            problems.append(AnswerProblem(table, "found a row without a medicine"))
        elif medicine in by_medicine:
            problems.append(AnswerProblem(f"{table}.{medicine}", "stands there twice"))
        else:
            by_medicine[medicine] = cells
    return by_medicine, problems


def _scalar(question: Question, column: pl.Expr) -> pl.Expr:
    return column.cast(pl.Float64 if question.kind == "number" else pl.String)


def _fields(kind: pl.DataType) -> dict[str, pl.DataType]:
    """The fields of a list of structs; none for any other type."""
    if not isinstance(kind, pl.List) or not isinstance(kind.inner, pl.Struct):
        return {}
    return {field.name: _instance(field.dtype) for field in kind.inner.fields}


def _instance(kind: Any) -> pl.DataType:
    instance: pl.DataType = kind() if isinstance(kind, type) else kind
    return instance


def _fits(question: Question, kind: pl.DataType) -> tuple[bool, str]:
    """Whether a type can hold answers to a question, and what is needed else."""
    match question.kind:
        case "number":
            return kind.is_numeric(), "numbers are needed"
        case "choice":
            # A whole number is an option's id where options are called by numbers.
            return _is_text(kind) or kind.is_integer(), "the text of an option is needed"
        case "choices":
            inner = kind.inner if isinstance(kind, pl.List) else None
            return inner == pl.Null or (inner is not None and _is_text(inner)), _NO_TEXT
    return _is_text(kind), "text is needed"


def _is_text(kind: Any) -> bool:
    return bool(kind == pl.String or kind == pl.Categorical or kind == pl.Enum)
