"""One file of translated texts, in the format of gettext (.po), which translators' tools read.

An entry has the English text that it was made from, so a text that changed has no translation any
more. Its context (msgctxt), if it has one, is the id of what the text belongs to: there the same
English text is said in another way.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, PoFileParser, write_po

from screener.engine.problems import Problem, RulebookError
from screener.engine.yaml_text import rule_text

Key = tuple[str, str]  # the context, or "", and the English text

_WIDTH = 100


@dataclass(frozen=True)
class TranslatedText:
    """One text and its translation, which is "" where there is none. `line` is where it stands.

    `unsure`: marked as fuzzy, which says that somebody has to look at it. `about` are the comments
    that say what the text belongs to.
    """

    text: str
    translated: str
    line: int
    unsure: bool
    about: tuple[str, ...]


class _Reader(Catalog):
    """A catalog that notes entries which stand twice. Babel would take the first."""

    def __init__(self, code: str) -> None:
        super().__init__(locale=code)
        self.twice: list[Message] = []

    def __setitem__(self, id: Any, message: Message) -> None:
        if id and self.get(id, message.context):
            self.twice.append(message)
        super().__setitem__(id, message)


def read_catalog(path: Path, shown: str, code: str) -> dict[Key, TranslatedText]:
    """Return the entries of a file by context and English text; `shown` names it in errors.

    Raise RulebookError with every fault.
    """
    reader = _read(path, shown, code)
    problems = [
        Problem(shown, message.lineno or 1, 1, f"“{_whole(message.id)}” stands here twice")
        for message in reader.twice
    ]
    entries: dict[Key, TranslatedText] = {}
    for message in reader:
        if not message.id:
            continue
        text, translated = _whole(message.id), _whole(message.string)
        line, about = message.lineno or 1, tuple(message.auto_comments)
        entries[message.context or "", text] = TranslatedText(
            text, translated, line, message.fuzzy, about
        )
    if problems:
        raise RulebookError(problems)
    return entries


def updated(path: Path, shown: str, code: str, texts: Iterable[tuple[str, list[str]]]) -> bytes:
    """Return a file with an entry for each text, in their order, with what it has translated.

    A text comes with the ids that it belongs to. One that is new is empty, or where it is like one
    that is gone, takes its translation, marked as fuzzy. Raise RulebookError.
    """
    before = _read(path, shown, code) if path.is_file() else _begun(shown, code)
    wanted = Catalog(locale=code)
    for text, ids in texts:
        apart = [id for id in ids if before.get(text, id)]
        shared = [id for id in ids if id not in apart]
        for id in apart:
            wanted.add(text, context=id, auto_comments=[id])
        if shared:
            wanted.add(text, auto_comments=[", ".join(shared)])
    before.update(wanted)
    for message in before:
        message.locations = []
    written = BytesIO()
    head = before.header_comment
    write_po(
        written, before, width=_WIDTH, ignore_obsolete=True, include_previous=True, omit_header=True
    )
    header = f'{head}\nmsgid ""\nmsgstr ""\n"Language: {code}\\n"\n{_CHARSET}\n'
    return header.encode() + b"\n" + written.getvalue().rstrip(b"\n") + b"\n"


_CHARSET = '"Content-Type: text/plain; charset=utf-8\\n"'


def _begun(shown: str, code: str) -> Catalog:
    begun = Catalog(locale=code)
    begun.header_comment = f"# {shown}\n# No qualified translator has reviewed this file.\n#"
    return begun


def _read(path: Path, shown: str, code: str) -> _Reader:
    reader = _Reader(code)
    text = rule_text(path, shown)
    try:
        PoFileParser(reader, ignore_obsolete=True, abort_invalid=True).parse(text.splitlines())
    except PoFileError as error:
        fault = str(error).rpartition(" on ")[0]
        raise RulebookError.of(shown, f"cannot be read: {fault}", error.lineno + 1, 1) from None
    except (ValueError, IndexError, AttributeError) as error:
        raise RulebookError.of(shown, f"is not a file of translations: {error}", 1, 1) from None
    return reader


def _whole(text: Any) -> str:
    """Return a text, or all its forms for singular and plural; "" where one of them is empty."""
    forms = [text] if isinstance(text, str) else [str(form) for form in text]
    return "\n".join(forms) if all(forms) else ""
