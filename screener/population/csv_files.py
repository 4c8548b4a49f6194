"""CSV files of answers: UTF-8, commas, a row of names first; an empty cell was not answered."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from screener.engine.json_text import JsonError, read_json
from screener.engine.protocol import Protocol
from screener.engine.questions import AnswerProblem
from screener.engine.tabular.layout import SUBMISSION, SUBMITTED
from screener.engine.yaml_text import Text
from screener.population.framing import cells_of, records, shapes
from screener.population.rows import (
    CHUNK,
    COUNT,
    QUICK,
    ROW,
    Chunk,
    Header,
    InputError,
    RawRow,
    must_be_file,
    no_trials,
    with_options,
)
from screener.population.trials import TrialRows

_TRUE = ("true", "True", "TRUE", "1")
_FALSE = ("false", "False", "FALSE", "0")
# As `read_answers` takes a number that is text: no signs, exponents or zeros in front. With at most
# 15 digits, no two of them are the same Float64.
_NUMBER = r"\A(?:0|[1-9][0-9]{0,6})(?:\.[0-9]{1,8})?\z"
_BROKEN = "its quotation marks do not stand around whole cells"
# Most programs that read CSV take no longer cell, in characters; the outcomes shall be read again.
_LONGEST = 1 << 17


class CsvReader:
    """One CSV file; see `rows.Reader`."""

    unit = "B"

    def __init__(self, protocol: Protocol, path: Path) -> None:
        self.protocol = protocol
        self.path = path
        must_be_file(path)
        first = next((block for block, _ in records(path, _ignored) if len(block)), None)
        if first is None:
            raise InputError(f"{path}: is empty; a row with the names of the columns is needed")
        if not shapes(first.head(1))[1].all():
            raise InputError(f"{path}: the row with the names of the columns: {_BROKEN}")
        names = cells_of(first[0])
        self.header = Header(protocol, tuple(names), path)
        self.retired = self.header.retired
        self.has_submissions = SUBMISSION in names
        self.size = path.stat().st_size

    def chunks(self, advance: Callable[[int], None]) -> Iterator[Chunk]:
        """The rows in order; see `rows.Reader`."""
        row, skipped = 1, False
        for block, ended in records(self.path, advance):
            rest = block if skipped or not len(block) else block.slice(1)
            skipped = skipped or bool(len(block))
            for first in range(0, len(rest), CHUNK):
                lines = rest.slice(first, CHUNK)
                yield _Records(self, row, lines, ended).chunk()
                row += len(lines)


def _ignored(_: int) -> None:
    pass


@dataclass
class _Records:
    """Some records of a file."""

    reader: CsvReader
    first: int
    lines: pl.Series
    ended: bool

    def __post_init__(self) -> None:
        cells, legal, empty = shapes(self.lines)
        self.names = self.reader.header.columns
        fits = legal & (cells == len(self.names))
        if not self.ended and not fits.all():
            raise InputError(
                f"{self.reader.path}: ends within row {self.first + len(self.lines) - 1}; "
                "the file is not whole"
            )
        numbers = pl.int_range(
            self.first, self.first + len(self.lines), dtype=pl.UInt64, eager=True
        )
        self.empty = tuple(numbers.filter(empty))
        self.numbers, self.lines, self.cells, self.legal, self.fits = (
            column.filter(~empty) for column in (numbers, self.lines, cells, legal, fits)
        )

    def chunk(self) -> Chunk:
        text = self._read()
        questions = self.reader.protocol.questions
        columns: list[pl.Expr] = []
        bad: list[pl.Expr] = []
        for name in self.names:
            column = pl.col(name)
            kind = questions[name].kind if name in questions else ""
            if name == SUBMITTED or name in self.reader.header.options:
                columns.append(_truth(column))
                bad.append(column.is_not_null() & columns[-1].is_null())
            elif kind == "number":
                bad.append(~column.str.contains(_NUMBER).fill_null(True))
                columns.append(column.cast(pl.Float64, strict=False))
            elif kind == "choices":
                count = column.str.count_matches(";", literal=True) + 1
                columns += [column, count.alias(name + COUNT)]
            elif kind != "table":
                columns.append(column)
        bad.append(~pl.lit(self.fits))
        bad.append(pl.lit(self.lines.str.len_bytes() > _LONGEST))
        trials, given, doubtful = self._tables(text)
        people = text.select(pl.lit(self.numbers).alias(ROW), *columns, *given)
        wrong = text.select(pl.any_horizontal(bad).fill_null(False)).to_series().arg_true()
        return Chunk(people, trials, frozenset([*wrong, *doubtful]), self._raw, self.empty)

    def _read(self) -> pl.DataFrame:
        """The cells as text, null where they are empty; blank for a record of another shape."""
        if self.lines.is_empty():
            return pl.DataFrame(schema=dict.fromkeys(self.names, pl.String))
        blank = "," * (len(self.names) - 1)
        lines = (
            self.lines if self.fits.all() else self.lines.zip_with(self.fits, pl.Series([blank]))
        )
        # A line without anything would be left out, where there is only one column.
        text = "\n".join(line or '""' for line in lines)
        frame = pl.read_csv(
            text.encode(),
            has_header=False,
            schema=dict.fromkeys(self.names, pl.String),
        )
        if frame.height != len(lines):
            raise InputError(f"{self.reader.path}: cannot be read from row {self.first} on")
        return frame.with_columns(pl.all().replace("", None))

    def _tables(self, text: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.Series], list[int]]:
        """The trials, the column that says whose they are known of, and the doubtful rows."""
        table = self.reader.protocol.table.id
        if table not in self.names:
            return no_trials(), [], []
        given = text[table].is_not_null()
        rows = TrialRows(self.reader.protocol)
        doubtful = []
        for at in given.arg_true():
            try:
                value = read_json(text[table][at], QUICK)
            except JsonError:
                value = None
            if not rows.add(at, value):
                doubtful.append(at)
        return rows.frame(), [given.alias(table)], doubtful

    # --- rows as read --------------------------------------------------------------------------

    def _raw(self, at: int) -> RawRow:
        line = self.lines[at]
        if not self.fits[at]:
            message = _BROKEN
            if self.legal[at]:
                message = f"it has {self.cells[at]} cells; the names are {len(self.names)}"
            return RawRow(None, line, (AnswerProblem("the row", message),))
        cells = dict(zip(self.names, cells_of(line), strict=True))
        shown = {name: cell for name, cell in cells.items() if cell}
        problems: list[AnswerProblem] = []
        typed: dict[str, Any] = {}
        for name, cell in shown.items():
            if len(cell) > _LONGEST:
                message = f"found {len(cell)} characters; a cell has {_LONGEST} at most"
                problems.append(AnswerProblem(name, message))
                continue
            try:
                typed[name] = self._typed(name, cell)
            except JsonError as error:
                problems.append(AnswerProblem(name, str(error)))
        sent = typed.pop(SUBMITTED, None)
        if isinstance(sent, str):
            problems.append(AnswerProblem(SUBMITTED, f'found "{sent}"; allowed: true or false'))
        typed.pop(SUBMISSION, None)
        answers, more = with_options(self.reader.header, typed)
        return RawRow(answers, shown, (*problems, *more))

    def _typed(self, name: str, cell: str) -> Any:
        """A cell as an answer of a document; raises JsonError."""
        if name == SUBMITTED or name in self.reader.header.options:
            return True if cell in _TRUE else False if cell in _FALSE else cell
        question = self.reader.protocol.questions.get(name)
        match question.kind if question else "":
            case "number":
                return Text(cell)
            case "choices":
                return cell.split(";")
            case "table":
                return read_json(cell)
        return cell


def _truth(column: pl.Expr) -> pl.Expr:
    """True, false, or null where the text is neither."""
    true = pl.any_horizontal(column == pl.lit(text) for text in _TRUE)
    false = pl.any_horizontal(column == pl.lit(text) for text in _FALSE)
    return pl.when(true).then(True).when(false).then(False).alias(column.meta.output_name())
