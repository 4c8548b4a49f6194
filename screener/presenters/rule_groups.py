"""Flags by priority with their evidence, and where rules cannot tell, what would settle it."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from screener.engine.explanations.evidence import explain
from screener.engine.protocol import Protocol
from screener.presenters.basis import Basis
from screener.presenters.evidence import Clause, clauses
from screener.presenters.rule import in_brief
from screener.presenters.sources import OwnChoice, Source, choices, sources
from screener.presenters.words import MEANINGS, SAFETY, rank

_IF_UNKNOWN = {
    "ask": "To be asked.",
    "review": "For staff to look into.",
    "escalate": "Counts as if it were met until it can tell.",
}


@dataclass(frozen=True)
class Flag:
    """One rule that is met, or that cannot tell (`to_ask` then says what would settle it).

    `brief` names the answers that are enough, or says that an open rule is certain after all.
    """

    id: str
    title: str
    priority: str
    staff: str
    chapter: str
    evidence: tuple[Clause, ...]
    sources: tuple[Source, ...]
    choices: tuple[OwnChoice, ...]
    to_ask: tuple[str, ...] = ()
    if_unknown: str = ""
    brief: str = ""


@dataclass(frozen=True)
class Group:
    """The flags of one priority. Those of safety are shown opened."""

    priority: str
    meaning: str
    flags: tuple[Flag, ...]
    safety: bool


@dataclass(frozen=True)
class ToAsk:
    """A question whose answer would settle something, with the titles of what it settles.

    `answers` are the labels that can be chosen, to be read out; none for a number or text. `why`
    says why a question on safety is asked again.
    """

    question: str
    answers: tuple[str, ...]
    priority: str
    settles: tuple[str, ...]
    why: str = ""


def flag_groups(basis: Basis, outcome: str) -> tuple[Group, ...]:
    """The rules with that outcome, grouped by priority, most urgent first."""
    found = [_flag(basis, id) for id, said in basis.outcomes.items() if said == outcome]
    names = sorted({flag.priority for flag in found}, key=rank)
    return tuple(
        Group(
            name,
            MEANINGS[name],
            tuple(flag for flag in found if flag.priority == name),
            name in SAFETY,
        )
        for name in names
    )


def questions_to_ask(basis: Basis, without: Container[str] = ()) -> tuple[ToAsk, ...]:
    """Every answer that would settle an open rule, once, the most urgent first.

    `without` are questions that stand elsewhere.
    """
    settles: dict[str, list[str]] = {}
    for id in sorted(basis.needed, key=lambda id: rank(basis.priority(id))):
        for path in basis.needed[id]:
            if path not in without:
                settles.setdefault(path, []).append(id)
    return tuple(to_ask(basis, path, rules) for path, rules in settles.items())


def to_ask(basis: Basis, path: str, rules: Sequence[str]) -> ToAsk:
    """One question to ask, by the path of its answer, which would help to settle the rules."""
    return ToAsk(
        question_at(basis.protocol, path),
        _answers_at(basis.protocol, path),
        basis.priority(rules[0]) if rules else "",
        tuple(basis.title(id) for id in rules),
    )


def question_at(protocol: Protocol | None, path: str) -> str:
    """The full question of an answer's path; the path itself where there is no such question."""
    question, *rest = path.split(".")
    if protocol is None or question not in protocol.questions:
        return path
    table = protocol.questions[question]
    if len(rest) == 2 and rest[0] in protocol.medicines:
        column = next((one.text for one in table.columns if one.id == rest[1]), rest[1])
        return f"{protocol.medicines[rest[0]].name}: {column}"
    return f"{table.stem} {table.text}".strip()


def _answers_at(protocol: Protocol | None, path: str) -> tuple[str, ...]:
    """The labels of a choice; "not sure" is left out, for it is what is to be settled."""
    question, *rest = path.split(".")
    known = protocol.questions.get(question) if protocol else None
    if known is not None and len(rest) == 2:
        known = next((column for column in known.columns if column.id == rest[1]), None)
    if known is None:
        return ()
    return tuple(option.label for option in known.options if option.counts_as is None)


def _flag(basis: Basis, id: str) -> Flag:
    protocol = basis.protocol
    rule = protocol.rules.get(id) if protocol else None
    to_ask = tuple(question_at(protocol, path) for path in basis.needed.get(id, ()))
    if rule is None:
        return Flag(id, id, basis.priority(id), "", "", (), (), (), to_ask)
    evidence: Iterable[Clause] = ()
    if basis.screening is not None:
        evidence = clauses(basis.rulebook, explain(basis.screening, id))
    return Flag(
        id,
        rule.title,
        rule.priority,
        rule.staff,
        rule.chapter,
        tuple(evidence),
        sources(basis.rulebook, rule.reference),
        choices(basis.rulebook, rule.choice),
        to_ask,
        _IF_UNKNOWN[rule.if_unknown],
        in_brief(basis, id),
    )
