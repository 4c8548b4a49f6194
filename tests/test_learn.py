"""Education: public, the same for everyone, every statement with its source."""

import re
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screener.engine.protocol import Reference, Rulebook, Topic
from screener.learn import rendered
from tests.web import soup, visible


def book_of(app: Flask) -> Rulebook:
    book: Rulebook = app.extensions["screener_rulebook"]
    return book


def reference(id: str, **more: Any) -> Reference:
    return Reference(id=id, citation=f"Citation of {id}", supports="x", read="abstract", **more)


def topic(text: str) -> Topic:
    return Topic.model_construct(id="t", title="T", text=text)


BOOK = cast(
    Rulebook,
    SimpleNamespace(
        references={
            "a-1": reference("a-1", pmid="123"),
            "b-2": reference("b-2", url="https://example.org/x"),
            "c-3": reference("c-3", note="a book"),
            "d-4": reference("d-4", doi="10.1/x"),
        }
    ),
)


def test_references_are_numbered_as_they_are_cited() -> None:
    html, sources = rendered(topic("One [@b-2]. Two [@a-1] [@b-2]. Three [@d-4] [@c-3]."), BOOK)
    assert [source.number for source in sources] == [1, 2, 3, 4]
    assert [source.where for source in sources] == [
        "https://example.org/x",
        "PMID 123",
        "doi:10.1/x",
        "a book",
    ]
    assert sources[3].href == ""
    numbers = re.findall(r'href="#reference-(\d)"[^>]*>\[(\d)\]', html)
    assert numbers == [("1", "1"), ("2", "2"), ("1", "1"), ("3", "3"), ("4", "4")]


def test_markdown_carries_no_html_and_links_tell_nothing() -> None:
    text = (
        "<script>alert(1)</script> ![x](https://e.org/p.png) [y](https://e.org) [z](javascript:1)"
    )
    html, _ = rendered(topic(text), BOOK)
    assert "<script>" not in html
    assert "<img" not in html
    assert '<a rel="noreferrer" href="https://e.org">' in html
    assert 'href="javascript' not in html


def test_every_topic_is_a_page_with_its_sources(app: Flask, client: FlaskClient) -> None:
    listed = client.get("/learn/")
    for id, topic in book_of(app).topics.items():
        assert f'href="/learn/{id}"' in listed.text
        page = client.get(f"/learn/{id}")
        assert page.status_code == 200
        assert topic.title in visible(page)
        assert "[@" not in page.text
        cited = {a["href"] for a in soup(page).select("a.sc-reference")}
        assert cited == {f"#{li['id']}" for li in soup(page).select("li[id^=reference-]")}
        if topic.reviewed == "unreviewed":
            assert "not yet been reviewed by a physician" in visible(page)
        if "ketamine" in topic.text.lower():
            assert "Ketamine is FDA-approved only as an anesthetic." in visible(page)


def test_education_is_public_and_the_same_for_everyone(app: Flask, client: FlaskClient) -> None:
    id = next(iter(book_of(app).topics))
    for path in ("/learn/", f"/learn/{id}"):
        page = client.get(path)
        assert page.headers["Cache-Control"] == "public, max-age=600"
        assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize("path", ["/learn/no-such-topic", "/learn/../../etc/passwd"])
def test_no_other_pages(client: FlaskClient, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 404
    assert page.headers["Cache-Control"] == "no-store"


def test_licence_notices_stand_with_the_education(app: Flask, client: FlaskClient) -> None:
    text = visible(client.get("/learn/"))
    for protocol in book_of(app).protocols.values():
        for instrument in protocol.instruments:
            assert re.sub(r"\s+", " ", instrument.notice).strip() in text
