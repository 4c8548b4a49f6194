"""A number function that the rule language does not have: what adding it takes.

Four places: its class and its name in `expressions.py`, its meaning in `terms/lowering.py`, its
words in `words.py`. Where one is forgotten, what needs it stops with an error that names it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from screener.engine import expressions as ex
from screener.engine.codegen.compiled import compiled
from screener.engine.explanations.evidence import explain
from screener.engine.explanations.reasons import reasons
from screener.engine.expressions import Condition, Expression
from screener.engine.language import parser
from screener.engine.language.parser import LeafError, Scope, parse
from screener.engine.protocol import Protocol, Rule
from screener.engine.questions import Answers
from screener.engine.screen import screen
from screener.engine.terms import terms as t
from screener.engine.terms.lowering import Lowering, Span
from screener.engine.words import Words
from tests.engine.answers import PROTOCOL

LEAF = "spread(phq9_1, phq9_2, phq9_3) >= 3"
RULE = "low_mood"


@dataclass(frozen=True)
class Spread(Expression):
    """How far the highest of the parts lies above the lowest."""

    parts: tuple[Any, ...]


def lowered(self: Lowering, node: Any, use: str | None = None, decimals: int = 0) -> Span:
    """Lower a spread: at least what certain numbers are apart, at most what they can be."""
    if not isinstance(node, Spread):
        return NUMBER(self, node, use, decimals)
    spans = [self.number(part, use, decimals) for part in node.parts]
    lows, highs = [low for low, _ in spans], [high for _, high in spans]

    def apart(top: t.Int, bottom: t.Int) -> t.Int:
        worth = [t.choose(t.at_most(t.plus(bottom, t.whole(n)), top), t.whole(1), t.whole(0))
                 for n in (1, 2, 3)]  # fmt: skip
        return t.plus(*worth)

    least = apart(t.extreme(lows, highest=True), t.extreme(highs, highest=False))
    return least, apart(t.extreme(highs, highest=True), t.extreme(lows, highest=False))


NUMBER = Lowering.number
WORDS = Words.number


def worded(self: Words, node: Any) -> str:
    """Say a spread in words."""
    if not isinstance(node, Spread):
        return WORDS(self, node)
    return "the spread of " + ", ".join(map(self.number, node.parts))


PLACES = ("class", "name", "meaning", "words")


def add(monkeypatch: pytest.MonkeyPatch, forgotten: str = "") -> None:
    """Add the function to the language, but for a place that is forgotten."""
    if forgotten != "class":
        monkeypatch.setattr(ex, "Number", ex.Number | Spread)
    if forgotten != "name":
        monkeypatch.setitem(ex.FUNCTIONS, "spread", Spread)
        monkeypatch.setattr(parser, "KEYWORDS", parser.KEYWORDS | {"spread"})
    if forgotten != "meaning":
        monkeypatch.setattr(Lowering, "number", lowered)
    if forgotten != "words":
        monkeypatch.setattr(Words, "number", worded)


@pytest.fixture(autouse=True)
def fresh_grammar() -> Iterator[None]:
    """Read the grammar anew, with the functions of the test, and again without them."""
    parser._parser.cache_clear()
    yield
    parser._parser.cache_clear()


def with_rule() -> Protocol:
    """Return the protocol with one rule on the function, as its text is parsed."""
    expression = parse(LEAF, Scope(PROTOCOL.questions))
    old = next(rule for rule in PROTOCOL.rules.values() if rule.when and rule.priority == "review")
    when = Condition("leaf", expression, text=LEAF)
    fields: dict[str, Any] = {**dict(old), "id": RULE, "when": when, "cases": ()}
    return replace(PROTOCOL, rules={RULE: Rule.model_construct(**fields)})


def use(protocol: Protocol) -> None:
    """Do everything with the rule that the engine does for one person."""
    for answers in ({"phq9_1": "0", "phq9_2": "3"}, {"phq9_1": "1"}):
        screening = screen(protocol, answers)  # type: ignore[arg-type]
        assert screening.as_json() and reasons(screening, RULE) and explain(screening, RULE)


def test_a_new_function_takes_four_places(monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch)
    protocol = with_rule()
    use(protocol)
    met: Answers = {"phq9_1": "0", "phq9_2": "3", "phq9_3": "1"}
    screening = screen(protocol, met)
    assert screening.outcomes[RULE] == "met"
    why = reasons(screening, RULE)
    assert why.sufficient is not None and set(why.sufficient.paths) == {"phq9_1", "phq9_2"}
    assert {(flip.path, flip.new) for flip in why.flips} == {("phq9_1", "1"), ("phq9_2", "2")}
    near = screen(protocol, {"phq9_1": "1", "phq9_2": "1", "phq9_3": "2"})
    assert near.outcomes[RULE] == "not_met"
    partly = screen(protocol, {"phq9_1": "0"})
    assert partly.outcomes[RULE] == "unknown"
    assert partly.needed[RULE] == ("phq9_2", "phq9_3")
    settling = reasons(partly, RULE).settles
    assert {settle.outcome for settle in settling} == {"met", "not_met"}
    leaf = explain(screening, RULE).parts[0]
    assert leaf.words.startswith("The spread of") and len(leaf.inputs) == 3


def test_every_completion_agrees_with_the_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch)
    protocol = with_rule()
    scores = [str(n) for n in range(4)]
    for one_answer in scores:
        given: Answers = {"phq9_1": one_answer}
        outcome = compiled(protocol)(given).outcomes[RULE]
        completed = {
            "met" if max(map(int, [one_answer, b, c])) - min(map(int, [one_answer, b, c])) >= 3
            else "not_met"
            for b in scores for c in scores
        }  # fmt: skip
        assert completed == ({outcome} if outcome != "unknown" else {"met", "not_met"})


@pytest.mark.parametrize(
    ("forgotten", "error", "words"),
    [
        ("class", AssertionError, "Spread"),
        ("name", LeafError, "spread"),
        ("meaning", AssertionError, "Spread"),
        ("words", AssertionError, "Spread"),
    ],
)
def test_a_forgotten_place_fails_and_names_the_function(
    forgotten: str, error: type[Exception], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert forgotten in PLACES
    add(monkeypatch, forgotten)
    with pytest.raises(error, match=words):
        use(with_rule())
