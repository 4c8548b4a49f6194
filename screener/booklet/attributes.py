"""What a source says of itself: who made it, when, on what sources, and what it reads of a person.

The attributes are those that US certification asks of decision support (45 CFR 170.315(b)(11)).
Whether one is used is computed from the inputs of each rule, never written down.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, get_args

from screener.engine.explanations.inputs import Inputs, inputs
from screener.engine.field_types import Attribute, Stated
from screener.engine.protocol import Protocol, Reference, Rule, Rulebook

LIMITS = (
    "The attributes are named after 45 CFR 170.315(b)(11), the US certification criterion for "
    "decision support. The list was not compared with the text of the regulation."
)
_NAMES: tuple[str, ...] = get_args(Attribute)

UseState = Literal["used", "not used", "cannot tell"]


@dataclass(frozen=True)
class AskedQuestion:
    """A question by its id, as staff read it, and the title of its page; "" before the first."""

    id: str
    short: str
    page: str


@dataclass(frozen=True)
class AttributeUse:
    """Whether one attribute is used, and by which questions it gets in.

    It cannot tell where none of the questions read asks it and one does not say what it asks.
    """

    id: str
    title: str
    state: UseState
    questions: tuple[AskedQuestion, ...]

    @property
    def in_short(self) -> str:
        """Return the questions in words: three or more of one page by the page's title."""
        return "; ".join(_in_short(self.questions))


@dataclass(frozen=True)
class RuleAttributes:
    """What one rule uses. `references` are its own, `further` those of what it reads.

    `silent` are questions that it reads and that do not say what they ask.
    """

    id: str
    title: str
    chapter: str
    attributes: tuple[AttributeUse, ...]
    silent: tuple[AskedQuestion, ...]
    references: tuple[str, ...]
    further: tuple[str, ...]
    choices: tuple[str, ...]


@dataclass(frozen=True)
class OnlyIn:
    """A rule with the protocols that have it so; none if all have it."""

    rule: RuleAttributes
    only: tuple[str, ...]


@dataclass(frozen=True)
class ProtocolAttributes:
    """What a protocol says of itself, and what its rules and scores use together.

    `rules` counts for each attribute the rules that use it; `unread` are questions that ask one
    and that no rule or score reads. `gate` is the rule that comes before all others, if any.
    """

    id: str
    title: str
    version: str
    stated: Mapping[str, str]
    attributes: tuple[AttributeUse, ...]
    rules: Mapping[str, int]
    unread: Mapping[str, tuple[AskedQuestion, ...]]
    silent: tuple[AskedQuestion, ...]
    gate: str


@dataclass(frozen=True)
class StatedReference:
    """A published source with what is stated of it."""

    id: str
    citation: str
    read: str
    stated: Mapping[str, str]


@dataclass(frozen=True)
class SourceAttributes:
    """Everything that `screener sources` prints and the staff site shows."""

    version: str
    hash: str
    limits: str
    protocols: tuple[ProtocolAttributes, ...]
    rules: tuple[OnlyIn, ...]
    references: tuple[StatedReference, ...]

    @property
    def chapters(self) -> Iterator[tuple[str, tuple[OnlyIn, ...]]]:
        """Yield the rules of each chapter under its title."""
        for title in dict.fromkeys(shown.rule.chapter for shown in self.rules):
            yield title, tuple(shown for shown in self.rules if shown.rule.chapter == title)


def source_attributes(rulebook: Rulebook) -> SourceAttributes:
    """Return what the rulebook and each of its rules say of themselves."""
    protocols = rulebook.protocols.values()
    titles: dict[RuleAttributes, list[str]] = {}
    for protocol in protocols:
        for rule in protocol.rules.values():
            titles.setdefault(_rule(protocol, rule), []).append(protocol.title)
    return SourceAttributes(
        version=rulebook.version,
        hash=rulebook.hash,
        limits=LIMITS,
        protocols=tuple(_protocol(protocol) for protocol in protocols),
        rules=tuple(
            OnlyIn(rule, () if len(only) == len(protocols) else tuple(only))
            for rule, only in titles.items()
        ),
        references=tuple(_reference(reference) for reference in rulebook.references.values()),
    )


