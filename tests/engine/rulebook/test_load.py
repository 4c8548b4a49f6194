"""Deliberately broken rulebooks are refused, each with its file, its place and the cure."""

import os
import shutil
from pathlib import Path

import pytest

from screener.engine.problems import RulebookError
from screener.engine.rulebook.load import load
from screener.places import shipped

pytestmark = pytest.mark.long

PATTERNS = "fibromyalgia/patterns.yaml"
MOOD = "common/mood.yaml"
SUICIDE = "common/suicide_safety.yaml"
AGE = "common/age.yaml"
QUESTIONS = "common/questions/health.yaml"
TREATMENTS = "common/questions/treatments.yaml"
PROTOCOL = "fibromyalgia/protocol.yaml"
PHQ9 = "instruments/phq9.yaml"
CASES = "fibromyalgia/cases/patients.yaml"

# What is changed in which file, and what must be said about it.
BROKEN = {
    "a misspelt score": (PATTERNS, "- wpi >= 7 and sss >= 5", "- wip >= 7 and sss >= 5", "did you mean wpi?"),
    "a misspelt option": (PATTERNS, "leaf: symptoms_3_months = yes", "leaf: symptoms_3_months = yess", "has no option yess; it has yes, no, unsure; did you mean yes?"),
    "an option that counts as blank": (PATTERNS, "leaf: symptoms_3_months = yes", "leaf: symptoms_3_months = unsure", "counts as not answered"),
    "a number out of reach": (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 28", "between 0 and 27, so this is never true"),
    "a comparison that always holds": (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 0", "so this is always true"),
    "a number compared with an option": (PATTERNS, "leaf: symptoms_3_months = yes", "leaf: symptoms_3_months >= 3", "has options, not numbers"),
    "a word that is no operator": (PATTERNS, "leaf: pain_regions >= 4", "leaf: pain_regions above 4", "found above, expected"),
    "a second equals sign": (PATTERNS, "leaf: pain_regions >= 4", "leaf: pain_regions == 4", "found =, expected"),
    "a leaf cut short": (PATTERNS, "leaf: pain_regions >= 4", "leaf: pain_regions >=", "ends too early"),
    "a comment that swallows half a leaf": (PATTERNS, "- wpi >= 7 and sss >= 5", "- wpi >= 7 # and sss >= 5", "a comment after a leaf"),
    "a decimal": (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 9.5", "numbers are whole"),
    "a look-alike letter": (MOOD, "leaf: phq9 >= 10", "leaf: рhq9 >= 10", "U+0440"),
    "a capital letter in an id": (MOOD, "leaf: phq9 >= 10", "leaf: PHQ9 >= 10", "lower case"),
    "Python": (MOOD, "leaf: phq9 >= 10", "leaf: __import__('os')", "no function is called __import__; there are count, sum, lowest, highest"),
    "a bare rule": (PATTERNS, "- fibromyalgia_pattern is met\n        - leaf", "- fibromyalgia_pattern\n        - leaf", "ends too early"),
    "a rule that nobody wrote": (PATTERNS, "- refractory_fibromyalgia is met", "- refractory_fibromialgia is met", "did you mean refractory_fibromyalgia?"),
    "a rule as a number": (MOOD, "leaf: phq9 >= 10", "leaf: fibromyalgia_pattern >= 1", "it is a rule: write fibromyalgia_pattern is met"),
    "a circle of rules": (PATTERNS, "- fibromyalgia_pattern is met\n        - leaf: pain_average", "- paired_pattern is met\n        - leaf: pain_average", "depends on itself"),
    "several answers compared as one": (MOOD, "leaf: mood_history includes any_of", "leaf: mood_history in", "takes several answers"),
    "an option of no list": (MOOD, "any_of (bipolar_1, bipolar_2", "any_of (bipolar_1, bipolar_3", "did you mean bipolar_"),
    "an unknown condition on rows": (MOOD, "leaf: antidepressants_failed >= 2", "leaf: count(ingredient of medicines_tried where failed_for_moods) >= 2", "did you mean failed_for_mood?"),
    "an unknown label of rows": (MOOD, "leaf: antidepressants_failed >= 2", "leaf: count(colour of medicines_tried where failed_for_mood) >= 2", "rows are counted by"),
    "an unknown key": (PATTERNS, "    priority: note\n    if_unknown: ask\n    when:\n      all:\n        - any:", "    prioritty: note\n    if_unknown: ask\n    when:\n      all:\n        - any:", "the key prioritty has no meaning here; did you mean priority?"),
    "a key twice": (AGE, "    priority: ineligible", "    priority: ineligible\n    priority: note", "stands here twice"),
    "an unknown priority": (AGE, "    priority: ineligible", "    priority: high", "found high; allowed"),
    "no reference": (MOOD, "    reference: spitzer-2006\n    choice: O-3\n    staff", "    staff", "names no reference and no clinic's choice"),
    "a reference that is not there": (MOOD, "    reference: spitzer-2006\n    choice: O-3", "    reference: spitzer-2007\n    choice: O-3", "did you mean spitzer-2006?"),
    "a choice that is not there": (AGE, "choice: O-14", "choice: O-41", "choices.yaml has no O-41"),
    "a topic that is not there": (AGE, "topics: [support-in-crisis]", "topics: [support-in-cris]", "did you mean support-in-crisis?"),
    "no case in which it is unknown": (AGE, "      - unknown: no date of birth\n", "", "has no case in which it is unknown"),
    "a case with an answer out of range": (AGE, "age: 17", "age: 170", "found 170; allowed: a whole number from 0 to 120"),
    "a case that starts from nobody": (PATTERNS, "like: V01", "like: V99", "no case starts with V99:"),
    "a rule with two forms": (AGE, "    when:\n", "    undecided:\n      any: [under_18]\n    when:\n", "found when and undecided"),
    "a flat list": (AGE, "    when:\n      leaf: age < 18\n", "    when:\n      - age < 18\n    x:\n", "the key x has no meaning here"),
    "a tag": (AGE, "    staff: The form", "    staff: !!str The form", "anchors, aliases and tags"),
    "a list without a word": (AGE, "    when:\n      leaf: age < 18\n      because: This questionnaire is for adults; nothing else is evaluated and no health answer is kept\n      reference: spravato-label\n", "    when:\n      - age < 18\n", "a list needs a word before it"),
    "an all with nothing in it": (PATTERNS, "        - none:\n            - first_line_non_drug_care is met", "        - none: []", "none needs a list of conditions"),
    "a help page on a note": (PATTERNS, "    priority: note\n    if_unknown: ask\n    when:\n      all:\n        - any:", "    priority: note\n    help: crisis\n    if_unknown: ask\n    when:\n      all:\n        - any:", "only an emergency or urgent rule shows a help page"),
    "a question on no page": (PROTOCOL, "  - id: about_you\n    title: About you\n    keep_typing: yes\n    questions: [sex]\n", "", "no question or score is called sex"),
    "a page with an unknown question": (PROTOCOL, "questions: [sex]", "questions: [sexx]", "did you mean sex?"),
    "a question asked later than its condition": (PROTOCOL, "told_fibromyalgia, told_fibromyalgia_years]", "told_fibromyalgia_years, told_fibromyalgia]", "told_fibromyalgia is asked later than told_fibromyalgia_years"),
    "a file that is not listed": ("depression/protocol.yaml", "  - depression/data_quality.yaml\n", "", "is listed by no protocol"),
    "a file that is not there": (PROTOCOL, "common/red_flags.yaml", "common/red_flag.yaml", "cannot be read"),
    "a hidden question that stands for nothing": ("instruments/auditc.yaml", "    asked_when: audit_c_1 >= 1\n    when_not_asked: 0\n    loinc: 68519-8", "    asked_when: audit_c_1 >= 1\n    loinc: 68519-8", "go together"),
    "a hidden question that stands for no option": ("instruments/auditc.yaml", "    when_not_asked: 0\n    loinc: 68519-8", "    when_not_asked: 9\n    loinc: 68519-8", "found 9; allowed"),
    "a wrong range of a score": (PHQ9, "range: 0 to 27", "range: 0 to 24", "its answers reach from 0 to 27"),
    "an item dropped from a sum": (PHQ9, "phq9_8, phq9_9)", "phq9_8)", "its answers reach from 0 to 24"),
    "a number for an id": (AGE, "- id: under_18", "- id: Under-18", "an id has lower-case letters"),
    "a question for nobody": ("common/questions/mood_and_substances.yaml", "    purpose: The physician reads it; cannabis is asked apart because it is legal in some states. No rule reads it.\n", "", "no rule or score reads cannabis_times"),
    "an anchor": (AGE, "    staff: The form", "    staff: &a The form", "anchors, aliases and tags"),
    "an unclosed bracket": (AGE, "topics: [support-in-crisis]", "topics: [support-in-crisis", "is not well-formed YAML"),
    "a dose in words": ("medicines.yaml", "dose_mg: 20\n", "dose_mg: twenty\n", "a number is expected, found twenty"),
    "a medicine twice": ("medicines.yaml", "- id: escitalopram", "- id: citalopram", "the id citalopram is given twice"),
    "typing kept of a page with a mood item": (PROTOCOL, "    title: Other symptoms\n", "    title: Other symptoms\n    keep_typing: yes\n", "asks low_mood, which is about mood: what is typed on such a page is never kept"),
    "typing kept of the PHQ-9": ("depression/protocol.yaml", "    title: Mood in the last 2 weeks\n", "    title: Mood in the last 2 weeks\n    keep_typing: yes\n", "asks phq9_1, which is about mood"),
    "typing kept of a question on safety": (PROTOCOL, "    title: Hard feelings and safety\n", "    title: Hard feelings and safety\n    keep_typing: yes\n", "asks asq_1, which is about safety"),
    "typing kept of the GAD-7": (PROTOCOL, "    title: Worry in the last 2 weeks\n", "    title: Worry in the last 2 weeks\n    keep_typing: yes\n", "asks gad7_1, which is about mood"),
    "typing kept of the AUDIT-C": (PROTOCOL, "    title: Alcohol and drugs\n", "    title: Alcohol and drugs\n    keep_typing: yes\n", "asks audit_c_1, which is about use of substances"),
    "typing kept of past moods": (PROTOCOL, "    title: Mood in the past\n", "    title: Mood in the past\n    keep_typing: yes\n", "asks mood_history, which is about mood"),
    "typing kept of signs of danger": (PROTOCOL, "    title: Signs that need care soon\n", "    title: Signs that need care soon\n    keep_typing: yes\n", "asks warning_signs, which is about danger"),
    "an answer said back that nobody gave": (QUESTIONS, "{bp_systolic} over", "{bp_sistolic} over", "found bp_sistolic, allowed: a number that is asked before bp_as_written"),
    "an answer said back before it is asked": (QUESTIONS, "    hint: In 124/78 it is 124.", "    hint: Over {bp_diastolic}.", "found bp_diastolic, allowed: a number that is asked before bp_systolic"),
    "an unclosed brace": (QUESTIONS, "{bp_systolic} over", "{bp_systolic over", "found bp_systolic over"),
    "a cell said back without a condition": (TREATMENTS, "        asked_when: dose_mg > unlikely_dose\n", "", "a hint that says back an answer needs asked_when"),
    "typing kept now and then": (PROTOCOL, "    keep_typing: yes\n", "    keep_typing: sometimes\n", "yes or no is expected, found sometimes"),
    "a topic without its data": ("common/education/sleep.md", "---\nid: sleep", "id: sleep", "between two lines of ---"),
    "a condition on rows that says nothing": ("fibromyalgia/treatments.yaml", "        - stopped_because = advised_against\n", "        - null\n", "expected a comparison"),
    "rules expected that are lists": (CASES, "flags: [", "flags: [[], ", "flags is a list of rules"),
    "rules expected that are a word": (CASES, "flags: [", "flags: x\n  flag: [", "flags is a list of rules"),
    "scores expected that are a word": (CASES, "scores: {", "scores: x\n  score: {", "scores is a mapping"),
    "a score expected that is a mapping": (CASES, "scores: {wpi: ", "scores: {wpi: {a: b}, x: ", "wpi is a number, or the lowest and the highest"),
    "answers that are a word": (CASES, "answers:\n", "answers: x\nanswered:\n", "a case has case, answers and expect"),
    "a medicine that is a list": (CASES, "medicines_tried:\n", "medicines_tried:\n    citalopram: [x]\n", "medicines_tried.citalopram: found a list"),
    "a column with a condition of its own": (TREATMENTS, "      - id: dose_mg\n", "      - id: dose_mg\n        asked_when: age >= 18\n", "asked_when: a column is asked with its table; write this in the table or take it away"),
    "a column that must be answered now and then": (TREATMENTS, "      - id: dose_mg\n", "      - id: dose_mg\n        required_when: {all: [age >= 18]}\n", "required_when: a column is asked with its table"),
    "a column that stands for an answer": (TREATMENTS, "      - id: dose_mg\n", "      - id: dose_mg\n        when_missing: 20\n", "when_missing: a column is asked with its table"),
    "a hidden column that stands for an answer": (TREATMENTS, "      - id: dose_mg\n", "      - id: dose_mg\n        when_not_asked: 20\n", "when_not_asked: a column is asked with its table"),
    "lists of options that are a list": (PHQ9, "option_lists:\n", "option_lists: []\nlists:\n", "a mapping is expected"),
}  # fmt: skip


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the rulebook to break."""
    return Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_rulebook_is_refused_with_place_and_cure(rules: Path, fault: str) -> None:
    file, sound, broken, message = BROKEN[fault]
    text = (rules / file).read_text(encoding="utf-8")
    assert sound in text, "the fault has nothing to break"
    (rules / file).write_text(text.replace(sound, broken, 1), encoding="utf-8")
    with pytest.raises(RulebookError) as refused:
        load(rules)
    about = [problem for problem in refused.value.problems if message in problem.message]
    assert about, refused.value
    assert all(problem.file for problem in refused.value.problems)
    assert about[0].line or message in ("cannot be read", "is listed by no protocol")


def test_the_place_of_a_leaf_is_exact(rules: Path) -> None:
    text = (rules / PATTERNS).read_text(encoding="utf-8")
    (rules / PATTERNS).write_text(text.replace("sss >= 5", "sss >= fife", 1), encoding="utf-8")
    line = text[: text.index("sss >= 5")].count("\n") + 1
    column = len(text.splitlines()[line - 1]) - len("5") + 1
    with pytest.raises(RulebookError) as refused:
        load(rules)
    [problem] = refused.value.problems
    assert (problem.file, problem.line, problem.column) == (PATTERNS, line, column)


def test_all_faults_are_told_in_one_go(rules: Path) -> None:
    for file, sound, broken in (
        (AGE, "leaf: age < 18", "leaf: aeg < 18"),
        (SUICIDE, "leaf: asq_5 = no", "leaf: asq_5 = nope"),
        (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 28"),
    ):
        text = (rules / file).read_text(encoding="utf-8")
        (rules / file).write_text(text.replace(sound, broken, 1), encoding="utf-8")
    with pytest.raises(RulebookError) as refused:
        load(rules)
    assert {problem.file for problem in refused.value.problems} == {AGE, SUICIDE, MOOD}


def test_a_comment_or_another_spelling_of_the_same_leaves_the_hash(rules: Path) -> None:
    before = load(rules).hash
    text = (rules / AGE).read_text(encoding="utf-8")
    (rules / AGE).write_text("# a comment\n" + text.replace("chapter: Age", "chapter: 'Age'"))
    assert load(rules).hash == before
    (rules / AGE).write_text(text.replace("age < 18", "age < 19"))
    assert load(rules).hash != before


def test_another_order_of_files_leaves_the_hash(rules: Path) -> None:
    before = load(rules).hash
    first, second = "  - common/mood.yaml\n", "  - fibromyalgia/differentials.yaml\n"
    text = (rules / PROTOCOL).read_text(encoding="utf-8")
    assert first + second in text
    (rules / PROTOCOL).write_text(text.replace(first + second, second + first), encoding="utf-8")
    assert load(rules).hash == before


def test_a_folder_without_rules_says_so(tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match="is not a folder"):
        load(tmp_path / "nowhere")
    (tmp_path / "references.yaml").write_text("references: []")
    with pytest.raises(RulebookError, match=r"protocol\.yaml"):
        load(tmp_path)


def test_files_are_read_whatever_ends_their_lines(rules: Path) -> None:
    """A byte order mark, old line ends and separators with nothing behind them change no rule."""
    before = load(rules).hash
    for path in rules.rglob("*.yaml"):
        text = path.read_bytes().replace(b"\n", b"\r") + b"---\r# the end\r---\r"
        path.write_bytes(b"\xef\xbb\xbf" + text)
    for path in rules.rglob("education/*.md"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load(rules).hash == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "medicines.yaml:1:1: one YAML document expected, 0 found"),
        (b"---\n# nothing\n---\n", "medicines.yaml:1:1: one YAML document expected, 0 found"),
        (b"medicines: []\n---\nmedicines: []\n", "one YAML document expected, 2 found"),
        (b"\xff\xfem\0", "medicines.yaml: is UTF-16 text, not UTF-8 text"),
        (b"medicines: \xff", "medicines.yaml: is not UTF-8 text (byte 11)"),
        (b"null", "medicines.yaml:1:1: a mapping is expected"),
        (b"[" * 100_000, "nested too deeply"),
        (b'medicines: "\\ud83d"', "is not well-formed YAML"),
    ],
)
def test_a_file_in_which_there_is_no_document(rules: Path, content: bytes, message: str) -> None:
    (rules / "medicines.yaml").write_bytes(content)
    with pytest.raises(RulebookError) as refused:
        load(rules)
    assert any(message in str(problem) for problem in refused.value.problems)


def test_files_that_are_none(rules: Path) -> None:
    (rules / "medicines.yaml").unlink()
    (rules / "medicines.yaml").mkdir()
    (rules / AGE).unlink()
    os.mkfifo(rules / AGE)
    (rules / "common/education/sleep.md").write_bytes(b"\xff")
    with pytest.raises(RulebookError) as refused:
        load(rules)
    message = [str(problem) for problem in refused.value.problems]
    assert "medicines.yaml: cannot be read: Is a directory" in message
    assert any(line.startswith(f"{AGE}: is a pipe") for line in message)
    assert "common/education/sleep.md: is not UTF-8 text (byte 0)" in message
