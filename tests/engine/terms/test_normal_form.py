"""Terms stand in one normal form: two spellings of one condition are one object."""

import subprocess
import sys
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.engine import expressions as ex
from screener.engine.protocol import Protocol
from screener.engine.terms import terms as t
from screener.engine.terms.lowering import Lowering
from screener.engine.terms.plan import lower
from screener.engine.terms.values import Values
from tests.engine.answers import PROTOCOL, RULEBOOK
from tests.engine.terms.any_terms import conditions, numbers, some_answers

PROTOCOLS = tuple(RULEBOOK.protocols.values())
PLAN = lower(PROTOCOL)
AGE = t.make(t.Amount, "age", 0, (0, 120), 0)


# --- rules ---------------------------------------------------------------------------------------

TURNED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<", "=": "=", "!=": "!="}
OPPOSITE = {"<=": ">", ">": "<=", "<": ">=", ">=": "<", "=": "!=", "!=": "="}


def respelt(node: Any, chance: Random) -> Any:
    """The same expression in other words: parts in another order, comparisons turned round."""
    match node:
        case ex.Sum(parts) | ex.Lowest(parts) | ex.Highest(parts):
            return type(node)(_shuffled(parts, chance))
        case ex.AtLeastOf(count, parts):
            return ex.AtLeastOf(count, _shuffled(parts, chance))
        case ex.Negation(part):
            return ex.Negation(respelt(part, chance))
        case ex.Comparison(sign, left, right):
            return _compared(sign, respelt(left, chance), respelt(right, chance), chance)
        case ex.Chosen(id, options) | ex.Includes(id, options) | ex.ColumnChosen(id, options):
            return type(node)(id, tuple(chance.sample(options, len(options))))
        case ex.CountOptions(id, options):
            return ex.CountOptions(id, tuple(chance.sample(options, len(options))))
    return node


def _shuffled(parts: tuple[Any, ...], chance: Random) -> tuple[Any, ...]:
    return tuple(respelt(part, chance) for part in chance.sample(parts, len(parts)))


def _compared(sign: str, left: Any, right: Any, chance: Random) -> Any:
    """A comparison turned round, or as one that must not hold, or with the next whole number."""
    if chance.random() < 0.5:
        sign, left, right = TURNED[sign], right, left
    if isinstance(right, ex.Const) and sign in ("<", ">=") and not _has_decimals(left):
        sign, right = ("<=" if sign == "<" else ">"), ex.Const(right.value - 1)
    if chance.random() < 0.5:
        return ex.Negation(ex.Comparison(OPPOSITE[sign], left, right))
    return ex.Comparison(sign, left, right)


def _has_decimals(number: Any) -> bool:
    if isinstance(number, ex.AnswerValue):
        return PROTOCOL.questions[number.question].decimals > 0
    return isinstance(number, ex.Column | ex.MedicineNumber)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.id)
@given(seed=st.integers(0, 2**32))
def test_a_rule_in_other_words_is_the_same_terms(protocol: Protocol, seed: int) -> None:
    chance = Random(seed)  # noqa: S311  # a test
    lowering = PLAN.lowering if protocol is PROTOCOL else Lowering(protocol)
    id = chance.choice([id for id, rule in protocol.rules.items() if rule.when])
    expression = protocol.condition(id)
    again = respelt(expression, chance)
    must, may = lowering.boolean(expression)
    assert lowering.boolean(again)[0] is must, again
    assert lowering.boolean(again)[1] is may, again


def test_comparisons_have_one_form() -> None:
    five, four = t.whole(5), t.whole(4)
    assert t.negate(t.at_most(five, AGE)) is t.at_most(AGE, four)
    assert t.negate(t.at_most(AGE, four)) is t.at_most(five, AGE)
    assert t.negate(t.negate(t.at_most(AGE, four))) is t.at_most(AGE, four)
    assert t.equal(AGE, five) is t.equal(five, AGE)
    assert t.any_of(t.at_most(AGE, four), t.at_most(five, AGE)) is t.truth(True)


def test_other_words_for_something_else_are_other_terms() -> None:
    four = t.whole(4)
    assert t.at_most(AGE, four) is not t.at_most(four, AGE)
    assert t.at_least(2, [t.make(t.IsAnswered, id) for id in "abc"]) is not t.at_least(
        2, [t.make(t.IsAnswered, id) for id in "abd"]
    )
    assert t.make(t.Ticked, "a", ("x",)) is not t.make(t.Ticked, "a", ("x", "y"))


# --- any terms -----------------------------------------------------------------------------------


