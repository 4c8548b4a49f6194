"""Chunks of rows -> the typed frames of the wide layout, and which rows are doubtful.

A doubtful row has a value that may not be what its question takes. `Protocol.read_answers` decides
on those, one by one; here no wrong value may pass, while a right one may be called doubtful.
"""

from collections.abc import Iterable

import polars as pl

from screener.engine import layout
from screener.engine.frames import column_type, trials_schema
from screener.engine.layout import AT, MEDICINE, SUBMITTED, option_column
from screener.engine.questions import Question
from screener.engine.rulebook import Protocol
from screener.population.rows import COUNT, ROW, Chunk

_BAD = "#bad"


class Checks:
    """Types the columns of one file. `columns` are those of its chunks, `cells` those of trials."""

    def __init__(self, protocol: Protocol, columns: list[str], cells: list[str]) -> None:
        self.protocol = protocol
        self.typed: list[pl.Expr] = []
        self.bad: list[pl.Expr] = []
        here = set(columns)
        if SUBMITTED in here:
            self.typed.append(pl.col(SUBMITTED))
        for question in protocol.questions.values():
            if question.kind == "choices":
                self._choices(question, here)
            elif question.id in here:
                self._add(question)
        self.cells = [cell for cell in protocol.table.columns if cell.id in cells]

    def typed_frames(self, chunk: Chunk) -> tuple[pl.DataFrame, pl.DataFrame, list[int]]:
        """The frames of people and of trials, and the doubtful rows in order.

        In a doubtful row, values that are out of range are blank; the others stand as read.
        """
        bad = pl.any_horizontal([*self.bad, pl.lit(False)]).fill_null(False).alias(_BAD)
        people = chunk.people.select(ROW, *self.typed, bad)
        at = people[_BAD].arg_true().to_list()
        trials, in_trials = self._trials(chunk.trials)
        doubtful = sorted({*at, *in_trials, *chunk.doubtful})
        return people.drop(_BAD), trials, doubtful

    def _add(self, question: Question) -> None:
        typed, bad = _column(question)
        self.typed.append(typed.alias(question.id))
        self.bad += bad

    def _choices(self, question: Question, here: set[str]) -> None:
        """Options as one joined text, or as one column each, become one column each."""
        names = {option: option_column(question.id, option) for option in question.option_ids}
        if question.id in here:
            joined = pl.concat_str(pl.lit(";"), question.id, pl.lit(";"))
            ticks = {option: joined.str.contains(f";{option};", literal=True) for option in names}
            # Each element is an option, and each another one, or the row is looked at.
            count = pl.col(question.id + COUNT)
            self.bad.append((_ticked(ticks.values()) != count) | (count == 0))
        else:
            ticks = {option: pl.col(name) for option, name in names.items() if name in here}
            if not ticks:
                return
            said = pl.any_horizontal(tick.is_not_null() for tick in ticks.values())
            self.bad.append(said & (_ticked(ticks.values()) == 0))
        if "none" in ticks:
            self.bad.append(ticks["none"].fill_null(False) & (_ticked(ticks.values()) > 1))
        self.typed += [tick.alias(names[option]) for option, tick in ticks.items()]

    def _trials(self, trials: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
        known = pl.col(MEDICINE).is_in(list(self.protocol.medicines)).fill_null(False)
        twice = pl.struct(AT, MEDICINE).is_duplicated()
        columns = [(cell.id, *_column(cell)) for cell in self.cells]
        bad = pl.any_horizontal(~known, twice, *(one for _, _, bad in columns for one in bad))
        bad = bad.fill_null(False)
        typed = trials.select(
            AT, MEDICINE, *(one.alias(name) for name, one, _ in columns), bad.alias(_BAD)
        )
        schema = trials_schema(self.protocol)
        missing = [pl.lit(None, kind).alias(n) for n, kind in schema.items() if n not in typed]
        doubtful = typed.filter(_BAD)[AT].to_list()
        return typed.with_columns(missing).select(*schema), doubtful


def _ticked(ticks: Iterable[pl.Expr]) -> pl.Expr:
    return pl.sum_horizontal(ticks)


def _column(question: Question) -> tuple[pl.Expr, list[pl.Expr]]:
    """The typed column of a question, and where it is doubtful."""
    column = pl.col(question.id)
    match question.kind:
        case "number":
            assert question.range is not None
            low, high = question.range
            # A fraction is exact where it is the number nearest to one of so many decimals. (Not
            # written with a division: Polars multiplies instead, which is not as exact.)
            whole = column.round(question.decimals) == column
            exact = whole & column.is_between(low, high)
            kind = column_type(layout.column_of(question))
            return pl.when(exact).then(column).cast(kind), [~exact.fill_null(True)]
        case "choice":
            options = [column == pl.lit(option) for option in question.option_ids]
            return column, [~pl.any_horizontal(options).fill_null(True)]
        case "text":
            return column, [column.str.len_chars() > question.max_length]
    return column, []
