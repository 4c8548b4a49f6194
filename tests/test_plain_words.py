"""Sentences that patients read are short in every language: 20 words, where they are our own."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po

from screener.engine.protocol import Protocol, Rulebook
from screener.engine.questions import Question
from screener.languages.translation import PROGRAM, codes, read_translation
from screener.places import shipped
from tests.shipped import RULEBOOK

MOST = 20
ENGLISH = "en"
# The words of others, which may not be changed, and the sentence on ketamine that was approved.
WORDS_OF_OTHERS = {"phq9_6", "phq9_difficulty", "asq_2", "drug_use_times"}
APPROVED = (
    "Ketamine has been studied for treatment-resistant depression with mixed results",
    "La ketamina se ha estudiado para la depresión resistente al tratamiento, con resultados",
)
BOOKS: dict[str, Rulebook] = {
    ENGLISH: RULEBOOK,
    **{
        code: read_translation(shipped("rules"), RULEBOOK, code).of(RULEBOOK)
        for code in codes(shipped("rules"))
    },
}
PROTOCOLS = [
    pytest.param(protocol, id=f"{language}-{id}")
    for language, book in BOOKS.items()
    for id, protocol in book.protocols.items()
]


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text in Markdown; headings and what stands before a colon apart."""
    text = re.sub(r"\[([^\]@]*)\]\([^)]*\)", r"\1", text)  # links
    text = re.sub(r"\[@[^\]]*\]", "", text)  # sources
    yield from re.split(r"(?<=[.!?])\**\s+|\n\s*\n|\n- |\n\d+\. |\n#+ |:\*\* ", text)


def long_sentences(text: str) -> list[str]:
    return [s.strip() for s in sentences(text) if len(re.findall(r"\w[\w'’.,-]*", s)) > MOST]


def texts(question: Question) -> list[str]:
    options = [text for option in question.options for text in (option.label, option.hint)]
    return [question.text, question.hint, question.stem, *options]


def said_by_the_program(language: str) -> list[str]:
    """Return every form of every message in a language, without tags and signs of places."""
    # Every file of messages has the English beside the translation.
    folder = "*" if language == ENGLISH else language
    with next(PROGRAM.glob(f"{folder}/LC_MESSAGES/messages.po")).open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    each = (m.id if language == ENGLISH else m.string for m in messages)
    forms = [str(form) for t in each for form in (t if isinstance(t, tuple | list) else (t,))]
    return [re.sub(r"<[^>]*>", "", re.sub(r"%\((\w+)\)s", r"\1", form)) for form in forms]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_questions_and_pages_have_short_sentences(protocol: Protocol) -> None:
    questions = [*protocol.questions.values(), *protocol.table.columns]
    ours = [question for question in questions if question.id not in WORDS_OF_OTHERS]
    pages = [text for page in protocol.pages for text in (page.title, page.intro)]
    every = [*pages, *(text for question in ours for text in texts(question))]
    assert [s for text in every for s in long_sentences(text)] == []


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_education_has_short_sentences(protocol: Protocol) -> None:
    long = [s for topic in protocol.topics.values() for s in long_sentences(topic.text)]
    assert [s for s in long if not s.startswith(APPROVED)] == []


@pytest.mark.parametrize("language", BOOKS)
def test_what_the_program_says_has_short_sentences(language: str) -> None:
    plain = said_by_the_program(language)
    assert len(plain) > 500
    assert [s for text in plain for s in long_sentences(text)] == []


@pytest.mark.parametrize("language", [code for code in BOOKS if code != ENGLISH])
def test_other_languages_are_read_in_their_own_words(language: str) -> None:
    for id, protocol in BOOKS[language].protocols.items():
        assert protocol.pages[0].title != RULEBOOK.protocols[id].pages[0].title
    assert said_by_the_program(language) != said_by_the_program(ENGLISH)


def test_a_long_sentence_is_seen() -> None:
    twenty = " ".join(["word"] * 20)
    assert long_sentences(f"{twenty}. {twenty}.\n\n- **Word:** {twenty}") == []
    assert long_sentences(f"**Word.** {twenty}.") == []
    assert long_sentences(f"{twenty} [word](/learn/x) [@source].") == [f"{twenty} word ."]
