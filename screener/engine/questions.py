"""Questions, and the form of their answers. `read_answers.py` types what was answered.

An answer has one of these forms; a question that was not answered is absent:

- number: int, or Decimal where the question has decimals
- choice: the option's id
- choices: a tuple of option ids in the question's order, or ("none",)
- text: str
- table: {row id: {column id: number, option id or option ids}}; a row that is not there was not
  taken
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal

from pydantic import Field, InstanceOf, SkipValidation, field_validator, model_validator

from screener.engine.expressions import Condition
from screener.engine.field_types import (
    Attributes,
    Id,
    Model,
    Range,
    Several,
    Sourced,
    Uses,
    Whole,
    YesNo,
)
from screener.engine.plain_text import printable

Scalar = int | Decimal | str
Row = dict[str, Scalar | tuple[str, ...]]
Answer = Scalar | tuple[str, ...] | dict[str, Row]
Answers = dict[str, Answer]


class Option(Model):
    """One answer that can be chosen. `points` are what it adds to a score.

    `names` are further names by which people look for it; no rule reads them.
    `uses` are what a medicine was taken for (mood, pain), where the option says so. A `retired`
    option is read and offered no more; it says what to choose instead.
    """

    id: Id
    label: str
    hint: str = ""
    points: Whole | None = None
    counts_as: Literal["unanswered"] | None = None
    loinc: str = ""
    groups: dict[str, str] = Field(default_factory=dict)
    heading: str = ""
    names: Several = ()
    uses: Uses = ()
    retired: str = ""

    @field_validator("retired")
    @classmethod
    def _says_what_is_asked_instead(cls, value: str) -> str:
        if value.strip() in ("", "~", "yes", "no"):
            raise ValueError("say what is asked in its place, or take retired away")
        return value


class Question(Sourced):
    """One item, with the conditions under which it is asked and must be answered.

    Where it is not asked it stands for `when_not_asked`, where it was asked and left blank for
    `when_missing`; None where it then stays unknown. `replaces` are ids that it had before, or of
    questions that it took the place of: answers under them are read as its own. Where it is
    `folded`, the form shows options under a heading when the person opens that.

    A column is asked of a medicine that has the mark `asked_of` (elsewhere a blank stands for the
    use that the row counts for), that counts for one of its `uses` and may have been taken for it,
    and whose row fits `asked_when`.

    A `private` answer is for staff alone: it stands on no page and no paper that somebody beside
    the person may see. Where somebody helps, it is asked of the person alone, as `risk` is.

    `attribute`: which of the attributes that US certification names it asks, or none; empty where
    it does not say.
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
    folded: YesNo = False
    rows: Literal["medicines"] | None = None
    columns: tuple["Question", ...] = ()
    uses: Uses = ()
    asked_of: str = ""
    replaces: Several = ()
    max_length: Whole = 2000
    asked_when: InstanceOf[Condition] | None = None
    when_not_asked: SkipValidation[Answer | None] = None
    when_missing: SkipValidation[Answer | None] = None
    required: YesNo = False
    required_when: InstanceOf[Condition] | None = None
    risk: YesNo = False
    private: YesNo = False
    loinc: str = ""
    purpose: str = ""
    attribute: Attributes = ()

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
        if self.folded and self.kind != "table" and not any(o.heading for o in self.options):
            raise ValueError("folded has no use without options under headings")
        ids = [option.id for option in self.options]
        for twice in sorted({id for id in ids if ids.count(id) > 1}):
            raise ValueError(f"the option {twice} stands here twice")
        if ids and all(option.retired for option in self.options):
            raise ValueError("every option is retired, so that none is offered")
        return self

    @cached_property
    def option_by_id(self) -> dict[str, Option]:
        """Return the options by their ids, in order."""
        return {option.id: option for option in self.options}

    @cached_property
    def option_ids(self) -> tuple[str, ...]:
        """Return the ids of the options, in order."""
        return tuple(self.option_by_id)

    def option(self, id: str) -> Option:
        """Return the option of that id. Raise KeyError."""
        return self.option_by_id[id]

    @property
    def blank_says_nothing(self) -> bool:
        """Return whether a blank says nothing: of free text, and of a list without "none"."""
        return self.kind == "text" or (self.kind == "choices" and "none" not in self.option_ids)

    @cached_property
    def quotes(self) -> tuple[str, ...]:
        """Return the ids of the answers that its hint says back: `{dose_mg}`; not `{unit}`."""
        return tuple(name for name in re.findall(r"\{([a-z0-9_]+)\}", self.hint) if name != "unit")

    @cached_property
    def is_scored(self) -> bool:
        """Whether rules compare it as a number: a number, or a choice whose ids are its points."""
        digits = all(id.isdigit() for id in self.option_ids)
        return self.kind == "number" or (self.kind == "choice" and digits)

    @cached_property
    def has_points(self) -> bool:
        """Whether every option (but "not sure") has points."""
        counted = (o for o in self.options if o.counts_as is None)
        pointed = (o.points is not None or o.id.isdigit() for o in counted)
        return self.kind == "choice" and all(pointed)

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
                reach = "from {} to {}".format(*self.reach)
                decimals = f"a number {reach}, with at most {self.decimals} decimals"
                return decimals if self.decimals else f"a whole number {reach}"
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
