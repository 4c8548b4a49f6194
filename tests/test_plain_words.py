"""Sentences that patients read are short: 20 words at most, where the words are our own."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po

from screener.engine.questions import Question
from screener.languages.translation import PROGRAM
from tests.shipped import RULEBOOK

MOST = 20
# The words of others, which may not be changed, and the sentence on ketamine that was approved.
WORDS_OF_OTHERS = {"phq9_difficulty", "asq_2", "drug_use_times"}
APPROVED = "Ketamine has been studied for treatment-resistant depression with mixed results"


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text in Markdown; headings and what stands before a colon apart."""
    text = re.sub(r"\[([^\]@]*)\]\([^)]*\)", r"\1", text)  # links
    text = re.sub(r"\[@[^\]]*\]", "", text)  # sources
    yield from re.split(r"(?<=[.!?])\s+|\n\s*\n|\n- |\n\d+\. |\n#+ |:\*\* ", text)


def long_sentences(text: str) -> list[str]:
    return [s.strip() for s in sentences(text) if len(re.findall(r"\w[\w'’.,-]*", s)) > MOST]


def texts(question: Question) -> list[str]:
    options = [text for option in question.options for text in (option.label, option.hint)]
    return [question.text, question.hint, question.stem, *options]


@pytest.mark.parametrize("id", RULEBOOK.protocols)
def test_questions_and_pages_have_short_sentences(id: str) -> None:
    protocol = RULEBOOK.protocols[id]
    questions = [*protocol.questions.values(), *protocol.table.columns]
    ours = [question for question in questions if question.id not in WORDS_OF_OTHERS]
    pages = [text for page in protocol.pages for text in (page.title, page.intro)]
    every = [*pages, *(text for question in ours for text in texts(question))]
    assert [s for text in every for s in long_sentences(text)] == []


@pytest.mark.parametrize("id", RULEBOOK.protocols)
def test_education_has_short_sentences(id: str) -> None:
    topics = RULEBOOK.protocols[id].topics.values()
    long = [s for topic in topics for s in long_sentences(topic.text)]
    assert [s for s in long if not s.startswith(APPROVED)] == []


def test_what_the_program_says_has_short_sentences() -> None:
    with next(PROGRAM.glob("*/LC_MESSAGES/messages.po")).open("rb") as file:
        messages = [message.id for message in read_po(file) if message.id]
    each = (str(t) for id in messages for t in (id if isinstance(id, tuple) else (id,)))
    plain = [re.sub(r"<[^>]*>", "", re.sub(r"%\((\w+)\)s", r"\1", text)) for text in each]
    assert len(plain) > 500
    assert [s for text in plain for s in long_sentences(text)] == []


def test_a_long_sentence_is_seen() -> None:
    twenty = " ".join(["word"] * 20)
    assert long_sentences(f"{twenty}. {twenty}.\n\n- **Word:** {twenty}") == []
    assert long_sentences(f"{twenty} [word](/learn/x) [@source].") == [f"{twenty} word ."]
