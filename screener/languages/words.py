"""Every text of a rulebook that patients read, and the rulebook in other words.

A protocol in another language is the same protocol: the same ids, conditions, cases and hash. One
walk finds every text, so that what a translator is given and what a page shows never differ.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, TypeVar

from screener.engine.field_types import Model
from screener.engine.medicines import Medicine
from screener.engine.protocol import Instrument, Page, Protocol, Rule, Rulebook, Section, Topic
from screener.engine.questions import Option, Question

M = TypeVar("M", bound=Model)

# The same in every language, or said by the program, which computes with them.
_SIGNS = frozenset({"cm", "kg", "mg", "mmHg", "weeks", "µg"})


@dataclass(frozen=True)
class Passage:
    """One text: the file of a translation that it belongs to, what it is a text of, and the text.

    `id` is of a question, a page, a section, a rule, a medicine, an instrument or a protocol.
    """

    file: str
    id: str
    text: str


Say = Callable[[Passage], str]
SayTopic = Callable[[Topic], Topic]


def passages(book: Rulebook) -> list[Passage]:
    """Return every text that patients read, each once, in the order in which they meet it."""
    heard: dict[Passage, None] = {}

    def hear(passage: Passage) -> str:
        heard[passage] = None
        return passage.text

    reworded(book, hear, lambda topic: topic)
    return list(heard)


def reworded(book: Rulebook, say: Say, say_topic: SayTopic) -> Rulebook:
    """Return a rulebook in the words of `say`, its education in those of `say_topic`."""
    return _Rewording(book, say, say_topic).book()


class _Rewording:
    """Walks over a rulebook. An empty text is none, and stays empty."""

    def __init__(self, book: Rulebook, say: Say, say_topic: SayTopic) -> None:
        self.original, self.say, self.say_topic = book, say, say_topic
        paths = {id: PurePosixPath(file) for file, ids in book.entries.items() for id in ids
                 if file.startswith("instruments/")}  # fmt: skip
        self.instrument_of = {id: path.stem for id, path in paths.items()}

    def book(self) -> Rulebook:
        book = self.original
        return replace(
            book,
            protocols={id: self.protocol(p) for id, p in book.protocols.items()},
            medicines={id: self.medicine(m) for id, m in book.medicines.items()},
            topics={id: self.say_topic(topic) for id, topic in book.topics.items()},
        )

    def protocol(self, protocol: Protocol) -> Protocol:
        title = self.said("pages", protocol.id, protocol.title)
        sections = tuple(self.section(section) for section in protocol.head.sections)
        return protocol.in_other_words(
            head=_with(protocol.head, title=title, sections=sections),
            pages=tuple(self.page(page) for page in protocol.pages),
            questions={id: self.question(q) for id, q in protocol.questions.items()},
            instruments=tuple(self.instrument(i) for i in protocol.instruments),
            medicines={id: self.medicine(m) for id, m in protocol.medicines.items()},
            rules={id: self.rule(rule) for id, rule in protocol.rules.items()},
            topics={id: self.say_topic(topic) for id, topic in protocol.topics.items()},
        )

    def section(self, section: Section) -> Section:
        return _with(section, **self.several("pages", section.id, section, "title"))

    def page(self, page: Page) -> Page:
        return _with(page, **self.several("pages", page.id, page, "title", "intro"))

    def question(self, question: Question, of: str = "") -> Question:
        """Return a question; a column belongs to the table `of`."""
        instrument = self.instrument_of.get(question.id)
        file = f"instruments/{instrument}" if instrument and not of else "questions"
        id = f"{of}.{question.id}" if of else question.id
        keys = ["stem", "text", "hint", "short"]
        keys += [] if question.unit in _SIGNS else ["unit"]
        words: dict[str, Any] = self.several(file, id, question, *keys)
        words["options"] = tuple(self.option(file, id, option) for option in question.options)
        words["columns"] = tuple(self.question(column, id) for column in question.columns)
        return _with(question, **words)

    def option(self, file: str, id: str, option: Option) -> Option:
        # What to choose in place of a retired option is said to staff.
        return _with(option, **self.several(file, id, option, "heading", "label", "hint"))

    def instrument(self, instrument: Instrument) -> Instrument:
        file = f"instruments/{instrument.id}"
        return _with(instrument, **self.several(file, instrument.id, instrument, "title", "notice"))

    def medicine(self, medicine: Medicine) -> Medicine:
        return _with(medicine, **self.several("medicines", medicine.id, medicine, "name", "group"))

    def rule(self, rule: Rule) -> Rule:
        return _with(rule, **self.several("reported", rule.id, rule, "reported"))

    def several(self, file: str, id: str, of: Model, *keys: str) -> dict[str, str]:
        return {key: self.said(file, id, getattr(of, key)) for key in keys}

    def said(self, file: str, id: str, text: str) -> str:
        return self.say(Passage(file, id, str(text))) if text else ""


def _with(model: M, **changes: Any) -> M:
    """Return a model with other fields, and nothing that it worked out of the old ones."""
    fields = {name: getattr(model, name) for name in type(model).model_fields}
    return type(model).model_construct(**fields | changes)
