"""A protocol as read from its files, before it is compiled: entries with their places.

A written form is its compiled form with conditions, answers and values that are not read yet.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from screener.engine.field_types import Attributes, Id, Model, Whole
from screener.engine.language.invariants import DeclaredOverlap, Invariant
from screener.engine.medicines import CurrentMedicines, LabelDose, Medicine, Reduced, Trial
from screener.engine.protocol import (
    ClinicChoice,
    Instrument,
    Page,
    ProtocolHead,
    Reference,
    RowCondition,
    Rule,
    Score,
    Topic,
    Unanswered,
)
from screener.engine.questions import Question
from screener.engine.rulebook.files import Item
from screener.engine.yaml_text import Document


class WrittenColumn(Question):
    """A column of a table as written: it is asked with its table; `asked_when` is of the row."""

    asked_when: Any = None

    @field_validator("when_not_asked", "when_missing", "required_when", mode="before")
    @classmethod
    def _not_of_a_column(cls, value: Any) -> None:
        raise ValueError(
            "a column is asked with its table; write this in the table or take it away"
        )

    @model_validator(mode="after")
    def _stands_for_a_use(self) -> "WrittenColumn":
        if self.asked_of and not any(option.uses for option in self.options):
            raise ValueError(
                "asked_of needs options with uses: where it is not asked, a blank stands for a use"
            )
        return self


class WrittenQuestion(Question):
    columns: tuple[WrittenColumn, ...] = ()
    asked_when: Any = None
    when_not_asked: str | None = None
    when_missing: str | None = None
    required_when: Any = None

    @model_validator(mode="after")
    def _asked_in_full(self) -> "WrittenQuestion":
        if (self.asked_when is None) != (self.when_not_asked is None):
            raise ValueError(
                "asked_when and when_not_asked go together: "
                "say which answer a question that is not asked stands for, or `unknown`"
            )
        if self.asked_of or self.uses or any(option.uses for option in self.options):
            raise ValueError("asked_of and uses are said of a column of the table of medicines")
        return self


class WrittenAttributes(Model):
    """What a whole file of questions says that they ask."""

    attribute: Attributes


class WrittenReduced(Reduced):
    when: Any


class WrittenTrial(Trial):
    reduced: WrittenReduced | None = None


class WrittenLabelDose(LabelDose):
    reduced: WrittenReduced | None = None


class WrittenMedicine(Medicine):
    mood: WrittenTrial | None = None
    pain: WrittenTrial | None = None
    highest_on_label: WrittenLabelDose | None = None


class WrittenScore(Score):
    value: str  # type: ignore[assignment]  # it is typed when it is compiled


class WrittenRow(RowCondition):
    condition: Any = Field(alias="when")


class WrittenUnanswered(Unanswered):
    unless: Any = None


class WrittenCase(Model):
    """A synthetic person beside a rule: one of met, not_met and unknown says what they show.

    `submitted`: the form was sent.
    """

    met: str = ""
    not_met: str = ""
    unknown: str = ""
    like: str = ""
    without: tuple[str, ...] = ()
    answers: dict[str, Any] = Field(default_factory=dict)
    submitted: Literal["true", "false"] = "false"

    @property
    def outcome(self) -> str:
        """Return the outcome that is expected, or "" where none or several are named."""
        named = [name for name in ("met", "not_met", "unknown") if getattr(self, name)]
        return named[0] if len(named) == 1 else ""


class WrittenRule(Rule):
    when: Any = None
    unanswered: WrittenUnanswered | None = None
    cases: tuple[WrittenCase, ...] = ()  # type: ignore[assignment]  # they are put together later


class WrittenProtocol(ProtocolHead):
    """A `protocol.yaml` as written. `asked_first`: questions asked before the first page."""

    order: Whole
    instruments: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    treatments: tuple[str, ...] = ()
    uses: tuple[Literal["mood", "pain"], ...] = ("mood", "pain")
    education: tuple[str, ...] = ()
    rules: tuple[str, ...]
    invariants: tuple[str, ...] = ()
    asked_first: tuple[Id, ...] = ()
    pages: tuple[Page, ...]

    @field_validator("takes_now", mode="before")
    @classmethod
    def _said_beside_the_table(cls, value: Any) -> None:
        raise ValueError("how it is known what is taken now is said in a file of treatments")


@dataclass
class ProtocolSource:
    """Everything that one protocol is made of, by id."""

    text: WrittenProtocol
    document: Document
    instruments: list[Item[Instrument]] = field(default_factory=list)
    questions: dict[str, Item[WrittenQuestion]] = field(default_factory=dict)
    scores: dict[str, Item[WrittenScore]] = field(default_factory=dict)
    rows: dict[str, Item[WrittenRow]] = field(default_factory=dict)
    takes_now: Item[CurrentMedicines] | None = None
    rules: dict[str, Item[WrittenRule]] = field(default_factory=dict)
    topics: dict[str, Item[Topic]] = field(default_factory=dict)
    invariants: dict[str, Item[Invariant]] = field(default_factory=dict)
    intended_overlaps: dict[str, Item[DeclaredOverlap]] = field(default_factory=dict)
    case_documents: list[Document] = field(default_factory=list)
    all_cases: list[Document] = field(default_factory=list)
    all_rules: set[str] = field(default_factory=set)
    references: dict[str, Item[Reference]] = field(default_factory=dict)
    choices: dict[str, Item[ClinicChoice]] = field(default_factory=dict)
    medicines: dict[str, Item[WrittenMedicine]] = field(default_factory=dict)
