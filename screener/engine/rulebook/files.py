"""Files under `rules/`, read and typed entry by entry. Faults are collected, not raised."""

import hashlib
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from screener.engine.field_types import Model
from screener.engine.problems import Problem, RulebookError, did_you_mean
from screener.engine.yaml_text import Document, KeyPath, read_file, read_text, rule_text

T = TypeVar("T")
M = TypeVar("M", bound=Model)

_EXPECTED = {
    "model_type": "a mapping is expected",
    "dict_type": "a mapping is expected",
    "tuple_type": "a list is expected",
    "string_type": "text is expected",
}


@dataclass
class Item(Generic[T]):
    """One entry of a file and where it stands."""

    value: T
    document: Document
    path: KeyPath = ()


# Where a fault is: a whole document or one of its entries.
Spot = Document | Item[Any]


class Files:
    """Reads files below `root`; `problems` grows with every fault."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.contents: dict[str, Any] = {}

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Add the problems of a RulebookError to the list instead of raising it."""
        try:
            yield
        except RulebookError as error:
            self.problems.extend(error.problems)

    def read(self, name: str) -> Document | None:
        """Return one YAML file by its path below the root, or None where it cannot be read."""
        document = None
        with self.collecting():
            document = read_file(self.root / name, name)
            self.contents[name] = document.data
        return document

    def read_many(self, name: str) -> list[Document]:
        """Return every YAML document of a file of cases."""
        documents: list[Document] = []
        with self.collecting():
            documents = read_text(rule_text(self.root / name, name), name)
            self.contents[name] = [document.data for document in documents]
        return documents

    def read_topic(self, name: str) -> Document | None:
        """Return the front matter of one page of education with its Markdown text, or None."""
        document = None
        with self.collecting():
            page = rule_text(self.root / name, name)
            head, end, body = page.removeprefix("---\n").partition("\n---\n")
            if not page.startswith("---\n") or not end:
                message = "a topic starts with its data between two lines of ---"
                raise RulebookError.of(name, message, 1, 1)
            # The empty line keeps line numbers as they are in the file.
            documents = read_text("\n" + head, name)
            if not documents:
                raise RulebookError.of(name, "the data of the topic are empty", 1, 1)
            document, text = documents[0], body.strip()
            self.contents[name] = [document.data, text]
            if isinstance(document.data, dict):
                document.data = {**document.data, "text": text}
        return document

    def has_keys(self, document: Document, allowed: Collection[str], path: KeyPath = ()) -> bool:
        """Return whether a mapping stands at `path`, and refuse its keys that are not allowed."""
        value: Any = document.data
        for key in path:
            value = value[key]
        if not isinstance(value, dict):
            self.refuse(document, path, "a mapping is expected")
            return False
        for key in value:
            if key not in allowed:
                hint = did_you_mean(key, allowed)
                self.refuse(document, (*path, key), f"the key {key} has no meaning here{hint}")
        return True

    def items(self, document: Document, key: str, model: type[M]) -> dict[str, Item[M]]:
        """Return the entries of a list, each as its model, by id; faulty ones are left out."""
        items: dict[str, Item[M]] = {}
        entries = document.data.get(key)
        if not isinstance(entries, list):
            self.refuse(document, (key,), f"a list of {key} is expected")
            return items
        for i, raw in enumerate(entries):
            value: Any = self.typed(model, document, (key, i), raw)
            if value is None:
                continue
            if value.id in items:
                self.refuse(document, (key, i, "id"), f"the id {value.id} is given twice")
            items[value.id] = Item(value, document, (key, i))
        return items

    def typed(self, model: type[M], document: Document, path: KeyPath, raw: Any) -> M | None:
        """Return one entry as its model, or None where it is faulty."""
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            for fault in error.errors():
                self.refuse(document, (*path, *fault["loc"]), _message(model, fault))
            return None

    def refuse(self, place: Spot, path: KeyPath, message: str, offset: int = 0) -> None:
        """Report a fault at a path below a document or one of its entries.

        `offset` counts characters into a one-line scalar.
        """
        entry = place if isinstance(place, Item) else Item(None, place)
        self.problems.append(entry.document.problem((*entry.path, *path), message, offset))

    def check_names(
        self, place: Spot, path: KeyPath, names: Collection[str], valid: Collection[str], what: str
    ) -> None:
        """Refuse each name that is not known; `what` says what it should be the name of."""
        for name in names:
            if name not in valid:
                self.refuse(place, path, f"no {what} is called {name}{did_you_mean(name, valid)}")

    def entries_of_all(self) -> dict[str, dict[str, str]]:
        """Return for each file its entries by id, each with the start of its fingerprint."""
        return {file: _entries(content) for file, content in sorted(self.contents.items())}


def fingerprint(content: Any) -> str:
    """Return a SHA-256 of content, the same for every order of keys."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _entries(content: Any) -> dict[str, str]:
    """Return the entries of one file; what stands beside its lists is one entry of its own."""
    entries: dict[str, str] = {}
    rest: Any = content
    if isinstance(content, dict):
        rest = {}
        for key, value in content.items():
            if isinstance(value, list) and all(isinstance(v, dict) and "id" in v for v in value):
                entries |= {str(entry["id"]): fingerprint(entry)[:16] for entry in value}
            else:
                rest[key] = value
    elif all(isinstance(entry, dict) and "case" in entry for entry in content):
        rest = None
        entries = {str(entry["case"]): fingerprint(entry)[:16] for entry in content}
    if rest:
        entries["(the rest of the file)"] = fingerprint(rest)[:16]
    return entries


def _message(model: type[Model], fault: Any) -> str:
    last = fault["loc"][-1] if fault["loc"] else ""
    key = last if isinstance(last, str) else ""  # the place in a list says nothing
    match fault["type"]:
        case "extra_forbidden":
            allowed = [field.alias or name for name, field in model.model_fields.items()]
            return f"the key {key} has no meaning here{did_you_mean(key, allowed)}"
        case "missing":
            return f"{key} is missing"
        case "literal_error":
            return f"found {fault['input']}; allowed: {fault['ctx']['expected']}"
    message = _EXPECTED.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    return f"{key}: {message}" if key else message
