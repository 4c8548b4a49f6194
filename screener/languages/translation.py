"""A translation of a rulebook: the files below `languages/` read, checked, and put to use.

    rules/languages/es/pages.po         titles and introductions of pages
    rules/languages/es/questions.po     questions and answers
    rules/languages/es/…                see `passages`; one file for each instrument
    rules/languages/es/education/*.md   one file for each page of education

The words of the program itself are in `screener/translations/`; they belong to the translation.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from babel import Locale, UnknownLocaleError

from screener.engine.plain_text import shortened
from screener.engine.problems import Problem, RulebookError
from screener.engine.protocol import Rulebook, Topic
from screener.engine.rulebook.files import Files, fingerprint
from screener.engine.rulebook.load import LANGUAGES
from screener.languages.article import Article, lost, mark
from screener.languages.catalog import Key, TranslatedText, read_catalog
from screener.languages.names import own_name
from screener.languages.words import Passage, passages, reworded

PROGRAM = Path(__file__).resolve().parent.parent / "translations"

_CODE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
_EDUCATION = "education"
_PROGRAM = "screener/translations"


@dataclass(frozen=True)
class Translation:
    """One language: its texts by file and English text, its pages of education by id.

    `problems` are everything that is missing, stale or wrong; without any it is complete.
    """

    code: str
    texts: Mapping[str, Mapping[Key, TranslatedText]]
    program: Mapping[Key, TranslatedText]
    articles: Mapping[str, Article]
    problems: tuple[Problem, ...]

    @property
    def name(self) -> str:
        """Return the name that the language gives itself."""
        return own_name(self.code)

    @cached_property
    def hash(self) -> str:
        """Return the hash of every text with its translation: what a translator signs."""
        files = {**self.texts, "program": self.program}
        texts = {
            file: sorted([*key, entry.translated] for key, entry in entries.items())
            for file, entries in files.items()
        }
        pages = {id: article.model_dump() for id, article in self.articles.items()}
        return "sha256:" + fingerprint([self.code, texts, pages])

    def said(self, passage: Passage) -> str:
        """Return a text in this language; in English where it is not translated."""
        entry = self.entry(passage)
        return entry.translated if entry and entry.translated else passage.text

    def entry(self, passage: Passage) -> TranslatedText | None:
        """Return what translates a text: for what it belongs to, or wherever it stands."""
        entries = self.texts.get(passage.file, {})
        return entries.get((passage.id, passage.text)) or entries.get(("", passage.text))

    def topic(self, topic: Topic) -> Topic:
        """Return a page of education in this language; in English where it is not translated."""
        article = self.articles.get(topic.id)
        if article is None or article.of != mark(topic):
            return topic
        words = {"title": article.title, "summary": article.summary, "text": article.text}
        return topic.model_copy(update=words)

    def of(self, book: Rulebook) -> Rulebook:
        """Return the rulebook in this language: the same rules under the same hash."""
        return reworded(book, self.said, self.topic)


def codes(root: Path) -> list[str]:
    """Return the languages that the rules below `root` are translated into."""
    folders = sorted(path for path in (root / LANGUAGES).glob("*") if path.is_dir())
    return [folder.name for folder in folders if not folder.name.startswith(".")]


def read_translation(root: Path, book: Rulebook, code: str) -> Translation:
    """Read a translation and hold it against the rulebook. Its faults are in its `problems`."""
    return _Reading(root, book, code).translation()


class _Reading:
    def __init__(self, root: Path, book: Rulebook, code: str) -> None:
        self.book, self.code = book, code
        self.files = Files(root)
        self.place = f"{LANGUAGES}/{code}"
        self.passages = passages(book)

    def translation(self) -> Translation:
        if not is_language(self.code):
            message = "is not the code of a language, such as es or pt_BR"
            problem = Problem(self.place, 0, 0, message)
            return Translation(self.code, {}, {}, {}, (problem,))
        names = dict.fromkeys(passage.file for passage in self.passages)
        texts = {name: self.catalog(f"{self.place}/{name}.po") for name in names}
        articles = self.articles()
        program = self.program()
        read = Translation(self.code, texts, program, articles, ())
        self.files.problems += [
            *self.of_texts(read),
            *self.of_articles(articles),
            *_of_entries(f"{_PROGRAM}/{self.code}/LC_MESSAGES/messages.po", program),
            *self.of_strange_files(names),
        ]
        problems = tuple(sorted(set(self.files.problems)))
        return Translation(self.code, texts, program, articles, problems)

    def catalog(self, file: str) -> dict[Key, TranslatedText]:
        path = self.files.root / file
        entries: dict[Key, TranslatedText] = {}
        if path.is_file():
            with self.files.collecting():
                entries = read_catalog(path, file, self.code)
        return entries

    def program(self) -> dict[Key, TranslatedText]:
        path = PROGRAM / self.code / "LC_MESSAGES" / "messages.po"
        shown = f"{_PROGRAM}/{self.code}/LC_MESSAGES/messages.po"
        entries: dict[Key, TranslatedText] = {}
        with self.files.collecting():
            if not path.is_file():
                raise RulebookError.of(shown, "is missing: `make translations` makes it")
            entries = read_catalog(path, shown, self.code)
        return entries

    def articles(self) -> dict[str, Article]:
        articles: dict[str, Article] = {}
        folder = self.files.root / self.place / _EDUCATION
        for path in sorted(folder.glob("*.md")):
            file = f"{self.place}/{_EDUCATION}/{path.name}"
            document = self.files.read_topic(file)
            article = document and self.files.typed(Article, document, (), document.data)
            if document and article:
                if article.id != path.stem:
                    self.files.refuse(document, ("id",), f"the file of {article.id} has its name")
                articles[article.id] = article
        return articles

    def of_texts(self, read: Translation) -> Iterator[Problem]:
        """Yield what is wrong with the files of texts."""
        used: set[tuple[str, Key]] = set()
        for passage in self.passages:
            file = f"{self.place}/{passage.file}.po"
            entry = read.entry(passage)
            if entry is None:
                text = f"“{shortened(passage.text)}” ({passage.id}) is not translated"
                yield Problem(file, 0, 0, f"{text}; `screener translation {self.code}` adds it")
                continue
            own = (passage.id, passage.text)
            key = own if own in read.texts[passage.file] else ("", passage.text)
            used.add((passage.file, key))
        for name, entries in read.texts.items():
            file = f"{self.place}/{name}.po"
            yield from _of_entries(file, entries)
            for key, entry in entries.items():
                if (name, key) not in used:
                    text = f"the rulebook has no text “{shortened(entry.text)}” here any more"
                    cure = f"`screener translation {self.code}` brings the file up to date"
                    yield Problem(file, entry.line, 1, f"{text}; {cure}")

    def of_articles(self, articles: Mapping[str, Article]) -> Iterator[Problem]:
        """Yield what is wrong with the pages of education."""
        for id, topic in self.book.topics.items():
            file = f"{self.place}/{_EDUCATION}/{id}.md"
            article = articles.get(id)
            if article is None:
                if not any(problem.file == file for problem in self.files.problems):
                    yield Problem(file, 0, 0, "is missing: the page is not translated")
            elif article.of != mark(topic):
                message = "was made from another English text; compare the two, then write "
                yield Problem(
                    file, _line_of(self.files.root / file), 1, f"{message}of: {mark(topic)}"
                )
            else:
                english = "\n".join((topic.title, topic.summary, topic.text))
                said = "\n".join((article.title, article.summary, article.text))
                for fault in lost(english, said):
                    yield Problem(file, 1, 1, fault)
        for id in articles.keys() - self.book.topics.keys():
            yield Problem(f"{self.place}/{_EDUCATION}/{id}.md", 1, 1, f"no page is called {id}")

    def of_strange_files(self, names: Mapping[str, None]) -> Iterator[Problem]:
        """Yield the files that translate nothing."""
        folder = self.files.root / self.place
        expected = {f"{name}.po" for name in names} | {"README.md"}
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            education = path.parent == folder / _EDUCATION and path.suffix == ".md"
            if path.is_file() and name not in expected and not education:
                yield Problem(f"{self.place}/{name}", 0, 0, "translates nothing of this rulebook")


def _of_entries(file: str, entries: Mapping[Key, TranslatedText]) -> Iterator[Problem]:
    """Yield what is wrong with single texts."""
    for entry in entries.values():
        if not entry.translated.strip():
            message = f"“{shortened(entry.text)}” is not translated"
            yield Problem(file, entry.line, 1, message)
        elif entry.unsure:
            message = (
                f"the translation of “{shortened(entry.text)}” was made from another English text; "
                "mend it, then take away the line with fuzzy"
            )
            yield Problem(file, entry.line, 1, message)
        else:
            for fault in lost(entry.text, entry.translated):
                yield Problem(file, entry.line, 1, f"{fault}: “{shortened(entry.text)}”")


def is_language(code: str) -> bool:
    """Return whether a code names a language that dates and numbers can be written in."""
    if not _CODE.fullmatch(code):
        return False
    try:
        Locale.parse(code)
    except UnknownLocaleError:
        return False
    return True


def _line_of(path: Path) -> int:
    """Return the line that says what a page was made from."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.startswith("of:")), 1)
