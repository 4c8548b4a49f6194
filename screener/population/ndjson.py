"""Files with one document of answers a line, in JSON: bare answers, or `{case, answers}`."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from screener.engine.documents import DocumentError, parts_of
from screener.engine.json_text import JsonError, read_json
from screener.engine.protocol import Protocol
from screener.engine.questions import AnswerProblem, Question
from screener.engine.read_answers import shown
from screener.engine.tabular.layout import SUBMISSION, SUBMITTED
from screener.population import framing
from screener.population.rows import (
    COUNT,
    QUICK,
    ROW,
    Chunk,
    InputError,
    RawRow,
    as_float,
    must_be_file,
)
from screener.population.trials import TrialRows

# Lines are read together up to so many: Python's objects take their room.
LINES = 10_000

_LINE_END = re.compile(rb"\r\n|\r|\n")


class NdjsonReader:
    """One NDJSON file; see `rows.Reader`."""

    unit = "B"
    # Whether a line names its submission is seen only when it is read.
    has_submissions = True

    def __init__(self, protocol: Protocol, path: Path) -> None:
        self.protocol = protocol
        self.path = path
        self.retired: dict[str, str] = {}
        must_be_file(path)
        next(framing.blocks(path), None)
        self.size = path.stat().st_size

    def chunks(self, advance: Callable[[int], None]) -> Iterator[Chunk]:
        """The rows in order; see `rows.Reader`. A blank line is no row, and is counted."""
        number, rest = 1, b""
        for block in framing.blocks(self.path):
            whole, rest = framing.whole_lines(rest + block)
            if len(rest) > framing.BLOCK:
                raise InputError(f"{self.path}: has a line of more than {framing.BLOCK} bytes")
            lines = _LINE_END.split(whole)[:-1]
            for first in range(0, len(lines), LINES):
                some = lines[first : first + LINES]
                yield self._block(number, some)
                number += len(some)
            advance(len(block))
        # What stands behind the last line end may have been cut off in the middle.
        if rest.strip():
            yield self._block(number, _LINE_END.split(rest), ended=False)

    def _block(self, number: int, lines: list[bytes], *, ended: bool = True) -> Chunk:
        return _Lines(self.protocol, self.path, list(enumerate(lines, number)), ended).chunk()


@dataclass(frozen=True)
class _Document:
    """What a line says: the answers, and what stands beside them."""

    answers: dict[str, Any]
    submission: str | None
    submitted: bool | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is answered and nobody is named."""
        nothing = self.submission is None and self.submitted is None
        return nothing and all(value is None for value in self.answers.values())


class _Lines:
    """Some lines of a file."""

    def __init__(
        self, protocol: Protocol, path: Path, lines: list[tuple[int, bytes]], ended: bool
    ) -> None:
        self.protocol = protocol
        self.lines: list[tuple[int, bytes]] = []
        self.documents: list[_Document] = []
        self.doubtful: set[int] = set()
        self.empty: list[int] = []
        for number, line in lines:
            if not line.strip():
                continue
            document = _quick(line)
            if document is None:
                if not ended and _is_cut(line):
                    raise InputError(f"{path}: ends within line {number}; the file is not whole")
                self.doubtful.add(len(self.lines))
            elif document.is_empty and document.answers.keys() <= protocol.questions.keys():
                self.empty.append(number)
                continue
            self.lines.append((number, line))
            self.documents.append(document or _Document({}, None, None))

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
        return Chunk(
            pl.DataFrame(columns),
            trials.frame(),
            frozenset(self.doubtful),
            self._raw,
            tuple(self.empty),
        )

    def _values(self) -> dict[str, list[Any]]:
        """The answers by question, as JSON has them; None for a blank, or what is no answer."""
        kinds = {id: question.kind for id, question in self.protocol.questions.items()}
        blank: list[Any] = [None] * len(self.documents)
        by_question = {id: (blank.copy(), _HOLDS[kind][1]) for id, kind in kinds.items()}
        # Answer by answer: that is several times as quick as to ask every document for each.
        for at, document in enumerate(self.documents):
            for id, value in document.answers.items():
                values, types = by_question.get(id, ([], ()))
                if type(value) in types:
                    values[at] = value
                elif value is not None or not types:
                    self.doubtful.add(at)
        return {id: values for id, (values, _) in by_question.items()}

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
        line = self.lines[at][1]
        try:
            value = read_json(line.decode("utf-8"))
        except UnicodeDecodeError:
            message = "is not UTF-8 text"
        except JsonError as error:
            message = str(error)
        else:
            try:
                return RawRow(_document(value).answers, value)
            except DocumentError as error:
                problems = tuple(AnswerProblem("the line", message) for message in error.problems)
                return RawRow(None, value, problems)
        text = line.decode("utf-8", "backslashreplace").strip()
        return RawRow(None, text, (AnswerProblem("the line", message),))


# The type of a column, and the types of the answers that it can hold, as JSON gives them.
_HOLDS: dict[str, tuple[type[pl.DataType], tuple[type, ...]]] = {
    "number": (pl.Float64, (int, float)),
    "choice": (pl.String, (str,)),
    "choices": (pl.String, (list,)),
    "text": (pl.String, (str,)),
    "table": (pl.Boolean, (dict,)),
}


def _quick(line: bytes) -> _Document | None:
    """The document of a line, or None where it is refused."""
    try:
        return _document(read_json(line.decode("utf-8"), QUICK))
    except (UnicodeDecodeError, JsonError, DocumentError):
        return None


def _document(value: Any) -> _Document:
    """A document apart. Raises DocumentError."""
    named: Any = None
    if isinstance(value, dict) and SUBMISSION in value:
        value = value.copy()
        named = value.pop(SUBMISSION)
        if not isinstance(named, str | int | None) or isinstance(named, bool):
            message = f"{SUBMISSION}: found {shown(named)}; allowed: text or a whole number"
            raise DocumentError([message])
    case, answers, sent = parts_of(value)
    if not isinstance(answers, dict):
        raise DocumentError([f"answers: found {shown(answers)}; a mapping is needed"])
    submitted = sent if value.get(SUBMITTED) is not None else None
    return _Document(answers, case if named is None else str(named), submitted)


def _is_cut(line: bytes) -> bool:
    """Whether a line without an end stops in the middle of its JSON."""
    try:
        read_json(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        return error.end >= len(line)
    except JsonError as error:
        return error.malformed
    return False
