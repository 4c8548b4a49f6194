"""The reference evaluator: what the rules say of one person, read from the expressions.

It settles which answers count, keeps every number as a pair and decides rule by rule, slowly and
plainly. It shares no code with the terms that the engine reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from screener.engine.priorities import PRIORITIES
from screener.engine.protocol import Protocol, Rule
from screener.engine.questions import Answers
from tests.engine.oracle.bounds import Bounds, Outcome, Range
from tests.engine.oracle.counted import Counted, counted
from tests.engine.oracle.open_blanks import OpenBlanks


@dataclass(frozen=True)
class Evaluated:
    """Outcomes of every rule, scores (lowest, highest) and the priority of one person.

    For a person under age every rule but the age gate is unknown, and there are no scores.
    """

    outcomes: Mapping[str, Outcome]
    scores: Mapping[str, Range]
    priority: str


def reference(protocol: Protocol, answers: Answers, *, submitted: bool = False) -> Evaluated:
    """Evaluate the answers of one person, as typed by `Protocol.read_answers`.

    `submitted` says that the form was sent, so that every question counts as reached; else a
    question is reached when its page or a later one has an answer.
    """
    resolved = counted(protocol, answers)
    evaluation = Evaluation(protocol, resolved, _reached(protocol, answers, submitted))
    gate = next((r for r in protocol.rules.values() if r.priority == PRIORITIES[0]), None)
    if gate is not None and evaluation.outcome(gate) == "met":
        outcomes: dict[str, Outcome] = dict.fromkeys(protocol.rules, "unknown")
        return Evaluated({**outcomes, gate.id: "met"}, {}, PRIORITIES[0])
    outcomes = {id: evaluation.outcome(rule) for id, rule in protocol.rules.items()}
    scores = {id: evaluation.bounds.score(id) for id in protocol.scores}
    return Evaluated(outcomes, scores, _priority(protocol, outcomes))


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


class Evaluation:
    """Outcomes and open answers of one person. `reached` are the questions they came past."""

    def __init__(self, protocol: Protocol, resolved: Counted, reached: frozenset[str]) -> None:
        self.protocol = protocol
        self.resolved = resolved
        self.reached = reached
        self.bounds = Bounds(protocol, resolved.answers)
        self.open_blanks = OpenBlanks(self.bounds)

    def outcome(self, rule: Rule) -> Outcome:
        """What a rule says, the age gate left aside."""
        if rule.unanswered is not None:
            return self.unanswered(rule)
        if rule.undecided is not None:
            return self.undecided(rule)
        return _outcome(*self.bounds.rule(rule.id))

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
        assert rule.unanswered is not None
        unless = rule.unanswered.unless
        return unless is not None and self.bounds.boolean(unless.expression)[0]

    def undecided(self, rule: Rule) -> Outcome:
        assert rule.undecided is not None
        is_open = {
            id: _outcome(*self.bounds.rule(id)) == "unknown"
            for id in (*rule.undecided.all, *rule.undecided.any)
        }
        if not all(is_open[id] for id in rule.undecided.all):
            return "not_met"
        if not any(is_open[id] for id in rule.undecided.any):
            return "not_met"
        open_ = [path.split(".")[0] for path in self.needed(rule)]
        return "met" if any(id in self.reached for id in open_) else "unknown"

    def needed(self, rule: Rule) -> list[str]:
        """The answers, by path, that would settle a rule that cannot tell."""
        if rule.unanswered is not None:
            return self.missing(rule)
        if rule.undecided is not None:
            paths = (
                path
                for id in rule.undecided.any
                for path in self.open_blanks.below(self.protocol.condition(id))
            )
            return list(dict.fromkeys(paths))
        return self.open_blanks.below(self.protocol.condition(rule.id))


def _outcome(must: bool, may: bool) -> Outcome:
    if must:
        return "met"
    return "unknown" if may else "not_met"
