"""screen(protocol, answers) -> Screening: scores, outcomes, priority, topics and what is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from screener.engine.bounds import Facts, Range
from screener.engine.open_answers import OpenAnswers
from screener.engine.questions import Answers
from screener.engine.resolve import Resolved, resolve
from screener.engine.rulebook import PRIORITIES, Protocol, Rule

Outcome = Literal["met", "not_met", "unknown"]


@dataclass(frozen=True)
class Screening:
    """What the rules say of one person's answers.

    `scores` are (lowest, highest); `outcomes` names every rule of the protocol; `needed` names,
    for each rule that cannot be told, the answers that would settle it. For a person under age
    nothing but the age gate has been evaluated: every other rule is unknown, without scores.
    """

    protocol: Protocol
    resolved: Resolved
    submitted: bool
    priority: str
    scores: Mapping[str, Range]
    outcomes: Mapping[str, Outcome]
    needed: Mapping[str, tuple[str, ...]]
    topics: tuple[str, ...]

    @property
    def ineligible(self) -> bool:
        """Whether the age gate ended the screening."""
        return self.priority == PRIORITIES[0]

    @property
    def flags(self) -> list[Rule]:
        """The rules that are met, highest priority first, else in the rulebook's order."""
        met = [rule for id, rule in self.protocol.rules.items() if self.outcomes[id] == "met"]
        return sorted(met, key=lambda rule: PRIORITIES.index(rule.priority))

    @property
    def unknown(self) -> list[Rule]:
        """The rules that cannot be told, highest priority first."""
        open_ = [rule for id, rule in self.protocol.rules.items() if self.outcomes[id] == "unknown"]
        return sorted(open_, key=lambda rule: PRIORITIES.index(rule.priority))

    @property
    def help(self) -> list[Rule]:
        """The safety rules that are met and show a help page, most pressing first."""
        return [rule for rule in self.flags if rule.help]

    @cached_property
    def facts(self) -> Facts:
        """The scores and conditions behind the outcomes."""
        return Facts(self.protocol, self.resolved.answers)

    def as_json(self) -> dict[str, Any]:
        """The part of it that `screener assess` prints and the store keeps."""
        return {
            "priority": self.priority,
            "scores": {id: list(range_) for id, range_ in self.scores.items()},
            "flags": dict(self.outcomes),
            "needed": {id: list(paths) for id, paths in self.needed.items()},
        }


def screen(protocol: Protocol, answers: Answers, *, submitted: bool = False) -> Screening:
    """Screen the answers of one person.

    `submitted` says that the form was sent, so that every question counts as reached; else a
    question is reached when its page or a later one has an answer.
    """
    resolved = resolve(protocol, answers)
    evaluation = _Evaluation(protocol, resolved, _reached(protocol, answers, submitted))
    gate = next((r for r in protocol.rules.values() if r.priority == PRIORITIES[0]), None)
    if gate is not None and evaluation.outcome(gate) == "met":
        return _gated(protocol, resolved, gate, submitted)
    outcomes = {id: evaluation.outcome(rule) for id, rule in protocol.rules.items()}
    needed = {
        id: tuple(evaluation.needed(protocol.rules[id]))
        for id, outcome in outcomes.items()
        if outcome == "unknown"
    }
    return Screening(
        protocol=protocol,
        resolved=resolved,
        submitted=submitted,
        priority=_priority(protocol, outcomes),
        scores={id: evaluation.facts.score(id) for id in protocol.scores},
        outcomes=outcomes,
        needed=needed,
        topics=_topics(protocol, outcomes),
    )


def _gated(protocol: Protocol, resolved: Resolved, gate: Rule, submitted: bool) -> Screening:
    outcomes: dict[str, Outcome] = dict.fromkeys(protocol.rules, "unknown")
    outcomes[gate.id] = "met"
    return Screening(
        protocol, resolved, submitted, PRIORITIES[0], {}, outcomes, {}, tuple(gate.topics)
    )


def _reached(protocol: Protocol, answers: Answers, submitted: bool) -> frozenset[str]:
    """The questions that the person has come past."""
    places = protocol.page_of
    last = max((places[id] for id in answers if id in places), default=-1)
    return frozenset(
        id for id in protocol.questions if submitted or places.get(id, len(places)) <= last
    )


def _priority(protocol: Protocol, outcomes: Mapping[str, Outcome]) -> str:
    """The highest priority of a met rule, or of an unknown one that escalates; else the floor."""
    raised = [protocol.floor]
    for id, rule in protocol.rules.items():
        if outcomes[id] == "met" or (outcomes[id] == "unknown" and rule.if_unknown == "escalate"):
            raised.append(rule.priority)
    return min(raised, key=PRIORITIES.index)


def _topics(protocol: Protocol, outcomes: Mapping[str, Outcome]) -> tuple[str, ...]:
    """The education that met rules choose, in the order of the topics."""
    chosen = {
        topic
        for id, rule in protocol.rules.items()
        if outcomes[id] == "met"
        for topic in rule.topics
    }
    return tuple(id for id in protocol.topics if id in chosen)


class _Evaluation:
    """Outcomes and open answers of one person."""

    def __init__(self, protocol: Protocol, resolved: Resolved, reached: frozenset[str]) -> None:
        self.protocol = protocol
        self.resolved = resolved
        self.reached = reached
        self.facts = Facts(protocol, resolved.answers)
        self.open_answers = OpenAnswers(self.facts)

    def outcome(self, rule: Rule) -> Outcome:
        if rule.unanswered is not None:
            return self.unanswered(rule)
        if rule.undecided is not None:
            return self.undecided(rule)
        return _outcome(*self.facts.rule(rule.id))

    def unanswered(self, rule: Rule) -> Outcome:
        missing = self.missing(rule)
        if not missing or self.excused(rule):
            return "not_met"
        return "met" if any(id in self.reached for id in missing) else "unknown"

    def missing(self, rule: Rule) -> list[str]:
        assert rule.unanswered is not None
        return [
            id
            for id in rule.unanswered.questions
            if id not in self.resolved.answers and id not in self.resolved.not_asked
        ]

    def excused(self, rule: Rule) -> bool:
        unless = self.protocol.unless.get(rule.id)
        return unless is not None and self.facts.boolean(unless.expression)[0]

    def undecided(self, rule: Rule) -> Outcome:
        assert rule.undecided is not None
        is_open = {
            id: _outcome(*self.facts.rule(id)) == "unknown"
            for id in (*rule.undecided.all, *rule.undecided.any)
        }
        if not all(is_open[id] for id in rule.undecided.all):
            return "not_met"
        if not any(is_open[id] for id in rule.undecided.any):
            return "not_met"
        open_ = [path.split(".")[0] for path in self.needed(rule)]
        return "met" if any(id in self.reached for id in open_) else "unknown"

    def needed(self, rule: Rule) -> list[str]:
        if rule.unanswered is not None:
            return self.missing(rule)
        if rule.undecided is not None:
            found = (
                path
                for id in rule.undecided.any
                for path in self.open_answers.below(self.protocol.conditions[id].expression)
            )
            return list(dict.fromkeys(found))
        return self.open_answers.below(self.protocol.conditions[rule.id].expression)


def _outcome(must: bool, may: bool) -> Outcome:
    if must:
        return "met"
    return "unknown" if may else "not_met"
