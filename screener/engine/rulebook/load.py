"""load(path): the files under `rules/` -> a Rulebook, cross-checked, or every fault at once."""

from pathlib import Path
from typing import Any

from screener.engine.language.invariants import DeclaredOverlap, Invariant
from screener.engine.problems import Problem, RulebookError
from screener.engine.protocol import (
    Choice,
    Instrument,
    Protocol,
    Reference,
    Rulebook,
    Topic,
)
from screener.engine.rulebook.compile import ProtocolCompiler
from screener.engine.rulebook.files import Files
from screener.engine.rulebook.written import (
    Item,
    ProtocolSource,
    WrittenMedicine,
    WrittenProtocol,
    WrittenQuestion,
    WrittenRow,
    WrittenRule,
    WrittenScore,
)
from screener.engine.yaml_text import Document

# Text for people, and the lock: not part of what is signed.
NOT_CONTENT = frozenset({"README.md", "CHANGELOG.md", "lock.yaml"})

_FILE_LISTS = ("instruments", "questions", "treatments", "rules", "invariants", "education")

_INSTRUMENT_KEYS = (*Instrument.model_fields, "option_lists", "questions", "scores")


def load(root: Path) -> Rulebook:
    """Load and cross-check everything under `root`.

    Raises RulebookError with every problem found, each with its file, line and column.
    """
    loader = _Loader(root)
    try:
        if not root.is_dir():
            raise RulebookError.of(str(root), "is not a folder")
        rulebook = loader.load()
    except OSError as error:
        raise RulebookError.of(str(root), f"cannot be read: {error.strerror}") from None
    if loader.files.problems or rulebook is None:
        raise RulebookError(loader.files.problems)
    return rulebook


