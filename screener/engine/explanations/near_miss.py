"""How near a rule is to being met: the numbers that fall short, and how many parts hold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

from screener.engine import expressions as ex
from screener.engine.bounds import Bound, Facts
from screener.engine.explanations.what_if import OneRule
from screener.engine.language.conditions import Condition
from screener.engine.protocol import Rule
from screener.engine.words import Words

_Way = TypeVar("_Way")
_TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class Short:
    """A number that does not certainly meet its threshold: `low` and `high` are what it can be.

    `operator` and `threshold` say what is asked of it; `gap` is how much is missing at least,
    0 where the missing answers could close it. `raw` says that it is one answer and no score.
    """

    rule: str
    label: str
    low: Bound
    high: Bound
    operator: str
    threshold: Bound
    gap: Bound
    unit: str
    raw: bool
    because: str
    references: tuple[str, ...]
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Parts:
    """How many parts of a rule hold, of how many, and how many are needed.

    `open` of them cannot be told.
    """

    rule: str
    holds: int
    open: int
    of: int
    needed: int


Near = Short | Parts


def near(one: OneRule) -> tuple[Near, ...]:
    """What a rule that is not met or cannot be told falls short of, from the top down.

    Rules that it stands on are followed. Nothing for a rule that is met or that speaks of blanks.
    """
    if one.outcome == "met" or not one.plain or one.screening.ineligible:
        return ()
    found = _Nearness(one).rule(one.rule)
    return tuple(dict.fromkeys(found))


def holds_in_part(one: OneRule) -> bool:
    """Whether much speaks for a rule already.

    Of three parts or more all but one hold; or a score is short by a tenth, another number by one.
    """
    if not one.plain:
        return False
    facts = one.screening.facts
    return any(_speaks(facts, root) for root in one.roots)


def _speaks(facts: Facts, node: ex.Boolean) -> bool:
    match node:
        case ex.RuleMet(id):
            return _speaks(facts, facts.protocol.conditions[id].expression)
        case ex.AtLeastOf(1, parts):
            return any(_speaks(facts, part) for part in parts)
        case ex.AtLeastOf(count, _) if count > 2:
            return sum(facts.boolean(part)[0] for part in node.parts) == count - 1
        case ex.Comparison(">=" | ">" as sign, left, ex.Const(value)):
            low, high = facts.number(left)
            gap = _gap(sign, low, high, value)
            return low > 0 and (gap <= 1 or (isinstance(left, ex.ScoreOf) and gap * 10 <= value))
    return False


class _Nearness:
    def __init__(self, one: OneRule) -> None:
        self.facts = one.screening.facts
        self.protocol = one.protocol
        self.words = Words(one.protocol)

    def rule(self, rule: Rule) -> Iterator[Near]:
        condition = self.protocol.conditions[rule.id]
        yield from self.condition(rule, condition, "", rule.reference, rule.choice)

    def condition(
        self,
        rule: Rule,
        part: Condition,
        because: str,
        references: tuple[str, ...],
        choices: tuple[str, ...],
    ) -> Iterator[Near]:
        must, _ = self.facts.boolean(part.expression)
        if must or part.kind == "none":
            return
        because = part.because or because
        if part.references or part.choices:
            references, choices = part.references, part.choices
        if part.parts and part.kind != "any" and part is self.protocol.conditions[rule.id]:
            yield self.parts(rule, part)
        if part.parts:
            parts = part.parts
            if part.kind == "any":
                parts = self.possible(parts, [one.expression for one in parts])
            inner = [list(self.condition(rule, one, because, references, choices)) for one in parts]
            yield from _nearest(inner) if part.kind == "any" else chain.from_iterable(inner)
            return
        for found in self.leaf(rule, part.expression):
            if isinstance(found, Short) and found.rule == rule.id:
                found = replace(found, because=because, references=references, choices=choices)
            yield found

    def possible(
        self, ways: tuple[_Way, ...], expressions: Iterable[ex.Boolean]
    ) -> tuple[_Way, ...]:
        """Of several ways that each would do, those that can still hold; all where none can."""
        pairs = zip(ways, map(self.facts.boolean, expressions), strict=True)
        return tuple(way for way, (_, may) in pairs if may) or ways

    def parts(self, rule: Rule, part: Condition) -> Parts:
        pairs = [self.facts.boolean(inner.expression) for inner in part.parts]
        holds = sum(must for must, _ in pairs)
        needed = part.count if part.kind == "at_least" else len(pairs)
        return Parts(rule.id, holds, sum(may for _, may in pairs) - holds, len(pairs), needed)

    def leaf(self, rule: Rule, node: ex.Boolean) -> Iterator[Near]:
        if self.facts.boolean(node)[0]:
            return
        match node:
            case ex.RuleMet(id):
                yield from self.rule(self.protocol.rules[id])
            case ex.AtLeastOf(count, parts):
                alone = count == 1 and len(parts) > 1
                parts = self.possible(parts, parts) if alone else parts
                inner = [list(self.leaf(rule, part)) for part in parts]
                yield from _nearest(inner) if alone else chain.from_iterable(inner)
            case ex.Comparison(sign, left, ex.Const(value)):
                yield self.short(rule, sign, left, value)
            case ex.Comparison(sign, ex.Const(value), right):
                yield self.short(rule, _TURNED[sign], right, value)

    def short(self, rule: Rule, sign: str, number: ex.Number, value: int) -> Short:
        low, high = self.facts.number(number)
        label, unit = self.words.number(number), ""
        raw = isinstance(number, ex.AnswerValue)
        if isinstance(number, ex.AnswerValue):
            question = self.protocol.questions[number.question]
            label, unit = question.short, question.unit
        elif isinstance(number, ex.ScoreOf):
            label = self.protocol.scores[number.score].title
        gap = _gap(sign, low, high, value)
        return Short(rule.id, label, low, high, sign, value, gap, unit, raw, "", (), ())


def _nearest(ways: list[list[Near]]) -> Iterator[Near]:
    """Of several ways that each would do, those on which the fewest numbers fall least short."""
    far = [
        (len(short), sum(one.gap for one in short))
        for short in ([one for one in way if isinstance(one, Short)] for way in ways)
    ]
    nearest = min((each for each in far if each[0]), default=(0, 0))
    for way, each in zip(ways, far, strict=True):
        if each == nearest:
            yield from way


def _gap(sign: str, low: Bound, high: Bound, value: Bound) -> Bound:
    """How far the number must move at least, from the end of its range that is nearest."""
    match sign:
        case ">=" | ">":
            return max(0, value - high + (sign == ">"))
        case "<=" | "<":
            return max(0, low - value + (sign == "<"))
        case "=":
            return max(0, value - high, low - value)
    return 0 if low != high else 1
