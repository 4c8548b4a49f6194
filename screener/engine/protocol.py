"""The rulebook as the engine uses it: protocols, their questions, scores, rules and topics.

`load.py` makes it from the files under `rules/`; nothing here changes after loading.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from screener.engine import expressions as ex
from screener.engine.language.conditions import Condition
from screener.engine.language.invariants import CompiledInvariant, DeclaredOverlap
from screener.engine.models import PRIORITIES as PRIORITIES
from screener.engine.models import (
    DecimalText,
    Id,
    Model,
    PriorityName,
    Range,
    Reviewed,
    Several,
    Whole,
    YesNo,
)
from screener.engine.questions import Answer, Answers, Question, read_answers


class Reference(Model):
    """A published source, written once."""

    id: str
    citation: str
    pmid: str = ""
    url: str = ""
    doi: str = ""
    note: str = ""
    supports: str
    read: Literal["full text", "abstract", "secondary", "recalled"]


class Choice(Model):
    """A decision of the clinic's own that no publication makes; a physician signs it."""

    id: str
    choice: str
    value: str
    reference: Several = ()


class Reduced(Model):
    """A lower dose that is adequate for some people; `when` is a condition on their answers."""

    dose_mg: Annotated[Decimal, DecimalText]
    when: Any
    note: str = ""


class Trial(Model):
    """What an adequate trial of a medicine needs: mg a day, for at least so many weeks."""

    dose_mg: Annotated[Decimal, DecimalText]
    weeks: Whole
    usual: str = ""
    note: str = ""
    reduced: Reduced | None = None
    choice: Several = ()
    reference: Several = ()


class Medicine(Model):
    """A medicine that a person may have taken. Without a trial it is shown and not counted."""

    id: Id
    name: str
    brands: tuple[str, ...] = ()
    group: str
    ingredient: Id
    classes: dict[str, str] = Field(default_factory=dict)
    mood: Trial | None = None
    pain: Trial | None = None
    note: str = ""
    choice: Several = ()
    reference: Several = ()

    def trial(self, use: str) -> Trial | None:
        """What an adequate trial for `mood` or `pain` is, or None where it does not count."""
        return self.mood if use == "mood" else self.pain

    def label(self, name: str) -> str | None:
        """What rows are counted by: `medicine`, `ingredient`, or one of `classes`."""
        if name in ("medicine", "ingredient"):
            return self.id if name == "medicine" else self.ingredient
        return self.classes.get(name)


class Band(Model):
    """A published range of a score with its name. For staff only."""

    from_: Whole = Field(alias="from")
    to: Whole
    label: str


@dataclass(frozen=True)
class Score:
    """A number computed from answers."""

    id: str
    title: str
    range: Range
    value: ex.Number
    text: str
    loinc: str
    bands: tuple[Band, ...]
    references: tuple[str, ...]
    choices: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class RowCondition:
    """A named condition on one row of the treatment table, for one use (mood or pain)."""

    id: str
    title: str
    use: Literal["mood", "pain"]
    condition: Condition
    references: tuple[str, ...]
    choices: tuple[str, ...]


class Unanswered(Model):
    """Met when a question was reached and left blank, and `unless` is not certain."""

    questions: tuple[Id, ...] = Field(min_length=1)
    unless: Any = None


class Undecided(Model):
    """Met when all rules of the first list and any of the second are unknown."""

    all: tuple[Id, ...] = ()
    any: tuple[Id, ...] = Field(min_length=1)


class RuleCase(Model):
    """A synthetic person beside a rule: one of met, not_met and unknown says what they show."""

    met: str = ""
    not_met: str = ""
    unknown: str = ""
    like: str = ""
    without: tuple[str, ...] = ()
    answers: dict[str, Any] = Field(default_factory=dict)

    @property
    def outcome(self) -> str:
        """The outcome that is expected, or "" where none or several are named."""
        named = [name for name in ("met", "not_met", "unknown") if getattr(self, name)]
        return named[0] if len(named) == 1 else ""

    @property
    def sentence(self) -> str:
        """The sentence that names the case."""
        return self.met or self.not_met or self.unknown


