"""The files under `rules/`, read and typed entry by entry. Faults are collected, not raised."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from screener.engine.models import Model
from screener.engine.problems import Problem, RulebookError, did_you_mean
from screener.engine.yaml_text import Document, Path_, read_file, read_text, rule_text

M = TypeVar("M", bound=Model)

_SHORT = {
    "missing": "is missing",
    "model_type": "a mapping is expected",
    "dict_type": "a mapping is expected",
    "tuple_type": "a list is expected",
    "string_type": "text is expected",
}


class Files:
    """Reads files below `root`; `problems` grows with every fault."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.contents: dict[str, Any] = {}

    def read(self, name: str) -> Document | None:
        """One YAML file by its path below the root, or None where it cannot be read."""
        try:
            document = read_file(self.root / name, name)
        except RulebookError as error:
            self.problems.extend(error.problems)
            return None
        self.contents[name] = document.data
        return document

    def read_many(self, name: str) -> list[Document]:
        """Every YAML document of a file of cases."""
        try:
            documents = read_text(rule_text(self.root / name, name), name)
        except RulebookError as error:
            self.problems.extend(error.problems)
            return []
        self.contents[name] = [document.data for document in documents]
        return documents

    def read_topic(self, name: str) -> tuple[Document, str] | None:
        """The front matter and the Markdown text of one page of education."""
        try:
            text = rule_text(self.root / name, name)
        except RulebookError as error:
            self.problems.extend(error.problems)
            return None
        head, found, body = text.removeprefix("---\n").partition("\n---\n")
        if not text.startswith("---\n") or not found:
            message = "a topic starts with its data between two lines of ---"
            self.problems.append(Problem(name, 1, 1, message))
            return None
        try:
            # The empty line keeps line numbers as they are in the file.
            documents = read_text("\n" + head, name)
        except RulebookError as error:
            self.problems.extend(error.problems)
            return None
        if not documents:
            self.problems.append(Problem(name, 1, 1, "the data of the topic are empty"))
            return None
        self.contents[name] = [documents[0].data, body.strip()]
        return documents[0], body.strip()

    def entries(self, document: Document, path: Path_) -> Iterator[tuple[Path_, Any]]:
        """The entries of the list at `path`, each with its own path."""
        value: Any = document.data
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if not isinstance(value, list):
            self.refuse(document, path, f"a list of {path[-1] if path else 'entries'} is expected")
            return
        for i, entry in enumerate(value):
            yield (*path, i), entry

    def keys(self, document: Document, known: Iterable[str], path: Path_ = ()) -> None:
        """Refuse keys of a mapping that are not known."""
        value: Any = document.data
        for key in path:
            value = value[key]
        if not isinstance(value, dict):
            self.refuse(document, path, "a mapping is expected")
            return
        for key in value:
            if key not in known:
                hint = did_you_mean(key, known)
                self.refuse(document, (*path, key), f"the key {key} has no meaning here{hint}")

    def typed(self, model: type[M], document: Document, path: Path_, raw: Any) -> M | None:
        """One entry as its model, or None where it is faulty."""
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            for fault in error.errors():
                self.refuse(document, (*path, *fault["loc"]), _said(model, fault))
            return None

    def failed(self, name: str) -> bool:
        """Whether a fault of that file has been reported already."""
        return any(problem.file == name for problem in self.problems)

    def refuse(self, document: Document, path: Path_, message: str, offset: int = 0) -> None:
        """Report a fault at a place of a document."""
        self.problems.append(document.problem(path, message, offset))

    def hash(self) -> str:
        """Of everything read: the same for other comments, other spelling, other order of files."""
        return "sha256:" + fingerprint(self.contents)

    def entries_of_all(self) -> dict[str, dict[str, str]]:
        """For each file its entries by id, each with the first digits of its fingerprint."""
        return {file: _entries(content) for file, content in sorted(self.contents.items())}


def fingerprint(content: Any) -> str:
    """A SHA-256 of content, the same for every order of keys."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _entries(content: Any) -> dict[str, str]:
    """The entries of one file; what stands beside its lists is one entry of its own."""
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


def _said(model: type[Model], fault: Any) -> str:
    key = str(fault["loc"][-1]) if fault["loc"] else ""
    if fault["type"] == "extra_forbidden":
        known = [field.alias or name for name, field in model.model_fields.items()]
        return f"the key {key} has no meaning here{did_you_mean(key, known)}"
    if fault["type"] == "missing":
        return f"{key} is missing"
    if fault["type"] == "literal_error":
        return f"found {fault['input']}; allowed: {fault['ctx']['expected']}"
    said = _SHORT.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    return f"{key}: {said}" if key else said
