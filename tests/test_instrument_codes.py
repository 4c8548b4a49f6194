"""Codes of the published instruments: as published, and none of another instrument."""

from screener.engine.questions import Question
from tests.shipped import RULEBOOK

FIBROMYALGIA = RULEBOOK.protocols["fibromyalgia"]
QUESTIONS = FIBROMYALGIA.questions
AUDIT_C = {
    "audit_c_1": (
        ("Never", "LA6270-8"),
        ("Monthly or less", "LA18926-8"),
        ("2–4 times a month", "LA18927-6"),
        ("2–3 times a week", "LA18928-4"),
        ("4 or more times a week", "LA18929-2"),
    ),
    "audit_c_2": (
        ("1 or 2", "LA15694-5"),
        ("3 or 4", "LA15695-2"),
        ("5 or 6", "LA18930-0"),
        ("7 to 9", "LA18931-8"),
        ("10 or more", "LA18932-6"),
    ),
    "audit_c_3": (
        ("Never", "LA6270-8"),
        ("Less than monthly", "LA18933-4"),
        ("Monthly", "LA18876-5"),
        ("Weekly", "LA18891-4"),
        ("Daily or almost daily", "LA18934-2"),
    ),
}


def has_check_digit(code: str) -> bool:
    """Whether the last digit of a LOINC code is the mod 10 check digit of the others."""
    body, last = code.split("-")
    doubled = (int(digit) * (1 if i % 2 else 2) for i, digit in enumerate(reversed(body)))
    return -sum(n - 9 if n > 9 else n for n in doubled) % 10 == int(last)


def coded() -> list[Question]:
    """Return the questions that have a code."""
    return [question for question in QUESTIONS.values() if question.loinc]


def test_a_check_digit_tells_two_swapped_digits() -> None:
    assert has_check_digit("44260-8")
    assert not has_check_digit("44206-8")


def test_every_code_has_its_check_digit() -> None:
    codes = [question.loinc for question in coded()]
    codes += [score.loinc for score in FIBROMYALGIA.scores.values() if score.loinc]
    assert len(codes) >= 24
    assert [code for code in codes if not has_check_digit(code)] == []


def test_no_code_stands_for_two_questions() -> None:
    codes = [question.loinc for question in coded()]
    assert sorted(set(codes)) == sorted(codes)


def test_the_answers_of_audit_c_are_as_published() -> None:
    for id, published in AUDIT_C.items():
        assert tuple((o.label, o.loinc) for o in QUESTIONS[id].options) == published, id


def test_audit_c_and_the_drug_question_have_their_own_codes() -> None:
    ids = ("audit_c_1", "audit_c_2", "audit_c_3", "drug_use_times")
    codes = [QUESTIONS[id].loinc for id in ids]
    assert codes == ["68518-0", "68519-8", "68520-6", "68524-8"]
    assert QUESTIONS["drug_use_times"].kind == "number"


def test_the_drug_question_leaves_cannabis_out() -> None:
    assert "other than cannabis" in QUESTIONS["drug_use_times"].text


def test_no_question_of_the_asq_bears_a_code_of_another_instrument() -> None:
    asq = [question for id, question in QUESTIONS.items() if id.startswith("asq_")]
    assert len(asq) == 7
    assert [q.id for q in asq if q.loinc or any(o.loinc for o in q.options)] == []
