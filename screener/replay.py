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
        """Whether anything about this submission is not as it was."""
        return bool(self.changes or self.problem or self.priority[0] != self.priority[1])


def replay(rulebook: Rulebook) -> Iterator[Replayed]:
    """Screen every stored submission under `rulebook`, oldest first. Nothing stored changes."""
    for questionnaire in store.submitted():
        yield replayed(rulebook, questionnaire)


def replayed(rulebook: Rulebook, questionnaire: store.Questionnaire) -> Replayed:
    """One submission under another rulebook, held against what was stored with it."""
    old: Mapping[str, Any] = questionnaire.screening or {}
    was = str(old.get("priority", "not screened"))
    protocol = rulebook.protocols.get(questionnaire.protocol)
    if protocol is None:
        said = f"the rulebook has no protocol {questionnaire.protocol}"
        return Replayed(questionnaire.reference, (was, was), (), said)
    try:
        answers = protocol.read_answers(questionnaire.answers)
    except AnswersError as error:
        # Ids of questions only: what somebody answered has no place in a report of problems.
        said = "answers do not fit: " + ", ".join(fault.path for fault in error.problems)
        return Replayed(questionnaire.reference, (was, was), (), said)
    screening = screen(protocol, answers, submitted=True)
    flags: Mapping[str, str] = old.get("flags", {})
    changes = tuple(
        OutcomeChange(rule, flags.get(rule, "absent"), now, why(screening, rule))
        for rule, now in screening.outcomes.items()
        if flags.get(rule, "absent") != now
    ) + tuple(
        OutcomeChange(rule, before, "absent", ())
        for rule, before in flags.items()
        if rule not in screening.outcomes
    )
    return Replayed(questionnaire.reference, (was, screening.priority), changes)


def why(screening: Screening, rule: str) -> tuple[str, ...]:
    """The clauses that decide a rule for one person, each with its outcome and what it saw."""
    evidence = explain(screening, rule)
    return tuple(dict.fromkeys(_clauses(evidence, evidence.outcome)))


def _clauses(evidence: Evidence, outcome: str) -> Iterator[str]:
    if evidence.outcome != outcome:
        return
    if not evidence.parts:
        seen = ", ".join(f"{one.label}: {one.value or one.note}" for one in evidence.inputs)
        yield f"{evidence.words} ({seen})"
    for part in evidence.parts:
        yield from _clauses(part, outcome)
