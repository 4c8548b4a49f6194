"""`screener explain`: sentences that a nurse would say, and the refusals of `assess`."""

import io
import sys
from typing import Any

import pytest

from screener.cli import main
from screener.places import shipped

CASES = shipped("rules") / "fibromyalgia" / "cases"
PATIENTS, EDGES = CASES / "patients.yaml", CASES / "fibromyalgia_boundaries.yaml"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command; return its status, its output and its errors."""

    def run(*arguments: str, stdin: str = "") -> tuple[int, str, list[str]]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        status = main(["explain", *arguments])
        out, err = capsys.readouterr()
        return status, out, err.splitlines()

    return run


def document(text: str, name: str) -> str:
    """Return what was printed about the person whose case begins with this name."""
    parts = [part for part in text.split("\n# ") if part.removeprefix("# ").startswith(name)]
    assert len(parts) == 1
    return parts[0]


def only(name: str) -> str:
    """Return the document of one person in the rulebook."""
    documents = f"{PATIENTS.read_text()}\n---\n{EDGES.read_text()}".split("\n---\n")
    return next(text for text in documents if f"{name}: " in text)


def test_how_near_and_which_answer_would_settle_it_in_words(run: Any) -> None:
    status, out, err = run(str(EDGES), "fibromyalgia_pattern")
    assert (status, err) == (0, [])
    text = document(out, "B11:")
    assert "Cannot tell: answers are missing. It is not a no.\nIt is truly open" in text
    assert text.endswith(
        """
How near:
- As a whole: 2 of 3 parts hold, 1 cannot tell
- Symptom severity scale (SSS): 8 to 11; 9 or more is needed

One answer can settle it:
- Trouble thinking or remembering, past 7 days: with “No problem” (0) it would be not met, with \
“Slight or mild, comes and goes” (1) it would be met.
    by: “Widespread pain index (WPI)” is between 4 and 6 and “Symptom severity scale (SSS)” is 9 \
or more. Enough painful areas for the strength of the other symptoms (Wolfe 2016 [wolfe-2016])
"""
    )
    assert "Symptom severity scale (SSS): 4 of 5, 1 short" in document(out, "B2:")


def test_a_smallest_set_and_the_answers_that_would_change_it(run: Any) -> None:
    _, out, _ = run("-", "first_line_non_drug_care", stdin=only("V01"))
    text = document(out, "V01:")
    assert "Met, whatever the missing answers are." in text
    assert (
        """
These 5 answers are enough, whatever the others are; no smaller set is:
- Longest exercise program since the pain began: 16 weeks
- Exercise sessions a week: 3 sessions
- Benefit of exercise: “Little or no lasting help”
- Therapy sessions: 8 sessions
- Kinds of therapy: “Cognitive behavioral therapy (CBT)”
"""
        in text
    )
    assert "- Exercise sessions a week: 1 session instead of 3 sessions\n" in text
    assert "- Therapy sessions: 5 sessions instead of 8 sessions\n" in text
    assert "(clinic’s own choice O-11)" in text


def test_the_largest_rule_is_told_in_full(run: Any) -> None:
    _, out, _ = run("-", "paired_pattern", stdin=only("V01"))
    assert "These 32 answers are enough, whatever the others are; no smaller set is:\n" in out
    assert "- Medicines tried: Sertraline, Duloxetine, Pregabalin, no others\n" in out
    assert "- Sertraline: highest dose kept: 49 mg instead of 150 mg\n" in out
    assert "- Mood history: any one of “Bipolar I disorder”, “Bipolar II disorder”, " in out
    assert "by: Must not hold: “Mood history” includes any of " in out
    assert out.count("Fatigue, past 7 days") == 1
    assert "is met (as above)\n" in out


def test_an_open_rule_that_is_certain_after_all_says_so(run: Any) -> None:
    _, out, _ = run("-", "same_family", stdin=only("V15"))
    text = document(out, "V15:")
    assert (
        "Every way to answer what is missing was tried (27): whatever the missing answers are, it "
        "would be not met." in text
    )
    assert "settle it" not in text


def test_flags_first_then_what_is_open_then_how_many_are_not_met(run: Any) -> None:
    status, out, _ = run("-", stdin=only("V02"))
    assert status == 0
    text = document(out, "V02:")
    titles = [line for line in text.splitlines() if line.startswith("## ")]
    assert titles[0] == "## Thoughts of suicide right now, or not ruled out after a positive answer"
    assert " cannot tell yet, which is not a no:\n" in text
    assert "(prior_fibromyalgia_diagnosis, note)\n    missing: " in text
    assert (
        text.index(titles[-1]) < text.index("cannot tell yet, which") < text.index("are not met; ")
    )
    every = document(run("-", "--all", stdin=only("V02"))[1], "V02:")
    assert every.count("\n## ") > 90


def test_nothing_but_the_age_is_told_of_somebody_under_age(run: Any) -> None:
    _, out, _ = run("-", stdin='{"age": 16, "pain_areas": ["neck"]}')
    assert "Nothing else was evaluated: the person is under age." in out
    assert "not a no" not in out
    _, out, _ = run("-", "fibromyalgia_pattern", stdin='{"age": 16}')
    assert "Not evaluated: the person is under age." in out


def test_rules_about_blanks_are_told_by_their_blanks(run: Any) -> None:
    _, out, _ = run("-", "check_phq9_incomplete", stdin=only("V18"))
    text = document(out, "V18:")
    assert "Met, until what is missing is answered.\n" in text
    assert "One blank is enough:\n- Feeling tired or having little energy: not answered" in text
    assert "answered, for instance “Not at all” (0)" in text
    _, out, _ = run("-", "screening_incomplete", stdin=only("B12"))
    assert "because answers are missing, not because of an answer." in document(out, "B12:")


def test_it_never_says_who_is_eligible_or_what_they_have(run: Any) -> None:
    for name in ("V01", "B12", "V06"):
        _, out, _ = run("-", "--all", stdin=only(name))
        for word in ("eligible", "candidate", "qualif", "the person has", "suffers"):
            assert word not in out.lower(), word


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (["-", "fibromyalgia_patern"], "{}", "did you mean fibromyalgia_pattern?"),
        (["-"], '{"age": "46"}', 'standard input: document 1: age: found "46"'),
        (["-"], "age: 40\n---\nage: 460\n", "standard input: document 2: age: found 460"),
        (["-"], "", "no document found"),
        (["nowhere.yaml"], "", "nowhere.yaml: cannot be read"),
        (["-", "--protocol", "x"], "{}", "no protocol is called x"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_printed(
    run: Any, arguments: list[str], stdin: str, message: str
) -> None:
    status, out, err = run(*arguments, stdin=stdin)
    assert (status, out) == (2, "")
    assert message in err[0]
