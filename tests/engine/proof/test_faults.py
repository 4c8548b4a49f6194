"""Rulebooks broken on purpose: each fault is caught by a check that is not a case beside the rule.

The list says which check catches which fault. A check that never fails proves nothing.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from screener.commands.case_text import plain
from screener.engine.problems import RulebookError
from screener.engine.proof import solver
from screener.engine.proof.prove import Proof, prove
from screener.engine.protocol import Rulebook
from screener.engine.rulebook.load import load
from screener.engine.screen import screen
from screener.places import shipped
from tests.clock import PATIENCE

pytestmark = pytest.mark.long

MOOD = "common/mood.yaml"
SUICIDE = "common/suicide_safety.yaml"
SAFETY = "common/ketamine_safety.yaml"
FLAGS = "common/red_flags.yaml"
PATTERNS = "fibromyalgia/patterns.yaml"
EDUCATION = "fibromyalgia/education.yaml"
ACR = "instruments/acr2016.yaml"
PHQ = "instruments/phq9.yaml"
ASQ = "instruments/asq.yaml"
HEALTH = "common/questions/health.yaml"

NEW_RULE = """rules:
  - id: made_for_a_test
    title: A rule that a test put here
    priority: note
    if_unknown: ask
    when: {when}
    choice: O-14
    staff: A test put it here.
    cases:
      - met: made for a test
        answers: {{}}
      - not_met: made for a test
        answers: {{}}
      - unknown: made for a test
        answers: {{}}
