"""Versions of the rulebook: what counts as a change, and that none goes unnoticed."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from screener.engine.diff.by_meaning import changes_meaning, compare
from screener.engine.diff.difference import Difference
from screener.engine.field_types import Review
from screener.engine.problems import RulebookError
from screener.engine.rulebook.load import load
from screener.engine.rulebook.lock import check_lock, write_lock
from screener.engine.rulebook.notices import notices, overdue
from screener.places import shipped
from tests.engine.answers import PROTOCOL, RULEBOOK

pytestmark = pytest.mark.long

PATTERNS = "fibromyalgia/patterns.yaml"
MOOD = "common/mood.yaml"
AGE = "common/age.yaml"
ASQ = "instruments/asq.yaml"
STATED = "common/invariants.yaml"
VERSION = PROTOCOL.version


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the rulebook to change."""
    return Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))


def change(rules: Path, file: str, old: str, new: str) -> None:
    text = (rules / file).read_text(encoding="utf-8")
    assert old in text
    (rules / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def compared(rules: Path) -> dict[str, Difference]:
    return {difference.id: difference for difference in compare(RULEBOOK, load(rules))}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("- wpi >= 7 and sss >= 5", "- sss > 4 and 7 <= wpi"),
        ("leaf: symptoms_3_months = yes", "leaf: not symptoms_3_months != yes"),
        ("- wpi between 4 and 6 and sss >= 9", "- (wpi >= 4 and wpi <= 6) and sss >= 9"),
        ("leaf: pain_regions >= 4", "leaf: count(region of pain_areas) >= 4"),
    ],
)
def test_another_spelling_is_no_difference(rules: Path, old: str, new: str) -> None:
    change(rules, PATTERNS, old, new)
    assert compared(rules) == {}


def test_a_threshold_changes_the_rule_and_all_that_stand_on_it(rules: Path) -> None:
    change(rules, PATTERNS, "- wpi >= 7 and sss >= 5", "- wpi >= 8 and sss >= 5")
    differences = compared(rules)
    for id in ("fibromyalgia_pattern", "refractory_fibromyalgia", "paired_pattern"):
        assert differences[id].kind == "meaning"
    assert "is 7 or more" in differences["fibromyalgia_pattern"].old
    assert "is 8 or more" in differences["fibromyalgia_pattern"].new
    assert "depression_symptoms" not in differences


def test_a_dose_changes_the_rules_that_count_the_medicine(rules: Path) -> None:
    change(rules, "medicines.yaml", "dose_mg: 150", "dose_mg: 75")
    differences = compared(rules)
    assert differences["treatment_resistant_depression"].kind == "meaning"
    assert "medicine" in {difference.what for difference in differences.values()}


def test_priority_is_handling_and_a_title_is_wording(rules: Path) -> None:
    change(rules, AGE, "if_unknown: ask", "if_unknown: review")
    change(rules, MOOD, "title: Anxiety symptoms, GAD-7", "title: Worry, GAD-7")
    differences = compared(rules)
    assert differences["under_18"].kind == "handling"
    assert differences["anxiety_symptoms"].kind == "wording"
    assert changes_meaning(list(differences.values()))
    assert not changes_meaning([differences["anxiety_symptoms"]])


@pytest.mark.parametrize(
    ("file", "old", "new", "difference"),
    [
        ("instruments/gad7.yaml", "title: GAD-7 total", "title: GAD-7 sum",
            ("score", "gad7", "wording", "GAD-7 total", "GAD-7 sum")),
        ("medicines.yaml", "dose_mg: 150", "dose_mg: 75",
            ("medicine", "venlafaxine", "meaning", "mood: 150 mg for 6 weeks",
                "mood: 75 mg for 6 weeks")),
        ("medicines.yaml", "name: Venlafaxine", "name: Venlafaxin",
            ("medicine", "venlafaxine", "wording", "Venlafaxine", "Venlafaxin")),
        ("common/invariants.yaml", "by: [depression_symptoms]",
            "by: [depression_symptoms, under_18]",
            ("overlap", "resistant_depression_is_depression", "proof", "by: depression_symptoms",
                "by: depression_symptoms, under_18")),
    ],
)  # fmt: skip
def test_a_difference_names_what_was_and_what_is(
    rules: Path, file: str, old: str, new: str, difference: tuple[str, ...]
) -> None:
    change(rules, file, old, new)
    differences = compare(RULEBOOK, load(rules))
    assert difference in [(d.what, d.id, d.kind, d.old, d.new) for d in differences]


