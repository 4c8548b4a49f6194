"""Reasons: the sufficient set suffices, each flip flips, each "would settle" really can."""

from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from screener.engine.answer_paths import answer_at, with_answer
from screener.engine.explanations.near_miss import Parts, Short
from screener.engine.explanations.reasons import Reasons, reasons
from screener.engine.explanations.resolving import Settle
from screener.engine.explanations.sufficient_reason import _hitting
from screener.engine.explanations.what_if import WhatIf
from screener.engine.questions import Answer, Answers, Question
from screener.engine.screen import Outcome, screen
from tests.engine.answers import PROTOCOL, adult, case

pytestmark = pytest.mark.long

few = settings(
    max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def outcome(answers: Answers, rule: str, *, submitted: bool = True) -> Outcome:
    """What the whole screening says."""
    return screen(PROTOCOL, answers, submitted=submitted).outcomes[rule]


def reasons_of(answers: Answers, rule: str, **more: Any) -> Reasons:
    return reasons(screen(PROTOCOL, answers, submitted=True), rule, **more)


def keep(answers: Answers, rule: str, paths: tuple[str, ...]) -> Answers:
    """The answers at these paths alone."""
    return WhatIf(screen(PROTOCOL, answers, submitted=True), rule).keeping(paths)


def filled(answers: Answers, settle: Settle) -> Answers:
    for path, value in settle.values:
        answers = with_answer(answers, path, value)
    return answers


def rules_of(answers: Answers, wanted: set[str], count: int, draw: Any) -> list[str]:
    """Some rules with one of these outcomes."""
    outcomes = screen(PROTOCOL, answers, submitted=True).outcomes
    rules = sorted(id for id, outcome in outcomes.items() if outcome in wanted)
    assume(rules)
    return list(draw(st.lists(st.sampled_from(rules), min_size=1, max_size=count, unique=True)))


# --- properties ----------------------------------------------------------------------------------


@given(adult(), st.data())
@few
def test_the_sufficient_set_suffices_and_none_of_it_can_be_left_out(
    answers: Answers, data: st.DataObject
) -> None:
    for rule in rules_of(answers, {"met", "not_met"}, 4, data.draw):
        result = reasons_of(answers, rule, tries=60)
        enough = result.sufficient
        assert enough is not None
        if enough.blanks:
            # "Not sure" is as good as a blank.
            counted = screen(PROTOCOL, answers, submitted=True).resolved.answers
            assert all(answer_at(counted, path) is None for path in enough.paths)
            continue
        assert outcome(keep(answers, rule, enough.paths), rule) == result.outcome
        what_if = WhatIf(screen(PROTOCOL, answers, submitted=True), rule)
        for path in enough.paths:
            fewer = [other for other in enough.paths if other != path]
            assert what_if.outcome_keeping(fewer) != result.outcome, (rule, path)


@given(adult(), st.data())
@few
def test_whatever_the_other_answers_are_the_sufficient_set_suffices(
    answers: Answers, data: st.DataObject
) -> None:
    [rule] = rules_of(answers, {"met", "not_met"}, 1, data.draw)
    enough = reasons_of(answers, rule, tries=60).sufficient
    assert enough is not None
    assume(not enough.blanks and not enough.assumed)
    kept = keep(answers, rule, enough.paths)
    others = data.draw(adult())
    # What was kept stays, and decides what is asked; everything else is somebody else's.
    mixed = {**others, **kept}
    what_if = WhatIf(screen(PROTOCOL, mixed, submitted=True), rule)
    assume(set(kept) <= set(what_if.counted))
    assume(not what_if.screening.ineligible or rule == "under_18")
    if PROTOCOL.table.id in kept:
        rows = kept[PROTOCOL.table.id]
        assert isinstance(rows, dict)
        mixed[PROTOCOL.table.id] = {
            row: {**_cells(others, row), **cells} for row, cells in rows.items()
        }
    assert outcome(mixed, rule) == outcome(answers, rule)


def _cells(answers: Answers, row: str) -> dict[str, Any]:
    rows = answers.get(PROTOCOL.table.id, {})
    assert isinstance(rows, dict)
    return dict(rows.get(row, {}))


@given(adult(), st.data())
@few
def test_each_flip_really_flips(answers: Answers, data: st.DataObject) -> None:
    for rule in rules_of(answers, {"met", "not_met"}, 4, data.draw):
        result = reasons_of(answers, rule, tries=5)
        for flip in result.flips:
            assert {flip.outcome, result.outcome} == {"met", "not_met"}
            assert answer_at(answers, flip.path) is not None or flip.old is None
            changed = with_answer(answers, flip.path, flip.new)
            assert outcome(changed, rule) == flip.outcome, (rule, flip)


@given(adult(), st.data())
@few
def test_no_single_change_of_points_or_of_one_option_is_overlooked(
    answers: Answers, data: st.DataObject
) -> None:
    [rule] = rules_of(answers, {"met", "not_met"}, 1, data.draw)
    assume(PROTOCOL.rules[rule].when is not None)
    result = reasons_of(answers, rule, tries=5)
    flipped = {flip.path for flip in result.flips}
    what_if = WhatIf(screen(PROTOCOL, answers, submitted=True), rule)
    for id in what_if.counted:
        question = PROTOCOL.questions[id]
        for value in question.option_ids if question.kind == "choice" else ():
            other = outcome({**answers, id: value}, rule)
            if {other, result.outcome} == {"met", "not_met"}:
                assert id in flipped, (rule, id, value)


@given(adult(), st.data())
@few
def test_each_would_settle_really_can(answers: Answers, data: st.DataObject) -> None:
    for rule in rules_of(answers, {"unknown"}, 3, data.draw):
        for settle in reasons_of(answers, rule, tries=60, completions=200).settles:
            assert outcome(filled(answers, settle), rule) == settle.outcome, (rule, settle)
            values = dict(settle.values)
            for path in values if len(values) > 1 else ():
                fewer = answers
                for other in values:
                    if other != path:
                        fewer = with_answer(fewer, other, values[other])
                assert outcome(fewer, rule) != settle.outcome, (rule, settle, path)


def every_answer(question: Question) -> list[Answer]:
    """All answers of a question, as far as that is a list one can write down."""
    if question.kind == "choice":
        return [option.id for option in question.options if option.counts_as is None]
    if question.kind == "number":
        low, high = question.reach
        return list(range(low, min(high, 400) + 1))
    ids = [option.id for option in question.options if option.id != "none"]
    answers: list[Answer] = [("none",)] if "none" in question.option_ids else []
    for ticks in product((False, True), repeat=min(len(ids), 8)):
        some = tuple(id for id, ticked in zip(ids, ticks, strict=False) if ticked)
        answers += [some] if some else []
    return answers


@given(st.sampled_from(PROTOCOL.cases), st.data())
@few
def test_the_exact_outcome_agrees_with_trying_everything(person: Any, data: st.DataObject) -> None:
    answers: Answers = dict(person.answers)
    assume(answers.get("age", 40) != 16)
    small = [id for id in answers if id in SMALL]
    assume(small)
    for id in data.draw(st.sets(st.sampled_from(small), min_size=1, max_size=2)):
        answers.pop(id)
    [rule] = rules_of(answers, {"unknown"}, 1, data.draw)
    exact = reasons_of(answers, rule, tries=60).exact
    paths = WhatIf(screen(PROTOCOL, answers, submitted=True), rule).open_paths()
    assume(exact is not None and exact.outcomes is not None)
    assume(0 < len(paths) <= 2 and all(path in SMALL for path in paths))
    every = [every_answer(PROTOCOL.questions[path]) for path in paths]
    outcomes: frozenset[Outcome] = frozenset(
        outcome({**answers, **dict(zip(paths, values, strict=True))}, rule)
        for values in product(*every)
    )
    assert exact is not None and exact.outcomes is not None
    if exact.outcomes >= {"met", "not_met"}:
        # Both end the search: a reading that may have been swapped can leave it open besides.
        assert outcomes - {"unknown"} == exact.outcomes - {"unknown"}, rule
    else:
        assert exact.outcomes == outcomes, rule


SMALL = {
    id
    for id, question in PROTOCOL.questions.items()
    if (question.kind == "choice" and len(question.options) < 6)
    or id in ("pain_average", "bp_systolic")
}


@pytest.mark.parametrize("name", ["V01", "V15", "V17", "B11", "B12"])
def test_every_rule_of_a_person_has_its_reasons(name: str) -> None:
    answers = case(name)
    screening = screen(PROTOCOL, answers, submitted=True)
    for rule, outcome in screening.outcomes.items():
        result = reasons(screening, rule, tries=20, completions=50)
        assert result.outcome == outcome
        assert (result.sufficient is None) == (outcome == "unknown")
        assert (result.exact is None) == (outcome != "unknown")
        assert not result.flips if outcome == "unknown" else not result.settles


# --- examples ------------------------------------------------------------------------------------


def test_nine_of_nine_items_are_not_needed_for_ten_points() -> None:
    result = reasons_of(case("V01"), "depression_symptoms").sufficient
    assert result is not None
    assert result.smallest
    points = [int(str(case("V01")[path])) for path in result.paths]
    assert sum(points) >= 10
    assert sum(points) - min(points) < 10
    best = sorted((int(str(case("V01")[f"phq9_{n}"])) for n in range(1, 10)), reverse=True)
    fewest = next(n for n in range(1, 10) if sum(best[:n]) >= 10)
    assert len(result.paths) == fewest


@pytest.mark.parametrize(("name", "expected"), [("V01", "met"), ("V17", "not_met")])
def test_a_set_is_only_called_smallest_when_it_is(name: str, expected: Outcome) -> None:
    """Against every set of the eight answers behind the pattern, which are 256.

    For V17 leaving out one answer after the other ends at five, and four are enough.
    """
    answers = case(name)
    result = reasons_of(answers, "fibromyalgia_pattern").sufficient
    assert result is not None
    what_if = WhatIf(screen(PROTOCOL, answers, submitted=True), "fibromyalgia_pattern")
    paths = what_if.given()
    sizes = [
        sum(kept)
        for kept in product((False, True), repeat=len(paths))
        if what_if.outcome_keeping(p for p, k in zip(paths, kept, strict=True) if k) == expected
    ]
    assert result.smallest
    assert len(result.paths) == min(sizes) == 4


def test_one_answer_is_found_where_four_others_would_do_as_well() -> None:
    result = reasons_of(case("V17"), "refractory_fibromyalgia_partial").sufficient
    assert result is not None
    assert (result.paths, result.smallest) == (("pain_average",), True)
    [clause] = result.clauses
    assert clause.words == "“Average pain, past 7 days” is 4 of 10 or more"
    hasty = reasons_of(case("V17"), "refractory_fibromyalgia_partial", tries=0).sufficient
    assert hasty is not None
    assert not hasty.smallest


def test_a_search_that_takes_too_long_proves_nothing() -> None:
    pairs = [frozenset(pair) for pair in combinations("abcdefghijklmn", 2)]
    assert _hitting(pairs, 13) == "too long"
    assert _hitting(pairs[:13], 13) == frozenset("a")
    assert _hitting(pairs[:1], 1) is None


def test_an_answer_that_was_given_is_not_taken_for_a_blank_that_counts_as_refused() -> None:
    answers: Answers = {"asq_1": "yes", "asq_5": "yes"}
    result = reasons_of(answers, "suicide_risk_acute").sufficient
    assert result is not None
    assert result.paths == ("asq_5",)
    # With asq_1 alone a blank asq_5 would count as refused; but it was answered.
    what_if = WhatIf(screen(PROTOCOL, answers), "suicide_risk_acute")
    assert what_if.outcome_keeping(["asq_1"]) == "unknown"
    blank = reasons_of({"asq_1": "yes"}, "suicide_risk_acute").sufficient
    assert blank is not None
    assert (blank.paths, blank.assumed) == (("asq_1",), ("asq_5",))


def test_a_rule_about_blanks_rests_on_a_blank() -> None:
    answers = case("V18")
    result = reasons_of(answers, "check_phq9_incomplete")
    assert result.sufficient is not None
    assert (result.sufficient.blanks, result.sufficient.paths) == (True, ("phq9_4",))
    [flip] = result.flips
    assert (flip.path, flip.old, flip.outcome) == ("phq9_4", None, "not_met")
    undecided = reasons_of(case("B12"), "screening_incomplete")
    assert undecided.sufficient is not None
    assert (undecided.sufficient.blanks, undecided.sufficient.paths) == (True, ())
    assert "symptoms_3_months" in {flip.path for flip in undecided.flips}


def shorts(name: str, rule: str = "fibromyalgia_pattern", **changes: Any) -> list[tuple[Any, ...]]:
    result = reasons_of({**case(name), **changes}, rule).near
    return [
        (short.label, short.low, short.high, short.operator, short.threshold, short.gap)
        for short in result
        if isinstance(short, Short)
    ]


WPI, SSS = "Widespread pain index (WPI)", "Symptom severity scale (SSS)"
REGIONS = "Regions with pain, of five (jaw, chest and abdomen not counted)"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("B2", [(SSS, 4, 4, ">=", 5, 1)]),
        ("B6", [(WPI, 3, 3, ">=", 4, 1), (REGIONS, 3, 3, ">=", 4, 1)]),
        ("B7", [(REGIONS, 3, 3, ">=", 4, 1)]),
        ("B11", [(SSS, 8, 11, ">=", 9, 0)]),
        ("B1", []),
    ],
)
def test_the_edges_of_the_criteria_say_how_near(name: str, expected: list[Any]) -> None:
    assert shorts(name) == expected


