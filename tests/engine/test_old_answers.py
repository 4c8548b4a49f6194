"""Answers of another edition: retired ids are read as what took their place, and nothing is lost.

The rulebook here is the one that ships, with a question that took the place of another, a column
that did, and a retired option.
"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.engine.old_answers import put_back, read_what_fits, retired_in
from screener.engine.protocol import Protocol
from screener.engine.questions import AnswersError, Question
from screener.engine.screen import screen
from tests.engine import answers


def renamed() -> Protocol:
    questions = dict(answers.PROTOCOL.questions)
    pain_now = Question.model_validate(
        {
            "id": "pain_now",
            "kind": "number",
            "text": "How strong is it?",
            "short": "Pain now",
            "range": (0, 10),
            "replaces": ("pain_before", "pain_long_before"),
        }
    )
    table = answers.PROTOCOL.table
    columns = [
        c.model_copy(update={"replaces": ("for_weeks",)}) if c.id == "weeks" else c
        for c in table.columns
    ]
    sex = questions["sex"]
    retired = sex.option("undisclosed").model_copy(update={"retired": "other"})
    options = [retired if option.id == "undisclosed" else option for option in sex.options]
    questions |= {
        "pain_now": pain_now,
        table.id: table.model_copy(update={"columns": tuple(columns)}),
        "sex": sex.model_copy(update={"options": tuple(options)}),
    }
    return replace(answers.PROTOCOL, questions=questions)


PROTOCOL = renamed()


def problems(raw: Any) -> list[str]:
    with pytest.raises(AnswersError) as refused:
        PROTOCOL.read_answers(raw)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("id", ["pain_now", "pain_before", "pain_long_before"])
def test_an_answer_under_an_old_id_is_the_questions_own(id: str) -> None:
    assert PROTOCOL.read_answers({id: 4}) == {"pain_now": 4}


def test_a_cell_under_an_old_id_is_the_columns_own() -> None:
    raw = {"medicines_tried": {"sertraline": {"for_weeks": 8}}}
    assert PROTOCOL.read_answers(raw) == {"medicines_tried": {"sertraline": {"weeks": 8}}}


@pytest.mark.parametrize("ids", [("pain_now", "pain_before"), ("pain_before", "pain_now")])
def test_both_ids_must_say_the_same(ids: tuple[str, str]) -> None:
    first, second = ids
    assert PROTOCOL.read_answers({first: 4, second: 4}) == {"pain_now": 4}
    assert PROTOCOL.read_answers({first: 4, second: None}) == {"pain_now": 4}
    [problem] = problems({first: 4, second: 5})
    before, now = (4, 5) if first == "pain_before" else (5, 4)
    assert problem == (
        f"pain_before: found {before}, but pain_now is {now}; "
        "both answer pain_now: write that alone"
    )


def test_two_old_ids_must_say_the_same() -> None:
    [problem] = problems({"pain_before": 4, "pain_long_before": 5})
    assert problem.startswith("pain_before: found 4, but pain_long_before is 5")


def test_both_ids_of_a_column_must_say_the_same() -> None:
    row = {"weeks": 8, "for_weeks": 9}
    [problem] = problems({"medicines_tried": {"sertraline": row}})
    assert problem.startswith("medicines_tried.sertraline.for_weeks: found 9, but weeks is 8")


def test_a_wrong_answer_under_an_old_id_is_refused_under_that_id() -> None:
    [problem] = problems({"pain_before": 11})
    assert problem == "pain_before: found 11; allowed: a whole number from 0 to 10"


def test_what_is_retired_is_named_with_what_to_write_instead() -> None:
    raw = {
        "pain_before": 4,
        "sex": "undisclosed",
        "medicines_tried": {"sertraline": {"for_weeks": 8}},
    }
    assert [str(retired) for retired in retired_in(PROTOCOL, raw)] == [
        "pain_before: is retired; write pain_now",
        "sex: undisclosed is retired; write other",
        "medicines_tried.sertraline.for_weeks: is retired; write weeks",
    ]
    assert retired_in(PROTOCOL, {"pain_now": 4, "sex": "female", "pain_before": None}) == ()


# --- ids that the shipped rulebook retired -------------------------------------------------------

SHIPPED = answers.PROTOCOL


def test_the_shipped_question_is_read_under_its_old_id() -> None:
    read = {"ketamine_mood_benefit": "25_to_49"}
    assert SHIPPED.read_answers({"ketamine_response": "25_to_49"}) == read
    both = {"ketamine_response": "25_to_49", **read}
    assert SHIPPED.read_answers(both) == read
    with pytest.raises(AnswersError) as refused:
        SHIPPED.read_answers({**both, "ketamine_response": "50_or_more"})
    [problem] = refused.value.problems
    assert problem.path == "ketamine_response"
    assert problem.message.startswith('found "50_or_more", but ketamine_mood_benefit is "25_to_49"')


# Each option that is offered no more, with a rule that still reads it.
RETIRED = {
    ("current_medicines", "memantine_amantadine_dextromethorphan"): "caution_nmda",
    ("joint_signs", "eases_with_movement"): "consider_inflammatory",
    ("sleep_signs", "bmi_35_or_more"): "body_mass_index_35",
}


@pytest.mark.parametrize(
    ("question", "option"),
    [(q.id, o.id) for q in SHIPPED.questions.values() for o in q.options if o.retired],
)
def test_a_retired_option_of_the_shipped_rulebook_is_read_kept_and_counts(
    question: str, option: str
) -> None:
    raw = {question: [option]}
    read = SHIPPED.read_answers(raw)
    assert read == {question: (option,)}
    assert read_what_fits(SHIPPED, raw) == (read, {})
    instead = SHIPPED.questions[question].option(option).retired
    assert [str(told) for told in retired_in(SHIPPED, raw)] == [
        f"{question}: {option} is retired; write {instead}"
    ]
    assert screen(SHIPPED, read).outcomes[RETIRED[question, option]] == "met"


# --- what cannot be read -------------------------------------------------------------------------


def test_what_cannot_be_read_is_left_as_it_stands_and_the_rest_is_read() -> None:
    stored = {"pain_before": 4, "gone": ["a"], "phq9_1": "9", "phq9_2": "1"}
    read, unreadable = read_what_fits(PROTOCOL, stored)
    assert read == {"pain_now": 4, "phq9_2": "1"}
    assert unreadable == {("gone",): ["a"], ("phq9_1",): "9"}


def test_a_cell_that_cannot_be_read_leaves_the_rest_of_the_table() -> None:
    tried = {"sertraline": {"weeks": 8, "dose_mg": "much"}, "duloxetine": {"colour": "blue"}}
    read, unreadable = read_what_fits(PROTOCOL, {"medicines_tried": tried})
    assert read == {"medicines_tried": {"sertraline": {"weeks": 8}, "duloxetine": {}}}
    assert unreadable == {
        ("medicines_tried", "sertraline", "dose_mg"): "much",
        ("medicines_tried", "duloxetine", "colour"): "blue",
    }
    assert tried["sertraline"] == {"weeks": 8, "dose_mg": "much"}


def test_a_medicine_that_is_gone_does_not_count_as_not_taken() -> None:
    tried = {"sertraline": {"weeks": "x"}, "gone": {}}
    read, unreadable = read_what_fits(PROTOCOL, {"medicines_tried": tried})
    assert read == {}
    assert unreadable == {("medicines_tried",): tried}


def test_two_ids_that_differ_leave_the_new_one() -> None:
    assert read_what_fits(PROTOCOL, {"pain_before": 4, "pain_now": 5}) == (
        {"pain_now": 5},
        {("pain_before",): 4},
    )


def test_what_could_not_be_read_goes_back_to_its_place() -> None:
    unreadable = {("gone",): 1, ("medicines_tried", "sertraline", "colour"): "blue"}
    table = {"medicines_tried": {"sertraline": {"weeks": 8}}}
    stored, displaced = put_back(table, unreadable)
    assert stored == {
        "medicines_tried": {"sertraline": {"weeks": 8, "colour": "blue"}},
        "gone": 1,
    }
    assert displaced == {}
    assert table == {"medicines_tried": {"sertraline": {"weeks": 8}}}


def test_what_has_no_place_any_more_is_told() -> None:
    cell = ("medicines_tried", "sertraline", "dose_mg")
    unreadable = {("phq9_1",): "9", cell: "much"}
    answered = {"phq9_1": "2", "medicines_tried": {"sertraline": {"dose_mg": 50}}}
    assert put_back(answered, unreadable) == (answered, unreadable)
    assert put_back({"medicines_tried": {}}, {cell: "much"})[1] == {cell: "much"}


_ANYTHING: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.integers(), st.text(max_size=5), st.just(["neck"]), st.just({})
)
_CELLS = st.dictionaries(st.sampled_from(["weeks", "for_weeks", "dose_mg", "x.y"]), _ANYTHING)
_TABLE = st.dictionaries(st.sampled_from(["sertraline", "gone", "a.b.c"]), _CELLS | _ANYTHING)


@given(
    st.dictionaries(
        st.sampled_from(["pain_now", "pain_before", "phq9_1", "gone", "a.b"]), _ANYTHING
    ),
    st.one_of(st.none(), _TABLE, _ANYTHING),
)
def test_nothing_is_lost_of_any_stored_answers(stored: dict[str, Any], table: Any) -> None:
    if table is not None:
        stored["medicines_tried"] = table
    read, unreadable = read_what_fits(PROTOCOL, stored)
    assert put_back(read, unreadable)[1] == {} or "pain_now" in read
    for id, value in stored.items():
        if value is None:
            continue
        question = "pain_now" if id == "pain_before" else id
        assert (id,) in unreadable or question in read, id
    rows: Any = read.get("medicines_tried")
    if rows is not None:
        assert set(rows) == set(table)
        for row, cells in table.items():
            for cell, value in cells.items():
                column = "weeks" if cell == "for_weeks" else cell
                kept = ("medicines_tried", row, cell) in unreadable
                assert kept or value is None or column in rows[row]
