"""Arbitrary synthetic people: they reach what complete ones never show."""

from decimal import Decimal

from screener import synthetic
from screener.engine.questions import Answers
from screener.engine.screen import screen
from tests.engine.answers import PROTOCOL

PEOPLE = synthetic.anybody(PROTOCOL, 600)


def rows(answers: Answers) -> dict[str, dict[str, object]]:
    table = answers.get(PROTOCOL.table.id, {})
    assert isinstance(table, dict)
    return {id: dict(cells) for id, cells in table.items()}


def test_they_are_the_same_every_time_and_another_seed_makes_others() -> None:
    assert synthetic.anybody(PROTOCOL, 600) == PEOPLE
    assert synthetic.anybody(PROTOCOL, 600, seed=2) != PEOPLE


def test_the_form_takes_their_answers() -> None:
    for answers in PEOPLE:
        assert PROTOCOL.read_answers(answers) == answers


def test_they_leave_blanks_and_give_answers_that_do_not_count() -> None:
    assert all(any(id not in answers for answers in PEOPLE) for id in PROTOCOL.questions)
    assert all(any(id in answers for answers in PEOPLE) for id in PROTOCOL.questions)
    columns = {column.id for column in PROTOCOL.table.columns}
    assert any(set(cells) < columns for answers in PEOPLE for cells in rows(answers).values())
    uncounted = {
        (id, option.id)
        for id, question in PROTOCOL.questions.items()
        for option in question.options
        if option.counts_as is not None and question.kind == "choice"
    }
    assert uncounted
    assert all(any(answers.get(id) == option for answers in PEOPLE) for id, option in uncounted)


def test_they_are_of_any_age_and_every_rule_comes_out_each_way_for_some() -> None:
    outcomes: dict[str, set[str]] = {id: set() for id in PROTOCOL.rules}
    for answers in PEOPLE:
        for id, outcome in screen(PROTOCOL, answers).outcomes.items():
            outcomes[id].add(outcome)
    assert outcomes["under_18"] == {"met", "not_met", "unknown"}
    assert sum(len(seen) == 3 for seen in outcomes.values()) > len(outcomes) / 2
    assert all(seen - {"unknown"} for seen in outcomes.values())


def test_doses_lie_at_and_just_below_what_a_trial_needs() -> None:
    given = {
        (medicine, cells["dose_mg"])
        for answers in PEOPLE
        for medicine, cells in rows(answers).items()
        if "dose_mg" in cells
    }
    needed = {
        (id, trial.dose_mg)
        for id, medicine in PROTOCOL.medicines.items()
        if (trial := medicine.mood) is not None
    }
    assert len(needed & given) > len(needed) / 2
    just_less = {(id, dose - Decimal("0.01")) for id, dose in needed}
    assert len(just_less & given) > len(needed) / 2