def test_how_many_parts_hold_is_counted_with_those_that_are_open() -> None:
    result = reasons_of(case("B12"), "fibromyalgia_pattern").near
    assert result == (Parts("fibromyalgia_pattern", 2, 1, 3, 3),)
    [whole, *_] = reasons_of({**case("V01"), "pain_average": 3}, "refractory_fibromyalgia").near
    assert whole == Parts("refractory_fibromyalgia", 3, 0, 4, 4)
    assert shorts("V01", "refractory_fibromyalgia", pain_average=3) == [
        ("Average pain, past 7 days", 3, 3, ">=", 4, 1)
    ]


def test_the_nearest_number_flips() -> None:
    answers: Answers = {**case("V01"), "pain_average": 2}
    flips = {flip.path: flip for flip in reasons_of(answers, "refractory_fibromyalgia").flips}
    assert (flips["pain_average"].old, flips["pain_average"].new) == (2, 4)
    [clause] = flips["pain_average"].clauses
    assert clause.because == "Average pain of at least 4 of 10 over the past 7 days"
    assert clause.choices == ("O-11",)


def test_one_row_can_be_decisive_by_any_of_its_cells_and_as_a_whole() -> None:
    paths = {flip.path for flip in reasons_of(case("V01"), "pain_drug_trials_failed").flips}
    row = "medicines_tried.pregabalin"
    assert {row, f"{row}.dose_mg", f"{row}.weeks", f"{row}.taken_most_days"} <= paths


