"""A protocol as read from its files, before it is compiled: entries with their places."""

from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from screener.engine.language.invariants import DeclaredOverlap, Invariant
from screener.engine.models import Id, Model, Range, Reviewed, Several, Whole
from screener.engine.protocol import (
    Band,
    Choice,
    Instrument,
    Medicine,
    Page,
    Reference,
    Rule,
    Topic,
)
from screener.engine.questions import Question
from screener.engine.rulebook.files import Files
from screener.engine.yaml_text import Document, Path_

T = TypeVar("T")


class ScoreText(Model):
    """A score as written."""

    id: Id
    title: str
    range: Range
    value: str
    loinc: str = ""
    bands: tuple[Band, ...] = ()
    reference: Several = ()
    choice: Several = ()
    note: str = ""


class RowText(Model):
    """A condition on rows as written."""

    id: Id
    title: str
    use: Literal["mood", "pain"]
    when: Any
    reference: Several = ()
    choice: Several = ()


class ProtocolText(Model):
    """A `protocol.yaml` as written. `asked_first`: questions asked before the first page."""

    id: Id
    title: str
    order: Whole
    version: str
    reviewed: Reviewed
    review_months: Whole = 24
    instruments: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    treatments: tuple[str, ...] = ()
    uses: tuple[Literal["mood", "pain"], ...] = ("mood", "pain")
    education: tuple[str, ...] = ()
    rules: tuple[str, ...]
    invariants: tuple[str, ...] = ()
    floor: Literal["review", "note"] = "review"
    asked_first: tuple[Id, ...] = ()
    pages: tuple[Page, ...]


@dataclass
class Item(Generic[T]):
    """One entry and where it stands."""

    value: T
    document: Document
    path: Path_


@dataclass
class ProtocolSource:
    """Everything that one protocol is made of, by id."""

    text: ProtocolText
    document: Document
    instruments: list[Item[Instrument]] = field(default_factory=list)
    questions: dict[str, Item[Question]] = field(default_factory=dict)
    scores: dict[str, Item[ScoreText]] = field(default_factory=dict)
    rows: dict[str, Item[RowText]] = field(default_factory=dict)
    rules: dict[str, Item[Rule]] = field(default_factory=dict)
    topics: dict[str, Item[Topic]] = field(default_factory=dict)
    invariants: dict[str, Item[Invariant]] = field(default_factory=dict)
    meant: dict[str, Item[DeclaredOverlap]] = field(default_factory=dict)
    case_documents: list[Document] = field(default_factory=list)
    all_cases: list[Document] = field(default_factory=list)
    references: dict[str, Item[Reference]] = field(default_factory=dict)
    choices: dict[str, Item[Choice]] = field(default_factory=dict)
    medicines: dict[str, Item[Medicine]] = field(default_factory=dict)

    def add(self, into: dict[str, Any], items: dict[str, Any], files: Files) -> None:
        """Join entries of another file; an id that is already there is a fault."""
        for id, item in items.items():
            if id in into:
                files.refuse(
                    item.document,
                    (*item.path, "id"),
                    f"the id {id} is given already in {into[id].document.file}",
                )
            into[id] = item
