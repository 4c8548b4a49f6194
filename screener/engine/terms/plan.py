"""lower(protocol) -> Plan: every score and rule as terms, with the age gate and the priority.

A person is screened by a function made from these terms (`codegen/`); the prover, the columns and
the SQL read the same terms.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from screener.engine import expressions as ex
from screener.engine.priorities import PRIORITIES
from screener.engine.protocol import Protocol, Rule, Unanswered, Undecided
from screener.engine.terms import terms as t
from screener.engine.terms.lowering import AsGiven, Lowering, Pair, Span, lowering_of


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
        """Return whether a rule is met, the age gate included."""
        must = self.rules[rule][0]
        return must if rule == self.gate else t.all_of(t.negate(self.gated), must)

    def not_met(self, rule: str) -> t.Bool:
        """Return whether a rule is not met, the age gate included."""
        return t.all_of(t.negate(self.gated), t.negate(self.rules[rule][1]))

    def unknown(self, rule: str) -> t.Bool:
        """Return whether a rule cannot tell, the age gate included."""
        return t.negate(t.any_of(self.met(rule), self.not_met(rule)))

    def outcome(self, rule: str, outcome: str) -> t.Bool:
        """Return whether a rule comes out as `met`, `not_met` or `unknown`."""
        return {"met": self.met, "not_met": self.not_met, "unknown": self.unknown}[outcome](rule)

    def raised(self, rule: str) -> t.Bool:
        """Return whether a rule raises the priority: it is met, or unknown and escalates."""
        escalates = self.protocol.rules[rule].if_unknown == "escalate"
        must, may = self.rules[rule]
        return may if escalates else must

    @cached_property
    def at_least(self) -> Mapping[str, t.Bool]:
        """For each priority, whether the submission has it or a higher one."""
        reached: dict[str, t.Bool] = {PRIORITIES[0]: self.gated}
        for higher, priority in pairwise(PRIORITIES):
            rules = [id for id, rule in self.protocol.rules.items() if rule.priority == priority]
            reached[priority] = t.any_of(reached[higher], *map(self.raised, rules))
            if PRIORITIES.index(priority) >= PRIORITIES.index(self.protocol.floor):
                reached[priority] = t.truth(True)
        return reached

    def topic(self, topic: str) -> t.Bool:
        """Return whether a page of education is chosen."""
        rules = [id for id, rule in self.protocol.rules.items() if topic in rule.topics]
        # Everybody is an adult: of others nothing is evaluated.
        for_all = topic in self.protocol.head.education_for_all
        everybody = t.all_of(t.truth(for_all), t.negate(self.gated))
        return t.any_of(everybody, *(self.met(id) for id in rules))


def lower(protocol: Protocol) -> Plan:
    """Return the terms of a protocol; they are made once and kept with the protocol."""
    return protocol.once(("plan",), lambda: _lowered(protocol))


def _lowered(protocol: Protocol) -> Plan:
    lowering = lowering_of(protocol)
    return Plan(
        protocol,
        lowering,
        {id: lowering.score(id) for id in protocol.scores},
        {id: _rule(lowering, rule) for id, rule in protocol.rules.items()},
        None if protocol.gate is None else protocol.gate.id,
    )


def _rule(lowering: Lowering, rule: Rule) -> Pair:
    """Return whether a rule is met, and whether it is met or cannot tell, before the age gate."""
    if rule.unanswered is not None:
        return _unanswered(lowering, rule.unanswered)
    if rule.undecided is not None:
        return _undecided(lowering, rule.undecided)
    return lowering.rule(rule.id)


def _unanswered(lowering: Lowering, rule: Unanswered) -> Pair:
    missing = [(id, lowering.missing(id)) for id in rule.questions]
    unless = rule.unless
    excused = t.truth(False) if unless is None else lowering.boolean(unless.expression)[0]
    may = t.all_of(t.negate(excused), t.any_of(*(blank for _, blank in missing)))
    passed = t.any_of(*(t.all_of(blank, lowering.reached(id)) for id, blank in missing))
    return t.all_of(t.negate(excused), passed), may


def _undecided(lowering: Lowering, rule: Undecided) -> Pair:
    may = t.all_of(
        *(_open(lowering.rule(id)) for id in rule.all),
        t.any_of(*(_open(lowering.rule(id)) for id in rule.any)),
    )
    conditions = map(lowering.protocol.condition, rule.any)
    return t.all_of(may, t.any_of(*(_passed(lowering, node) for node in conditions))), may


def _passed(lowering: Lowering, node: ex.Expression) -> t.Bool:
    """Whether an answer that would settle an undecided expression was passed over.

    It follows the undecided parts down to their blanks, as `open_answers.py` does for one person.
    A blank in a row is on the page of the table.
    """
    question = ex.question_of(node)
    if isinstance(node, ex.EvenIfSwapped):
        # Where the part is decided, the two numbers are asked again.
        again = t.any_of(*map(lowering.reached, node.questions))
        decided = t.negate(_open(lowering.boolean(node.part)))
        passed = [_passed(lowering, node.part), t.all_of(decided, again)]
    else:
        below = () if isinstance(node, ex.CountRows) else lowering.protocol.below(node)
        passed = [_passed(lowering, part) for part in below]
    if question is not None:
        passed.append(lowering.reached(question))
    if isinstance(node, ex.Number):
        low, high = lowering.number(node, None, lowering.decimals(node))
        return t.all_of(t.negate(t.equal(low, high)), t.any_of(*passed))
    assert isinstance(node, ex.Boolean), node
    return t.all_of(_open(lowering.boolean(node)), t.any_of(*passed))


def _open(pair: Pair) -> t.Bool:
    must, may = pair
    return t.all_of(may, t.negate(must))
