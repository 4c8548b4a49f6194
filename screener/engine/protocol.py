"""The rulebook as the engine uses it: protocols, their questions, scores, rules and topics.

`rulebook/` makes it from the files under `rules/`; nothing here changes after loading.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeVar

from pydantic import Field, InstanceOf, SkipValidation

from screener.engine import expressions as ex
from screener.engine.expressions import Condition, Support
from screener.engine.field_types import (
    Id,
    Model,
    Range,
    Reviewed,
    Several,
    Sourced,
    Stated,
    Whole,
    YesNo,
)
from screener.engine.language.invariants import CompiledInvariant, DeclaredOverlap
from screener.engine.medicines import CurrentMedicines, Medicine, Reduced
from screener.engine.priorities import PRIORITIES, PriorityName
from screener.engine.questions import Answers, Question
from screener.engine.read_answers import read_answers

T = TypeVar("T")


class Reference(Stated):
    """A published source, written once."""

    id: str
    citation: str
    pmid: str = ""
    url: str = ""
    doi: str = ""
    note: str = ""
    supports: str
    read: Literal["full text", "abstract", "secondary", "recalled"]


class ClinicChoice(Model):
    """A decision of the clinic's own that no publication makes; a physician signs it."""

    id: str
    choice: str
    value: str
    reference: Several = ()


class Band(Model):
    """A published range of a score with its name. For staff only."""

    from_: Whole = Field(alias="from")
    to: Whole
    label: str


class Score(Sourced):
    """A number computed from answers."""

    id: Id
    title: str
    range: Range
    value: SkipValidation[ex.Number]
    loinc: str = ""
    bands: tuple[Band, ...] = ()
    note: str = ""


class RowCondition(Sourced):
    """A named condition on one row of the treatment table, for one use (mood, pain) or for any."""

    id: Id
    title: str
    use: Literal["mood", "pain", "any"]
    condition: InstanceOf[Condition]


class Unanswered(Model):
    """Met when a question was reached and left blank, and `unless` is not certain."""

    questions: tuple[Id, ...] = Field(min_length=1)
    unless: InstanceOf[Condition] | None = None


class Undecided(Model):
    """Met when all rules of the first list and any of the second are unknown."""

    all: tuple[Id, ...] = ()
    any: tuple[Id, ...] = Field(min_length=1)


@dataclass(frozen=True)
class RuleExample:
    """A case beside a rule, with its answers put together. `submitted`: the form was sent."""

    rule: str
    outcome: str
    name: str
    answers: Answers
    file: str
    line: int
    submitted: bool = False


