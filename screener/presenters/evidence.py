"""The engine's evidence for the outcome of a rule, as nested sentences for staff."""

from collections.abc import Mapping
from dataclasses import dataclass

from screener.engine.explanations.evidence import Evidence, Input
from screener.engine.protocol import Rulebook
from screener.presenters.sources import OwnChoice, PublishedSource, choices, sources


@dataclass(frozen=True)
class Value:
    """A value that a clause used. `known` is false if there is no answer, which is not a "no"."""

    label: str
    value: str
    known: bool
    note: str
    parts: tuple["Value", ...]


@dataclass(frozen=True)
class EvidenceClause:
    """One part of a rule: its outcome, condition, reason and sources, and the values it used.

    `folded` is true if the parts belong to another rule, which staff need not read at once.
    """

    outcome: str
    words: str
    because: str
    sources: tuple[PublishedSource, ...]
    choices: tuple[OwnChoice, ...]
    values: tuple[Value, ...]
    parts: tuple["EvidenceClause", ...]
    folded: bool


def clauses(
    rulebook: Rulebook, evidence: Evidence, said: Mapping[str, str] | None = None
) -> tuple[EvidenceClause, ...]:
    """Return the parts of a rule's evidence, without the rule, which is printed above them.

    `said` is what to note beside answers that staff took down, by question.
    """
    beside = said or {}
    if evidence.kind == "rule" and evidence.parts and not _of_rules(evidence):
        return tuple(_clause(rulebook, part, beside) for part in evidence.parts)
    return (_clause(rulebook, evidence, beside),)


def _clause(rulebook: Rulebook, evidence: Evidence, said: Mapping[str, str]) -> EvidenceClause:
    words, parts = evidence.words, evidence.parts
    references, own = evidence.references, evidence.choices
    rules = [part for part in parts if part.kind == "rule"]
    if evidence.kind == "rule" and not _of_rules(evidence):
        words = f"The rule “{evidence.words}”"
    elif len(rules) == 1 and rules[0].parts:
        # "X is met" needs no line of its own for the rule X: the parts of X follow directly.
        parts = rules[0].parts
        references, own = references + rules[0].references, own + rules[0].choices
    return EvidenceClause(
        evidence.outcome,
        words,
        evidence.because,
        sources(rulebook, references),
        choices(rulebook, own),
        tuple(_value(item, said) for item in evidence.inputs),
        tuple(_clause(rulebook, part, said) for part in parts),
        bool(rules),
    )


def _of_rules(evidence: Evidence) -> bool:
    """Return whether it is met because other rules cannot tell, which are its parts."""
    return bool(evidence.parts) and all(part.kind == "rule" for part in evidence.parts)


def _value(item: Input, said: Mapping[str, str]) -> Value:
    parts = tuple(_value(part, said) for part in item.parts)
    if item.value is None:
        return Value(item.label, item.note, False, "", parts)
    note = "; ".join(filter(None, (item.note, said.get(item.question, ""))))
    return Value(item.label, item.value, True, note, parts)
