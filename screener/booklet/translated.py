"""A translation beside the English it says, as the document that a translator signs."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from screener import markdown
from screener.booklet.html import STYLES
from screener.engine.protocol import Rulebook, Topic
from screener.languages.translation import Translation
from screener.languages.words import passages
from screener.places import shipped

_TITLES = {
    "pages": "Pages of the questionnaire",
    "questions": "Questions and answers",
    "medicines": "Medicines",
    "reported": "What the results page says back",
}
_PROGRAM = "The program itself"


@dataclass(frozen=True)
class Pair:
    """A text in English and in the other language, "" where it is not translated."""

    english: str
    translated: str


@dataclass(frozen=True)
class PairedTexts:
    """The texts of one file of a translation."""

    title: str
    pairs: list[Pair]


@dataclass(frozen=True)
class EducationPair:
    """A page of education in both languages."""

    english: Topic
    translated: Topic
    english_text: Markup
    translated_text: Markup


def contents(book: Rulebook, translation: Translation) -> dict[str, Any]:
    """Return what templates/rulebook/translation.html needs, apart from signatures."""
    return {
        "translation": translation,
        "chapters": [c for c in _chapters(book, translation) if c.pairs],
        "education": [_education(topic, translation) for topic in book.topics.values()],
    }


def write_translation(book: Rulebook, translation: Translation, path: Path) -> None:
    """Write the document as one file, completely or not at all; raise OSError if that fails."""
    environment = Environment(
        loader=FileSystemLoader(shipped("templates")), autoescape=True, undefined=StrictUndefined
    )
    template = environment.get_template("rulebook/translation_printed.html")
    css = STYLES.read_text(encoding="utf-8")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        text = template.render(**contents(book, translation), signed=None, css=css)
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _chapters(book: Rulebook, translation: Translation) -> Iterator[PairedTexts]:
    titles = _TITLES | {
        f"instruments/{instrument.id}": instrument.title
        for protocol in book.protocols.values()
        for instrument in protocol.instruments
    }
    by_file: dict[str, dict[Pair, None]] = {}
    for passage in passages(book):
        entry = translation.entry(passage)
        pair = Pair(passage.text, entry.translated if entry else "")
        by_file.setdefault(passage.file, {})[pair] = None
    for file, pairs in by_file.items():
        yield PairedTexts(titles.get(file, file), list(pairs))
    program = translation.program.values()
    yield PairedTexts(_PROGRAM, [Pair(entry.text, entry.translated) for entry in program])


def _education(topic: Topic, translation: Translation) -> EducationPair:
    translated = translation.topic(topic)
    # Without the numbers of sources, of which there is no list here.
    english, other = (markdown.to_html(t.text, {}, deeper=2) for t in (topic, translated))
    return EducationPair(topic, translated, english, other)
