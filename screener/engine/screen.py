"""screen(protocol, answers) -> Screening: scores, outcomes, priority, topics and what is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from screener.engine.codegen.compiled import compiled
from screener.engine.open_answers import OpenAnswers
from screener.engine.priorities import PRIORITIES
from screener.engine.protocol import Protocol, Rule
from screener.engine.questions import Answers
from screener.engine.resolve import Resolved, resolve
from screener.engine.terms.reading import Outcome as Outcome
from screener.engine.terms.reading import Range, Reading


@dataclass(frozen=True)
class Screening:
    """What the rules say of one person's answers.

    `scores` are (lowest, highest); `outcomes` names every rule of the protocol. For a person under
    age nothing but the age gate has been evaluated: every other rule is unknown, without scores.
    What only a page about one person asks for is computed when it is asked for.
    """

    protocol: Protocol
    answers: Answers
    submitted: bool
    priority: str
    scores: Mapping[str, Range]
    outcomes: Mapping[str, Outcome]

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
        """The rules that cannot tell, highest priority first."""
        open_ = [rule for id, rule in self.protocol.rules.items() if self.outcomes[id] == "unknown"]
        return sorted(open_, key=lambda rule: PRIORITIES.index(rule.priority))

    @property
    def help(self) -> list[Rule]:
        """The safety rules that are met and show a help page, most pressing first."""
        return [rule for rule in self.flags if rule.help]

    @cached_property
    def resolved(self) -> Resolved:
        """The answers that count."""
        return resolve(self.protocol, self.answers, self.reading)

    @cached_property
    def reading(self) -> Reading:
        """The scores and conditions behind the outcomes."""
        return Reading(self.protocol, self.answers, self.submitted)

    @cached_property
    def needed(self) -> Mapping[str, tuple[str, ...]]:
        """For each rule that cannot tell, the answers that would settle it.

        Nothing for a person under age, of whom nothing else is to be found out.
        """
        if self.ineligible:
            return {}
        open_answers = OpenAnswers(self.reading, self.resolved)
        return {
            id: tuple(open_answers.needed(self.protocol.rules[id]))
            for id, outcome in self.outcomes.items()
            if outcome == "unknown"
        }

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """The education for everybody and that which met rules choose, in the topics' order."""
        for_all = () if self.ineligible else self.protocol.head.education_for_all
        chosen = {*for_all, *(topic for rule in self.flags for topic in rule.topics)}
        return tuple(id for id in self.protocol.topics if id in chosen)

    def as_json(self) -> dict[str, Any]:
        """The part of it that `screener assess` prints and the store keeps."""
        return {
            "priority": self.priority,
            "scores": {id: list(range_) for id, range_ in self.scores.items()},
            "flags": dict(self.outcomes),
            "needed": {id: list(paths) for id, paths in self.needed.items()},
        }


def screen(protocol: Protocol, answers: Answers, *, submitted: bool = False) -> Screening:
    """Screen the answers of one person, as typed by `Protocol.read_answers`.

    `submitted` says that the form was sent, so that every question counts as reached; else a
    question is reached when its page or a later one has an answer.
    """
    result = compiled(protocol)(answers, submitted)
    # A copy, since what is computed later must be of the answers as they are now.
    return Screening(
        protocol, dict(answers), submitted, result.priority, result.scores, result.outcomes
    )