def test_what_the_browser_may_keep_is_handling(rules: Path) -> None:
    protocol = "fibromyalgia/protocol.yaml"
    change(rules, protocol, "keep_typing: yes\n    questions: [sex,", "questions: [sex,")
    change(rules, protocol, "title: Where it hurts", "title: Places that hurt")
    differences = compared(rules)
    assert {id: (d.what, d.kind) for id, d in differences.items()} == {
        "about_you": ("page", "handling"),
        "pain_areas": ("page", "wording"),
    }
    assert (differences["about_you"].old, differences["about_you"].new) == (
        "keep_typing: yes",
        "keep_typing: no",
    )


def test_added_and_removed(rules: Path) -> None:
    change(rules, AGE, "id: under_18", "id: under_age")
    for claim in ("      - under_18 is met\n", "      - no rule but under_18 is decided\n"):
        change(rules, STATED, claim, claim.replace("under_18", "under_age"))
    for protocol in ("fibromyalgia", "depression"):
        change(rules, f"{protocol}/cases/patients.yaml", "flags: [under_18]", "flags: []")
    differences = compared(rules)
    assert differences["under_18"].kind == "removed"
    assert differences["under_age"].kind == "added"
    assert differences["under_age_nothing_is_told"].kind == "proof"


def test_what_is_proved_is_compared_too(rules: Path) -> None:
    change(rules, STATED, "  - id: a_hold_is_never_lowered\n", "  - id: a_hold_stays\n")
    change(rules, STATED, "      - phq9 >= 10\n", "      - phq9 >= 9\n")
    change(rules, STATED, "neither overlap nor leave a gap", "have no gap and no overlap")
    change(
        rules, STATED, "because: One asks the physician", "because: The first asks the physician"
    )
    change(rules, STATED, "by: [depression_symptoms]", "by: [depression_symptoms, under_18]")
    differences = compared(rules)
    assert {id: difference.kind for id, difference in differences.items()} == {
        "a_hold_stays": "added",
        "a_hold_is_never_lowered": "removed",
        "depression_resistant_only_with_its_parts": "proof",
        "bands_are_whole": "wording",
        "psychosis_twice": "wording",
        "resistant_depression_is_depression": "proof",
    }
    assert differences["bands_are_whole"].what == "statement"
    assert differences["psychosis_twice"].what == "overlap"


def test_what_a_blank_stands_for_is_meaning(rules: Path) -> None:
    change(rules, ASQ, "    when_missing: declined\n", "")
    text = (rules / "common/suicide_safety.yaml").read_text()
    start = text.index("      - met: a blank after a positive answer counts as positive")
    end = text.index("      - met: a yes to right now is kept")
    (rules / "common/suicide_safety.yaml").write_text(text[:start] + text[end:])
    asq_5 = compared(rules)["asq_5"]
    assert asq_5.kind == "meaning"
    assert "when_missing: declined" in asq_5.old and "when_missing: None" in asq_5.new


