"""The yardstick measures the right thing: what is compared with says the same as the engine.

Nothing here is timed; `make bench` does that, with the other engines installed.
"""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.bench import Differs, check, check_blanks
from benchmarks.contestant import Contestant
from benchmarks.contestants import BY_HAND, OURS, own
from benchmarks.handwritten import handwritten
from benchmarks.report import as_json, figures, goal_line, goals, table
from screener.engine.questions import Answers
from screener.engine.screen import screen
from screener.engine.terms.reading import Reading
from screener.synthetic import completed, people, with_blanks
from tests.engine.answers import PROTOCOL, adult
from tests.engine.tabular.population_samples import people_on_medicines

pytestmark = pytest.mark.long

BY_HAND_VERDICTS = handwritten(PROTOCOL)
ON_BLOOD_PRESSURE = {
    "red_flag_very_low_blood_pressure",
    "hold_blood_pressure_crisis",
    "hold_blood_pressure",
    "caution_blood_pressure",
    "caution_low_blood_pressure",
    "blood_pressure_raising",
}


def met(answers: Answers) -> dict[str, bool]:
    return {id: outcome == "met" for id, outcome in screen(PROTOCOL, answers).outcomes.items()}


@given(adult(complete=True), st.integers(0, 9))
def test_python_written_by_hand_says_the_same_of_arbitrary_complete_people(
    answers: Answers, seed: int
) -> None:
    whole = completed(PROTOCOL, answers, Random(seed))  # noqa: S311  # made-up people, no secret
    assert BY_HAND_VERDICTS(whole) == met(whole)


def test_python_written_by_hand_says_the_same_of_the_synthetic_people() -> None:
    for answers in people(PROTOCOL, 800):
        assert BY_HAND_VERDICTS(answers) == met(answers)


def test_python_written_by_hand_says_the_same_of_people_on_medicines() -> None:
    draw = Random(4)  # noqa: S311  # made-up people, no secret
    for answers, _ in people_on_medicines(PROTOCOL, 2000, seed=4):
        whole = completed(PROTOCOL, answers, draw)
        assert BY_HAND_VERDICTS(whole) == met(whole)


def test_python_written_by_hand_has_the_age_gate() -> None:
    (answers,) = people(PROTOCOL, 1)
    child = {**answers, "age": 17}
    assert BY_HAND_VERDICTS(child) == met(child)


def test_synthetic_people_are_the_same_every_time_and_another_seed_makes_others() -> None:
    assert people(PROTOCOL, 40) == people(PROTOCOL, 40)
    assert people(PROTOCOL, 40) != people(PROTOCOL, 40, seed=7)
    everyone = people(PROTOCOL, 40)
    assert with_blanks(everyone) == with_blanks(everyone)


def test_synthetic_people_are_complete_adults_whose_answers_the_form_would_take() -> None:
    nothing = Reading(PROTOCOL, {})
    for answers in people(PROTOCOL, 200):
        assert PROTOCOL.read_answers(answers) == answers
        assert isinstance(answers["age"], int) and answers["age"] >= 18
        # Two numbers that may have been swapped leave rules on blood pressure open; nothing else
        # leaves a rule open.
        unknown = {rule.id for rule in screen(PROTOCOL, answers, submitted=True).unknown}
        swapped = answers["bp_systolic"] <= answers["bp_diastolic"]  # type: ignore[operator]
        assert unknown <= (ON_BLOOD_PRESSURE if swapped else set())
        table = answers["medicines_tried"]
        assert isinstance(table, dict)
        for medicine, cells in table.items():
            for column in PROTOCOL.table.columns:
                is_asked = nothing.column_asked(PROTOCOL.medicines[medicine], column, cells)
                assert column.id in cells or not is_asked


def test_every_condition_is_met_by_some_synthetic_people_and_not_by_others() -> None:
    verdicts = [BY_HAND_VERDICTS(answers) for answers in people(PROTOCOL, 4000)]
    for rule in (id for id, rule in PROTOCOL.rules.items() if rule.when):
        seen = {verdict[rule] for verdict in verdicts}
        assert seen == ({False} if rule == "under_18" else {True, False}), rule


