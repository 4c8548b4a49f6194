"""What the readers of every format give: chunks of rows, and what is wrong with a file."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from typing import Protocol as Shape

import polars as pl

from screener.engine.problems import did_you_mean
from screener.engine.questions import AnswerProblem
from screener.engine.rulebook import Protocol
from screener.engine.warehouse.layout import AT, MEDICINE, SUBMISSION, SUBMITTED, option_column

# Enough rows that an expression is worth its call, few enough that memory stays small.
CHUNK = 50_000

# The column of a chunk that holds the number of the row in the file, and the ending of those that
# say how many elements a list has. The sign keeps them apart from columns of answers.
ROW = "#row"
COUNT = "#count"


class InputError(Exception):
    """A file that cannot be screened. The message is one line."""


@dataclass(frozen=True)
class RawRow:
    """One row as read: the answers for `Protocol.read_answers`, and as JSON may show it.

    `problems` are those for which there is no answer to give to `read_answers`.
    """

    answers: Mapping[str, Any] | None
    shown: Any
    problems: tuple[AnswerProblem, ...] = ()


@dataclass(frozen=True)
class Chunk:
    """Rows of a file.

    `people` has `#row`, `submission` where the file names submissions, `submitted`, and columns of
    questions with plain types: numbers Float64, one option String, several options String joined
    by `;` with `<question>#count` beside it, or one Boolean an option; text String; the treatment
    table Boolean, with its rows in `trials`. `doubtful` are the rows, from 0, with a value that
    no such column can hold. `raw` gives a row as read.
    """

    people: pl.DataFrame
    trials: pl.DataFrame
    doubtful: frozenset[int]
    raw: Callable[[int], RawRow]


class Reader(Shape):
    """A file of answers. Iterating raises InputError where the file is broken."""

    size: int
    unit: str
    has_submissions: bool

    def chunks(self, advance: Callable[[int], None]) -> Iterator[Chunk]:
        """The rows in order; `advance` is told how much of `size` was read, in `unit`."""


@dataclass
class Header:
    """The columns of a file, checked against a protocol before a row is read."""

    protocol: Protocol
    columns: tuple[str, ...]
    path: Path
    options: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for question in self.protocol.questions.values():
            if question.kind == "choices":
                for option in question.option_ids:
                    self.options[option_column(question.id, option)] = (question.id, option)
        problems = [*self._unknown(), *self._twice()]
        if problems:
            said = "; ".join(problems[:3]) + _more(len(problems) - 3)
            raise InputError(f"{self.path}: {said}")

    def _unknown(self) -> Iterator[str]:
        known = {SUBMISSION, SUBMITTED, *self.protocol.questions, *self.options}
        for name in self.columns:
            if name not in known:
                # The questions first: a column for an option is hardly ever what was meant.
                hint = did_you_mean(name, self.protocol.questions) or did_you_mean(name, known)
                yield f"the column {name or '(without a name)'} is no question{hint}"

    def _twice(self) -> Iterator[str]:
        for name in dict.fromkeys(self.columns):
            if self.columns.count(name) > 1:
                yield f"the column {name} stands there twice"
        for question in dict.fromkeys(id for name, (id, _) in self.here()):
            if question in self.columns:
                yield f"{question} stands there both as one column and as a column for each option"

    def here(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """The columns of single options that the file has, with their question and option."""
        return ((name, self.options[name]) for name in self.columns if name in self.options)


def _more(count: int) -> str:
    return f"; and {count} more" if count > 0 else ""


def no_trials() -> pl.DataFrame:
    """The trials of a file that has none."""
    return pl.DataFrame(schema={AT: pl.UInt32, MEDICINE: pl.String})


def with_options(
    header: Header, cells: Mapping[str, Any]
) -> tuple[dict[str, Any], list[AnswerProblem]]:
    """The cells of a row with single options put together to lists, as `read_answers` takes them.

    A cell of an option is True or False, or something that is refused. Cells that are None are
    left out: they were not answered.
    """
    found: dict[str, Any] = {}
    problems: list[AnswerProblem] = []
    for name, value in cells.items():
        if value is None:
            continue
        if name not in header.options:
            found[name] = value
            continue
        question, option = header.options[name]
        if isinstance(value, bool):
            found.setdefault(question, []).extend([option] if value else [])
        else:
            problems.append(AnswerProblem(name, f'found "{value}"; allowed: true or false'))
    return found, problems


# --- JSON ----------------------------------------------------------------------------------------


class JsonError(ValueError):
    """Text that is no JSON, or JSON that no answers are written in."""


def read_json(text: str) -> Any:
    """The value of a JSON text, numbers exact. Raises JsonError."""
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=unique_pairs
        )
    except json.JSONDecodeError as error:
        raise JsonError(f"is not well-formed JSON: {error.msg}") from None
    except RecursionError:
        raise JsonError("is nested too deeply") from None
    except JsonError:
        raise
    except ValueError as error:  # a number of thousands of digits
        raise JsonError(str(error)) from None


def read_json_quickly(text: str | bytes) -> Any:
    """The same where no value is unusual. Raises ValueError or RecursionError for what is not.

    A fraction is a float where it stands for no other one, else a Decimal.
    """
    return json.loads(
        text, parse_float=_fraction, parse_constant=_no_number, object_pairs_hook=unique_pairs
    )


def _fraction(text: str) -> float | Decimal:
    return float(text) if len(text) <= 15 else Decimal(text)


def as_float(value: float) -> float:
    """A number as Float64; infinite where it is larger than any."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _no_number(name: str) -> None:
    raise JsonError(f"{name} is no answer")


def unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; raises JsonError where a key stands in it twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise JsonError(f"the key {twice} stands twice in one object")
    return found


def as_json(value: Any) -> str:
    """One line of JSON; a value that JSON does not know stands as text."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)


def problem_with(path: Path, error: Exception) -> InputError:
    """Why a file cannot be read, in one line."""
    if isinstance(error, OSError) and error.strerror:
        return InputError(f"{path}: cannot be read: {error.strerror}")
    return InputError(f"{path}: cannot be read: {' '.join(str(error).split())[:200]}")
