"""Evidence: the answers, thresholds and sources behind an outcome; unknown is never negative."""

from collections.abc import Iterator

from hypothesis import given, settings

from screener.engine.explanations.evidence import Evidence, explain, trials
from screener.engine.questions import Answers
from screener.engine.screen import screen
from tests.engine.answers import PROTOCOL, adult, case


def walk(evidence: Evidence) -> Iterator[Evidence]:
    yield evidence
    for part in evidence.parts:
        yield from walk(part)


def test_a_met_pattern_shows_scores_thresholds_and_sources() -> None:
    evidence = explain(screen(PROTOCOL, case("V01")), "fibromyalgia_pattern")
    leaves = [part for part in walk(evidence) if part.kind == "leaf"]
    first = leaves[0]
    assert first.text == "wpi >= 7 and sss >= 5"
    assert first.words == (
        "“Widespread pain index (WPI)” is 7 or more and “Symptom severity scale (SSS)” is 5 or more"
    )
    assert [(item.label, item.value) for item in first.inputs] == [
        ("Widespread pain index (WPI)", "12"),
        ("Symptom severity scale (SSS)", "9"),
    ]
    [areas] = first.inputs[0].parts
    assert areas.value is not None
    assert "Neck" in areas.value
    assert any("wolfe-2016" in part.references for part in walk(evidence))
    assert any(part.because.startswith("Enough painful areas") for part in walk(evidence))


def test_the_range_of_an_incomplete_score_is_shown() -> None:
    evidence = explain(screen(PROTOCOL, case("V18")), "depression_symptoms")
    [leaf] = [part for part in walk(evidence) if part.kind == "leaf"]
    assert leaf.inputs[0].value == "14 to 17"
    blank = [item for item in leaf.inputs[0].parts if item.value is None]
    assert [(item.label, item.note) for item in blank] == [
        (PROTOCOL.questions["phq9_4"].short, "not answered")
    ]


def test_a_blank_that_counts_as_refused_is_shown_as_blank() -> None:
    evidence = explain(screen(PROTOCOL, {"asq_1": "yes"}), "suicide_risk_acute")
    [shown] = [item for part in walk(evidence) for item in part.inputs]
    assert shown.value is None
    assert shown.note == "left blank; counts as “Prefer not to answer”"


def test_a_rule_that_stands_on_others_shows_theirs() -> None:
    evidence = explain(screen(PROTOCOL, case("V01")), "paired_pattern")
    words = [part.words for part in walk(evidence) if part.kind == "rule"]
    assert PROTOCOL.rules["fibromyalgia_pattern"].title in words
    assert PROTOCOL.rules["pain_drug_trials_failed"].title in words


def test_under_age_nothing_is_evaluated() -> None:
    evidence = explain(screen(PROTOCOL, {"age": 16}), "fibromyalgia_pattern")
    assert evidence.outcome == "unknown"
    assert "Not evaluated" in evidence.words


@given(adult())
@settings(deadline=None)  # a hundred explanations an example
def test_every_rule_explains_itself_and_agrees_with_its_outcome(answers: Answers) -> None:
    screening = screen(PROTOCOL, answers)
    for id, outcome in screening.outcomes.items():
        evidence = explain(screening, id)
        assert evidence.outcome == outcome
        for part in walk(evidence):
            assert part.words
            if part.kind == "leaf" and part.outcome == "not_met" and not part.parts:
                # "Not met" is only ever said where the clause is decided.
                assert part.inputs


def test_treatment_trials_say_what_each_counts_as() -> None:
    statuses = {(t.medicine.id, t.use): t.status for t in trials(screen(PROTOCOL, case("V12")))}
    assert statuses[("amitriptyline", "mood")].startswith("Not an adequate trial for mood")
    assert statuses[("amitriptyline", "pain")] == "Failed an adequate trial for pain"
    assert statuses[("duloxetine", "pain")].startswith("Not an adequate trial for pain")
    unsure = {(t.medicine.id, t.use): t.status for t in trials(screen(PROTOCOL, case("V15")))}
    assert unsure[("sertraline", "mood")] == "These answers cannot tell"