"""


@dataclass(frozen=True)
class Fault:
    """One kind of fault: what is changed where, and what catches it.

    `caught_by` is sort and subject of the statement that fails, or `load`, or the words with which
    loading refuses it.
    """

    what: str
    file: str
    old: str
    new: str
    caught_by: tuple[str, str]
    everywhere: bool = False


FAULTS = [
    Fault(
        "a digit lost from a threshold",
        MOOD,
        "- leaf: phq9 >= 10\n          because: Depressive symptoms now",
        "- leaf: phq9 >= 1\n          because: Depressive symptoms now",
        ("invariant", "depression_resistant_only_with_its_parts"),
    ),
    Fault(
        "one arm of an any dropped",
        SUICIDE,
        "            - asq_4 in (yes, declined)\n          because: Any yes, or refusal",
        "          because: Any yes, or refusal",
        ("invariant", "positive_safety_answer_is_urgent"),
    ),
    Fault(
        "a refusal forgotten",
        SUICIDE,
        "            - asq_2 in (yes, declined)\n            - asq_3",
        "            - asq_2 = yes\n            - asq_3",
        ("invariant", "positive_safety_answer_is_urgent"),
    ),
    Fault(
        "any written where all was",
        PATTERNS,
        "    when:\n      all:\n        - fibromyalgia_pattern is met\n"
        "        - refractory_fibromyalgia is met",
        "    when:\n      any:\n        - fibromyalgia_pattern is met\n"
        "        - refractory_fibromyalgia is met",
        ("invariant", "pairing_only_with_its_parts"),
    ),
    Fault(
        "a safety rule given a lower priority",
        SUICIDE,
        "title: Positive suicide-risk screen, no thoughts right now\n    priority: urgent",
        "title: Positive suicide-risk screen, no thoughts right now\n    priority: hold",
        ("load", "only an emergency or urgent rule shows a help page"),
    ),
    Fault(
        "a safety rule given a lower priority, and its help taken away",
        SUICIDE,
        "no thoughts right now\n    priority: urgent\n    if_unknown: escalate\n    help: crisis",
        "no thoughts right now\n    priority: hold\n    if_unknown: escalate",
        ("invariant", "positive_safety_answer_is_urgent"),
    ),
    Fault(
        "unknown safety rules that no longer escalate",
        SUICIDE,
        "if_unknown: escalate",
        "if_unknown: ask",
        ("invariant", "blank_safety_answer_is_urgent"),
        everywhere=True,
    ),
    Fault(
        "a blank on thoughts right now read as no",
        ASQ,
        "when_missing: declined",
        "when_missing: no",
        ("invariant", "thoughts_now_are_an_emergency"),
    ),
    Fault(
        "a follow-up not asked after one of its answers",
        ASQ,
        "        - asq_3 in (yes, declined)\n",
        "",
        ("invariant", "thoughts_now_are_an_emergency"),
    ),
    Fault(
        "a condition that no score can reach: five regions with at most four areas",
        PATTERNS,
        "            - wpi >= 7 and sss >= 5",
        "            - pain_regions >= 5 and wpi <= 4",
        ("clause", "fibromyalgia_pattern"),
    ),
    Fault(
        "a jaw counted as a region",
        ACR,
        "      - id: jaw_left\n        label: Left side of jaw\n",
        "      - id: jaw_left\n        label: Left side of jaw\n"
        "        groups: {region: left_upper}\n",
        ("invariant", "jaw_chest_and_abdomen_make_no_region"),
    ),
    Fault(
        "another diagnosis that takes the pattern away",
        PATTERNS,
        "        - leaf: symptoms_3_months = yes\n",
        "        - not health_conditions includes rheumatoid_arthritis\n"
        "        - leaf: symptoms_3_months = yes\n",
        ("invariant", "other_diagnoses_change_nothing"),
    ),
    Fault(
        "graded exercise offered to everybody in pain",
        EDUCATION,
        "topics: [what-fibromyalgia-is, how-it-differs,",
        "topics: [moving-gently, what-fibromyalgia-is, how-it-differs,",
        ("invariant", "no_graded_exercise_with_malaise_after_effort"),
    ),
    Fault(
        "graded exercise offered where a clinician advised against it",
        EDUCATION,
        "        - none:\n            - exercise_advised_against = yes\n",
        "",
        ("invariant", "no_graded_exercise_with_malaise_after_effort"),
    ),
    Fault(
        "a gap between two bands",
        PHQ,
        "      - from: 10\n        to: 14",
        "      - from: 11\n        to: 14",
        ("invariant", "bands_are_whole"),
    ),
    Fault(
        "two bands that overlap",
        PHQ,
        "      - from: 5\n        to: 9",
        "      - from: 5\n        to: 10",
        ("invariant", "bands_are_whole"),
    ),
    Fault(
        "= written for >=",
        SAFETY,
        "- leaf: bp_systolic >= 180",
        "- leaf: bp_systolic = 180",
        ("invariant", "a_high_upper_number_is_never_lowered"),
    ),
    Fault(
        "a danger that hides another",
        FLAGS,
        "    when: warning_signs includes sudden_vision_loss",
        "    when: warning_signs includes sudden_vision_loss and not warning_signs includes fever",
        ("invariant", "one_more_danger_never_lowers_the_priority"),
    ),
    Fault(
        "a hold that one more condition takes away",
        SAFETY,
        "    when: health_conditions includes brain_bleed",
        "    when: health_conditions includes brain_bleed"
        " and not health_conditions includes seizures",
        ("invariant", "one_more_danger_never_lowers_the_priority"),
    ),
    Fault(
        "a comparison turned round",
        PATTERNS,
        "- leaf: pain_average >= 4",
        "- leaf: pain_average <= 4",
        ("invariant", "pairing_only_with_its_parts"),
    ),
    Fault(
        "one failed medicine taken for two",
        MOOD,
        "- leaf: antidepressants_failed >= 2",
        "- leaf: antidepressants_failed >= 1",
        ("invariant", "depression_resistant_only_with_its_parts"),
    ),
    Fault(
        "a history that no longer excludes",
        MOOD,
        "        - none:\n            - trd_not_applicable is met\n"
        "          because: No history of bipolar disorder, mania or psychosis\n"
        "          choice: O-8\n",
        "",
        ("invariant", "depression_resistant_only_with_its_parts"),
    ),
    Fault(
        "one class and no intolerance",
        PATTERNS,
        "- leaf: pain_classes_failed >= 1 and pain_classes_failed_or_intolerant >= 2",
        "- leaf: pain_classes_failed >= 1 and pain_classes_failed_or_intolerant >= 1",
        ("invariant", "pairing_only_with_its_parts"),
    ),
    Fault(
        "the age gate two years too low",
        "common/age.yaml",
        "leaf: age < 18",
        "leaf: age < 16",
        ("invariant", "under_age_nothing_is_told"),
    ),
    Fault(
        "an answer that is not asked and stands for nothing",
        HEALTH,
        "asked_when: can_become_pregnant in (yes, unsure)\n    when_not_asked: none",
        "asked_when: can_become_pregnant in (yes, unsure)\n    when_not_asked: unknown",
        ("invariant", "every_input_is_asked"),
    ),
    Fault(
        "a question asked only of those who answered it",
        HEALTH,
        "asked_when: health_conditions includes any_of (thyroid_overactive, thyroid_underactive)",
        "asked_when: thyroid_uncontrolled = yes",
        ("question", "thyroid_uncontrolled"),
    ),
    Fault(
        "a condition on scores that can never be",
        "fibromyalgia/differentials.yaml",
        "wpi >= 1 and pain_regions <= 2",
        "wpi >= 1 and wpi < pain_regions",
        ("clause", "consider_regional_pain"),
    ),
    Fault(
        "a rule that nobody can meet",
        SAFETY,
        "    when: pregnancy includes any_of (possible, planning)",
        "    when: pregnancy includes any_of (possible, planning) and can_become_pregnant = no",
        ("rule", "caution_pregnancy_possible"),
    ),
    Fault(
        "a dose beyond what can be answered",
        "medicines.yaml",
        "      dose_mg: 20\n",
        "      dose_mg: 20000\n",
        ("load", "its answers reach from 0 to 29"),
    ),
    Fault(
        "a condition on rows that no row can meet",
        "fibromyalgia/treatments.yaml",
        "        - little_help_for_pain is met\n        - dose_was_adequate_for_pain is met",
        "        - little_help_for_pain is met\n        - pain_benefit = 30_or_more\n"
        "        - dose_was_adequate_for_pain is met",
        ("row", "failed_for_pain"),
    ),
    Fault(
        "a rule written twice",
        SAFETY,
        "rules:\n",
        NEW_RULE.format(when="pregnancy includes pregnant"),
        ("overlap", "made_for_a_test"),
    ),
    Fault(
        "a rule that lies within another",
        SAFETY,
        "rules:\n",
        NEW_RULE.format(when="bp_systolic >= 190 and bp_diastolic >= 125"),
        ("overlap", "made_for_a_test"),
    ),
    Fault(
        "a clause that another one holds already",
        MOOD,
        "        - leaf: antidepressants_failed >= 2\n",
        "        - antidepressants_failed >= 1\n        - leaf: antidepressants_failed >= 2\n",
        ("clause", "treatment_resistant_depression"),
    ),
    Fault(
        "an overlap called meant that is none",
        "common/invariants.yaml",
        "equal: [consider_psychosis, hold_psychosis]",
        "equal: [consider_psychosis, hold_mania_now]",
        ("overlap", "consider_psychosis"),
    ),
    Fault(
        "an option misspelt",
        FLAGS,
        "includes dark_urine",
        "includes dark_urin",
        ("load", "did you mean dark_urine?"),
    ),
    Fault(
        "a threshold out of reach",
        MOOD,
        "- leaf: phq9 >= 10\n          because: Depressive symptoms now",
        "- leaf: phq9 >= 100\n          because: Depressive symptoms now",
        ("load", "never true"),
    ),
    Fault(
        "an option left out of a score",
        ACR,
        "value: sum(fatigue, waking_unrefreshed, trouble_thinking, headaches,",
        "value: sum(fatigue, waking_unrefreshed, trouble_thinking,",
        ("load", "its answers reach from 0 to 11"),
    ),
]


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the rulebook with the fibromyalgia protocol alone.

    That a counterexample has the fewest answers is tested elsewhere: no time is spent on it here.
    """
    monkeypatch.setattr(solver, "_SMALLER", 500_000)
    copy = Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))
    shutil.rmtree(copy / "depression")
    return copy


