"""Translations: complete, and every fault named at its place."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import textstat

from screener.engine.protocol import Topic
from screener.languages.translation import Translation, codes, read_translation
from screener.places import shipped
from tests.shipped import RULEBOOK

# Fernández Huerta: 80 and more is easy, 70 and more fairly easy. An alarm on our own text.
EASIEST_ALLOWED = 70
QUESTIONS = "languages/es/questions.po"
SLEEP = "languages/es/education/sleep.md"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))


def spanish(root: Path) -> Translation:
    return read_translation(root, RULEBOOK, "es")


def edit(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_there_is_a_translation() -> None:
    assert codes(shipped("rules")) == ["es"]


@pytest.mark.parametrize("code", codes(shipped("rules")))
def test_no_text_is_missing_or_stale(code: str) -> None:
    """`screener translation CODE` adds what is missing and marks what is stale."""
    translation = read_translation(shipped("rules"), RULEBOOK, code)
    assert [str(problem) for problem in translation.problems] == []


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a text without translation": (
        lambda root: edit(root, QUESTIONS, 'msgstr "¿Qué edad tiene?"', 'msgstr ""'),
        rf"{QUESTIONS}:\d+:1: “How old are you\?” is not translated",
    ),
    "another English text": (
        lambda root: edit(root, QUESTIONS, "How old are you?", "What is your age?"),
        rf"{QUESTIONS}: “How old are you\?” \(age\) is not translated",
    ),
    "a text that is gone": (
        lambda root: edit(root, QUESTIONS, "How old are you?", "What is your age?"),
        rf"{QUESTIONS}:\d+:1: the rulebook has no text “What is your age\?” here any more",
    ),
    "a text to be looked at": (
        lambda root: edit(root, QUESTIONS, "#. age\n", "#. age\n#, fuzzy\n"),
        rf"{QUESTIONS}:\d+:1: the translation of “How old are you\?” was made from another",
    ),
    "a number that is lost": (
        lambda root: edit(root, "languages/es/pages.po", "llame al 911.", "llame."),
        r"languages/es/pages\.po:\d+:1: the number 911 of the English text is missing",
    ),
    "a place that is lost": (
        lambda root: edit(root, QUESTIONS, "Usted escribió {bp_systolic}", "Usted escribió"),
        rf"{QUESTIONS}:\d+:1: the place {{bp_systolic}} of the English text is missing",
    ),
    "a place that is new": (
        lambda root: edit(root, QUESTIONS, "¿Qué edad tiene?", "¿Qué edad tiene, {name}?"),
        rf"{QUESTIONS}:\d+:1: the English text has no place {{name}}",
    ),
    "a text twice": (
        lambda root: edit(
            root, QUESTIONS, "#. age\n", '#. age\nmsgid "Age"\nmsgstr "Años"\n\n#. age\n'
        ),
        rf"{QUESTIONS}:\d+:1: “Age” stands here twice",
    ),
    "a file that cannot be read": (
        lambda root: edit(root, QUESTIONS, "msgstr", "msgstring"),
        rf"{QUESTIONS}:\d+:1: cannot be read",
    ),
    "a file that is gone": (
        lambda root: (root / "languages/es/reported.po").unlink(),
        r"languages/es/reported\.po: “You told us about pain\.” \(education_pain\)",
    ),
    "a file that translates nothing": (
        lambda root: (root / "languages/es/more.po").touch(),
        r"languages/es/more\.po: translates nothing of this rulebook",
    ),
    "a page that is gone": (
        lambda root: (root / SLEEP).unlink(),
        rf"{SLEEP}: is missing: the page is not translated",
    ),
    "a page of another English page": (
        lambda root: edit(root, SLEEP, "of: ", "of: 0"),
        rf"{SLEEP}:4:1: was made from another English text; compare the two, then write of: \w+",
    ),
    "a source that is lost": (
        lambda root: edit(root, SLEEP, "[@clauw-2014]", ""),
        rf"{SLEEP}:1:1: the source \[@clauw-2014\] of the English text is missing",
    ),
    "a page without title": (
        lambda root: edit(root, SLEEP, "title: Sueño\n", ""),
        rf"{SLEEP}:\d+:\d+: title is missing",
    ),
    "a page that nobody wrote": (
        lambda root: shutil.copy(root / SLEEP, root / "languages/es/education/dreams.md"),
        r"languages/es/education/dreams\.md:3:5: the file of sleep has its name",
    ),
}


@pytest.mark.parametrize(("spoil", "expected"), FAULTS.values(), ids=FAULTS)
def test_every_fault_is_named_at_its_place(
    rules: Path, spoil: Callable[[Path], object], expected: str
) -> None:
    spoil(rules)
    lines = [str(problem) for problem in spanish(rules).problems]
    assert any(re.match(expected, line) for line in lines), lines


def test_a_code_that_is_no_language_is_named(rules: Path) -> None:
    (rules / "languages" / "qqq").mkdir()
    [problem] = read_translation(rules, RULEBOOK, "qqq").problems
    assert str(problem) == "languages/qqq: is not the code of a language, such as es or pt_BR"


def test_what_is_not_translated_stands_in_english(rules: Path) -> None:
    edit(rules, QUESTIONS, 'msgstr "¿Qué edad tiene?"', 'msgstr ""')
    edit(rules, SLEEP, "of: ", "of: 0")
    book = spanish(rules).of(RULEBOOK)
    assert book.protocols["fibromyalgia"].questions["age"].text == "How old are you?"
    assert book.topics["sleep"].title == "Sleep"


def test_the_same_english_can_be_said_in_another_way_at_one_place(rules: Path) -> None:
    more = '#. sex\nmsgctxt "pain_tied_to_one_cause"\nmsgid "Yes"\nmsgstr "Así es"\n\n'
    edit(rules, QUESTIONS, "#. sex\n", more + "#. sex\n")
    translation = spanish(rules)
    assert translation.problems == ()
    questions = translation.of(RULEBOOK).protocols["fibromyalgia"].questions
    assert questions["pain_tied_to_one_cause"].option("yes").label == "Así es"
    assert questions["told_fibromyalgia"].option("yes").label == "Sí"


def test_any_changed_word_changes_the_hash(rules: Path) -> None:
    before = spanish(rules).hash
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", before)
    edit(rules, QUESTIONS, "#. age\n", "# A remark.\n#. age\n")
    assert spanish(rules).hash == before
    edit(rules, QUESTIONS, "¿Qué edad tiene?", "¿Cuántos años tiene?")
    changed = spanish(rules).hash
    edit(rules, SLEEP, "No maneje con sueño.", "No maneje.")
    assert len({before, changed, spanish(rules).hash}) == 3


def test_the_hash_of_the_rules_is_the_same_in_every_language(rules: Path) -> None:
    assert spanish(rules).of(RULEBOOK).hash == RULEBOOK.hash


SPANISH = list(read_translation(shipped("rules"), RULEBOOK, "es").of(RULEBOOK).topics.values())


def plain(topic: Topic) -> str:
    """Return the sentences of a topic, without headings, references and marks."""
    text = re.sub(r"\[@[^\]]+\]|\]\([^)]*\)|[*_>\[\]]", "", topic.text)
    lines = [line.strip("-0123456789. ") for line in text.splitlines() if line[:1] != "#"]
    return " ".join(f"{line}." if line[-1:].isalpha() else line for line in lines if line)


@pytest.mark.parametrize("topic", SPANISH, ids=[topic.id for topic in SPANISH])
def test_a_page_in_spanish_reads_easily(topic: Topic) -> None:
    textstat.set_lang("es")
    try:
        assert textstat.fernandez_huerta(plain(topic)) >= EASIEST_ALLOWED
    finally:
        textstat.set_lang("en_US")


def test_the_alarm_rings_in_spanish() -> None:
    textstat.set_lang("es")
    hard = (
        "Las intervenciones farmacoterapéuticas multidisciplinarias necesitan evaluaciones "
        "individualizadas de contraindicaciones sintomatológicas heterogéneas preexistentes."
    )
    try:
        assert textstat.fernandez_huerta(hard) < EASIEST_ALLOWED
    finally:
        textstat.set_lang("en_US")


def test_help_in_spanish_leads_to_people_who_speak_it() -> None:
    crisis = next(topic for topic in SPANISH if topic.id == "support-in-crisis").text
    assert "oprima 2" in crisis and "AYUDA" in crisis
    for number in ("](tel:911)", "](tel:988)", "](sms:988)", "](sms:838255)", "findahelpline.com"):
        assert number in crisis
    # Wherever the English names 988, the Spanish says how to reach somebody who speaks Spanish.
    for topic in SPANISH:
        if "988" in topic.text:
            assert "oprima 2" in topic.text or "oprimir 2" in topic.text, topic.id
            assert "AYUDA" in topic.text, topic.id


def test_instruments_say_that_nobody_compared_them_with_the_original() -> None:
    book = read_translation(shipped("rules"), RULEBOOK, "es").of(RULEBOOK)
    notices = {i.id: i.notice for i in book.protocols["fibromyalgia"].instruments}
    for id in ("phq9", "gad7", "asq"):
        assert "no se ha comparado con el original" in notices[id]
    for id in ("phq9", "gad7"):
        assert "No se requiere permiso para reproducir, traducir" in notices[id]
