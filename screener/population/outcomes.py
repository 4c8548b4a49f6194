"""Screening a file: chunk by chunk, so that memory stays the same however long the file is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from screener.engine.questions import Answers, AnswersError
from screener.engine.tabular.column_terms import Present
from screener.engine.tabular.columns import OutcomeColumns
from screener.engine.tabular.frames import frames_of
from screener.engine.tabular.layout import SUBMISSION, SUBMITTED
from screener.engine.terms.plan import Plan
from screener.population.checking import Checks
from screener.population.rows import ROW, Chunk, Reader, as_json

# What the columns of the output are called that say which row of the file this is, and which
# rulebook it was screened with.
NUMBER = "row"
RULEBOOK = "rulebook"


@dataclass
class RowNumbers:
    """Numbers of rows in order, as ranges; `kept` of these, and all of them counted."""

    kept: int = 20
    ranges: list[tuple[int, int]] = field(default_factory=list)
    count: int = 0
    _last: int = 0

    def add(self, rows: Iterable[int]) -> None:
        """Add the numbers of further rows."""
        for row in rows:
            self.count += 1
            if self.ranges and self._last == self.ranges[-1][1] == row - 1:
                self.ranges[-1] = (self.ranges[-1][0], row)
            elif len(self.ranges) < self.kept:
                self.ranges.append((row, row))
            self._last = row

    def __str__(self) -> str:
        text = ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in self.ranges)
        more = self.count - sum(b - a + 1 for a, b in self.ranges)
        return f"{text} and {more} more" if more else text


@dataclass
class Tally:
    """How many rows were read, and how many of them were refused, or held nobody."""

    read: int = 0
    refused: int = 0
    empty: RowNumbers = field(default_factory=RowNumbers)

    @property
    def screened(self) -> int:
        """How many rows have outcomes."""
        return self.read - self.refused - self.empty.count


@dataclass
class Screener:
    """Screens the rows of one file.

    `write_refused` is called with a line of JSON for each row that is refused, `print_problem` with
    a line for each of its problems. `rulebook` is written beside every outcome.
    """

    plan: Plan
    reader: Reader
    rulebook: str
    write_refused: Callable[[str], None]
    print_problem: Callable[[str], None]
    tally: Tally = field(default_factory=Tally)
    _compiled: tuple[Checks, OutcomeColumns] | None = None

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The columns of the outcomes, with their types."""
        frame, trials = frames_of(self.plan.protocol, [], [])
        named = {SUBMISSION: pl.String()} if self.reader.has_submissions else {}
        columns = self._one_by_one.evaluate(frame, trials).schema
        return {NUMBER: pl.UInt64(), **named, **columns, RULEBOOK: pl.String()}

    @cached_property
    def _one_by_one(self) -> OutcomeColumns:
        """For answers that were read one by one."""
        return OutcomeColumns(self.plan, Present.of(*frames_of(self.plan.protocol, [], [])))

    def outcomes(self, advance: Callable[[int], None]) -> Iterator[pl.DataFrame]:
        """The outcomes of every row that is not refused, in order. Raises InputError, OSError."""
        for chunk in self.reader.chunks(advance):
            outcomes = self._chunk(chunk).with_columns(pl.lit(self.rulebook).alias(RULEBOOK))
            yield outcomes.select(*self.schema)

    def _chunk(self, chunk: Chunk) -> pl.DataFrame:
        self.tally.read += chunk.people.height + len(chunk.empty)
        self.tally.empty.add(chunk.empty)
        if self._compiled is None:
            checks = Checks(self.plan.protocol, chunk.people.columns, chunk.trials.columns)
            people, trials, doubtful = checks.typed_frames(chunk)
            self._compiled = checks, OutcomeColumns(self.plan, Present.of(people, trials))
        else:
            people, trials, doubtful = self._compiled[0].typed_frames(chunk)
        named = [SUBMISSION] if SUBMISSION in chunk.people.columns else []
        keys = chunk.people.select(pl.col(ROW).alias(NUMBER), *named)
        outcomes = keys.hstack(self._compiled[1].evaluate(people, trials))
        if not doubtful:
            return outcomes
        at = pl.int_range(outcomes.height, dtype=pl.UInt32, eager=True)
        accepted = self._accepted(chunk, doubtful)
        again = keys[list(accepted)].hstack(self._again(chunk, accepted))
        return pl.concat([outcomes.filter(~at.is_in(doubtful)), again]).sort(NUMBER)

    def _accepted(self, chunk: Chunk, doubtful: list[int]) -> dict[int, Answers]:
        """The answers of the doubtful rows, by row; what is refused is written down instead."""
        accepted: dict[int, Answers] = {}
        for at in doubtful:
            raw = chunk.raw(at)
            problems = list(raw.problems)
            if raw.answers is not None:
                try:
                    accepted[at] = self.plan.protocol.read_answers(raw.answers)
                except AnswersError as error:
                    problems += error.problems
            if problems:
                accepted.pop(at, None)
                row = int(chunk.people[ROW][at])
                self._refuse(row, [str(problem) for problem in problems], raw.shown)
        return accepted

    def _refuse(self, row: int, problems: list[str], shown: Any) -> None:
        self.tally.refused += 1
        self.write_refused(as_json({"row": row, "problems": problems, "read": shown}))
        for problem in problems:
            self.print_problem(f"row {row}: {problem}")

    def _again(self, chunk: Chunk, accepted: dict[int, Answers]) -> pl.DataFrame:
        sent = chunk.people[SUBMITTED] if SUBMITTED in chunk.people.columns else None
        submitted = [sent is not None and bool(sent[at]) for at in accepted]
        frames = frames_of(self.plan.protocol, list(accepted.values()), submitted)
        return self._one_by_one.evaluate(*frames)
