"""Raw answers typed by their questions: what does not fit is refused, and nothing is coerced."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from screener.engine.json_text import OddNumber
from screener.engine.plain_text import has_half, shortened
from screener.engine.problems import did_you_mean
from screener.engine.questions import Answer, AnswerProblem, Answers, AnswersError, Question, Row
from screener.engine.yaml_text import Blank, Text


def read_answers(
    questions: Mapping[str, Question], rows: Mapping[str, Iterable[str]], raw: Any
) -> Answers:
    """Return the answers of one person, each typed by its question.

    `raw` maps question ids to values as JSON gives them, or to `Text` (from YAML), which takes
    the question's type. Null means that a question was not answered. An answer under an id that a
    question `replaces` is its own. `rows` says which row ids a table may have, by the table's
    `rows`. Raise AnswersError with every problem.
    """
    reader = _AnswerReader(rows)
    if not isinstance(raw, Mapping):
        raise AnswersError([AnswerProblem("answers", f"found {shown(raw)}; a mapping is needed")])
    answers = reader.by_question(questions, raw)
    if reader.problems:
        raise AnswersError(reader.problems)
    return answers


def asked_under(questions: Mapping[str, Question], id: str) -> Question | None:
    """Return the question, or the column, with that id, or the one that replaces it."""
    return questions.get(id) or next((q for q in questions.values() if id in q.replaces), None)


def is_null(value: Any) -> bool:
    """Whether a value is null, as JSON or YAML write it: nothing was answered."""
    return value is None or isinstance(value, Blank)


class _AnswerReader:
    def __init__(self, rows: Mapping[str, Iterable[str]]) -> None:
        self.rows = rows
        self.problems: list[AnswerProblem] = []

    def refuse(self, path: str, message: str) -> None:
        self.problems.append(AnswerProblem(path, message))

    def by_question(self, questions: Mapping[str, Question], raw: Mapping[str, Any]) -> Answers:
        answers: Answers = {}
        under: dict[str, str] = {}
        for id, value in raw.items():
            question = asked_under(questions, id)
            if question is None:
                hint = did_you_mean(str(id), questions)
                self.refuse(shortened(str(id)), f"is no question of this protocol{hint}")
            elif not is_null(value) and (typed := self.read(question, id, value)) is not None:
                self.keep(answers, question, under, id, typed)
        return answers

    def keep(
        self,
        kept: dict[str, Any],
        question: Question,
        under: dict[str, str],
        id: str,
        typed: Any,
        above: str = "",
    ) -> None:
        """Keep what was answered to a question; refuse it where another of its ids differs.

        `under` says for each question under which of its ids it was answered.
        """
        if question.id not in kept:
            kept[question.id], under[question.id] = typed, id
        elif kept[question.id] != typed:
            # The old id is the one that is refused, whichever stands first.
            values = {under[question.id]: kept[question.id], id: typed}
            old, new = sorted(values, key=lambda id: (id == question.id, list(values).index(id)))
            self.refuse(
                above + old,
                f"found {shown(values[old])}, but {new} is {shown(values[new])}; both answer "
                f"{question.id}: write that alone",
            )

    def read(self, question: Question, path: str, value: Any) -> Answer | None:
        """Return the answer as the method of its kind types it, or None where it was refused."""
        typed: Answer | None = getattr(self, question.kind)(question, path, value)
        return typed

    def wrong(self, question: Question, path: str, value: Any, more: str = "") -> None:
        self.refuse(path, f"found {shown(value)}; allowed: {question.described}{more}")

    def number(self, question: Question, path: str, value: Any) -> int | Decimal | None:
        typed = _number(value)
        if typed is None or not _fits(question, typed):
            self.wrong(question, path, value)
            return None
        # Minus zero is zero, and is written so.
        return (typed or Decimal(0)) if question.decimals else int(typed)

    def choice(self, question: Question, path: str, value: Any) -> str | None:
        is_text = isinstance(value, str)
        may_be_id = is_text or (_is_whole(value) and 0 <= value < _TOO_LARGE)
        if may_be_id and str(value) in question.option_by_id:
            return str(value)
        hint = did_you_mean(value, question.option_ids) if is_text else ""
        self.wrong(question, path, value, hint)
        return None

    def choices(self, question: Question, path: str, value: Any) -> tuple[str, ...] | None:
        if not isinstance(value, (list, tuple)):
            self.wrong(question, path, value)
            return None
        if not value:
            cure = "write none if nothing applies, or leave the question out"
            self.refuse(path, f"found an empty list; {cure}")
            return None
        # A list of options is a set: an entry that stands twice counts once.
        chosen = {self.choice(question, path, id) for id in value}
        if None in chosen:
            return None
        if "none" in chosen and len(chosen) > 1:
            self.refuse(path, "found none together with others; none stands alone")
            return None
        return tuple(id for id in question.option_ids if id in chosen)

    def text(self, question: Question, path: str, value: Any) -> str | None:
        if not isinstance(value, str):
            self.wrong(question, path, value)
        elif len(value) > question.max_length:
            self.refuse(path, f"found {len(value)} characters; allowed: {question.described}")
        elif has_half(value):
            self.wrong(question, path, value, ", none of them half a one")
        else:
            return str(value)
        return None

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
                continue
            allowed = f"allowed: a mapping of {', '.join(columns)}"
            if is_null(cells):
                # Without a row it was not taken; null does not say so, nor that it was.
                allowed += "; write {} where nothing more is known, or leave out what was not taken"
            self.refuse(at, f"found {shown(cells)}; {allowed}")
        return {row: table[row] for row in ids if row in table}

    def row(self, columns: Mapping[str, Question], path: str, cells: Mapping[str, Any]) -> Row:
        typed: dict[str, Any] = {}
        under: dict[str, str] = {}
        for id, value in cells.items():
            at = f"{path}.{shortened(str(id))}"
            column = asked_under(columns, id)
            if column is None:
                self.refuse(at, f"is no column; allowed: {', '.join(columns)}")
            elif not is_null(value) and (cell := self.read(column, at, value)) is not None:
                self.keep(typed, column, under, id, cell, f"{path}.")
        return {id: typed[id] for id in columns if id in typed}


# No question takes a number of so many digits.
_TOO_LARGE = 10**9
# 1e3, +7 and 007 are numbers to Python, but nobody writes an answer so.
_WRITTEN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Any) -> Decimal | None:
    """Return the number that a value is, exactly, or None where it is none or far out of range."""
    if _is_whole(value):
        return Decimal(value) if -_TOO_LARGE < value < _TOO_LARGE else None
    if isinstance(value, float):
        typed = Decimal(repr(value))
    elif isinstance(value, Decimal) or (isinstance(value, Text) and _WRITTEN.fullmatch(value)):
        typed = Decimal(value)
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