def test_a_tenth_is_left_out_and_the_age_stays() -> None:
    everyone = people(PROTOCOL, 100)
    blanks = with_blanks(everyone)
    left = sum(map(len, blanks)) / sum(map(len, everyone))
    assert 0.88 < left < 0.92
    assert all("age" in answers for answers in blanks)
    # A blank may by chance be one that no rule needs.
    assert sum(bool(screen(PROTOCOL, answers).unknown) for answers in blanks) >= 95


def test_all_that_run_here_agree() -> None:
    everyone = people(PROTOCOL, 30)
    check(PROTOCOL, own(PROTOCOL), everyone)
    check_blanks(PROTOCOL, with_blanks(everyone))


def test_a_wrong_verdict_is_told_with_its_rule_and_person() -> None:
    def wrong(answers: Answers) -> dict[str, bool]:
        return {**met(answers), "caution_age_65": True}

    fault = Contestant("somebody", lambda answers: answers, wrong, lambda verdicts: verdicts)
    young: list[Answers] = [{**answers, "age": 40} for answers in people(PROTOCOL, 2)]
    young[0]["age"] = 70
    with pytest.raises(Differs, match="somebody says True of the rule caution_age_65 for person 1"):
        check(PROTOCOL, [fault], young)


def test_a_verdict_that_is_missing_is_named() -> None:
    silent = Contestant(
        "somebody", lambda answers: answers, met, lambda _: {}, package="some-package"
    )
    with pytest.raises(Differs, match="somebody says nothing of under_18, "):
        check(PROTOCOL, [silent], people(PROTOCOL, 1))


# In the third round the machine was busy: all took twice as long, which changes no ratio.
TIMES = {
    OURS: [10.0, 10.0, 20.0, 10.0, 12.0],
    BY_HAND: [6.0, 6.0, 12.0, 5.0, 6.0],
    "peer": [30.0, 20.0, 60.0, 31.0, 36.0],
    "slow peer": [90.0, 90.0, 190.0, 80.0, 90.0],
}


def test_ratios_are_taken_within_a_round() -> None:
    measured = figures(TIMES, OURS)
    assert measured[OURS].median_us == 10 and measured[OURS].ratio == 1
    peer = measured["peer"]
    assert peer.median_us == 31
    assert (peer.ratio, peer.lowest_ratio, peer.highest_ratio) == (3.0, 2.0, 3.1)
    assert peer.rounds_us == (30, 20, 60, 31, 36)


def test_goals_are_about_the_fastest_peer_and_python_written_by_hand() -> None:
    peers = {"slow peer": "typed answers", "peer": "typed answers"}
    fastest, by_hand = goals(figures(TIMES, OURS), BY_HAND, peers)
    assert (fastest.of, fastest.ratio, fastest.reached) == ("peer", 3.0, True)
    assert (by_hand.of, by_hand.ratio, by_hand.reached) == (BY_HAND, 0.6, True)
    assert goal_line(fastest) == "reached: 3.00 times as fast as peer; wanted 2.5"
    late = figures({**TIMES, "peer": [9.0] * 5}, OURS)
    assert not goals(late, BY_HAND, peers)[0].reached
    assert [goal.of for goal in goals(late, BY_HAND, {})] == [BY_HAND]


def test_a_peer_that_starts_from_something_better_is_told_besides() -> None:
    peers = {"peer": "JSON text", "slow peer": "typed answers"}
    alike, any_start, _ = goals(figures(TIMES, OURS), BY_HAND, peers)
    assert (alike.of, any_start.of) == ("slow peer", "peer")


def test_the_report_has_every_contestant_the_fastest_first() -> None:
    measured = figures(TIMES, OURS)
    lines = table(measured, {"peer": "JSON text"}).splitlines()
    assert [line.split("  ")[0] for line in lines[1:]] == [BY_HAND, OURS, "peer", "slow peer"]
    assert lines[3].split()[-2:] == ["JSON", "text"]
    written = as_json(measured, goals(measured, BY_HAND, {"peer": "typed answers"}))
    assert written["contestants"]["peer"]["median_us"] == 31
    assert written["goals"][0]["reached"] is True