class Rule(Model):
    """A named condition, as written. Its compiled condition is in `Protocol.conditions`."""

    id: Id
    title: str
    priority: PriorityName
    if_unknown: Literal["ask", "review", "escalate"]
    help: Literal["crisis", "emergency_care"] | None = None
    when: Any = None
    unanswered: Unanswered | None = None
    undecided: Undecided | None = None
    reference: Several = ()
    choice: Several = ()
    staff: str
    reported: str = ""
    topics: tuple[str, ...] = ()
    cases: tuple[RuleCase, ...] = ()
    chapter: str = ""


class Topic(Model):
    """One page of patient education. `text` is Markdown with [@reference] keys."""

    id: str
    title: str
    summary: str
    order: Whole
    references: tuple[str, ...]
    reviewed: Reviewed
    text: str


class Page(Model):
    """One page of the questionnaire: one topic.

    `keep_typing`: what is typed there and not yet saved may stay in the window's own storage, so
    that a refresh does not lose it. Phones are shared, so a page that does not say so keeps none.
    """

    id: str
    title: str
    intro: str = ""
    keep_typing: YesNo = False
    questions: tuple[Id, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Case:
    """A synthetic person of `cases/` with what is expected of them."""

    name: str
    answers: Answers
    expect: Mapping[str, Any]
    file: str
    line: int


@dataclass(frozen=True)
class RuleExample:
    """A case beside a rule, with its answers put together."""

    rule: str
    outcome: str
    name: str
    answers: Answers
    file: str
    line: int


@dataclass(frozen=True)
class Protocol:
    """One screening programme."""

    id: str
    title: str
    version: str
    reviewed: Reviewed
    review_months: int
    floor: str
    pages: tuple[Page, ...]
    questions: Mapping[str, Question]
    asked_when: Mapping[str, Condition]
    required_when: Mapping[str, Condition]
    when_not_asked: Mapping[str, Answer]
    when_missing: Mapping[str, Answer]
    medicines: Mapping[str, Medicine]
    reduced: Mapping[tuple[str, str], tuple[Decimal, ex.Boolean]]
    row_conditions: Mapping[str, RowCondition]
    scores: Mapping[str, Score]
    rules: Mapping[str, Rule]
    conditions: Mapping[str, Condition]
    unless: Mapping[str, Condition]
    invariants: tuple[CompiledInvariant, ...]
    meant: tuple[DeclaredOverlap, ...]
    instruments: tuple["Instrument", ...]
    topics: Mapping[str, Topic]
    cases: tuple[Case, ...]
    examples: tuple[RuleExample, ...]

    @cached_property
    def table(self) -> Question:
        """The treatment table."""
        return next(q for q in self.questions.values() if q.kind == "table")

    @cached_property
    def page_of(self) -> dict[str, int]:
        """The place of each question's page; questions without a page are left out."""
        return {id: i for i, page in enumerate(self.pages) for id in page.questions}

    def read_answers(self, raw: Any) -> Answers:
        """Type raw answers; raises AnswersError with every problem."""
        return read_answers(self.questions, {"medicines": tuple(self.medicines)}, raw)


class Instrument(Model):
    """A published question set: its title, source, licence notice and codes."""

    id: str
    title: str
    reference: Several
    notice: str
    licence: str = ""
    codes: dict[str, str] = Field(default_factory=dict)


# What each file holds, entry by entry: {file: {entry: fingerprint of its content}}.
Entries = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Rulebook:
    """Everything under `rules/`. `hash` is of the content, not of spelling or order of files."""

    version: str
    hash: str
    protocols: Mapping[str, Protocol]
    references: Mapping[str, Reference]
    choices: Mapping[str, Choice]
    medicines: Mapping[str, Medicine]
    topics: Mapping[str, Topic]
    entries: Entries

    @property
    def unreviewed(self) -> bool:
        """Whether any part of it says that no physician has reviewed it."""
        reviews = [protocol.reviewed for protocol in self.protocols.values()]
        reviews += [topic.reviewed for topic in self.topics.values()]
        return "unreviewed" in reviews
