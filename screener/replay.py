"""Replay: stored submissions screened under another rulebook. Nothing stored changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from screener import store
from screener.engine.explanations.evidence import Evidence, explain
from screener.engine.protocol import Rulebook
from screener.engine.questions import AnswersError
from screener.engine.screen import Screening, screen


@dataclass(frozen=True)
class OutcomeChange:
    """One outcome that differs for one submission, and the clauses that decide it now."""

    rule: str
    was: str
    now: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class Replayed:
    """One submission under another rulebook. `problem` says why it could not be screened."""

    reference: str
    priority: tuple[str, str]
    changes: tuple[OutcomeChange, ...]
    problem: str = ""

    @property
    def differs(self) -> bool:
        """Return whether anything about this submission changed."""
        return bool(self.changes or self.problem or self.priority[0] != self.priority[1])


def replay(rulebook: Rulebook) -> Iterator[Replayed]:
    """Screen every stored submission under `rulebook`, oldest first. Nothing stored changes."""
    for questionnaire in store.submitted():
        yield replayed(rulebook, questionnaire)


def replayed(rulebook: Rulebook, questionnaire: store.Questionnaire) -> Replayed:
    """Screen one submission under another rulebook and compare it with what was stored."""
    old: Mapping[str, Any] = questionnaire.screening or {}
    was = str(old.get("priority", "not screened"))
    protocol = rulebook.protocols.get(questionnaire.protocol)
    if protocol is None:
        problem = f"the rulebook has no protocol {questionnaire.protocol}"
        return Replayed(questionnaire.reference, (was, was), (), problem)
    try:
        answers = protocol.read_answers(questionnaire.answers)
    except AnswersError as error:
        # Ids of questions only: what somebody answered has no place in a report of problems.
        problem = "answers do not fit: " + ", ".join(fault.path for fault in error.problems)
        return Replayed(questionnaire.reference, (was, was), (), problem)
    screening = screen(protocol, answers, submitted=True)
    changes = compared(old.get("flags", {}), screening)
    return Replayed(questionnaire.reference, (was, screening.priority), changes)


def compared(outcomes: Mapping[str, str], screening: Screening) -> tuple[OutcomeChange, ...]:
    """Return where a screening differs from stored outcomes, in the order of its rules."""
    return tuple(
        OutcomeChange(rule, outcomes.get(rule, "absent"), now, why(screening, rule))
        for rule, now in screening.outcomes.items()
        if outcomes.get(rule, "absent") != now
    ) + tuple(
        OutcomeChange(rule, before, "absent", ())
        for rule, before in outcomes.items()
        if rule not in screening.outcomes
    )


def why(screening: Screening, rule: str) -> tuple[str, ...]:
    """Return the clauses that decide a rule for one person, each with the values it used."""
    evidence = explain(screening, rule)
    return tuple(dict.fromkeys(_clauses(evidence, evidence.outcome)))


def _clauses(evidence: Evidence, outcome: str) -> Iterator[str]:
    if evidence.outcome != outcome:
        return
    if not evidence.parts:
        values = ", ".join(f"{item.label}: {item.value or item.note}" for item in evidence.inputs)
        yield f"{evidence.words} ({values})"
    for part in evidence.parts:
        yield from _clauses(part, outcome)
