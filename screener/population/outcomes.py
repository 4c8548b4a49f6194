"""Screening a file: chunk by chunk, so that memory stays the same however long the file is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from screener.engine.plan import Plan
from screener.engine.questions import Answers, AnswersError
from screener.engine.warehouse.column_terms import Present
from screener.engine.warehouse.columns import Outcomes
from screener.engine.warehouse.frames import frames_of
from screener.engine.warehouse.layout import SUBMISSION, SUBMITTED
from screener.population.checking import Checks
from screener.population.rows import ROW, Chunk, Reader, as_json

# What the columns of the output are called that say which row of the file this is, and which
# rulebook it was screened with.
NUMBER = "row"
RULEBOOK = "rulebook"


@dataclass
class Tally:
    """How many rows were read, and how many of them were refused."""

    read: int = 0
    refused: int = 0

    @property
    def screened(self) -> int:
        """How many rows have outcomes."""
        return self.read - self.refused


@dataclass
class Screener:
    """Screens the rows of one file.

    `refused` is called with a line of JSON for each row that is refused, `told` with a line for
    each of its problems. `rulebook` is written beside every outcome.
    """

    plan: Plan
    reader: Reader
    rulebook: str
    refused: Callable[[str], None]
    told: Callable[[str], None]
    tally: Tally = field(default_factory=Tally)
    _compiled: tuple[Checks, Outcomes] | None = None

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The columns of the outcomes, with their types."""
        frame, trials = frames_of(self.plan.protocol, [], [])
        named = {SUBMISSION: pl.String()} if self.reader.has_submissions else {}
        found = self._one_by_one.evaluate(frame, trials).schema
        return {NUMBER: pl.UInt64(), **named, **found, RULEBOOK: pl.String()}

    @cached_property
    def _one_by_one(self) -> Outcomes:
        """For answers that were read one by one."""
        return Outcomes(self.plan, Present.of(*frames_of(self.plan.protocol, [], [])))

    def outcomes(self, advance: Callable[[int], None]) -> Iterator[pl.DataFrame]:
        """The outcomes of every row that is not refused, in order. Raises InputError, OSError."""
        for chunk in self.reader.chunks(advance):
            found = self._chunk(chunk).with_columns(pl.lit(self.rulebook).alias(RULEBOOK))
            yield found.select(*self.schema)

    def _chunk(self, chunk: Chunk) -> pl.DataFrame:
        self.tally.read += chunk.people.height
        if self._compiled is None:
            checks = Checks(self.plan.protocol, chunk.people.columns, chunk.trials.columns)
            people, trials, doubtful = checks.typed_frames(chunk)
            self._compiled = checks, Outcomes(self.plan, Present.of(people, trials))
        else:
            people, trials, doubtful = self._compiled[0].typed_frames(chunk)
        named = [SUBMISSION] if SUBMISSION in chunk.people.columns else []
        keys = chunk.people.select(pl.col(ROW).alias(NUMBER), *named)
        found = keys.hstack(self._compiled[1].evaluate(people, trials))
        if not doubtful:
            return found
        at = pl.int_range(found.height, dtype=pl.UInt32, eager=True)
        accepted = self._accepted(chunk, doubtful)
        again = keys[list(accepted)].hstack(self._again(chunk, accepted))
        return pl.concat([found.filter(~at.is_in(doubtful)), again]).sort(NUMBER)

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
                self._refuse(int(chunk.people[ROW][at]), [str(one) for one in problems], raw.shown)
        return accepted

    def _refuse(self, row: int, problems: list[str], shown: Any) -> None:
        self.tally.refused += 1
        self.refused(as_json({"row": row, "problems": problems, "read": shown}))
        for problem in problems:
            self.told(f"row {row}: {problem}")

    def _again(self, chunk: Chunk, accepted: dict[int, Answers]) -> pl.DataFrame:
        sent = chunk.people[SUBMITTED] if SUBMITTED in chunk.people.columns else None
        submitted = [sent is not None and bool(sent[at]) for at in accepted]
        frames = frames_of(self.plan.protocol, list(accepted.values()), submitted)
        return self._one_by_one.evaluate(*frames)