class _Loader:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.files = Files(root)

    def load(self) -> Rulebook | None:
        references = self.listed("references.yaml", "references", Reference)
        choices = self.listed("choices.yaml", "choices", Choice)
        medicines = self.listed("medicines.yaml", "medicines", WrittenMedicine)
        folders = sorted(path.parent for path in self.root.glob("*/protocol.yaml"))
        if not folders:
            raise RulebookError.of(str(self.root), "holds no folder with a protocol.yaml")
        protocols: dict[str, Protocol] = {}
        topics: dict[str, Topic] = {}
        sources = [source for folder in folders if (source := self.protocol(folder.name))]
        # The protocol with the lowest number is the one that is meant where none is named.
        sources.sort(key=lambda source: source.text.order)
        self.check_use(sources)
        for source in sources:
            source.references, source.choices, source.medicines = references, choices, medicines
            # A rule that two protocols share may start its cases from a person of either.
            source.all_cases = [case for other in sources for case in other.case_documents]
            built = ProtocolCompiler(source, self.files).compile()
            if built is not None:
                protocols[built.id] = built
                topics.update(built.topics)
        if len(protocols) < len(folders):
            return None
        return Rulebook(
            version=" ".join(f"{p.id} {p.version}" for p in protocols.values()),
            hash=self.files.hash(),
            protocols=protocols,
            references={id: item.value for id, item in references.items()},
            choices={id: item.value for id, item in choices.items()},
            medicines={id: item.value for id, item in medicines.items()},
            topics=topics,
            entries=self.files.entries_of_all(),
        )

    def listed(self, name: str, key: str, model: type[Any]) -> dict[str, Item[Any]]:
        """A file that is one list of entries with ids."""
        document = self.files.read(name)
        if document is None:
            return {}
        self.files.keys(document, (key,))
        return self.items(document, key, model)

    def items(self, document: Document, key: str, model: type[Any]) -> dict[str, Item[Any]]:
        found: dict[str, Item[Any]] = {}
        for path, raw in self.files.entries(document, (key,)):
            typed = self.files.typed(model, document, path, raw)
            if typed is None:
                continue
            if typed.id in found:
                self.files.refuse(document, (*path, "id"), f"the id {typed.id} is given twice")
            found[typed.id] = Item(typed, document, path)
        return found

    def protocol(self, folder: str) -> ProtocolSource | None:
        name = f"{folder}/protocol.yaml"
        document = self.files.read(name)
        if document is None:
            return None
        text = self.files.typed(WrittenProtocol, document, (), document.data)
        if text is None:
            return None
        source = ProtocolSource(text, document)
        # The order in which files are listed says nothing about the rules: it unsigns nothing.
        self.files.contents[name] = document.data | {
            key: sorted(document.data[key]) for key in _FILE_LISTS if key in document.data
        }
        for instrument in text.instruments:
            self.instrument(source, f"instruments/{instrument}.yaml")
        for file in text.questions:
            self.questions(source, file)
        for file in text.treatments:
            self.treatments(source, file)
        for file in text.rules:
            self.chapter(source, file)
        for file in text.invariants:
            self.invariants(source, file)
        for shelf in text.education:
            for path in sorted((self.root / shelf).glob("*.md")):
                self.topic(source, f"{shelf}/{path.name}")
        for path in sorted((self.root / folder / "cases").glob("*.yaml")):
            source.case_documents += self.files.read_many(f"{folder}/cases/{path.name}")
        return source

    def check_use(self, sources: list[ProtocolSource]) -> None:
        """Refuse what lies there for nobody: a file no protocol lists, a question on no page."""
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root).as_posix()
            known = name in self.files.contents or name in NOT_CONTENT
            if path.suffix in (".yaml", ".md") and not known and not self.files.failed(name):
                self.files.problems.append(Problem(name, 0, 0, "is listed by no protocol"))
        asked: set[str] = set()
        for source in sources:
            asked |= set(source.text.asked_first)
            asked |= {id for page in source.text.pages for id in page.questions}
        for source in sources:
            for id, item in source.questions.items():
                if id not in asked:
                    message = f"{id} stands on no page of any protocol"
                    self.files.refuse(item.document, (*item.path, "id"), message)

    def instrument(self, source: ProtocolSource, file: str) -> None:
        document = self.files.read(file)
        if document is None or not isinstance(document.data, dict):
            return
        self.files.keys(document, _INSTRUMENT_KEYS)
        head = {key: document.data[key] for key in Instrument.model_fields if key in document.data}
        instrument = self.files.typed(Instrument, document, (), head)
        if instrument is not None:
            source.instruments.append(Item(instrument, document, ()))
        self.questions(source, file, document)
        if "scores" in document.data:
            source.add(source.scores, self.items(document, "scores", WrittenScore), self.files)

    def questions(
        self, source: ProtocolSource, file: str, document: Document | None = None
    ) -> None:
        document = document or self.files.read(file)
        if document is None or not isinstance(document.data, dict):
            return
        lists = document.data.get("option_lists", {})
        if not isinstance(lists, dict):
            self.files.refuse(document, ("option_lists",), "a mapping is expected")
            return
        if document.file == file and "id" not in document.data:
            self.files.keys(document, ("option_lists", "questions", "scores"))
        for path, raw in self.files.entries(document, ("questions",)):
            if isinstance(raw, dict):
                self.fill_options(document, path, raw, lists)
        source.add(source.questions, self.items(document, "questions", WrittenQuestion), self.files)
        if "scores" in document.data and "id" not in document.data:
            source.add(source.scores, self.items(document, "scores", WrittenScore), self.files)

    def fill_options(self, document: Document, path: Any, raw: dict[str, Any], lists: Any) -> None:
        """Put a named list of options where a question names it."""
        name = raw.get("options")
        if isinstance(name, str):
            if name in lists:
                raw["options"] = lists[name]
            else:
                self.files.refuse(document, (*path, "options"), f"no list is called {name}")
        for column in raw.get("columns", ()):
            if isinstance(column, dict):
                self.fill_options(document, (*path, "columns"), column, lists)

    def treatments(self, source: ProtocolSource, file: str) -> None:
        document = self.files.read(file)
        if document is None:
            return
        self.files.keys(document, ("table", "rows", "scores"))
        source.add(source.rows, self.items(document, "rows", WrittenRow), self.files)
        source.add(source.scores, self.items(document, "scores", WrittenScore), self.files)

    def chapter(self, source: ProtocolSource, file: str) -> None:
        document = self.files.read(file)
        if document is None:
            return
        self.files.keys(document, ("chapter", "rules"))
        title = document.data.get("chapter") if isinstance(document.data, dict) else None
        if not isinstance(title, str):
            self.files.refuse(document, (), "a chapter has a title: chapter: …")
            return
        items = self.items(document, "rules", WrittenRule)
        for item in items.values():
            item.value = item.value.model_copy(update={"chapter": str(title)})
        source.add(source.rules, items, self.files)

    def invariants(self, source: ProtocolSource, file: str) -> None:
        document = self.files.read(file)
        if document is None:
            return
        self.files.keys(document, ("invariants", "intended_overlaps", "meant"))
        source.add(source.invariants, self.items(document, "invariants", Invariant), self.files)
        # Rulebooks kept with earlier submissions say `meant`.
        for key in ("intended_overlaps", "meant"):
            if isinstance(document.data, dict) and key in document.data:
                overlaps = self.items(document, key, DeclaredOverlap)
                source.add(source.intended_overlaps, overlaps, self.files)

    def topic(self, source: ProtocolSource, file: str) -> None:
        found = self.files.read_topic(file)
        if found is None:
            return
        document, text = found
        if not isinstance(document.data, dict):
            self.files.refuse(document, (), "a mapping is expected")
            return
        typed = self.files.typed(Topic, document, (), {**document.data, "text": text})
        if typed is not None:
            source.add(source.topics, {typed.id: Item(typed, document, ())}, self.files)