def test_an_open_rule_whose_answers_cannot_matter_is_called_certain() -> None:
    result = reasons_of(case("V15"), "same_family")
    assert result.outcome == "unknown"
    assert result.exact is not None
    assert result.exact.certain == "not_met"
    assert screen(PROTOCOL, case("V15")).outcomes["same_family"] == "unknown"


def test_open_answers_say_which_way_they_lead() -> None:
    result = reasons_of(case("V15"), "treatment_resistant_depression")
    settling = [(settle.paths, settle.outcome) for settle in result.settles]
    dose, weeks = "medicines_tried.sertraline.dose_mg", "medicines_tried.venlafaxine.weeks"
    assert settling == [((dose,), "not_met"), ((weeks,), "not_met"), ((dose, weeks), "met")]
    assert result.exact is not None
    assert result.exact.outcomes == frozenset({"met", "not_met"})


def test_too_many_missing_answers_are_not_enumerated_and_that_is_said() -> None:
    result = reasons_of(case("B12"), "pain_drug_trials_failed")
    assert result.exact is not None
    assert result.exact.outcomes is None
    assert result.exact.certain is None


def test_of_somebody_under_age_nothing_is_said() -> None:
    answers: Answers = {"age": 16, "pain_areas": ("neck",)}
    result = reasons_of(answers, "fibromyalgia_pattern")
    assert not result.evaluated
    assert result == Reasons("fibromyalgia_pattern", "unknown", evaluated=False)
    gate = reasons_of(answers, "under_18")
    assert gate.sufficient is not None
    assert gate.sufficient.paths == ("age",)
    assert [(flip.old, flip.new) for flip in gate.flips] == [(16, 18)]


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(KeyError):
        reasons_of(case("V01"), "no_such_rule")


def test_rows_and_cells_are_changed_without_touching_the_original() -> None:
    answers: Answers = {"medicines_tried": {"sertraline": {"weeks": 4}}}
    changed = with_answer(answers, "medicines_tried.sertraline.weeks", 6)
    assert answer_at(changed, "medicines_tried.sertraline.weeks") == 6
    assert answer_at(answers, "medicines_tried.sertraline.weeks") == 4
    assert (
        answer_at(with_answer(answers, "medicines_tried.sertraline", None), "medicines_tried") == {}
    )
    assert answer_at(with_answer(answers, "medicines_tried", None), "medicines_tried.x.y") is None
