"""Chunks of rows -> the typed frames of the wide layout, and which rows are doubtful.

A doubtful row has a value that may not be what its question takes. `Protocol.read_answers` decides
on those, one by one; here no wrong value may pass, while a right one may be called doubtful.
"""

import polars as pl

from screener.engine.protocol import Protocol
from screener.engine.questions import Question
from screener.engine.tabular import layout
from screener.engine.tabular.frames import column_type, trials_schema
from screener.engine.tabular.layout import AT, MEDICINE, SUBMITTED, option_column
from screener.population.rows import COUNT, ROW, Chunk


class Checks:
    """Types the columns of one file. `columns` are those of its chunks, `cells` those of trials."""

    def __init__(self, protocol: Protocol, columns: list[str], cells: list[str]) -> None:
        self.protocol = protocol
        # Columns are typed first; what makes a row doubtful is seen in the typed ones.
        self.names: list[str] = []
        self.typed: list[pl.Expr] = []
        self.bad: list[pl.Expr] = []
        here = set(columns)
        if SUBMITTED in here:
            self.names.append(SUBMITTED)
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
        people = chunk.people.select(ROW, *self.typed)
        bad = _any_of(people, self.bad).arg_true().to_list()
        trials, in_trials = self._trials(chunk.trials)
        doubtful = sorted({*bad, *in_trials, *chunk.doubtful})
        return people.select(ROW, *self.names), trials, doubtful

    def _add(self, question: Question) -> None:
        typed, bad = _column(question)
        self.names.append(question.id)
        self.typed += typed
        self.bad += bad

    def _choices(self, question: Question, here: set[str]) -> None:
        """Options as one joined text, or as one column each, become one column each."""
        names = {option: option_column(question.id, option) for option in question.option_ids}
        if question.id in here:
            joined = pl.concat_str(pl.lit(";"), question.id, pl.lit(";"))
            self.typed += [
                joined.str.contains(f";{option};", literal=True).alias(name)
                for option, name in names.items()
            ]
            # Each element is an option, and each another one, or the row is looked at.
            count = pl.col(question.id + COUNT)
            self.typed.append(count)
            self.bad += [pl.sum_horizontal(names.values()) != count, count == 0]
        else:
            names = {option: name for option, name in names.items() if name in here}
            if not names:
                return
            self.typed += [pl.col(name) for name in names.values()]
            answered = pl.any_horizontal(pl.col(name).is_not_null() for name in names.values())
            self.bad.append(answered & ~pl.any_horizontal(names.values()).fill_null(False))
        self.names += names.values()
        others = [name for option, name in names.items() if option != "none"]
        if "none" in names and others:
            self.bad.append(pl.col(names["none"]) & pl.any_horizontal(others))

    def _trials(self, trials: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
        columns = [_column(cell) for cell in self.cells]
        typed = trials.select(AT, MEDICINE, *(column for typed, _ in columns for column in typed))
        is_medicine = pl.col(MEDICINE).is_in(list(self.protocol.medicines)).fill_null(False)
        twice = pl.struct(AT, MEDICINE).is_duplicated()
        bad = _any_of(
            typed, [~is_medicine, twice, *(column for _, bad in columns for column in bad)]
        )
        schema = trials_schema(self.protocol)
        missing = [pl.lit(None, kind).alias(n) for n, kind in schema.items() if n not in typed]
        return typed.with_columns(missing).select(*schema), typed.filter(bad)[AT].to_list()


def _any_of(frame: pl.DataFrame, conditions: list[pl.Expr]) -> pl.Series:
    """The rows of which any condition holds."""
    # A column for each, and not one deep expression: that takes twice as long.
    if not conditions:
        return pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    flags = frame.select(column.alias(str(number)) for number, column in enumerate(conditions))
    return flags.select(pl.any_horizontal(pl.all()).fill_null(False)).to_series()


def _column(question: Question) -> tuple[list[pl.Expr], list[pl.Expr]]:
    """The typed column of a question, with what else shows where it is doubtful."""
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
            typed = pl.when(exact).then(column).cast(kind).alias(question.id)
            given = f"#given {question.id}"
            return [typed, column.is_not_null().alias(given)], [pl.col(given) & column.is_null()]
        case "choice":
            options = [column == pl.lit(option) for option in question.option_ids]
            return [column], [~pl.any_horizontal(options)]
        case "text":
            return [column], [column.str.len_chars() > question.max_length]
    return [column], []
