"""lower(protocol) -> Plan: every score and rule as terms, with the age gate and the priority.

It says the same as `reference.py` does for one person, but for all answers at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from screener.engine import expressions as ex
from screener.engine.protocol import PRIORITIES, Protocol, Rule
from screener.engine.terms import terms as t
from screener.engine.terms.lowering import AsGiven, Lowering, Pair, Span


@dataclass(frozen=True)
class Plan:
    """What a protocol computes, as terms.

    `scores` are (low, high). `rules` are (must, may): met, and met or unknown; both before the
    age gate, which makes every other rule unknown and leaves no score.
    """

    protocol: Protocol
    lowering: Lowering
    scores: Mapping[str, Span]
    rules: Mapping[str, Pair]
    gate: str | None

    @cached_property
    def as_given(self) -> AsGiven:
        """Conditions on answers as they were given."""
        return AsGiven(self.lowering)

    @cached_property
    def gated(self) -> t.Bool:
        """Whether the age gate ends the screening."""
        return t.truth(False) if self.gate is None else self.rules[self.gate][0]

    def met(self, rule: str) -> t.Bool:
        """Whether a rule is met, the age gate included."""
        must = self.rules[rule][0]
        return must if rule == self.gate else t.all_of(t.negate(self.gated), must)

    def not_met(self, rule: str) -> t.Bool:
        """Whether a rule is not met, the age gate included."""
        return t.all_of(t.negate(self.gated), t.negate(self.rules[rule][1]))

    def unknown(self, rule: str) -> t.Bool:
        """Whether a rule cannot be told, the age gate included."""
        return t.negate(t.any_of(self.met(rule), self.not_met(rule)))

    def outcome(self, rule: str, outcome: str) -> t.Bool:
        """Whether a rule comes out as `met`, `not_met` or `unknown`."""
        return {"met": self.met, "not_met": self.not_met, "unknown": self.unknown}[outcome](rule)

    def raised(self, rule: str) -> t.Bool:
        """Whether a rule gives the submission its priority: met, or unknown and escalated."""
        escalates = self.protocol.rules[rule].if_unknown == "escalate"
        must, may = self.rules[rule]
        return may if escalates else must

    @cached_property
    def at_least(self) -> Mapping[str, t.Bool]:
        """For each priority, whether the submission has it or a higher one."""
        reached: dict[str, t.Bool] = {PRIORITIES[0]: self.gated}
        found = self.gated
        for priority in PRIORITIES[1:]:
            rules = [id for id, rule in self.protocol.rules.items() if rule.priority == priority]
            found = t.any_of(found, *(self.raised(id) for id in rules))
            if PRIORITIES.index(priority) >= PRIORITIES.index(self.protocol.floor):
                found = t.truth(True)
            reached[priority] = found
        return reached

    def topic(self, topic: str) -> t.Bool:
        """Whether a page of education is chosen."""
        rules = [id for id, rule in self.protocol.rules.items() if topic in rule.topics]
        return t.any_of(*(self.met(id) for id in rules))


def lower(protocol: Protocol) -> Plan:
    """The terms of a protocol."""
    lowering = Lowering(protocol)
    rules = _Rules(lowering)
    gate = next((r.id for r in protocol.rules.values() if r.priority == PRIORITIES[0]), None)
    return Plan(
        protocol,
        lowering,
        {id: lowering.score(id) for id in protocol.scores},
        {id: rules.outcome(rule) for id, rule in protocol.rules.items()},
        gate,
    )


class _Rules:
    """The outcomes of rules, whichever of their three forms they have."""

    def __init__(self, lowering: Lowering) -> None:
        self.protocol = lowering.protocol
        self.lowering = lowering

    def outcome(self, rule: Rule) -> Pair:
        """Whether a rule is met, and whether it is met or cannot be told, before the age gate."""
        if rule.unanswered is not None:
            lowering = self.lowering
            missing = [(id, lowering.missing(id)) for id in rule.unanswered.questions]
            unless = self.protocol.unless.get(rule.id)
            excused = (
                t.truth(False) if unless is None else self.lowering.boolean(unless.expression)[0]
            )
            may = t.all_of(t.negate(excused), t.any_of(*(blank for _, blank in missing)))
            passed = t.any_of(*(t.all_of(blank, lowering.reached(id)) for id, blank in missing))
            return t.all_of(t.negate(excused), passed), may
        if rule.undecided is not None:
            may = t.all_of(
                *(_open(self.lowering.rule(id)) for id in rule.undecided.all),
                t.any_of(*(_open(self.lowering.rule(id)) for id in rule.undecided.any)),
            )
            conditions = [self.protocol.conditions[id] for id in rule.undecided.any]
            passed = t.any_of(*(self.passed(one.expression) for one in conditions))
            return t.all_of(may, passed), may
        return self.lowering.rule(rule.id)

    def passed(self, node: ex.Boolean) -> t.Bool:
        """Whether an answer that would settle an undecided condition was passed over.

        It follows the undecided parts down to their blanks, as `open_answers.py` does.
        """
        match node:
            case ex.Comparison(_, left, right):
                found = t.any_of(self.passed_number(left), self.passed_number(right))
            case ex.Chosen(id) | ex.Includes(id):
                found = self.lowering.reached(id)
            case ex.RuleMet(id):
                found = self.passed(self.protocol.conditions[id].expression)
            case ex.AtLeastOf(_, parts):
                found = t.any_of(*(self.passed(part) for part in parts))
            case ex.Negation(part):
                found = self.passed(part)
            case ex.ColumnChosen() | ex.RowMet():
                raise AssertionError("conditions on rows stand below a count of rows")
        return t.all_of(_open(self.lowering.boolean(node)), found)

    def passed_number(self, node: ex.Number) -> t.Bool:
        """The same for the blanks below a number of which more than one value is possible."""
        match node:
            case ex.AnswerValue(id) | ex.CountOptions(id) | ex.CountGroups(id):
                found = self.lowering.reached(id)
            case ex.ScoreOf(id):
                found = self.passed_number(self.protocol.scores[id].value)
            case ex.Sum(parts) | ex.Lowest(parts) | ex.Highest(parts):
                found = t.any_of(*(self.passed_number(part) for part in parts))
            case ex.CountRows(table):
                # A blank of a row, or the table itself: either way the page of the table.
                found = self.lowering.reached(table)
            case ex.Const() | ex.Column() | ex.AdequateTrial():
                return t.truth(False)
        low, high = self.lowering.number(node, None, self.lowering.decimals(node))
        return t.all_of(t.negate(t.equal(low, high)), found)


def _open(pair: Pair) -> t.Bool:
    must, may = pair
    return t.all_of(may, t.negate(must))