def test_the_released_text_is_locked() -> None:
    assert check_lock(shipped("rules"), RULEBOOK) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        (AGE, "age < 18", "18 > age", "under_18 has changed"),
        (AGE, "      - met: seventeen years old\n        answers:\n          age: 17\n",
            "      - met: sixteen years old\n        answers:\n          age: 16\n",
            "under_18 has changed"),
        (PATTERNS, "      - not_met: less than three months\n        like: V01\n        answers:\n"
            "          symptoms_3_months: no\n", "", "fibromyalgia_pattern has changed"),
        ("common/questions/health.yaml", "      - id: longer_ago\n", "      - id: long_ago\n",
            "bp_when has changed"),
        ("choices.yaml", "value: bounds, no imputation", "value: imputed", "O-1 has changed"),
        ("common/education/sleep.md", "reviewed: unreviewed",
            "reviewed:\n  by: Dr. Synthetic\n  on: 2026-05-31", "has changed"),
        ("fibromyalgia/protocol.yaml", "floor: review", "floor: note", "has changed"),
    ],
)  # fmt: skip
def test_every_change_without_a_new_version_is_named(
    rules: Path, file: str, old: str, new: str, named: str
) -> None:
    change(rules, file, old, new)
    problems = [str(problem) for problem in check_lock(rules, load(rules))]
    assert any(line.startswith(file) and named in line for line in problems), problems


def test_a_new_version_needs_a_changelog_entry_and_a_new_lock(rules: Path) -> None:
    change(rules, "fibromyalgia/protocol.yaml", f"version: {VERSION}", "version: 9.0.0")
    changed = load(rules)
    problems = [str(problem) for problem in check_lock(rules, changed)]
    assert any("screener lock" in line for line in problems)
    assert any("fibromyalgia 9.0.0" in line for line in problems)
    with pytest.raises(RulebookError, match=r"fibromyalgia 9\.0\.0"):
        write_lock(rules, changed)
    with (rules / "CHANGELOG.md").open("a") as changelog:
        changelog.write("\n## fibromyalgia 9.0.0\n\nOne sentence that says what has changed.\n")
    write_lock(rules, changed)
    assert check_lock(rules, load(rules)) == []


def test_a_version_cannot_go_back_or_be_locked_twice(rules: Path) -> None:
    change(rules, "fibromyalgia/protocol.yaml", f"version: {VERSION}", "version: 0.0.9")
    assert "lower version" in str(check_lock(rules, load(rules))[0])
    change(rules, "fibromyalgia/protocol.yaml", "version: 0.0.9", f"version: {VERSION}")
    change(rules, AGE, "title: Under 18", "title: Younger than 18")
    with pytest.raises(RulebookError, match="raise the version"):
        write_lock(rules, load(rules))


def test_unused_references_are_named(rules: Path) -> None:
    assert notices(RULEBOOK, date(2026, 1, 1)) == []
    change(rules, "references.yaml", "  - id: wolfe-2016\n",
           "  - id: nobody-1900\n    citation: Nobody. 1900.\n    supports: nothing\n"
           "    read: recalled\n  - id: wolfe-2016\n")  # fmt: skip
    assert notices(load(rules), date(2026, 1, 1)) == ["references.yaml: nothing uses nobody-1900"]


def test_a_review_past_its_limit_is_named(rules: Path) -> None:
    change(rules, "common/education/sleep.md", "reviewed: unreviewed",
           "reviewed:\n  by: Dr. Synthetic\n  on: 2024-05-31")  # fmt: skip
    changed = load(rules)
    assert notices(changed, date(2026, 5, 31)) == []
    assert "topic sleep: last reviewed on 2024-05-31" in notices(changed, date(2026, 6, 1))[0]


def test_overdue_counts_whole_months() -> None:
    review = Review.model_validate({"by": "Dr. Synthetic", "on": "2024-02-29"})
    assert not overdue(review, 24, date(2026, 2, 28))
    assert overdue(review, 24, date(2026, 3, 1))


@pytest.mark.parametrize("wrong", ["2026-13-01", "31.05.2026", "yesterday"])
def test_a_review_date_is_a_date(rules: Path, wrong: str) -> None:
    change(rules, "common/education/sleep.md", "reviewed: unreviewed",
           f"reviewed:\n  by: Dr. Synthetic\n  on: {wrong}")  # fmt: skip
    with pytest.raises(RulebookError, match=r"sleep\.md"):
        load(rules)
