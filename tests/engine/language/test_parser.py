"""The rule language: what it reads, and how it refuses what it does not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.engine import expressions as ex
from screener.engine.language.invariants import (
    AllAnswered,
    Claim,
    ClaimReader,
    FormSent,
    NoneUnknown,
)
from screener.engine.language.parser import LeafError, Scope, TakesNowScope, parse, parse_number
from tests.engine.answers import PROTOCOL

NOW = TakesNowScope(
    "current_medicines", "medicines_tried", "still_taking", frozenset({"ssri", "snri"})
)
SCOPE = Scope(
    questions=PROTOCOL.questions,
    scores=tuple(PROTOCOL.scores),
    rules=tuple(PROTOCOL.rules),
    columns={column.id: column for column in PROTOCOL.table.columns},
    row_conditions=tuple(PROTOCOL.row_conditions),
    row_labels=("ingredient", "pain"),
    takes_now=NOW,
)
ROW = Scope(
    questions=PROTOCOL.questions,
    columns=SCOPE.columns,
    row_conditions=SCOPE.row_conditions,
    in_row=True,
    takes_now=NOW,
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


def taken(label: str, *kinds: str) -> ex.Boolean:
    """What takes_now means of kinds, of which a medicine with that label is."""
    count = ex.CountRows("medicines_tried", label, ("still_taking",))
    row = ex.Comparison(">=", count, ex.Const(1))
    either = ex.AtLeastOf(1, (ex.Includes("current_medicines", kinds), row))
    return ex.TakesNow("current_medicines", either, kinds)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("takes_now includes ssri", taken("kinds__ssri", "ssri")),
        ("takes_now includes any_of (ssri)", taken("kinds__ssri", "ssri")),
        # One row counts for several kinds, whatever their order.
        ("takes_now includes any_of (ssri, snri)", taken("kinds__snri__ssri", "ssri", "snri")),
        # Opioids are in the list alone: only kinds that a medicine has are looked up in rows.
        ("takes_now includes any_of (opioid, ssri)", taken("kinds__ssri", "opioid", "ssri")),
        (
            "takes_now INCLUDES opioid",
            ex.TakesNow(
                "current_medicines", ex.Includes("current_medicines", ("opioid",)), ("opioid",)
            ),
        ),
        ("not takes_now includes ssri", ex.Negation(taken("kinds__ssri", "ssri"))),
    ],
)
def test_what_is_taken_now_is_a_tick_or_a_row(text: str, meant: ex.Boolean) -> None:
    assert parse(text, SCOPE) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("dose_mg > unlikely_dose", ("dose_mg", ">", "unlikely")),
        ("dose_mg <= label_dose", ("dose_mg", "<=", "label")),
        ("dose_mg ≥ adequate_dose", ("dose_mg", ">=", "dose")),
        ("weeks < adequate_weeks", ("weeks", "<", "weeks")),
    ],
)
def test_cells_are_compared_with_numbers_of_the_medicine(
    text: str, meant: tuple[str, str, str]
) -> None:
    column, sign, number = meant
    assert parse(text, ROW) == ex.Comparison(sign, ex.Column(column), ex.MedicineNumber(number))
    with pytest.raises(LeafError, match=f"no question or score is called {column}"):
        parse(text, SCOPE)
    turned = " ".join(reversed(text.split()))
    assert parse(turned, ROW) == ex.Comparison(sign, ex.MedicineNumber(number), ex.Column(column))


@pytest.mark.parametrize(
    ("text", "scope", "message", "offset"),
    [
        ("takes_now includes ssry", SCOPE, "current_medicines has no option ssry; it has", 19),
        ("takes_now includes ssry", SCOPE, "did you mean ssri?", 19),
        (
            "takes_now includes any_of (ssri, snry)",
            SCOPE,
            "current_medicines has no option snry",
            33,
        ),
        (
            "takes_now includes none",
            SCOPE,
            "no entry of the list; write count(current_medicines) = 0",
            19,
        ),
        ("takes_now includes any_of (ssri, none)", SCOPE, "none is no entry of the list", 33),
        ("takes_now includes", SCOPE, "ends too early", 18),
        ("takes_now includes ssri, snri", SCOPE, "found ,, expected", 23),
        ("takes_now includes any_of ()", SCOPE, "found ), expected a word", 27),
        ("takes_now includes 3", SCOPE, "found 3, expected", 19),
        ("takes_now = ssri", SCOPE, "write takes_now includes …", 0),
        ("takes_now in (ssri)", SCOPE, "write takes_now includes …", 0),
        ("takes_now >= 1", SCOPE, "write takes_now includes …", 0),
        ("count(takes_now) >= 1", SCOPE, "write takes_now includes …", 6),
        ("takes_now is met", SCOPE, "no rule is called takes_now", 0),
        ("takes_now includes ssri", ROW, "a condition on a row cannot ask what is taken now", 0),
        (
            "takes_now includes ssri",
            replace(SCOPE, takes_now=None),
            "write takes_now: with ticked and rows",
            0,
        ),
        ("dose_mg > unlikly_dose", ROW, "did you mean unlikely_dose?", 10),
        ("dose_mg > unlikely", ROW, "no question or score is called unlikely", 10),
        ("dose_mg > label_dose 3", ROW, "found 3, expected", 21),
        ("unlikely_dose = yes", ROW, "no question or score is called yes", 16),
        ("taken_for > label_dose", ROW, "taken_for has options, not numbers", 10),
        ("unlikely_dose > 5", SCOPE, "no question or score is called unlikely_dose", 0),
        ("unlikely_dose includes ssri", ROW, "no question or score is called unlikely_dose", 0),
        ("stopped_also includes no_benefit", ROW, "no rule reads such a column", 0),
        ("stopped_also = no_benefit", ROW, "no rule reads such a column", 0),
        ("count(stopped_also) >= 1", ROW, "no rule reads such a column", 6),
        ("count(stopped_also in (other)) >= 1", ROW, "no rule reads such a column", 6),
        (
            "still_takin is met",
            ROW,
            "no condition on rows is called still_takin; did you mean still_taking?",
            0,
        ),
        ("dose_confirmed = no", ROW, "no counts as not answered", 17),
    ],
)
def test_malformed_new_words_are_refused_where_they_stand(
    text: str, scope: Scope, message: str, offset: int
) -> None:
    with pytest.raises(LeafError) as refused:
        parse(text, scope)
    assert message in refused.value.message
    assert refused.value.offset == offset


def read_claim(text: str) -> tuple[Claim | None, list[tuple[str, int]]]:
    """Return a claim, and what was refused with its place."""
    problems: list[tuple[str, int]] = []
    reader = ClaimReader(
        SCOPE, PROTOCOL.topics, lambda path, message, offset: problems.append((message, offset))
    )
    return reader.read(text, ()), problems


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("form was sent", FormSent()),
        ("every question is answered", AllAnswered()),
        ("no rule of priority hold or higher is unknown", NoneUnknown("hold", ())),
        (
            "no rule of priority hold or higher is unknown but (hold_brain_bleed)",
            NoneUnknown("hold", ("hold_brain_bleed",)),
        ),
        (
            "no rule of priority urgent or higher is unknown but (under_18, hold_brain_bleed)",
            NoneUnknown("urgent", ("under_18", "hold_brain_bleed")),
        ),
    ],
)
def test_claims_on_the_form_and_on_what_cannot_tell(text: str, meant: Claim) -> None:
    assert read_claim(text) == (meant, [])


NO_RULE = "no rule of priority PRIORITY or higher is unknown but (RULE, RULE)?"


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("form was send", "did you mean form was sent?", 5),
        ("form is sent", "did you mean form was sent?", 8),
        ("the form was sent", "did you mean form was sent?", 4),
        (
            "no rule of priority holdd or higher is unknown",
            "no priority is called holdd; did you mean hold?",
            20,
        ),
        (
            "no rule of priority hold or higher is unknown but (hold_brain_bled)",
            "did you mean hold_brain_bleed?",
            51,
        ),
        (
            "no rule of priority hold or higher is unknown but (under_18, hold_brain_bled)",
            "no rule is called hold_brain_bled",
            61,
        ),
        (
            "no rule of priority hold or higher is unknown but hold_brain_bleed",
            f"did you mean {NO_RULE}",
            3,
        ),
        ("no rule of priority hold or higher is unknown but ()", f"did you mean {NO_RULE}", 3),
        ("no rule of priority hold is unknown", f"did you mean {NO_RULE}", 3),
        ("priority is at least holdd", "did you mean hold?", 21),
    ],
)
def test_malformed_claims_are_refused_where_they_stand(
    text: str, message: str, offset: int
) -> None:
    claim, [(refused, place)] = read_claim(text)
    assert claim is None
    assert refused.startswith(f"{text}: ")
    assert message in refused
    assert refused.count("did you mean") <= 1
    assert place == offset


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
