"""The document to sign as HTML: one file to print, or the content of a page for staff."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from screener import markdown
from screener.booklet.attributes import source_attributes
from screener.booklet.booklet import Booklet, booklet
from screener.engine.proof.report import Report, ReportError
from screener.engine.protocol import Rulebook
from screener.places import shipped
from screener.presenters.proved import Proved, proved
from screener.presenters.sources import source

STYLES = Path(__file__).resolve().parents[1] / "static" / "rulebook.css"


@dataclass(frozen=True)
class NumberedSource:
    """A source as the document cites it: its number, a short name, and where to find it."""

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
    """Return what templates/rulebook/document.html needs, apart from signatures and proofs."""
    book = booklet(rulebook)
    return {
        "book": book,
        "refs": _cited(book),
        "education": _education(book),
        "own": source_attributes(rulebook),
    }


def proofs(rulebook: Rulebook, report: Report | ReportError | None) -> Proved:
    """Return what a report of proofs says about this rulebook, for the document."""
    titles = {id: protocol.title for id, protocol in rulebook.protocols.items()}
    return proved(report, rulebook.hash, titles)


def printed(
    rulebook: Rulebook,
    signed: Sequence[Signed] | None = None,
    report: Report | ReportError | None = None,
) -> str:
    """Return the document as one HTML file; `signed` is None if no database says who signed."""
    environment = Environment(
        loader=FileSystemLoader(shipped("templates")),
        autoescape=True,
        undefined=StrictUndefined,
    )
    template = environment.get_template("rulebook/printed.html")
    css = STYLES.read_text(encoding="utf-8")
    shown = proofs(rulebook, report)
    return template.render(**contents(rulebook), signed=signed, proofs=shown, css=css)


def write_rulebook(
    rulebook: Rulebook, path: Path, report: Report | ReportError | None = None
) -> None:
    """Write the document to a file, completely or not at all; raise OSError if that fails."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(printed(rulebook, report=report), encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _cited(book: Booklet) -> dict[str, NumberedSource]:
    numbered = {}
    for view in book.references:
        cited = source(view.reference)
        numbered[view.reference.id] = NumberedSource(
            view.number, cited.short, cited.where, cited.href
        )
    return numbered


def _education(book: Booklet) -> dict[str, str]:
    numbers = {view.reference.id: view.number for view in book.references}
    return {
        shared.view.id: markdown.to_html(shared.view.text, numbers, deeper=2)
        for shared in book.topics
    }