def failing(rulebook: Rulebook, sort: str, subject: str) -> list[Proof]:
    proofs = prove(rulebook, seconds=PATIENCE, sorts=[sort], only=lambda c: c.subject == subject)
    return [proof for proof in proofs if proof.verdict != "proved"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_fault_is_caught(rules: Path, fault: Fault) -> None:
    text = (rules / fault.file).read_text(encoding="utf-8")
    assert fault.old in text, "the rulebook has changed: put the fault where it belongs now"
    (rules / fault.file).write_text(
        text.replace(fault.old, fault.new, -1 if fault.everywhere else 1), encoding="utf-8"
    )
    sort, subject = fault.caught_by
    if sort == "load":
        with pytest.raises(RulebookError, match=subject.replace("?", r"\?")):
            load(rules)
        return
    rulebook = load(rules)
    failed = failing(rulebook, sort, subject)
    assert failed, f"{sort} {subject} does not notice it"
    assert all(proof.verdict == "failed" and proof.why for proof in failed)
    protocol = rulebook.protocols["fibromyalgia"]
    for person in (person for proof in failed for person in proof.persons):
        # A counterexample is a person whose answers the form takes as they stand.
        screen(protocol, protocol.read_answers(plain(person)))


def test_there_are_many_kinds_and_every_sort_of_check_catches_some() -> None:
    assert len({fault.what for fault in FAULTS}) == len(FAULTS) >= 15
    sorts = {fault.caught_by[0] for fault in FAULTS}
    assert sorts == {"rule", "clause", "overlap", "row", "question", "invariant", "load"}
