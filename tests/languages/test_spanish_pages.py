"""Every page of patients in Spanish: no English of ours is left over, and nothing is cut short."""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

import pytest
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from screener import spoken, store
from screener.languages.translation import PROGRAM
from screener.languages.words import passages
from tests.every_page import LEARN, PAGES, PATIENT, SPANISH, Page, Site, add_staff
from tests.shipped import RULEBOOK
from tests.web import make_app, soup

# An error page whose address is not ours still has the frame of patients.
OURS = [page for page in PAGES if page.side in (PATIENT, LEARN)]
_SHORTEST = 12  # letters: "Jaw" and "Error:" are found in other words, or are the same in both


def english() -> set[str]:
    """Return what the program and the rulebook say otherwise in Spanish."""
    with (PROGRAM / "es" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalog = read_po(file)
    texts: set[str] = set()
    for message in catalog:
        if message.id:
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            texts |= {str(id) for id in ids if not any(str(id) in str(s) for s in strings)}
    texts |= {p.text for p in passages(RULEBOOK) if p.text not in SPANISH.said(p)}
    parts = (part for text in texts for part in re.split(r"%\(\w+\)s|\{\w+\}|<[^>]*>", text))
    # Names, and an address, are the same in every language.
    kept = {"Demonstration", "988lifeline.org", "Ask Suicide-Screening Questions (ASQ)"}
    return {part.strip() for part in parts if len(part.strip()) >= _SHORTEST} - kept


ENGLISH = english()


class SpanishSite(Site):
    """The site with everybody reading Spanish."""

    headers: ClassVar[Mapping[str, str]] = {"Cookie": f"{spoken.COOKIE}=es"}

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        for client in self._clients.values():
            client.set_cookie(spoken.COOKIE, "es")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpanishSite]:
    app = make_app(tmp_path_factory.mktemp("site"))
    add_staff(app)
    yield SpanishSite(app)
    with app.app_context():
        store.db.engine.dispose()


def words(response: TestResponse) -> str:
    """Return all that a page says in Spanish, also to scripts and screen readers."""
    html: BeautifulSoup = soup(response)
    for other in html.select("body [lang], .sc-languages, .sc-references"):
        other.decompose()
    spoken_aloud = [
        str(value)
        for tag in html.find_all(True)
        for name, value in tag.attrs.items()
        if name == "aria-label" or (name.startswith("data-") and " " in str(value))
    ]
    return re.sub(r"\s+", " ", " | ".join([html.get_text(" "), *spoken_aloud]))


def test_the_list_finds_english_that_is_left_over() -> None:
    assert len(ENGLISH) > 1000
    assert "Save and continue" in ENGLISH and "How old are you?" in ENGLISH


@pytest.mark.parametrize("page", OURS, ids=str)
def test_no_english_is_left_over(site: SpanishSite, page: Page) -> None:
    response = site.open(page)
    assert response.status_code == page.status
    assert '<html lang="es"' in response.text
    text = words(response)
    left = [each for each in ENGLISH if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text)]
    assert left == []


def test_988_says_how_to_be_helped_in_spanish(site: SpanishSite) -> None:
    """The bar, the help page and the card of help: press 2, or text AYUDA."""
    helps = [page for page in OURS if page.name.startswith("help")]
    assert helps
    for page in helps:
        text = words(site.open(page))
        assert "oprima 2" in text and "AYUDA" in text and "911" in text
