"""The rule language: what it reads, and how it refuses what it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.engine import expressions as ex
from screener.engine.language.parser import LeafError, Scope, parse, parse_number
from tests.engine.answers import PROTOCOL

SCOPE = Scope(
    questions=PROTOCOL.questions,
    scores=tuple(PROTOCOL.scores),
    rules=tuple(PROTOCOL.rules),
    columns={column.id: column for column in PROTOCOL.table.columns},
    row_conditions=tuple(PROTOCOL.row_conditions),
    row_labels=("ingredient", "pain"),
)
ROW = Scope(
    questions=PROTOCOL.questions,
    columns=SCOPE.columns,
    row_conditions=SCOPE.row_conditions,
    in_row=True,
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("wpi >= 7", ex.Comparison(">=", ex.ScoreOf("wpi"), ex.Const(7))),
        ("WPI >= 7".lower(), ex.Comparison(">=", ex.ScoreOf("wpi"), ex.Const(7))),
        ("wpi ≥ 7", ex.Comparison(">=", ex.ScoreOf("wpi"), ex.Const(7))),
        ("wpi ≤ 7", ex.Comparison("<=", ex.ScoreOf("wpi"), ex.Const(7))),
        ("phq9_9 >= 1", ex.Comparison(">=", ex.AnswerValue("phq9_9"), ex.Const(1))),
        ("asq_1 = yes", ex.Chosen("asq_1", ("yes",))),
        ("asq_1 ≠ yes", ex.Negation(ex.Chosen("asq_1", ("yes",)))),
        ("sex IN (female, other)", ex.Chosen("sex", ("female", "other"))),
        ("warning_signs includes fever", ex.Includes("warning_signs", ("fever",))),
        ("fibromyalgia_pattern is met", ex.RuleMet("fibromyalgia_pattern")),
        ("not asq_1 = yes", ex.Negation(ex.Chosen("asq_1", ("yes",)))),
        ("count(pain_areas in (neck, chest)) = 2", ex.Comparison(
            "=", ex.CountOptions("pain_areas", ("neck", "chest")), ex.Const(2))),
        ("count(region of pain_areas) >= 4", ex.Comparison(
            ">=", ex.CountGroups("pain_areas", "region"), ex.Const(4))),
        ("count(pain of medicines_tried where failed_for_pain or intolerant_for_pain) >= 2",
            ex.Comparison(">=", ex.CountRows(
                "medicines_tried", "pain", ("failed_for_pain", "intolerant_for_pain")),
                ex.Const(2))),
        ("mood_history includes any_of (psychosis, family_psychosis)",
            ex.Includes("mood_history", ("psychosis", "family_psychosis"))),
    ],
)  # fmt: skip
def test_leaves(text: str, meant: ex.Boolean) -> None:
    assert parse(text, SCOPE) == meant


def test_and_binds_before_or_and_between_has_its_own_and() -> None:
    parsed = parse("wpi between 4 and 6 and sss >= 9 or phq9 >= 10", SCOPE)
    assert isinstance(parsed, ex.AtLeastOf)
    assert parsed.count == 1
    inner = parsed.parts[0]
    assert isinstance(inner, ex.AtLeastOf)
    assert inner.count == 2
    assert parse("not wpi >= 7 and sss >= 9", SCOPE) == ex.AtLeastOf(
        2,
        (
            ex.Negation(ex.Comparison(">=", ex.ScoreOf("wpi"), ex.Const(7))),
            ex.Comparison(">=", ex.ScoreOf("sss"), ex.Const(9)),
        ),
    )


def test_columns_are_read_only_inside_rows() -> None:
    assert parse("weeks >= adequate_weeks", ROW) == ex.Comparison(
        ">=", ex.Column("weeks"), ex.MedicineNumber("weeks")
    )
    assert parse("taken_most_days = yes", ROW) == ex.ColumnChosen("taken_most_days", ("yes",))
    with pytest.raises(LeafError, match="no question or score is called weeks"):
        parse("weeks >= 6", SCOPE)


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("", "ends too early", 0),
        ("wpi", "ends too early", 3),
        ("wpi >=", "ends too early", 6),
        ("wpi => 7", "found >, expected", 5),
        ("wpi >= 7 sss", "expected", 9),
        ("wpi >= 7)", "expected", 8),
        ("(wpi >= 7", "ends too early", 9),
        ("wpii >= 7", "did you mean wpi?", 0),
        ("wpi >= sex", "write the question first", 7),
        ("sex > female", "has options, not numbers", 4),
        ("sex = femal", "did you mean female?", 6),
        ("sex = 3", "sex has no option 3", 6),
        ("yes = asq_1", "write the question first", 6),
        ("pain_areas = neck", "write pain_areas includes", 0),
        ("pain_areas includes none", "none is no entry of the list", 20),
        ("sex includes female", "takes one answer", 0),
        ("count(sex) = 1", "cannot be counted", 6),
        ("count(colour of pain_areas) = 1", "no option of pain_areas has a group", 6),
        ("asq_4_detail = yes", "is a text", 0),
        ("medicines_tried = yes", "is a table", 0),
        ("wpi between 6 and 4", "6 is more than 4", 12),
        ("wpi >= 7 && sss >= 5", "a character that rules do not use", 9),
        ("wpi >= 7; drop", "a character that rules do not use", 8),
        ("wpi >= -1", "a character that rules do not use", 7),
        ("wpi >= 7.5", "numbers are whole", 7),
        ("wpi >= 7a", "", 7),
        ("wpi is met", "no rule is called wpi", 0),
        ("phq9_9 is answered", "expected", 10),
    ],
)
def test_what_is_refused_and_where(text: str, message: str, offset: int) -> None:
    with pytest.raises(LeafError) as refused:
        parse(text, SCOPE)
    assert message in refused.value.message
    assert refused.value.offset == offset


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_place_inside_it(text: str) -> None:
    try:
        parse(text, SCOPE)
    except LeafError as error:
        assert 0 <= error.offset <= len(text)
        assert error.message


def test_a_score_is_one_number() -> None:
    assert parse_number("sum(phq9_1, phq9_2)", SCOPE) == ex.Sum(
        (ex.AnswerValue("phq9_1"), ex.AnswerValue("phq9_2"))
    )
    for text in ("wpi >= 7 and sss", "sex", "wpi >="):
        with pytest.raises(LeafError):
            parse_number(text, SCOPE)
