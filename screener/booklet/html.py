"""The document to sign as HTML: as one file to print, and as the inside of a page for staff."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from screener import markdown
from screener.booklet.booklet import Booklet, booklet
from screener.engine.proof.report import Report
from screener.engine.protocol import Rulebook
from screener.places import shipped
from screener.presenters.proved import Proved, proved
from screener.presenters.sources import source

_CSS = Path(__file__).resolve().parents[1] / "static" / "rulebook.css"


@dataclass(frozen=True)
class NumberedSource:
    """A source as the document cites it: by number and a short name, and where it is found."""

    number: int
    short: str
    where: str
    href: str


@dataclass(frozen=True)
class Signed:
    """A signature in words: the name as written, the account, the time."""

    name: str
    account: str
    at: str


def contents(rulebook: Rulebook) -> dict[str, Any]:
    """What templates/rulebook/document.html is rendered with, apart from signatures and proofs."""
    book = booklet(rulebook)
    return {"book": book, "refs": _cited(book), "education": _education(book)}


def proofs(rulebook: Rulebook, report: Report | None) -> Proved:
    """What a report of proofs says of this rulebook; the document is rendered with it too."""
    titles = {id: protocol.title for id, protocol in rulebook.protocols.items()}
    return proved(report, rulebook.hash, titles)


def printed(
    rulebook: Rulebook,
    signed: Sequence[Signed] | None = None,
    report: Report | None = None,
) -> str:
    """The document as one HTML file. `signed` is None where no database says who signed."""
    environment = Environment(
        loader=FileSystemLoader(shipped("templates")),
        autoescape=True,
        undefined=StrictUndefined,
    )
    template = environment.get_template("rulebook/printed.html")
    css = _CSS.read_text(encoding="utf-8")
    shown = proofs(rulebook, report)
    return template.render(**contents(rulebook), signed=signed, proofs=shown, css=css)


def write_rulebook(rulebook: Rulebook, path: Path, report: Report | None = None) -> None:
    """Write the document to a file, whole or not at all. Raises OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(printed(rulebook, report=report), encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _cited(book: Booklet) -> dict[str, NumberedSource]:
    found = {}
    for view in book.references:
        of = source(view.reference)
        found[view.reference.id] = NumberedSource(view.number, of.short, of.where, of.href)
    return found


def _education(book: Booklet) -> dict[str, str]:
    numbers = {view.reference.id: view.number for view in book.references}
    return {
        shared.view.id: markdown.to_html(shared.view.text, numbers, deeper=2)
        for shared in book.topics
    }
