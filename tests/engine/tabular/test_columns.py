"""The columns say of many people what `screen` says of each."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.engine.questions import Answers
from screener.engine.tabular.column_terms import Present
from screener.engine.tabular.columns import Columns, OutcomeColumns
from screener.engine.terms import terms as t
from screener.engine.terms.medicines import at_row
from screener.engine.terms.plan import Plan, lower
from tests.engine.answers import RULEBOOK
from tests.engine.tabular.population_samples import (
    Person,
    drawn_people,
    expected,
    frames_of_people,
    random_people,
)

pytestmark = pytest.mark.long

PLANS = {id: lower(protocol) for id, protocol in RULEBOOK.protocols.items()}
EMPTY: Answers = {}


def _same(plan: Plan, people: list[Person]) -> None:
    frame, trials = frames_of_people(plan.protocol, people)
    outcomes = OutcomeColumns(plan, Present.of(frame, trials)).evaluate(frame, trials)
    for person, row in zip(people, outcomes.to_dicts(), strict=True):
        assert row == expected(plan, person)


def _values(plan: Plan, terms: list[t.Bool], people: pl.DataFrame) -> pl.DataFrame:
    """The truth of each term for each person, in columns called 0, 1, 2 …"""
    named = {str(number): term for number, term in enumerate(terms)}
    return Columns(plan, named, Present.of(people, None)).evaluate(people)


@pytest.mark.parametrize("protocol", PLANS)
@given(data=st.data())
@settings(max_examples=40)
def test_arbitrary_people_come_out_as_one_by_one(protocol: str, data: st.DataObject) -> None:
    plan = PLANS[protocol]
    _same(plan, data.draw(drawn_people(plan.protocol)))


@pytest.mark.parametrize("protocol", PLANS)
def test_a_thousand_people_come_out_as_one_by_one(protocol: str) -> None:
    _same(PLANS[protocol], random_people(PLANS[protocol].protocol, 1000, seed=1))


@pytest.mark.parametrize("protocol", PLANS)
def test_every_outcome_of_nearly_every_rule_is_seen(protocol: str) -> None:
    """Else the comparison above would show little."""
    plan = PLANS[protocol]
    people = random_people(plan.protocol, 3000, seed=1)
    frame, trials = frames_of_people(plan.protocol, people)
    outcomes = OutcomeColumns(plan, Present.of(frame, trials)).evaluate(frame, trials)
    seen = {rule: set(outcomes[rule].cast(pl.String)) for rule in plan.rules}
    whole = [rule for rule, outcomes in seen.items() if len(outcomes) == 3]
    assert len(whole) >= 0.9 * len(seen), {r: s for r, s in seen.items() if len(s) < 3}


@pytest.mark.parametrize("protocol", PLANS)
def test_a_column_that_is_not_there_is_a_blank(protocol: str) -> None:
    plan = PLANS[protocol]
    frame = pl.DataFrame({"age": [44, 16, None]}, schema={"age": pl.Int64})
    outcomes = OutcomeColumns(plan, Present.of(frame, None)).evaluate(frame)
    people: list[Person] = [({"age": 44}, False), ({"age": 16}, False), (EMPTY, False)]
    assert outcomes.to_dicts() == [expected(plan, person) for person in people]


@pytest.mark.parametrize("protocol", PLANS)
def test_no_person_at_all(protocol: str) -> None:
    plan = PLANS[protocol]
    frame, trials = frames_of_people(plan.protocol, [])
    outcomes = OutcomeColumns(plan, Present.of(frame, trials)).evaluate(frame, trials)
    assert outcomes.height == 0
    assert outcomes.columns[0] == "priority"
    assert set(plan.rules) <= set(outcomes.columns)


def test_terms_on_one_row_read_columns_called_by_path() -> None:
    plan = PLANS["fibromyalgia"]
    protocol = plan.protocol
    must, may = plan.lowering.row_condition("failed_for_pain")
    medicine = protocol.medicines["cyclobenzaprine_sl"]
    path = "medicines_tried.cyclobenzaprine_sl"
    there = t.make(t.IsAnswered, path)
    terms = [t.all_of(there, at_row(end, protocol, medicine, "pain")) for end in (must, may)]
    frame = pl.DataFrame(
        {
            "age": [40, 70, None, 40],
            "health_conditions__none": [True] * 4,
            path: [True, True, True, None],
            f"{path}.dose_mg": [2.8, 2.8, 2.8, 2.8],
            f"{path}.weeks": [20] * 4,
            f"{path}.taken_most_days": ["yes"] * 4,
            f"{path}.pain_benefit": ["under_30"] * 4,
        }
    )
    values = _values(plan, terms, frame)
    # 2.8 mg is enough from 65 years on; of an unknown age nothing is certain.
    assert values["0"].to_list() == [False, True, False, False]
    assert values["1"].to_list() == [False, True, True, False]


def test_terms_that_are_all_constant_have_a_row_for_each_person() -> None:
    frame = pl.DataFrame({"age": [1, 2, 3]})
    values = _values(PLANS["fibromyalgia"], [t.truth(True), t.truth(False)], frame)
    assert values.to_dict(as_series=False) == {"0": [True] * 3, "1": [False] * 3}


def test_a_dose_is_compared_to_the_hundredth() -> None:
    protocol = PLANS["depression"].protocol
    amount = t.make(t.Amount, "dose", 2, (0, 1000000), 0)
    hundredths = list(range(0, 100_000, 7))
    frame = pl.DataFrame({"dose": [dose / 100 for dose in hundredths]})
    for bound in (0, 28, 280, 33333, 70007):
        term = t.at_most(amount, t.whole(bound))
        values = _values(PLANS[protocol.id], [term], frame)["0"]
        assert values.to_list() == [dose <= bound for dose in hundredths]
