"""YAML read as text with positions: no implicit types, no duplicate keys, no anchors, no tags.

YAML's own typing turns `yes` into true and `012` into 10. Here every scalar stays the text that
was written; the models and the questions give it a type.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from screener.engine.plain_text import TextError, has_half, shortened, text_of
from screener.engine.problems import Problem, RulebookError

KeyPath = tuple[str | int, ...]


class Text(str):
    """A YAML scalar: text that has no type yet (JSON strings, in contrast, are plain `str`)."""

    __slots__ = ()


class Blank(Text):
    """A YAML scalar that says nothing: no text at all, `null` or `~`, without quotation marks.

    To the rules it is text like any other. Among answers it is what null is in JSON.
    """

    __slots__ = ()


_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
# As YAML counts lines; Python's own `splitlines` knows more ends.
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass
class Document:
    """One YAML document: `data` (dict, list or Text) and where each part of it stands."""

    file: str
    data: Any = None
    positions: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    one_line: set[KeyPath] = field(default_factory=set)
    commented: set[KeyPath] = field(default_factory=set)

    def problem(self, path: KeyPath, message: str, offset: int = 0) -> Problem:
        """Return a problem at the place nearest to `path` that exists in the file.

        `offset` counts characters into a one-line scalar.
        """
        if path not in self.one_line:
            offset = 0
        while path and path not in self.positions:
            path = path[:-1]
        line, column = self.positions.get(path, (1, 1))
        return Problem(self.file, line, column + offset, message)


def read_file(path: Path, shown: str) -> Document:
    """Return the one document of a file, called `shown` in errors. Raise RulebookError."""
    documents = read_text(rule_text(path, shown), shown)
    if len(documents) != 1:
        raise RulebookError.of(shown, f"one YAML document expected, {len(documents)} found", 1, 1)
    return documents[0]


def rule_text(path: Path, shown: str) -> str:
    """Return the text of a file of rules, called `shown` in errors. Raise RulebookError."""
    try:
        return text_of(path)
    except TextError as error:
        raise RulebookError.of(shown, str(error)) from None


def read_text(text: str, shown: str) -> list[Document]:
    """Return every document of `text`; `shown` names the source in errors.

    A document in which nothing is written, as after a last `---`, is none. Raise RulebookError
    for malformed YAML, duplicate keys, anchors, tags and half characters.
    """
    if has_half(text):
        raise RulebookError.of(shown, _HALF, 1, 1)
    try:
        _check_events(text, shown)
        nodes = list(yaml.compose_all(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        place = _place(error.problem_mark or error.context_mark)
        fault = " ".join(part for part in (error.context, error.problem) if part)
        raise RulebookError.of(shown, f"is not well-formed YAML: {fault}", *place) from None
    except yaml.YAMLError as error:
        raise RulebookError.of(shown, f"is not well-formed YAML: {error}", 1, 1) from None
    lines = _LINE_END.split(text)
    return [_Builder(shown, lines).build(node) for node in nodes if not _is_empty(node)]


def _is_empty(node: yaml.Node) -> bool:
    """Whether a document has neither a value nor quotation marks around one."""
    return isinstance(node, yaml.ScalarNode) and not node.style and not node.value


# The C parser reads ten times as fast; both give the same nodes and positions.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_DEEPEST = 50
_HALF = "holds half of a character, which is no text"


def _place(mark: Any) -> tuple[int, int]:
    """Return line and column of a mark, counted from 1."""
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _check_events(text: str, shown: str) -> None:
    """Refuse anchors, aliases and tags (what a reader sees is what is meant), and deep nesting.

    Refuse half characters too, which the slower parser lets pass where they are escaped.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        mark: Any = event.start_mark
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            fault = "anchors, aliases and tags are not used here"
            raise yaml.MarkedYAMLError(problem=fault, problem_mark=mark)
        if isinstance(event, yaml.ScalarEvent) and has_half(event.value):
            raise RulebookError.of(shown, _HALF, *_place(mark))
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise yaml.MarkedYAMLError(problem="it is nested too deeply", problem_mark=mark)


class _Builder:
    def __init__(self, file: str, lines: list[str]) -> None:
        self.document = Document(file)
        self.lines = lines
        self.problems: list[Problem] = []

    def build(self, node: yaml.Node) -> Document:
        self.document.data = self.value(node, ())
        if self.problems:
            raise RulebookError(self.problems)
        return self.document

    def value(self, node: yaml.Node, path: KeyPath) -> Any:
        self.document.positions[path] = _place(node.start_mark)
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(part, (*path, i)) for i, part in enumerate(node.value)]
        assert isinstance(node, yaml.MappingNode)
        return dict(self.entries(node, path))

    def entries(self, node: yaml.MappingNode, path: KeyPath) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key, value in node.value:
            place = _place(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                fault = "a key must be a word, found a list"
                self.problems.append(Problem(self.document.file, *place, fault))
                continue
            if key.value in seen:
                fault = f"the key {shortened(key.value)} stands here twice"
                self.problems.append(Problem(self.document.file, *place, fault))
            seen.add(key.value)
            yield key.value, self.value(value, (*path, key.value))

    def scalar(self, node: yaml.ScalarNode, path: KeyPath) -> Text:
        start, end = node.start_mark, node.end_mark
        if start.line == end.line:
            self.document.one_line.add(path)
            # `a >= 1 # and b` loses its second half without a word: rule leaves refuse it.
            if "#" in self.lines[end.line][end.column :]:
                self.document.commented.add(path)
        if node.style in ("'", '"'):
            self.document.positions[path] = (start.line + 1, start.column + 2)
        return Blank(node.value) if not node.style and node.value in _NOTHING else Text(node.value)
