"""Reading answers: typed strictly, refused with what was found and what is allowed."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.engine.json_text import OddNumber
from screener.engine.questions import AnswersError
from screener.engine.yaml_text import Blank, Text
from tests.engine.answers import PROTOCOL, adult


def problems(raw: Any) -> list[str]:
    with pytest.raises(AnswersError) as refused:
        PROTOCOL.read_answers(raw)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("id", "value", "typed"),
    [
        ("age", 46, 46),
        ("age", Text("46"), 46),
        ("phq9_1", 3, "3"),
        ("phq9_1", "3", "3"),
        ("phq9_1", Text("3"), "3"),
        ("asq_1", Text("yes"), "yes"),
        ("pain_areas", ["neck", "chest", "neck"], ("neck", "chest")),
        ("pain_areas", [Text("none")], ("none",)),
        ("medicines_tried", {}, {}),
        ("medicines_tried", {"cyclobenzaprine_sl": {"dose_mg": Decimal("5.6")}},
            {"cyclobenzaprine_sl": {"dose_mg": Decimal("5.6")}}),
    ],
)  # fmt: skip
def test_answers_take_the_type_of_their_question(id: str, value: Any, typed: Any) -> None:
    assert PROTOCOL.read_answers({id: value}) == {id: typed}


@pytest.mark.parametrize(
    ("id", "value", "message"),
    [
        ("age", "46", 'found "46"; allowed: a whole number from 0 to 120'),
        ("age", 46.5, "found 46.5; allowed: a whole number"),
        ("age", Decimal("46.5"), "found 46.5; allowed: a whole number"),
        ("age", True, "found true; allowed: a whole number"),
        ("age", -1, "found -1"),
        ("age", 121, "found 121"),
        ("age", float("nan"), "found nan"),
        ("age", 10**400, "allowed: a whole number"),
        ("age", Text("046"), "found 046"),
        ("age", Text("4e1"), "found 4e1"),
        ("age", Text("٤٦"), "found ٤٦"),
        ("age", Text("+46"), "found +46"),
        ("age", Text("46."), "found 46."),
        ("age", Text("1e999999999"), "found 1e999999999"),
        ("age", Decimal("1e999999999"), "found 1E+999999999"),
        ("age", Decimal("1e-999999999"), "found 1E-999999999"),
        ("age", Decimal("1." + "0" * 40 + "1"), "found 1.0000"),
        ("age", Text("1." + "0" * 40 + "1"), "found 1.0000"),
        ("age", Decimal("sNaN"), "found sNaN"),
        ("age", float("inf"), "found inf"),
        ("age", OddNumber("NaN"), "found NaN"),
        ("age", [9223372036854775808, None, None], "found a list"),
        ("age", [0, [4, 6], 0], "found a list"),
        ("age", (0, (4, 6), 0), "found a list"),
        ("phq9_1", OddNumber("1e99999999999999999999"), "found 1e99999999999999999999"),
        ("phq9_1", 4, "found 4; allowed: one of 0, 1, 2, 3"),
        ("phq9_1", -1, "found -1"),
        ("phq9_1", 1.0, "found 1.0"),
        ("phq9_1", "several", "allowed: one of 0, 1, 2, 3"),
        ("asq_1", True, "found true; allowed: one of yes, no, declined"),
        ("asq_1", "Yes", "did you mean yes?"),
        ("asq_1", ["yes"], "found a list"),
        ("pain_areas", "neck", "allowed: a list of"),
        ("pain_areas", [], "write none if nothing applies"),
        ("pain_areas", ["none", "neck"], "none stands alone"),
        ("pain_areas", ["nek"], "did you mean neck?"),
        ("pain_areas", [["neck"]], "found a list"),
        ("pain_areas", ["neck", None], "found nothing (null); allowed: a list of"),
        ("pain_areas", ["neck", Blank("")], "found nothing (null); allowed: a list of"),
        ("medicines_tried", ["sertraline"], "found a list"),
        ("medicines_tried", {"sertralin": {}}, "did you mean sertraline?"),
        ("medicines_tried", {"sertraline": 50}, "allowed: a mapping of"),
        ("medicines_tried", {"sertraline": {"dose": 50}}, "is no column"),
        ("medicines_tried", {"sertraline": {"weeks": 2.5}}, "found 2.5"),
        ("asq_4_detail", "x" * 10_000, "found 10000 characters"),
        ("medicines_tried", {"sertraline": None}, "write {} where nothing more is known, or leave"),
        ("medicines_tried", {"sertraline": Blank("~")}, "found nothing (null); allowed: a mapping"),
        ("medicines_tried", {"sertraline": {"dose": None}}, "is no column"),
        ("asq_4_detail", 7, "found 7"),
        ("asq_4_detail", "\ud83d", 'found "\\ud83d"; allowed: text of at most'),
        ("asq_6", None, "is no question of this protocol; did you mean asq_"),
        ("asq_6", "yes", "is no question of this protocol; did you mean asq_"),
    ],
)  # fmt: skip
def test_what_is_refused(id: str, value: Any, message: str) -> None:
    [problem] = problems({id: value})
    assert problem.startswith(id)
    assert message in problem


@pytest.mark.parametrize("null", [None, Blank(""), Blank("~"), Blank("null")])
def test_null_is_not_answered(null: Any) -> None:
    for id in ("age", "phq9_1", "pain_areas", "asq_4_detail", "medicines_tried"):
        assert PROTOCOL.read_answers({id: null, "sex": "other"}) == {"sex": "other"}
    table = {"sertraline": {"weeks": null, "dose_mg": 50}, "duloxetine": {"weeks": null}}
    assert PROTOCOL.read_answers({"medicines_tried": table}) == {
        "medicines_tried": {"sertraline": {"dose_mg": 50}, "duloxetine": {}}
    }


def test_numbers_too_long_to_be_shown() -> None:
    [age, choice] = problems({"age": -(10**5000), "phq9_1": 10**5000})
    assert age.startswith("age: found a number of more than 60 digits; allowed: a whole number")
    assert choice == "phq9_1: found a number of more than 60 digits; allowed: one of 0, 1, 2, 3"


ZEROS = [0, -0.0, Decimal("-0"), Decimal("-0.00"), Text("-0"), Text("-0.0")]


@pytest.mark.parametrize("zero", ZEROS)
def test_minus_zero_is_zero(zero: Any) -> None:
    assert str(PROTOCOL.read_answers({"age": zero})["age"]) == "0"
    table = PROTOCOL.read_answers({"medicines_tried": {"sertraline": {"dose_mg": zero}}})
    assert str(table) == str({"medicines_tried": {"sertraline": {"dose_mg": Decimal(0)}}})


def test_problems_stand_in_one_line_each() -> None:
    [problem] = problems({"a\nb\x1b[2J\u202e" + "x" * 10_000: 1})
    assert problem.startswith("a\\nb\\x1b[2J\\u202exxx")
    assert problem.isprintable()
    assert len(problem) < 200


def test_every_problem_is_told_in_one_go() -> None:
    assert len(problems({"age": 200, "sex": "f", "foo": 1})) == 3


def test_a_document_that_is_no_mapping() -> None:
    assert "a mapping is needed" in problems(["age"])[0]


@given(adult())
def test_typed_answers_read_again_are_the_same(answers: Any) -> None:
    assert PROTOCOL.read_answers(answers) == answers


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["sertraline", "dose_mg", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*PROTOCOL.questions, "nonsense"]), json_values, max_size=4))
def test_any_json_is_typed_or_refused_and_never_changed(raw: Any) -> None:
    try:
        answers = PROTOCOL.read_answers(raw)
    except AnswersError as error:
        assert error.problems
        return
    assert set(answers) == {id for id, value in raw.items() if value is not None}
    for id, typed in answers.items():
        question = PROTOCOL.questions[id]
        if question.kind == "number":
            assert typed == raw[id]
        if question.kind == "choice":
            assert typed == str(raw[id])
