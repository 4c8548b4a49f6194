"""Why a rule came out as it did: the engine's evidence as nested sentences for staff."""

from dataclasses import dataclass

from screener.engine.explanations.evidence import Evidence, Input
from screener.engine.protocol import Rulebook
from screener.presenters.sources import OwnChoice, Source, choices, sources


@dataclass(frozen=True)
class Value:
    """What a clause looked at. `known` is false where there is no answer, which is not a "no"."""

    label: str
    value: str
    known: bool
    note: str
    parts: tuple["Value", ...]


@dataclass(frozen=True)
class Clause:
    """One part of a rule: what was asked for, the outcome, why, from which source, and by what.

    `folded` says that the parts are those of another rule, which need not be read at once.
    """

    outcome: str
    words: str
    because: str
    sources: tuple[Source, ...]
    choices: tuple[OwnChoice, ...]
    values: tuple[Value, ...]
    parts: tuple["Clause", ...]
    folded: bool


def clauses(rulebook: Rulebook, evidence: Evidence) -> tuple[Clause, ...]:
    """The parts of a rule's evidence. The rule itself stands above them, so it is left out."""
    if evidence.kind == "rule" and evidence.parts and not _of_rules(evidence):
        return tuple(_clause(rulebook, part) for part in evidence.parts)
    return (_clause(rulebook, evidence),)


def _clause(rulebook: Rulebook, evidence: Evidence) -> Clause:
    words, parts = evidence.words, evidence.parts
    references, own = evidence.references, evidence.choices
    rules = [part for part in parts if part.kind == "rule"]
    if evidence.kind == "rule" and not _of_rules(evidence):
        words = f"The rule “{evidence.words}”"
    elif len(rules) == 1 and rules[0].parts:
        # "X is met" needs no line of its own for the rule X: what stands below X follows at once.
        parts = rules[0].parts
        references, own = references + rules[0].references, own + rules[0].choices
    return Clause(
        evidence.outcome,
        words,
        evidence.because,
        sources(rulebook, references),
        choices(rulebook, own),
        tuple(_value(one) for one in evidence.inputs),
        tuple(_clause(rulebook, part) for part in parts),
        bool(rules),
    )


def _of_rules(evidence: Evidence) -> bool:
    """Whether it is met because other rules cannot tell; those stand below it."""
    return bool(evidence.parts) and all(part.kind == "rule" for part in evidence.parts)


def _value(given: Input) -> Value:
    parts = tuple(_value(part) for part in given.parts)
    if given.value is None:
        return Value(given.label, given.note, False, "", parts)
    return Value(given.label, given.value, True, given.note, parts)
