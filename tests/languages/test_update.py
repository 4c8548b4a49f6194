"""The files of a translation brought up to date."""

import re
import shutil
from pathlib import Path

import pytest

from screener.engine.protocol import Rulebook
from screener.engine.rulebook.load import load
from screener.languages.translation import read_translation
from screener.languages.update import update
from screener.places import shipped
from tests.shipped import RULEBOOK

QUESTIONS = "languages/es/questions.po"
ABOUT = "common/questions/about.yaml"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))


def with_age_asked(rules: Path, text: str) -> Rulebook:
    file = rules / ABOUT
    file.write_text(file.read_text().replace("How old are you?", text))
    return load(rules)


def test_files_that_are_up_to_date_stay_as_they_are(rules: Path) -> None:
    assert update(rules, RULEBOOK, "es") == []


def test_a_changed_text_keeps_its_translation_to_be_looked_at(rules: Path) -> None:
    book = with_age_asked(rules, "How old are you now?")
    assert update(rules, book, "es") == [QUESTIONS]
    text = (rules / QUESTIONS).read_text(encoding="utf-8")
    assert re.search(
        r'#\. age\n#, fuzzy\n#\| msgid "How old are you\?"\n'
        r'msgid "How old are you now\?"\nmsgstr "¿Qué edad tiene\?"',
        text,
    )
    [problem] = read_translation(rules, book, "es").problems
    assert "was made from another English text" in str(problem)


def test_a_new_text_is_added_and_one_that_is_gone_is_taken_away(rules: Path) -> None:
    book = with_age_asked(rules, "Write your age in full years, please")
    update(rules, book, "es")
    text = (rules / QUESTIONS).read_text(encoding="utf-8")
    assert 'msgid "Write your age in full years, please"\nmsgstr ""' in text
    assert "How old are you?" not in text
    assert "#. pain_tied_to_one_cause" in text  # nothing else is lost
    assert len(read_translation(rules, book, "es").problems) == 1


def test_remarks_and_what_stands_apart_are_kept(rules: Path) -> None:
    file = rules / QUESTIONS
    apart = 'msgctxt "pain_tied_to_one_cause"\nmsgid "Yes"\nmsgstr "Así es"\n'
    more = f"# Two women said so.\n#. sex\n{apart}\n"
    file.write_text(file.read_text(encoding="utf-8").replace("#. sex\n", more + "#. sex\n", 1))
    update(rules, RULEBOOK, "es")
    text = file.read_text(encoding="utf-8")
    assert "# Two women said so." in text
    assert apart in text
    assert read_translation(rules, RULEBOOK, "es").problems == ()


def test_a_new_language_begins_with_everything_to_translate(rules: Path) -> None:
    written = update(rules, RULEBOOK, "fr")
    assert "languages/fr/questions.po" in written
    assert "languages/fr/education/sleep.md" in written
    translation = read_translation(rules, RULEBOOK, "fr")
    entries = sum(len(texts) for texts in translation.texts.values())
    # One for each text, one for each page, and one for the words of the program.
    assert len(translation.problems) == entries + len(RULEBOOK.topics) + 1
    assert translation.of(RULEBOOK).protocols["fibromyalgia"].title == "Pain, mood and treatments"
