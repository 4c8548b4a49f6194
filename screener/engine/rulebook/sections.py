"""Sections of a questionnaire: a few pages each, named by the page that they begin with."""

from collections.abc import Iterable

from screener.engine.protocol import Case
from screener.engine.rulebook.files import Files
from screener.engine.rulebook.written import ProtocolSource


def check_sections(source: ProtocolSource, files: Files) -> None:
    """Refuse a section that begins with no page, or out of order; the first has the first page."""
    pages = [page.id for page in source.text.pages]
    last, ids = -1, set()
    for i, section in enumerate(source.text.sections):
        if section.id in ids:
            files.refuse(source.document, ("sections", i, "id"), f"two are called {section.id}")
        ids.add(section.id)
        if section.first not in pages:
            message = f"no page is called {section.first}"
        elif i == 0 and section.first != pages[0]:
            message = f"the first section begins with the first page, {pages[0]}"
        elif pages.index(section.first) <= last:
            message = "sections stand in the order of their pages, each with one page or more"
        else:
            last = pages.index(section.first)
            continue
        files.refuse(source.document, ("sections", i, "first"), message)


def check_typical(source: ProtocolSource, cases: Iterable[Case], files: Files) -> None:
    """Refuse a typical person who is no case of the protocol."""
    start = source.text.typical
    if start and not any(case.name.startswith(f"{start}:") for case in cases):
        files.refuse(source.document, ("typical",), f"no case starts with {start}:")
