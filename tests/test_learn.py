"""Education: public, the same for everyone, every statement with its source."""

import re
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screener.engine.protocol import Reference, Rulebook, Topic
from screener.learn import rendered
from tests.web import begin, send, soup, visible


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
        cited = {a["href"] for a in soup(page).select("a[href^='#reference-']")}
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


def test_numbers_of_help_can_be_tapped() -> None:
    text = (
        "Call **911** or text 988. Call or text **988**. Text HOME, or text AYUDA to 988. "
        "[Call 911](tel:911). In 988 cases of 1,911 or 911.5 or 9110, 988% and 1-911-2 [@a-1]."
    )
    html, _ = rendered(topic(text), BOOK)
    links = re.findall(r'<a href="((?:tel|sms):\d+)">([^<]+)</a>', html)
    assert links == [
        ("tel:911", "911"),
        ("sms:988", "text 988"),
        ("tel:988", "988"),
        ("sms:988", "text AYUDA to 988"),
        ("tel:911", "Call 911"),
        ("tel:988", "988"),
    ]
    assert "1,911 or 911.5 or 9110, 988% and 1-911-2" in html


def test_no_number_of_help_is_left_that_cannot_be_tapped(app: Flask) -> None:
    book = book_of(app)
    for topic in book.topics.values():
        html, _ = rendered(topic, book)
        plain = re.sub(r"<a [^>]*>.*?</a>", "", html)
        assert not re.search(r"(?<![\d.,-])(988|911|741741|838255)(?![\d%]|[.,-]\d)", plain), (
            topic.id
        )


def test_support_in_a_crisis_is_the_first_card(client: FlaskClient) -> None:
    cards = soup(client.get("/learn/")).select(".sc-card a")
    assert cards[0]["href"] == "/learn/support-in-crisis"


def test_drawings_say_only_what_their_page_says(app: Flask, client: FlaskClient) -> None:
    drawn = 0
    for id, topic in book_of(app).topics.items():
        page = soup(client.get(f"/learn/{id}"))
        for figure in page.select("figure"):
            drawn += 1
            drawing = figure.select_one("svg")
            assert drawing is not None
            assert drawing["aria-hidden"] == "true"
            assert drawing.select("text") == []
            said = _words(topic.text)
            caption = str(figure.get_text())
            assert [s for s in caption.split(".") if _words(s) not in said] == []
    assert drawn == 4


def _words(text: str) -> str:
    return re.sub(r"\W+", " ", text).lower().strip()


def test_what_must_be_read_first_stands_before_the_drawing(client: FlaskClient) -> None:
    text = visible(client.get("/learn/moving-gently"))
    assert text.index("Read this first.") < text.index(
        "Start below what feels possible. Stay there"
    )


def test_the_way_back_is_the_same_for_everybody(app: Flask, client: FlaskClient) -> None:
    page = client.get("/learn/pacing")
    assert "Set-Cookie" not in page.headers
    assert [a["href"] for a in soup(page).select("a") if a.get_text() == "Back to your form"] == [
        "/form",
        "/form",
    ]
    assert client.get("/form").location == "/"
    begin(client)
    assert client.get("/form").location == "/questions"
    send(client, "/check")
    assert client.get("/form").location == "/results"
    assert client.get("/form").headers["Cache-Control"] == "no-store"


def test_what_is_known_of_accessibility_is_said_and_linked_from_everywhere(
    app: Flask, client: FlaskClient
) -> None:
    page = client.get("/learn/accessibility")
    text, clinic = visible(page), app.extensions["screener_settings"].clinic
    assert "version 2.2, at level AA" in text
    assert "People who use a screen reader every day have not tested it yet." in text
    assert "November 26, 2026" in text
    assert clinic.phone in text
    assert "accessibility" not in book_of(app).topics, "no page of education stands behind it"
    begin(client)
    for path in ("/", "/questions/mood", "/help", "/learn/", "/learn/pacing", "/nowhere"):
        assert soup(client.get(path)).select('footer a[href="/learn/accessibility"]'), path
