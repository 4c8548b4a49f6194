"""How near a rule is to being met: the numbers that fall short, and how many parts hold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

from screener.engine import expressions as ex
from screener.engine.explanations.what_if import WhatIf
from screener.engine.expressions import Condition, Support
from screener.engine.protocol import Rule
from screener.engine.terms.reading import Bound, Range, Reading
from screener.engine.words import Words

_Way = TypeVar("_Way")


@dataclass(frozen=True)
class Short(Support):
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


@dataclass(frozen=True)
class Parts:
    """How many parts of a rule hold, of how many, and how many are needed.

    `open` of them cannot tell.
    """

    rule: str
    holds: int
    open: int
    of: int
    needed: int


Near = Short | Parts


def near(what_if: WhatIf) -> tuple[Near, ...]:
    """Return what a rule that is not met or cannot tell falls short of, from the top down.

    Rules that it uses are followed. Nothing for a rule that is met or is about blanks.
    """
    met = what_if.outcome == "met"
    if met or not what_if.has_condition or what_if.screening.ineligible:
        return ()
    return tuple(dict.fromkeys(_NearMiss(what_if).rule(what_if.rule)))


def is_near_miss(what_if: WhatIf) -> bool:
    """Whether a rule is nearly met.

    Of three parts or more all but one hold; or a score is short by a tenth, another number by one.
    """
    reading = what_if.screening.reading
    return what_if.has_condition and any(_is_near(reading, root) for root in what_if.roots)


def _is_near(reading: Reading, node: ex.Boolean) -> bool:
    match node:
        case ex.RuleMet(id):
            return _is_near(reading, reading.protocol.condition(id))
        case ex.AtLeastOf(1, parts):
            return any(_is_near(reading, part) for part in parts)
        case ex.AtLeastOf(count, parts) if count > 2:
            return sum(reading.boolean(part)[0] for part in parts) == count - 1
        case ex.Comparison(">=" | ">" as sign, left, ex.Const(value)):
            low, high = reading.number(left)
            gap = _gap(sign, (low, high), value)
            return low > 0 and (gap <= 1 or (isinstance(left, ex.ScoreOf) and gap * 10 <= value))
    return False


class _NearMiss:
    def __init__(self, what_if: WhatIf) -> None:
        self.reading = what_if.screening.reading
        self.protocol = what_if.protocol
        self.words = Words(what_if.protocol)

    def rule(self, rule: Rule) -> Iterator[Near]:
        assert rule.when is not None
        yield from self.condition(rule, rule.when, rule.support)

    def condition(self, rule: Rule, part: Condition, around: Support) -> Iterator[Near]:
        must, _ = self.reading.boolean(part.expression)
        if must or part.kind == "none":
            return
        support = part.support(around)
        if part.parts and part.kind != "any" and part is rule.when:
            yield self.parts(rule, part)
        if part.parts:
            parts = part.parts
            if part.kind == "any":
                parts = self.possible(parts, [part.expression for part in parts])
            inner = [list(self.condition(rule, part, support)) for part in parts]
            yield from _nearest(inner) if part.kind == "any" else chain.from_iterable(inner)
            return
        for near in self.leaf(rule, part.expression):
            own = isinstance(near, Short) and near.rule == rule.id
            yield replace(near, **vars(support)) if own else near

    def possible(
        self, ways: tuple[_Way, ...], expressions: Iterable[ex.Boolean]
    ) -> tuple[_Way, ...]:
        """Return of several ways, each enough alone, those that can still hold; else all."""
        pairs = zip(ways, map(self.reading.boolean, expressions), strict=True)
        return tuple(way for way, (_, may) in pairs if may) or ways

    def parts(self, rule: Rule, part: Condition) -> Parts:
        pairs = [self.reading.boolean(inner.expression) for inner in part.parts]
        holds = sum(must for must, _ in pairs)
        needed = part.count if part.kind == "at_least" else len(pairs)
        return Parts(rule.id, holds, sum(may for _, may in pairs) - holds, len(pairs), needed)

    def leaf(self, rule: Rule, node: ex.Boolean) -> Iterator[Near]:
        if self.reading.boolean(node)[0]:
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
                yield self.short(rule, ex.TURNED[sign], right, value)

    def short(self, rule: Rule, sign: str, number: ex.Number, value: int) -> Short:
        low, high = self.reading.number(number)
        label, unit = self.words.number(number), ""
        raw = isinstance(number, ex.AnswerValue)
        if isinstance(number, ex.AnswerValue):
            question = self.protocol.questions[number.question]
            label, unit = question.short, question.unit
        elif isinstance(number, ex.ScoreOf):
            label = self.protocol.scores[number.score].title
        gap = _gap(sign, (low, high), value)
        return Short(rule.id, label, low, high, sign, value, gap, unit, raw)


def _nearest(ways: list[list[Near]]) -> Iterator[Near]:
    """Yield of several ways, each enough alone, those that fall least short."""
    far = [
        (len(short), sum(number.gap for number in short))
        for short in ([near for near in way if isinstance(near, Short)] for way in ways)
    ]
    nearest = min((each for each in far if each[0]), default=(0, 0))
    for way, each in zip(ways, far, strict=True):
        if each == nearest:
            yield from way


def _gap(sign: str, number: Range, value: Bound) -> Bound:
    """Return how far a number must move at least, from the end of its range that is nearest."""
    _, possible = shortfall(sign, number, (value, value))
    return max(0, possible)


def shortfall(sign: str, left: Range, right: Range) -> tuple[Bound, Bound]:
    """Return how far a comparison is from certain, and from possible; 0 or less where it is."""
    (a, b), (c, d) = left, right
    match sign:
        case "<=":
            return b - c, a - d
        case "<":
            return b - c + 1, a - d + 1
        case ">=" | ">":
            return shortfall(ex.TURNED[sign], right, left)
        case "=":
            certain: tuple[Bound, ...] = (b - c, d - a)
            possible: tuple[Bound, ...] = (0, a - d, c - b)
            return max(certain), max(possible)
    apart = b < c or d < a
    same = a == b == c == d
    return (0 if apart else 1 + b - a + d - c), int(same)
