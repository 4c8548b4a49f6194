"""Files with one document of answers a line, in JSON: bare answers, or `{case, answers}`."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from screener.engine.documents import CASE_KEYS
from screener.engine.questions import AnswerProblem, Question
from screener.engine.rulebook import Protocol
from screener.engine.warehouse.layout import SUBMISSION, SUBMITTED
from screener.population.rows import (
    COUNT,
    ROW,
    Chunk,
    InputError,
    JsonError,
    RawRow,
    as_float,
    problem_with,
    read_json,
    read_json_quickly,
)
from screener.population.trials import TrialRows

# Lines are read together up to so many, and so many bytes: Python's objects take their room.
LINES = 10_000
BLOCK = 1 << 24


class NdjsonReader:
    """One NDJSON file; see `rows.Reader`."""

    unit = "B"
    # Whether a line names its submission is seen only when it is read.
    has_submissions = True

    def __init__(self, protocol: Protocol, path: Path) -> None:
        self.protocol = protocol
        self.path = path
        try:
            with path.open("rb") as file:
                file.read(1)
            self.size = path.stat().st_size
        except OSError as error:
            raise problem_with(path, error) from None

    def chunks(self, advance: Callable[[int], None]) -> Iterator[Chunk]:
        """The rows in order; see `rows.Reader`. A blank line is no row, and is counted."""
        number = 0
        try:
            with self.path.open("rb") as file:
                if file.read(3) != b"\xef\xbb\xbf":
                    file.seek(0)
                while lines := _lines(file, self.path):
                    numbered = [(n, line) for n, line in enumerate(lines, number + 1)]
                    number += len(lines)
                    yield _Block(self.protocol, self.path, numbered).chunk()
                    advance(sum(map(len, lines)))
        except OSError as error:
            raise problem_with(self.path, error) from None


def _lines(file: BinaryIO, path: Path) -> list[bytes]:
    lines: list[bytes] = []
    size = 0
    while len(lines) < LINES and size < BLOCK and (line := file.readline(BLOCK + 1)):
        if len(line) > BLOCK:
            raise InputError(f"{path}: has a line of more than {BLOCK} bytes")
        lines.append(line)
        size += len(line)
    return lines


@dataclass(frozen=True)
class _Document:
    """What a line says, apart from its answers."""

    answers: dict[str, Any]
    submission: str | None
    submitted: bool | None


class _Block:
    """Some lines of a file."""

    def __init__(self, protocol: Protocol, path: Path, lines: list[tuple[int, bytes]]) -> None:
        self.protocol = protocol
        self.lines = [(number, line) for number, line in lines if line.strip()]
        self.documents: list[_Document] = []
        self.doubtful: set[int] = set()
        for at, (number, line) in enumerate(self.lines):
            found = _quick(line)
            if found is None:
                if not line.endswith(b"\n") and _is_cut(line):
                    raise InputError(f"{path}: ends within line {number}; the file is not whole")
                self.doubtful.add(at)
            self.documents.append(found or _Document({}, None, None))

    def chunk(self) -> Chunk:
        columns: dict[str, pl.Series] = {
            ROW: pl.Series([number for number, _ in self.lines], dtype=pl.UInt64),
            SUBMISSION: pl.Series([d.submission for d in self.documents], dtype=pl.String),
            SUBMITTED: pl.Series([d.submitted for d in self.documents], dtype=pl.Boolean),
        }
        trials = TrialRows(self.protocol)
        for id, values in self._values().items():
            question = self.protocol.questions[id]
            if question.kind == "table":
                self.doubtful.update(
                    at
                    for at, value in enumerate(values)
                    if value is not None and not trials.add(at, value)
                )
                values = [None if value is None else True for value in values]
            columns |= self._column(question, values)
        return Chunk(pl.DataFrame(columns), trials.frame(), frozenset(self.doubtful), self._raw)

    def _values(self) -> dict[str, list[Any]]:
        """The answers by question, as JSON has them; None for a blank, or what is no answer."""
        kinds = {id: question.kind for id, question in self.protocol.questions.items()}
        blank: list[Any] = [None] * len(self.documents)
        found = {id: (blank.copy(), _HOLDS[kind][1]) for id, kind in kinds.items()}
        # Answer by answer: that is several times as quick as to ask every document for each.
        for at, document in enumerate(self.documents):
            for id, value in document.answers.items():
                values, types = found.get(id, ([], ()))
                if type(value) in types:
                    values[at] = value
                else:
                    self.doubtful.add(at)
        return {id: values for id, (values, _) in found.items()}

    def _column(self, question: Question, values: list[Any]) -> dict[str, pl.Series]:
        """The column of a question; notes the rows whose value it cannot hold."""
        if question.kind == "choices":
            texts = [self._joined(at, value) for at, value in enumerate(values)]
            counts = [None if value is None else len(value) for value in values]
            return {
                question.id: pl.Series(texts, dtype=pl.String),
                question.id + COUNT: pl.Series(counts, dtype=pl.UInt32),
            }
        if question.kind == "number":
            values = [None if value is None else as_float(value) for value in values]
        return {question.id: pl.Series(values, dtype=_HOLDS[question.kind][0])}

    def _joined(self, at: int, value: list[Any] | None) -> str | None:
        if value is None:
            return None
        try:
            return ";".join(value)
        except TypeError:
            self.doubtful.add(at)
            return None

    def _raw(self, at: int) -> RawRow:
        text = self.lines[at][1].decode("utf-8", "replace").strip()
        try:
            self.lines[at][1].decode("utf-8")
            found = read_json(text)
        except UnicodeDecodeError:
            return RawRow(None, text, (AnswerProblem("the line", "is not UTF-8 text"),))
        except JsonError as error:
            return RawRow(None, text, (AnswerProblem("the line", str(error)),))
        try:
            document = _document(dict(found) if isinstance(found, dict) else found)
        except _NoDocument as error:
            return RawRow(None, found, (AnswerProblem("the line", str(error)),))
        return RawRow(document.answers, found)


# The type of a column, and the types of the answers that it can hold, as JSON gives them.
_HOLDS: dict[str, tuple[type[pl.DataType], tuple[type, ...]]] = {
    "number": (pl.Float64, (int, float)),
    "choice": (pl.String, (str,)),
    "choices": (pl.String, (list,)),
    "text": (pl.String, (str,)),
    "table": (pl.Boolean, (dict,)),
}


class _NoDocument(ValueError):
    pass


def _quick(line: bytes) -> _Document | None:
    """The document of a line, or None where it has to be looked at."""
    try:
        return _document(read_json_quickly(line))
    except (ValueError, RecursionError):
        return None


def _document(found: Any) -> _Document:
    """A document apart from its answers; raises _NoDocument."""
    if not isinstance(found, dict):
        raise _NoDocument("is no mapping of answers")
    submission = found.pop(SUBMISSION, None)
    submitted = found.pop(SUBMITTED, None)
    if not isinstance(submission, str | int | None) or isinstance(submission, bool):
        raise _NoDocument("submission is text or a whole number")
    if not isinstance(submitted, bool | None):
        raise _NoDocument("submitted is true or false")
    answers = found
    if CASE_KEYS & found.keys():
        extra = sorted(found.keys() - CASE_KEYS)
        if extra or "answers" not in found:
            said = f"found also {', '.join(extra)}" if extra else "answers is missing"
            raise _NoDocument(f"a case has case, answers and expect; {said}")
        answers = found["answers"]
        submission = found.get("case") if submission is None else submission
        if not isinstance(answers, dict):
            raise _NoDocument("answers is no mapping")
    return _Document(answers, None if submission is None else str(submission), submitted)


def _is_cut(line: bytes) -> bool:
    """Whether a line without an end stops in the middle of its JSON."""
    try:
        json.loads(line)
    except UnicodeDecodeError as error:
        return error.end >= len(line)
    except json.JSONDecodeError:
        return True
    except (ValueError, RecursionError):
        return False
    return False
