"""Questions and answers: types, ranges, and how a raw answer is read.

An answer has one of these forms; a question that was not answered is absent:

- number: int, or Decimal where the question has decimals
- choice: the option's id
- choices: a tuple of option ids in the question's order, or ("none",)
- text: str
- table: {row id: {column id: number or option id}}; a row that is not there was not taken
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from pydantic import Field, InstanceOf, SkipValidation, model_validator

from screener.engine.expressions import Condition
from screener.engine.json_text import OddNumber
from screener.engine.models import Id, Model, Range, Several, Whole, YesNo
from screener.engine.plain_text import has_half, printable, shortened
from screener.engine.problems import did_you_mean
from screener.engine.yaml_text import Blank, Text

Scalar = int | Decimal | str
Row = dict[str, Scalar]
Answer = Scalar | tuple[str, ...] | dict[str, Row]
Answers = dict[str, Answer]


class Option(Model):
    """One answer that can be chosen. `points` are what it adds to a score."""

    id: Id
    label: str
    hint: str = ""
    points: Whole | None = None
    counts_as: Literal["unanswered"] | None = None
    loinc: str = ""
    groups: dict[str, str] = Field(default_factory=dict)
    heading: str = ""


class Question(Model):
    """One item, with the conditions under which it is asked and must be answered.

    Where it is not asked it stands for `when_not_asked`, where it was asked and left blank for
    `when_missing`; None where it then stays unknown.
    """

    id: Id
    kind: Literal["number", "choice", "choices", "text", "table"]
    text: str
    short: str
    stem: str = ""
    hint: str = ""
    unit: str = ""
    range: Range | None = None
    decimals: Whole = 0
    options: tuple[Option, ...] = ()
    rows: Literal["medicines"] | None = None
    columns: tuple["Question", ...] = ()
    uses: Several = ()
    max_length: Whole = 2000
    asked_when: InstanceOf[Condition] | None = None
    when_not_asked: SkipValidation[Answer | None] = None
    when_missing: SkipValidation[Answer | None] = None
    required: YesNo = False
    required_when: InstanceOf[Condition] | None = None
    risk: YesNo = False
    loinc: str = ""
    reference: Several = ()
    choice: Several = ()
    purpose: str = ""

    @model_validator(mode="after")
    def _whole_in_itself(self) -> "Question":
        needed = {
            "number": ("range",),
            "choice": ("options",),
            "choices": ("options",),
            "text": (),
            "table": ("rows", "columns"),
        }[self.kind]
        for key in ("range", "options", "rows", "columns"):
            if bool(getattr(self, key)) != (key in needed):
                what = "needs" if key in needed else "has no use for"
                raise ValueError(f"a {self.kind} question {what} {key}")
        ids = [option.id for option in self.options]
        for twice in sorted({id for id in ids if ids.count(id) > 1}):
            raise ValueError(f"the option {twice} stands here twice")
        return self

    @cached_property
    def option_ids(self) -> tuple[str, ...]:
        """Return the ids of the options, in order."""
        return tuple(option.id for option in self.options)

    @cached_property
    def option_set(self) -> frozenset[str]:
        """Return the ids of the options."""
        return frozenset(self.option_ids)

    @cached_property
    def _by_id(self) -> dict[str, Option]:
        return {option.id: option for option in self.options}

    def option(self, id: str) -> Option:
        """Return the option of that id. Raise KeyError."""
        return self._by_id[id]

    @cached_property
    def is_scored(self) -> bool:
        """Whether rules compare it as a number: a number, or a choice whose ids are its points."""
        digits = all(id.isdigit() for id in self.option_ids)
        return self.kind == "number" or (self.kind == "choice" and digits)

    @cached_property
    def has_points(self) -> bool:
        """Whether every option (but "not sure") has points."""
        counted = [option for option in self.options if option.counts_as is None]
        return self.kind == "choice" and all(
            option.points is not None or option.id.isdigit() for option in counted
        )

    def points(self, id: str) -> int:
        """Return what choosing the option adds to a score. Raise KeyError."""
        option = self.option(id)
        return int(id) if option.points is None else option.points

    @cached_property
    def reach(self) -> tuple[int, int]:
        """Return the lowest and the highest number that an answer can stand for."""
        if self.range is not None:
            return self.range
        points = [self.points(o.id) for o in self.options if o.counts_as is None]
        return min(points), max(points)

    @cached_property
    def described(self) -> str:
        """Return what an answer may be, in words for an error message."""
        match self.kind:
            case "number":
                assert self.range is not None
                reach = f"from {self.range[0]} to {self.range[1]}"
                if self.decimals:
                    return f"a number {reach}, with at most {self.decimals} decimals"
                return f"a whole number {reach}"
            case "choice":
                return "one of " + ", ".join(self.option_ids)
            case "choices":
                return "a list of " + ", ".join(self.option_ids)
            case "text":
                return f"text of at most {self.max_length} characters"
        return "a mapping from rows to " + ", ".join(column.id for column in self.columns)

    def column(self, id: str) -> "Question":
        """Return the column of that id. Raise KeyError."""
        return {column.id: column for column in self.columns}[id]


@dataclass(frozen=True)
class AnswerProblem:
    """One answer that cannot be taken: where, what was found, what is allowed."""

    path: str
    message: str

    def __str__(self) -> str:
        return printable(f"{self.path}: {self.message}")


class AnswersError(Exception):
    """A document of answers that was refused. Nothing of it was coerced."""

    def __init__(self, problems: Iterable[AnswerProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def read_answers(
    questions: Mapping[str, Question], rows: Mapping[str, Iterable[str]], raw: Any
) -> Answers:
    """Return the answers of one person, each typed by its question.

    `raw` maps question ids to values as JSON gives them, or to `Text` (from YAML), which takes
    the question's type. Null means that a question was not answered. `rows` says which row ids a
    table may have, by the table's `rows`. Raise AnswersError with every problem.
    """
    reader = _AnswerReader(rows)
    answers: Answers = {}
    if not isinstance(raw, Mapping):
        raise AnswersError([AnswerProblem("answers", f"found {shown(raw)}; a mapping is needed")])
    for id, value in raw.items():
        question = questions.get(id)
        if question is None:
            hint = did_you_mean(str(id), questions)
            reader.refuse(shortened(str(id)), f"is no question of this protocol{hint}")
        elif not is_null(value):
            typed = reader.read(question, id, value)
            if typed is not None:
                answers[id] = typed
    if reader.problems:
        raise AnswersError(reader.problems)
    return answers


def is_null(value: Any) -> bool:
    """Whether a value is null, as JSON or YAML write it: nothing was answered."""
    return value is None or isinstance(value, Blank)


class _AnswerReader:
    def __init__(self, rows: Mapping[str, Iterable[str]]) -> None:
        self.rows = rows
        self.problems: list[AnswerProblem] = []

    def refuse(self, path: str, message: str) -> None:
        self.problems.append(AnswerProblem(path, message))

    def read(self, question: Question, path: str, value: Any) -> Answer | None:
        """Return the typed answer, or None where it was refused."""
        match question.kind:
            case "choice":
                return self.option(question, path, value)
            case "number":
                return self.number(question, path, value)
            case "choices":
                return self.options(question, path, value)
            case "text":
                return self.text(question, path, value)
            case "table":
                return self.table(question, path, value)

    def wrong(self, question: Question, path: str, value: Any, more: str = "") -> None:
        self.refuse(path, f"found {shown(value)}; allowed: {question.described}{more}")

    def number(self, question: Question, path: str, value: Any) -> int | Decimal | None:
        typed = _number(value)
        if typed is None or not _fits(question, typed):
            self.wrong(question, path, value)
            return None
        # Minus zero is zero, and is written so.
        return (typed or Decimal(0)) if question.decimals else int(typed)

    def option(self, question: Question, path: str, value: Any) -> str | None:
        is_text = isinstance(value, str)
        if is_text or (_is_whole(value) and 0 <= value < _TOO_LARGE):
            id = str(value)
            if id in question.option_set:
                return id
        self.wrong(
            question, path, value, did_you_mean(value, question.option_ids) if is_text else ""
        )
        return None

    def options(self, question: Question, path: str, value: Any) -> tuple[str, ...] | None:
        if not isinstance(value, (list, tuple)):
            self.wrong(question, path, value)
            return None
        if not value:
            cure = "write none if nothing applies, or leave the question out"
            self.refuse(path, f"found an empty list; {cure}")
            return None
        # A list of options is a set: an entry that stands twice counts once.
        chosen = {self.option(question, path, id) for id in value}
        if None in chosen:
            return None
        if "none" in chosen and len(chosen) > 1:
            self.refuse(path, "found none together with others; none stands alone")
            return None
        return tuple(id for id in question.option_ids if id in chosen)

    def text(self, question: Question, path: str, value: Any) -> str | None:
        if not isinstance(value, str):
            self.wrong(question, path, value)
            return None
        if len(value) > question.max_length:
            self.refuse(path, f"found {len(value)} characters; allowed: {question.described}")
            return None
        if has_half(value):
            self.wrong(question, path, value, ", none of them half a one")
            return None
        return str(value)

    def table(self, question: Question, path: str, value: Any) -> dict[str, Row] | None:
        if not isinstance(value, Mapping):
            self.wrong(question, path, value)
            return None
        assert question.rows is not None
        ids = tuple(self.rows[question.rows])
        columns = {column.id: column for column in question.columns}
        table: dict[str, Row] = {}
        for row, cells in value.items():
            at = f"{path}.{shortened(str(row))}"
            if row not in ids:
                hint = did_you_mean(str(row), ids)
                self.refuse(at, f"is not in the list of {question.rows}{hint}")
                continue
            if isinstance(cells, Mapping):
                table[row] = self.row(columns, at, cells)
            else:
                self.refuse_row(at, cells, columns)
        return {row: table[row] for row in ids if row in table}

    def refuse_row(self, path: str, cells: Any, columns: Iterable[str]) -> None:
        allowed = f"allowed: a mapping of {', '.join(columns)}"
        if is_null(cells):
            # Without a row it was not taken; null does not say so, nor that it was.
            allowed += "; write {} where nothing more is known, or leave out what was not taken"
        self.refuse(path, f"found {shown(cells)}; {allowed}")

    def row(self, columns: Mapping[str, Question], path: str, cells: Mapping[str, Any]) -> Row:
        typed: dict[str, Any] = {}
        for id, value in cells.items():
            if id not in columns:
                allowed = ", ".join(columns)
                self.refuse(f"{path}.{shortened(str(id))}", f"is no column; allowed: {allowed}")
            elif not is_null(value):
                typed[id] = self.read(columns[id], f"{path}.{id}", value)
        return {id: typed[id] for id in columns if typed.get(id) is not None}


# No question takes a number of so many digits.
_TOO_LARGE = 10**9
# 1e3, +7 and 007 are numbers to Python, but nobody writes an answer so.
_WRITTEN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Any) -> Decimal | None:
    """Return the number that a value is, exactly, or None where it is none or far out of range."""
    typed: Decimal
    if _is_whole(value):
        return Decimal(value) if -_TOO_LARGE < value < _TOO_LARGE else None
    if isinstance(value, float):
        typed = Decimal(repr(value))
    elif isinstance(value, Text) and _WRITTEN.fullmatch(value):
        typed = Decimal(str(value))
    elif isinstance(value, Decimal):
        typed = value
    else:
        return None
    return typed if typed.is_finite() and typed.adjusted() < 9 else None


def _fits(question: Question, typed: Decimal) -> bool:
    """Whether a number lies in the question's range and has no more decimals than it may."""
    assert question.range is not None
    low, high = question.range
    if not low <= typed <= high:
        return False
    # By its digits: arithmetic would round a number that has many.
    _, digits, exponent = typed.as_tuple()
    assert isinstance(exponent, int)
    beyond = -exponent - question.decimals
    return beyond <= 0 or not any(digits[-beyond:])


def shown(value: Any) -> str:
    """Return a value as an error message shows it."""
    if is_null(value):
        return "nothing (null)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if _is_whole(value) and abs(value) >= 10**60:
        return "a number of more than 60 digits"
    text = shortened(str(value))
    return text if isinstance(value, (Text, int, float, Decimal, OddNumber)) else f'"{text}"'
