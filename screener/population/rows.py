"""What the readers of every format give: chunks of rows, and what is wrong with a file."""

import json
import math
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from typing import Protocol as Shape

import polars as pl

from screener.engine.json_text import OddNumber, decoder, exact
from screener.engine.plain_text import shortened
from screener.engine.problems import did_you_mean
from screener.engine.protocol import Protocol
from screener.engine.questions import AnswerProblem
from screener.engine.read_answers import asked_under
from screener.engine.tabular.layout import AT, MEDICINE, SUBMISSION, SUBMITTED, option_column

# Enough rows that an expression is worth its call, few enough that memory stays small.
CHUNK = 50_000

# The column of a chunk that holds the number of the row in the file, and the ending of those that
# say how many elements a list has. The sign keeps them apart from columns of answers.
ROW = "#row"
COUNT = "#count"


# So many faults of the columns are named.
_NAMED = 3


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
    no such column can hold. `raw` gives a row as read. `empty` are the numbers of the rows in
    which nothing is answered and nobody is named: they are nobody, and stand nowhere else.
    """

    people: pl.DataFrame
    trials: pl.DataFrame
    doubtful: frozenset[int]
    raw: Callable[[int], RawRow]
    empty: tuple[int, ...] = ()


class Reader(Shape):
    """A file of answers. Iterating raises InputError where the file is broken.

    `retired` are columns under ids that are no longer asked, with the ids that they are read as.
    """

    size: int
    retired: dict[str, str]
    unit: str
    has_submissions: bool

    def chunks(self, advance: Callable[[int], None]) -> Iterator[Chunk]:
        """The rows in order; `advance` is told how much of `size` was read, in `unit`."""


@dataclass
class Header:
    """The columns of a file, checked against a protocol before a row is read.

    A column under an id that a question replaces gets the question's name; `retired` has these, by
    the id in the file.
    """

    protocol: Protocol
    columns: tuple[str, ...]
    path: Path
    options: dict[str, tuple[str, str]] = field(default_factory=dict)
    retired: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.columns:
            question = asked_under(self.protocol.questions, name)
            if question is not None and question.id != name:
                self.retired[name] = question.id
        for question in self.protocol.questions.values():
            if question.kind == "choices":
                for option in question.option_ids:
                    self.options[option_column(question.id, option)] = (question.id, option)
        problems = [*self._unknown(), *self._twice(), *self._both()]
        if problems:
            message = "; ".join(problems[:_NAMED]) + _more(len(problems) - _NAMED)
            raise InputError(f"{self.path}: {message}")
        self.columns = tuple(self.retired.get(name, name) for name in self.columns)

    def _both(self) -> Iterator[str]:
        for old, new in self.retired.items():
            if new in self.columns or list(self.retired.values()).count(new) > 1:
                yield f"the column {old} is the retired name of {new}, which has a column too"

    def _unknown(self) -> Iterator[str]:
        names = {SUBMISSION, SUBMITTED, *self.protocol.questions, *self.options, *self.retired}
        unknown = [name for name in self.columns if name not in names]
        for number, name in enumerate(unknown):
            hint = ""
            if number < _NAMED:
                # The questions first: a column for an option is hardly ever what was meant.
                hint = did_you_mean(name, self.protocol.questions) or did_you_mean(name, names)
            shown = shortened(name) or "(without a name)"
            yield f"the column {shown} is no question{hint}"

    def _twice(self) -> Iterator[str]:
        for name, count in Counter(self.columns).items():
            if count > 1:
                yield f"the column {shortened(name)} stands there twice"
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
    answers: dict[str, Any] = {}
    problems: list[AnswerProblem] = []
    for name, value in cells.items():
        if value is None:
            continue
        if name not in header.options:
            answers[name] = value
            continue
        question, option = header.options[name]
        if isinstance(value, bool):
            answers.setdefault(question, []).extend([option] if value else [])
        else:
            problems.append(AnswerProblem(name, f'found "{value}"; allowed: true or false'))
    return answers, problems


# --- JSON ----------------------------------------------------------------------------------------


def _fraction(text: str) -> float | Decimal | OddNumber:
    # With no exponent and at most 14 digits, it is the only such number at this float.
    plain = len(text) <= 15 and "e" not in text and "E" not in text
    return float(text) if plain else exact(text)


# Reads a number as a float where it stands for no other one.
QUICK = decoder(_fraction)


def as_float(value: float) -> float:
    """A number as Float64; infinite where it is larger than any."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def as_json(value: Any) -> str:
    """One line of JSON; a value that JSON does not know, or would round, stands as text."""
    try:
        return json.dumps(value, ensure_ascii=False, default=_plain, allow_nan=False)
    except ValueError:  # what is no number
        return json.dumps(_finite(value), ensure_ascii=False, default=_plain, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        near = float(value)
        if math.isfinite(near) and Decimal(repr(near)) == value:
            return near
    return str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def must_be_file(path: Path) -> None:
    """Refuse a folder, a pipe or a device: a file of answers is read twice. Raises InputError."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise problem_with(path, error) from None
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # for a folder, opening it says so
        raise InputError(f"{path}: is no ordinary file; write what it gives to one first")


def problem_with(path: Path, error: BaseException) -> InputError:
    """Why a file cannot be read, in one line."""
    if isinstance(error, OSError) and error.strerror:
        return InputError(f"{path}: cannot be read: {error.strerror}")
    return InputError(f"{path}: cannot be read: {in_one_line(error)}")


def in_one_line(error: BaseException) -> str:
    """The beginning of what Polars says, in one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__