class Rule(Sourced):
    """A rule with one of three conditions: `when`, `unanswered` or `undecided`.

    It `speaks_for` rules of a lower tier: where both are met, staff see these under it. Its
    `remark` stands in the first line of the flags in `remark_on`.
    """

    id: Id
    title: str
    priority: PriorityName
    if_unknown: Literal["ask", "review", "escalate"]
    help: Literal["crisis", "emergency_care"] | None = None
    when: InstanceOf[Condition] | None = None
    unanswered: Unanswered | None = None
    undecided: Undecided | None = None
    staff: str
    reported: str = ""
    topics: tuple[str, ...] = ()
    speaks_for: Several = ()
    remark: str = ""
    remark_on: Several = ()
    chapter: str = ""
    cases: tuple[InstanceOf[RuleExample], ...] = ()

    @property
    def support(self) -> Support:
        """Return the references and choices that the rule as a whole rests on."""
        return Support(references=self.reference, choices=self.choice)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Return the conditions written in the rule: `when`, or what excuses a blank."""
        unless = None if self.unanswered is None else self.unanswered.unless
        return tuple(condition for condition in (self.when, unless) if condition is not None)


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


class Section(Model):
    """A few pages on one matter, from the page `first` to the one before the next section."""

    id: Id
    title: str
    first: str


@dataclass(frozen=True)
class Case:
    """A synthetic person of `cases/` with the expected outcome. `submitted`: the form was sent."""

    name: str
    answers: Answers
    expect: Mapping[str, Any]
    file: str
    line: int
    submitted: bool = False


class Instrument(Model):
    """A published question set: its title, source, licence notice and codes."""

    id: str
    title: str
    reference: Several
    notice: str
    licence: str = ""
    codes: dict[str, str] = Field(default_factory=dict)


class ProtocolHead(Stated):
    """What a protocol is called, who made and reviewed it, the lowest priority of a submission.

    `typical` is the start of the name of a case: how long the form takes is told for this person.
    `education_for_all` are the topics that everybody is shown; `takes_now` says how it is known
    what is taken now, if it is.
    """

    id: Id
    title: str
    version: str
    reviewed: Reviewed
    review_months: Whole = 24
    typical: str = ""
    sections: tuple[Section, ...] = ()
    education_for_all: tuple[str, ...] = ()
    floor: Literal["review", "note"] = "review"
    takes_now: CurrentMedicines | None = None


@dataclass(frozen=True)
class Protocol:
    """One screening programme. Every mapping is by id, in the order of the files."""

    head: ProtocolHead
    pages: tuple[Page, ...]
    questions: Mapping[str, Question]
    instruments: tuple[Instrument, ...]
    medicines: Mapping[str, Medicine]
    row_conditions: Mapping[str, RowCondition]
    scores: Mapping[str, Score]
    rules: Mapping[str, Rule]
    invariants: tuple[CompiledInvariant, ...]
    intended_overlaps: tuple[DeclaredOverlap, ...]
    topics: Mapping[str, Topic]
    cases: tuple[Case, ...]

    @property
    def id(self) -> str:
        return self.head.id

    @property
    def title(self) -> str:
        return self.head.title

    @property
    def version(self) -> str:
        return self.head.version

    @property
    def floor(self) -> str:
        """Return the lowest priority that a submission can have."""
        return self.head.floor

    @property
    def takes_now(self) -> CurrentMedicines | None:
        return self.head.takes_now

    @cached_property
    def gate(self) -> Rule | None:
        """Return the rule that ends the screening of a person under age, or None."""
        return next((r for r in self.rules.values() if r.priority == PRIORITIES[0]), None)

    @cached_property
    def table(self) -> Question:
        return next(q for q in self.questions.values() if q.kind == "table")

    @cached_property
    def page_of(self) -> dict[str, int]:
        """Return the index of each question's page; questions without a page are left out."""
        return {id: i for i, page in enumerate(self.pages) for id in page.questions}

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Return the sections in order; where none is written, all pages are one."""
        whole = Section(id="form", title=self.title, first=self.pages[0].id)
        return self.head.sections or (whole,)

    @cached_property
    def section_of(self) -> dict[str, int]:
        """Return the index of each page's section, by the id of the page."""
        first = {section.first: i for i, section in enumerate(self.sections)}
        places: dict[str, int] = {}
        place = 0
        for page in self.pages:
            place = places[page.id] = first.get(page.id, place)
        return places

    @cached_property
    def typical(self) -> Case | None:
        """Return the person for whom it is told how long the form takes, if one is named."""
        start = f"{self.head.typical}:"
        return next((case for case in self.cases if case.name.startswith(start)), None)

    @property
    def examples(self) -> tuple[RuleExample, ...]:
        """Return every case that stands beside a rule."""
        return tuple(example for rule in self.rules.values() for example in rule.cases)

    def once(self, name: tuple[str, ...], make: Callable[[], T]) -> T:
        """Return what `make` makes of this protocol; it is made once and kept under its name.

        A protocol does not change, and holds mappings, so that it cannot be the key of a cache.
        What is made holds no text for people: the protocol in other words shares it.
        """
        kept: dict[tuple[str, ...], T] = vars(self).setdefault("_kept", {})
        if name not in kept:
            kept[name] = make()
        return kept[name]

    def in_other_words(self, **texts: Any) -> "Protocol":
        """Return the same protocol with fields that differ in their texts alone."""
        other = replace(self, **texts)
        vars(other)["_kept"] = vars(self).setdefault("_kept", {})
        return other

    def condition(self, rule: str) -> ex.Boolean:
        """Return the condition of a rule that has one. Raise KeyError for any other."""
        when = self.rules[rule].when
        if when is None:
            raise KeyError(rule)
        return when.expression

    def below(self, node: ex.Expression) -> tuple[ex.Expression, ...]:
        """Return the expressions directly below one, with the names in it followed."""
        match node:
            case ex.ScoreOf(score):
                return (self.scores[score].value,)
            case ex.RuleMet(rule):
                return (self.condition(rule),)
            case ex.RowMet(condition):
                return (self.row_conditions[condition].condition.expression,)
            case ex.CountRows(_, _, conditions):
                return tuple(self.row_conditions[id].condition.expression for id in conditions)
            case ex.MedicineNumber("dose"):
                return tuple(reduced.when.expression for _, _, reduced in self.reduced_doses())
            case ex.MedicineNumber("label"):
                return tuple(reduced.when.expression for _, reduced in self.reduced_label_doses())
        return ex.children(node)

    def reduced_doses(self) -> Iterator[tuple[Medicine, str, Reduced]]:
        """Yield each lower dose with its medicine and its use."""
        for medicine in self.medicines.values():
            for use in ("mood", "pain"):
                if (trial := medicine.trial(use)) and trial.reduced:
                    yield medicine, use, trial.reduced

    def reduced_label_doses(self) -> Iterator[tuple[Medicine, Reduced]]:
        """Yield each lower dose on a label with its medicine."""
        for medicine in self.medicines.values():
            if (label := medicine.highest_on_label) and label.reduced:
                yield medicine, label.reduced

    def read_answers(self, raw: Any) -> Answers:
        """Return raw answers as typed. Raise AnswersError with every problem."""
        return read_answers(self.questions, {"medicines": tuple(self.medicines)}, raw)


# What each file holds, entry by entry: {file: {entry: fingerprint of its content}}.
Entries = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Rulebook:
    """Everything under `rules/`. `hash` is of the content, not of spelling or order of files."""

    version: str
    hash: str
    protocols: Mapping[str, Protocol]
    references: Mapping[str, Reference]
    choices: Mapping[str, ClinicChoice]
    medicines: Mapping[str, Medicine]
    topics: Mapping[str, Topic]
    entries: Entries

    @property
    def unreviewed(self) -> bool:
        """Whether any part of it says that no physician has reviewed it."""
        reviews = [protocol.head.reviewed for protocol in self.protocols.values()]
        reviews += [topic.reviewed for topic in self.topics.values()]
        return "unreviewed" in reviews
