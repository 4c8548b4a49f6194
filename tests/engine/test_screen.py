"""What must hold of screening whatever is answered (clinical reference, section 8)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.engine.explanations.dependencies import dependencies
from screener.engine.expressions import ScoreOf
from screener.engine.priorities import PRIORITIES
from screener.engine.questions import Answers
from screener.engine.resolve import resolve
from screener.engine.screen import screen
from screener.engine.terms.reading import Reading
from tests.engine.answers import PROTOCOL, adult, answer_to, case
from tests.engine.oracle.bounds import Bounds

ASQ = [f"asq_{i}" for i in range(1, 6)]
SELF_HARM = ["phq9_9", *ASQ]
PRESSURE = "bp_systolic", "bp_diastolic"


def rank(answers: Answers) -> int:
    """The place of the priority; 0 is the highest."""
    return PRIORITIES.index(screen(PROTOCOL, answers).priority)


URGENT = PRIORITIES.index("urgent")


@given(adult(), st.data())
def test_filling_a_blank_never_takes_back_what_was_decided(answers: Answers, data: Any) -> None:
    """Holds for every rule with a condition; rules about blanks end when the blank is filled."""
    before = screen(PROTOCOL, answers)
    blank = [
        id
        for id, question in PROTOCOL.questions.items()
        if id not in answers and id != "asq_5" and question.kind != "text"
    ]
    if not blank:
        return
    chosen = data.draw(st.sampled_from(blank))
    filled = {**answers, chosen: data.draw(answer_to(PROTOCOL.questions[chosen]))}
    if chosen == "age" and filled["age"] < 18:
        return
    after = screen(PROTOCOL, filled)
    # A blank fifth question counts as a refusal (O-6): filling an earlier one may ask it.
    if before.resolved.assumed != after.resolved.assumed:
        return
    # An answer that was given although its question turns out not to be asked is dropped.
    if any(id in answers for id in after.resolved.not_asked - before.resolved.not_asked):
        return
    # One number of a reading is taken as it stands; with the other it may turn out to be swapped.
    upper, lower = (filled.get(id) for id in PRESSURE)
    if chosen in PRESSURE and isinstance(upper, int) and isinstance(lower, int) and upper <= lower:
        return
    for id, rule in PROTOCOL.rules.items():
        if rule.when is not None and before.outcomes[id] != "unknown":
            assert after.outcomes[id] == before.outcomes[id], (id, chosen)


@given(adult(), adult(complete=True))
def test_bounds_hold_whatever_the_blanks_turn_out_to_be(answers: Answers, rest: Answers) -> None:
    partial = Bounds(PROTOCOL, dict(answers))
    whole = Bounds(PROTOCOL, {**rest, **answers})
    for id in PROTOCOL.scores:
        if "medicines_tried" in dependencies(PROTOCOL, [ScoreOf(id)]).questions:
            continue  # rows of `answers` may have blanks of their own
        low, high = partial.score(id)
        exact, same = whole.score(id)
        assert low <= exact == same <= high, id


@given(adult())
def test_any_answer_about_self_harm_is_urgent_or_higher(answers: Answers) -> None:
    worrying = answers.get("phq9_9", "0") in ("1", "2", "3") or any(
        answers.get(id) in ("yes", "declined") for id in ASQ
    )
    blank = not any(id in answers for id in SELF_HARM)
    if worrying or blank:
        assert rank(answers) <= URGENT


@given(adult())
def test_thoughts_right_now_are_an_emergency_whatever_else(answers: Answers) -> None:
    for answer in ("yes", "declined"):
        assert screen(PROTOCOL, {**answers, "asq_5": answer}).priority == "emergency"


@given(adult(), st.sampled_from(SELF_HARM))
def test_a_step_toward_more_suicidality_never_lowers_the_queue(answers: Answers, id: str) -> None:
    worse = {"0": "1", "1": "2", "2": "3"} if id == "phq9_9" else {"no": "yes", "declined": "yes"}
    if answers.get(id) in worse:
        changed = {**answers, id: worse[str(answers[id])]}
        assert rank(changed) <= rank(answers)


@given(adult(), st.data())
def test_other_diagnoses_never_change_the_fibromyalgia_outcome(answers: Answers, data: Any) -> None:
    other = ["health_conditions", "joint_signs", "mood_history", "nerve_pain_signs"]
    changed = dict(answers)
    for id in other:
        changed[id] = data.draw(answer_to(PROTOCOL.questions[id]))
    before = screen(PROTOCOL, answers).outcomes["fibromyalgia_pattern"]
    assert screen(PROTOCOL, changed).outcomes["fibromyalgia_pattern"] == before


@given(
    answer_to(PROTOCOL.questions["pain_areas"]),
    st.sampled_from([o for o in PROTOCOL.questions["pain_areas"].option_ids if o != "none"]),
)
def test_one_more_painful_area_never_lowers_a_score(areas: tuple[str, ...], more: str) -> None:
    fewer = () if areas == ("none",) else areas
    wider = tuple(dict.fromkeys((*fewer, more)))
    for score in ("wpi", "pain_regions"):
        before = Reading(PROTOCOL, {"pain_areas": areas}).score(score)[0]
        assert Reading(PROTOCOL, {"pain_areas": wider}).score(score)[0] >= before


@given(adult())
def test_graded_exercise_never_meets_malaise_after_effort(answers: Answers) -> None:
    for answer in ("sometimes", "half_the_time_or_more"):
        topics = screen(PROTOCOL, {**answers, "post_exertional_malaise": answer}).topics
        assert "moving-gently" not in topics
    blank = {id: a for id, a in answers.items() if id != "post_exertional_malaise"}
    assert "moving-gently" not in screen(PROTOCOL, blank).topics


@given(adult(), st.integers(0, 17))
def test_under_18_nothing_else_is_told(answers: Answers, age: int) -> None:
    screening = screen(PROTOCOL, {**answers, "age": age})
    assert screening.priority == "ineligible"
    assert dict(screening.scores) == {}
    assert [id for id, o in screening.outcomes.items() if o != "unknown"] == ["under_18"]
    assert screening.topics == ("support-in-crisis",)


@given(adult())
def test_holds_cautions_and_patterns_never_lower_a_safety_priority(answers: Answers) -> None:
    screening = screen(PROTOCOL, answers)
    highest = min(
        (PRIORITIES.index(rule.priority) for rule in screening.flags), default=len(PRIORITIES)
    )
    assert PRIORITIES.index(screening.priority) <= highest


@given(adult())
def test_needed_names_answers_that_are_open(answers: Answers) -> None:
    screening = screen(PROTOCOL, answers)
    for id, paths in screening.needed.items():
        assert paths, id
        for path in paths:
            question, *rest = path.split(".")
            counted = screening.resolved.answers.get(question)
            if rest:
                assert isinstance(counted, dict)
                assert rest[1] not in counted[rest[0]]
            else:
                # Readings that may have been swapped are asked again.
                assert counted is None or question in PRESSURE


def test_answers_of_hidden_questions_never_count() -> None:
    answers: Answers = {"audit_c_1": "0", "audit_c_2": "4", "audit_c_3": "4"}
    screening = screen(PROTOCOL, answers)
    assert screening.scores["audit_c"] == (0, 0)
    assert {"audit_c_2", "audit_c_3"} <= screening.resolved.not_asked


def test_a_standing_yes_to_right_now_is_not_dropped_with_its_question() -> None:
    answers: Answers = {"asq_1": "no", "asq_2": "no", "asq_3": "no", "asq_4": "no"}
    assert resolve(PROTOCOL, answers).answers["asq_5"] == "no"
    assert resolve(PROTOCOL, {**answers, "asq_5": "yes"}).answers["asq_5"] == "yes"


def test_a_blank_fifth_question_counts_as_refused_and_says_so() -> None:
    resolved = resolve(PROTOCOL, {"asq_1": "yes"})
    assert resolved.answers["asq_5"] == "declined"
    assert resolved.assumed["asq_5"] == "left blank"


def test_not_sure_is_unknown_and_not_no() -> None:
    sure = screen(PROTOCOL, {**case("V01"), "symptoms_3_months": "unsure"})
    assert sure.outcomes["fibromyalgia_pattern"] == "unknown"
    assert "symptoms_3_months" in sure.needed["fibromyalgia_pattern"]


def test_a_skipped_page_counts_as_reached_when_the_form_was_sent() -> None:
    answers: Answers = {"age": 40, "pain_areas": ("neck",)}
    assert screen(PROTOCOL, answers).outcomes["suicide_screen_unanswered"] == "unknown"
    sent = screen(PROTOCOL, answers, submitted=True)
    assert sent.outcomes["suicide_screen_unanswered"] == "met"


def test_missing_doses_are_named_medicine_by_medicine() -> None:
    needed = screen(PROTOCOL, case("V15")).needed["treatment_resistant_depression"]
    assert needed == ("medicines_tried.sertraline.dose_mg", "medicines_tried.venlafaxine.weeks")


@pytest.mark.parametrize(
    ("dose", "age", "outcome"),
    [("2.8", 70, 1), ("2.8", 50, 0), ("5.6", 50, 1)],
)
def test_a_reduced_dose_is_adequate_for_older_people(dose: str, age: int, outcome: int) -> None:
    row = {"dose_mg": dose, "weeks": "8", "taken_most_days": "yes", "pain_benefit": "under_30"}
    from screener.engine.yaml_text import Text

    raw = {
        "age": age,
        "health_conditions": ["none"],
        "medicines_tried": {"cyclobenzaprine_sl": {k: Text(v) for k, v in row.items()}},
    }
    score = screen(PROTOCOL, PROTOCOL.read_answers(raw)).scores["pain_classes_failed"]
    assert score == (outcome, outcome)


def test_a_reduced_dose_is_open_while_the_age_is_not_known() -> None:
    from screener.engine.yaml_text import Text

    row = {"dose_mg": "2.8", "weeks": "8", "taken_most_days": "yes", "pain_benefit": "under_30"}
    raw = {"medicines_tried": {"cyclobenzaprine_sl": {k: Text(v) for k, v in row.items()}}}
    screening = screen(PROTOCOL, PROTOCOL.read_answers(raw))
    assert screening.scores["pain_classes_failed"] == (0, 1)
