"""load(path): the files under `rules/` -> a Rulebook, cross-checked, or every fault at once."""

from pathlib import Path
from typing import Any

from screener.engine.field_types import Model
from screener.engine.language.invariants import DeclaredOverlap, Invariant
from screener.engine.medicines import CurrentMedicines
from screener.engine.problems import Problem, RulebookError
from screener.engine.protocol import ClinicChoice, Instrument, Protocol, Reference, Rulebook, Topic
from screener.engine.rulebook.compile import ProtocolCompiler
from screener.engine.rulebook.files import Files, Item, fingerprint
from screener.engine.rulebook.written import (
    ProtocolSource,
    WrittenAttributes,
    WrittenMedicine,
    WrittenProtocol,
    WrittenQuestion,
    WrittenRow,
    WrittenRule,
    WrittenScore,
)
from screener.engine.yaml_text import Document, KeyPath

# Text for people, and the lock: not part of what is signed.
NOT_CONTENT = frozenset({"README.md", "CHANGELOG.md", "lock.yaml"})
# Translations: other words for the same content, which have signatures of their own.
LANGUAGES = "languages"

_MODELS: dict[str, type[Model]] = {
    "references": Reference,
    "choices": ClinicChoice,
    "medicines": WrittenMedicine,
    "questions": WrittenQuestion,
    "scores": WrittenScore,
    "rows": WrittenRow,
    "rules": WrittenRule,
    "invariants": Invariant,
    "intended_overlaps": DeclaredOverlap,
    "meant": DeclaredOverlap,  # as rulebooks kept with earlier submissions say
}
# What a file of each kind holds: lists that it must have, lists that it may have, other keys.
_KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "instruments": (
        ("questions",),
        ("scores",),
        ("option_lists", "attribute", *Instrument.model_fields),
    ),
    "questions": (("questions",), ("scores",), ("option_lists", "attribute")),
    "treatments": (("scores",), ("rows",), ("table", "takes_now")),
    "rules": (("rules",), (), ("chapter",)),
    "invariants": (("invariants",), ("intended_overlaps", "meant"), ()),
}


def load(root: Path) -> Rulebook:
    """Load and cross-check everything under `root`.

    Raise RulebookError with every problem found, each with its file, line and column.
    """
    try:
        if not root.is_dir():
            raise RulebookError.of(str(root), "is not a folder")
        return RulebookLoader(root).load()
    except OSError as error:
        raise RulebookError.of(str(root), f"cannot be read: {error.strerror}") from None