def scrambled(term: Any, chance: Random) -> Any:
    """The same term out of normal form: made past `make`, so that nothing sorts or joins it."""
    match term:
        case t.And(parts) | t.Or(parts) | t.Plus(parts):
            return type(term)(_nested(type(term), _reordered(parts, chance), chance))
        case t.Extreme(highest, parts):
            return t.Extreme(highest, _reordered((*parts, parts[0]), chance))
        case t.Compare("=", left, right):
            return t.Compare("=", *_reordered((left, right), chance))
        case t.Compare("<=", left, t.Whole(most)) if chance.random() < 0.7:
            return t.Not(t.Compare("<=", t.Whole(most + 1), scrambled(left, chance)))
        case t.Compare("<=", t.Whole(least), right) if chance.random() < 0.7:
            return t.Not(t.Compare("<=", scrambled(right, chance), t.Whole(least - 1)))
        case t.Compare("<=", left, right):
            return t.Compare("<=", scrambled(left, chance), scrambled(right, chance))
        case t.Not(part):
            return t.Not(scrambled(part, chance))
        case t.Choose(condition, then, otherwise):
            return t.Choose(*(scrambled(part, chance) for part in (condition, then, otherwise)))
        case t.Among(path, options) | t.Ticked(path, options) | t.Ticks(path, options):
            return type(term)(path, tuple(chance.sample(options, len(options))))
        case t.Points(path, points, default):
            return t.Points(path, tuple(chance.sample(points, len(points))), default)
    return term


def _reordered(parts: tuple[Any, ...], chance: Random) -> tuple[Any, ...]:
    return tuple(scrambled(part, chance) for part in chance.sample(parts, len(parts)))


def _nested(kind: type, parts: tuple[Any, ...], chance: Random) -> tuple[Any, ...]:
    """Some of the parts in a term of their own, which means the same."""
    cut = chance.randint(0, len(parts) - 2)
    return (*parts[:cut], kind(parts[cut:])) if cut else parts


def normalised(term: t.Term) -> t.Term:
    """A term made again from its parts."""

    def leaf(part: t.Term) -> t.Term:
        return t.make(type(part), *(getattr(part, name) for name in part.__match_args__))

    return t.rebuilt(term, leaf, {})


@given(st.data(), st.one_of(conditions(3), numbers(3)), st.integers(0, 2**32), st.booleans())
def test_any_term_has_one_normal_form_with_the_same_value(
    data: Any, term: t.Term, seed: int, submitted: bool
) -> None:
    other = scrambled(term, Random(seed))  # noqa: S311  # a test
    assert normalised(term) is term
    assert normalised(other) is term
    value = Values(PLAN.protocol, data.draw(some_answers()), submitted).of
    assert value(other) == value(term)


@given(conditions(2), conditions(2), some_answers())
def test_unlike_holds_where_one_of_two_does(left: t.Bool, right: t.Bool, answers: Any) -> None:
    value = Values(PLAN.protocol, answers, False).of
    assert value(t.unlike(left, right)) == (value(left) != value(right))
    assert t.unlike(left, right) is t.unlike(right, left)
    assert t.unlike(left, left) is t.truth(False)


@given(conditions(3))
def test_a_walk_has_each_term_once_after_its_parts(term: t.Bool) -> None:
    walked = list(t.walk(term))
    place = {part: at for at, part in enumerate(walked)}
    assert walked[-1] is term
    assert len(place) == len(walked)
    assert all(place[part] < place[whole] for whole in walked for part in t.below(whole))
    # What stands below a term that is left out, and nowhere else, is left out with it.
    for part in t.below(term):
        rest = set(t.walk(term, without={part}))
        assert rest == set(walked) - {part} - (set(t.walk(part)) - rest)
        assert part not in rest


def test_rebuilding_reaches_the_conditions_of_a_count() -> None:
    old_enough = t.at_most(t.whole(65), AGE)
    by_use = (("mood", t.all_of(t.make(t.OfMedicine, "sertraline"), old_enough)),)
    count = t.make(t.Distinct, "medicines_tried", "family", by_use)
    seventy = t.rebuilt(count, lambda term: t.whole(70) if term is AGE else term, {})
    by_use = (("mood", t.make(t.OfMedicine, "sertraline")),)
    assert seventy is t.make(t.Distinct, "medicines_tried", "family", by_use)


def test_the_order_of_parts_is_the_same_in_every_run() -> None:
    program = (
        "from tests.engine.answers import RULEBOOK\n"
        "from screener.engine.terms.plan import lower\n"
        "for protocol in RULEBOOK.protocols.values():\n"
        "    print(lower(protocol).rules)\n"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1