def stated(part: Stated) -> dict[str, str]:
    """Return what a source or a protocol states, by the words for it."""
    return {name: getattr(part, name) or "not stated" for name in Stated.model_fields}


def _reference(reference: Reference) -> StatedReference:
    return StatedReference(reference.id, reference.citation, reference.read, stated(reference))


def _rule(protocol: Protocol, rule: Rule) -> RuleAttributes:
    read = inputs(protocol, [rule.id])
    own = dict.fromkeys(rule.reference)
    for condition in rule.conditions:
        own |= dict.fromkeys(id for part in condition.walk() for id in part.references)
    return RuleAttributes(
        id=rule.id,
        title=rule.title,
        chapter=rule.chapter,
        attributes=tuple(_uses(protocol, read)),
        silent=_silent(protocol, read),
        references=tuple(own),
        further=tuple(id for id in read.references if id not in own),
        choices=read.choices,
    )


def _protocol(protocol: Protocol) -> ProtocolAttributes:
    whole = inputs(protocol, protocol.rules, protocol.scores)
    of_rules = [_uses(protocol, inputs(protocol, [id])) for id in protocol.rules]
    used = Counter(use.id for uses in of_rules for use in uses if use.state == "used")
    return ProtocolAttributes(
        id=protocol.id,
        title=protocol.title,
        version=protocol.version,
        stated=stated(protocol.head),
        attributes=tuple(_uses(protocol, whole)),
        rules={name: used[name] for name in _NAMES},
        unread={name: _unread(protocol, name, whole) for name in _NAMES},
        silent=_silent(protocol, whole),
        gate="" if protocol.gate is None else protocol.gate.title,
    )


def _uses(protocol: Protocol, read: Inputs) -> Iterator[AttributeUse]:
    silent = _silent(protocol, read)
    for name in _NAMES:
        questions = tuple(_asking(protocol, name, read.questions, read.columns))
        state: UseState = "used" if questions else "cannot tell" if silent else "not used"
        yield AttributeUse(name, name.replace("_", " ").capitalize(), state, questions)


def _asking(
    protocol: Protocol, name: str, ids: Iterable[str], columns: Container[str]
) -> Iterator[AskedQuestion]:
    """Yield the questions that ask an attribute; if only in a column, with the column's name."""
    for id in ids:
        question = protocol.questions[id]
        parts = [c for c in question.columns if c.id in columns and name in c.attribute]
        if name in question.attribute:
            yield _asked(protocol, id, question.short)
        elif parts:
            named = ", ".join(f"{part.short[:1].lower()}{part.short[1:]}" for part in parts)
            yield _asked(protocol, id, f"{question.short}: {named}")


def _silent(protocol: Protocol, read: Inputs) -> tuple[AskedQuestion, ...]:
    """Return the questions that are read and do not say what they ask."""
    questions = (protocol.questions[id] for id in read.questions)
    return tuple(_asked(protocol, q.id, q.short) for q in questions if not q.attribute)


def _unread(protocol: Protocol, name: str, read: Inputs) -> tuple[AskedQuestion, ...]:
    """Return the questions that ask an attribute and are not read."""
    others = [id for id in protocol.questions if id not in read.questions]
    columns = {column.id for id in others for column in protocol.questions[id].columns}
    return tuple(_asking(protocol, name, others, columns))


def _asked(protocol: Protocol, id: str, short: str) -> AskedQuestion:
    page = protocol.page_of.get(id)
    return AskedQuestion(id, short, "" if page is None else protocol.pages[page].title)


def _in_short(questions: Iterable[AskedQuestion]) -> Iterator[str]:
    for page, asked in groupby(questions, key=lambda question: question.page):
        together = list(asked)
        if page and len(together) > 2:
            yield f"“{page}” ({len(together)} questions)"
        else:
            yield from (f"“{question.short}”" for question in together)