class RulebookLoader:
    """Loads the files under `root`; `files` holds what was read and every fault."""

    def __init__(self, root: Path) -> None:
        self.files = Files(root)

    def load(self) -> Rulebook:
        """Return the rulebook. Raise RulebookError with every fault."""
        references = self.listed("references")
        choices = self.listed("choices")
        medicines = self.listed("medicines")
        folders = sorted(path.parent for path in self.files.root.glob("*/protocol.yaml"))
        if not folders:
            raise RulebookError.of(str(self.files.root), "holds no folder with a protocol.yaml")
        sources = [source for folder in folders if (source := self.protocol(folder.name))]
        # The protocol with the lowest number is the one that is meant where none is named.
        sources.sort(key=lambda source: source.text.order)
        self.check_use(sources)
        protocols: dict[str, Protocol] = {}
        for source in sources:
            source.references, source.choices, source.medicines = references, choices, medicines
            # A rule that two protocols share may start its cases from a person of either.
            source.all_cases = [case for other in sources for case in other.case_documents]
            # And it may name a rule that only one of them has.
            source.all_rules = {id for other in sources for id in other.rules}
            if protocol := ProtocolCompiler(source, self.files).compile():
                protocols[protocol.id] = protocol
        if self.files.problems:
            raise RulebookError(self.files.problems)
        return Rulebook(
            version=" ".join(f"{p.id} {p.version}" for p in protocols.values()),
            hash="sha256:" + fingerprint(self.files.contents),
            protocols=protocols,
            references={id: item.value for id, item in references.items()},
            choices={id: item.value for id, item in choices.items()},
            medicines={id: item.value for id, item in medicines.items()},
            topics={id: t for protocol in protocols.values() for id, t in protocol.topics.items()},
            entries=self.files.entries_of_all(),
        )

    def listed(self, key: str) -> dict[str, Item[Any]]:
        """Return the entries of a file that is one list, by id."""
        document = self.files.read(f"{key}.yaml")
        if document is None or not self.files.has_keys(document, (key,)):
            return {}
        return self.files.items(document, key, _MODELS[key])

    def protocol(self, folder: str) -> ProtocolSource | None:
        """Return everything that the protocol of a folder is made of, or None."""
        document = self.files.read(f"{folder}/protocol.yaml")
        if document is None:
            return None
        text = self.files.typed(WrittenProtocol, document, (), document.data)
        if text is None:
            return None
        source = ProtocolSource(text, document)
        # The order in which files are listed says nothing about the rules: it unsigns nothing.
        self.files.contents[document.file] = document.data | {
            key: sorted(document.data[key])
            for key in (*_KINDS, "education")
            if key in document.data
        }
        for kind in _KINDS:
            for name in getattr(text, kind):
                file = f"instruments/{name}.yaml" if kind == "instruments" else name
                self.file(source, file, kind)
        for shelf in text.education:
            for path in sorted((self.files.root / shelf).glob("*.md")):
                self.topic(source, f"{shelf}/{path.name}")
        for path in sorted((self.files.root / folder / "cases").glob("*.yaml")):
            source.case_documents += self.files.read_many(f"{folder}/cases/{path.name}")
        return source

    def file(self, source: ProtocolSource, name: str, kind: str) -> None:
        """Add what a file of one kind holds to a protocol."""
        document = self.files.read(name)
        needed, optional, other = _KINDS[kind]
        if document is None or not self.files.has_keys(document, (*needed, *optional, *other)):
            return
        if kind == "instruments":
            head = {k: value for k, value in document.data.items() if k in Instrument.model_fields}
            if instrument := self.files.typed(Instrument, document, (), head):
                source.instruments.append(Item(instrument, document))
        if "option_lists" in other and not self.fill_options(document):
            return
        if kind == "treatments" and "takes_now" in document.data:
            raw = document.data["takes_now"]
            if source.takes_now:
                message = f"it is said already in {source.takes_now.document.file}"
                self.files.refuse(document, ("takes_now",), message)
            if takes_now := self.files.typed(CurrentMedicines, document, ("takes_now",), raw):
                source.takes_now = Item(takes_now, document, ("takes_now",))
        chapter = document.data.get("chapter")
        if kind == "rules" and not isinstance(chapter, str):
            self.files.refuse(document, (), "a chapter has a title: chapter: …")
            return
        for key in (*needed, *(key for key in optional if key in document.data)):
            items = self.files.items(document, key, _MODELS[key])
            if kind == "rules":
                for item in items.values():
                    item.value = item.value.model_copy(update={"chapter": str(chapter)})
            if key == "questions" and "attribute" in document.data:
                self.fill_attribute(document, items)
            self.add(getattr(source, "intended_overlaps" if key == "meant" else key), items)

    def add(self, to: dict[str, Item[Any]], items: dict[str, Item[Any]]) -> None:
        """Add entries of another file; an id that is already there is a fault."""
        for id, item in items.items():
            if id in to:
                message = f"the id {id} is given already in {to[id].document.file}"
                self.files.refuse(item, ("id",), message)
            to[id] = item

    def fill_options(self, document: Document) -> bool:
        """Put a named list of options where a question names it; return False without lists."""
        lists = document.data.get("option_lists", {})
        if not isinstance(lists, dict):
            self.files.refuse(document, ("option_lists",), "a mapping is expected")
            return False

        def fill(entries: Any, path: KeyPath) -> None:
            for i, raw in enumerate(entries if isinstance(entries, list) else ()):
                if not isinstance(raw, dict):
                    continue
                name = raw.get("options")
                if isinstance(name, str) and name in lists:
                    raw["options"] = lists[name]
                elif isinstance(name, str):
                    place = (*path, i, "options")
                    self.files.refuse(document, place, f"no list is called {name}")
                fill(raw.get("columns"), (*path, i, "columns"))

        fill(document.data.get("questions"), ("questions",))
        return True

    def fill_attribute(self, document: Document, items: dict[str, Item[Any]]) -> None:
        """Let the questions of a file that say nothing of their own ask what the file says."""
        raw = {"attribute": document.data["attribute"]}
        if whole := self.files.typed(WrittenAttributes, document, (), raw):
            for item in items.values():
                if not item.value.attribute:
                    item.value = item.value.model_copy(update={"attribute": whole.attribute})

    def topic(self, source: ProtocolSource, name: str) -> None:
        """Add a page of education to a protocol."""
        document = self.files.read_topic(name)
        topic = document and self.files.typed(Topic, document, (), document.data)
        if document and topic:
            self.add(source.topics, {topic.id: Item(topic, document)})

    def check_use(self, sources: list[ProtocolSource]) -> None:
        """Refuse what no protocol uses: a file that none lists, a question on no page."""
        listed = {
            *self.files.contents,
            *NOT_CONTENT,
            *(fault.file for fault in self.files.problems),
        }
        for path in sorted(self.files.root.rglob("*")):
            name = path.relative_to(self.files.root).as_posix()
            if name.startswith(f"{LANGUAGES}/"):
                continue
            if path.suffix in (".yaml", ".md") and name not in listed:
                self.files.problems.append(Problem(name, 0, 0, "is listed by no protocol"))
        used: set[str] = set()
        for source in sources:
            used |= {*source.text.asked_first}
            used |= {id for page in source.text.pages for id in page.questions}
        for source in sources:
            for id, item in source.questions.items():
                if id not in used:
                    self.files.refuse(item, ("id",), f"{id} stands on no page of any protocol")
