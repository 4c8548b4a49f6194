"""Terms that no rulebook has yet: the compiled function is held against a plain interpreter.

A printer that is right for the rules of today and wrong for those of tomorrow is found today.
"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from screener.engine.codegen.compiled import made_from
from screener.engine.priorities import PRIORITIES
from screener.engine.terms import terms as t
from screener.engine.terms.plan import Plan, lower
from screener.engine.terms.values import Values
from tests.engine.answers import PROTOCOL
from tests.engine.terms.any_terms import conditions, numbers, some_answers

LOWERING = lower(PROTOCOL).lowering
RULES = ("suicide_risk_acute", "red_flag_dark_urine", "fibromyalgia_pattern", "caution_osa")


@given(st.data(), st.booleans())
def test_any_terms_mean_the_same_compiled(data: Any, submitted: bool) -> None:
    rules = dict.fromkeys(PROTOCOL.rules, (t.truth(False), t.truth(False)))
    for id in RULES:
        may = data.draw(conditions(2))
        # Whatever must hold may hold.
        rules[id] = (t.all_of(may, data.draw(conditions(2))), may)
    ends = data.draw(st.tuples(*[numbers(2)] * 4))
    scores = {"phq9": (ends[0], ends[1]), "wpi": (ends[2], ends[3])}
    plan = Plan(PROTOCOL, LOWERING, scores, rules, None)
    answers = data.draw(some_answers())
    value = Values(plan.protocol, answers, submitted).of
    result = made_from(plan)(answers, submitted)
    for id in rules:
        assert value(plan.outcome(id, result.outcomes[id])), id
    for priority, reached in plan.at_least.items():
        as_high = PRIORITIES.index(result.priority) <= PRIORITIES.index(priority)
        assert value(reached) == as_high, priority
    assert result.scores == {id: (value(low), value(high)) for id, (low, high) in scores.items()}
    assert {type(end) for pair in result.scores.values() for end in pair} == {int}
