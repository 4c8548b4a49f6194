"""What a person keeps: the copy with their name or without it, as a page and as a PDF."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from werkzeug.test import TestResponse

from screener import pdf, store
from tests.every_page import case, person
from tests.patient.stored import stored
from tests.web import make_app, soup, token_of, visible

SECRET = "Not safe at home, synthetic"


def copy(client: FlaskClient, wanted: str) -> TestResponse:
    token = token_of(client, "/results")
    return client.post("/results", data={"csrf_token": token, "copy": wanted})


def text_of(answer: TestResponse) -> str:
    pages = PdfReader(io.BytesIO(answer.data)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Return somebody who sent a full form."""
    app = make_app(tmp_path_factory.mktemp("paper"), limit_save="1000/60")
    client, _ = person(app, case("V01"), submit=True)
    return client


def test_the_pdf_has_no_name_unless_it_is_asked_for(sent: FlaskClient) -> None:
    without, named = (text_of(copy(sent, wanted)) for wanted in ("pdf", "pdf_named"))
    for told in (without, named):
        assert stored(sent).reference in told
        assert "Where it hurts" in told
        assert "Left shoulder" in told
        assert "Sertraline" in told
        assert "Call or text 988" in told
        assert "not a diagnosis" in told
        # How to reach somebody stands on neither.
        assert "555-0142" not in told
        assert "Springfield" not in told
    assert "Ana Test" not in without
    assert "1979" not in without
    assert "Ana Test" in named
    assert "April 27, 1979" in named


def test_the_pdf_is_kept_nowhere_and_its_name_tells_nothing(sent: FlaskClient) -> None:
    answer = copy(sent, "pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="copy.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_answer_of_the_page_stands_in_the_pdf(sent: FlaskClient) -> None:
    page, told = soup(sent.get("/results")), re.sub(r"\W", "", text_of(copy(sent, "pdf")))
    rows = page.select("details .nhsuk-summary-list__key, details .nhsuk-summary-list__value")
    assert len(rows) > 60
    missing = [
        text for row in rows for text in row.stripped_strings if re.sub(r"\W", "", text) not in told
    ]
    assert missing == []


def test_the_body_is_drawn_with_words_for_who_cannot_see_it(sent: FlaskClient) -> None:
    document = PdfReader(io.BytesIO(copy(sent, "pdf").data))
    root: Any = document.trailer["/Root"]
    figures = list(_figures(root["/StructTreeRoot"]))
    assert [figure["/Alt"] for figure in figures] == [
        "A body from the front. The places that hurt are in the list below.",
        "A body from the back. The places that hurt are in the list below.",
    ]


def _figures(tree: Any) -> Any:
    tree = tree.get_object() if hasattr(tree, "get_object") else tree
    if isinstance(tree, list):
        for part in tree:
            yield from _figures(part)
    elif isinstance(tree, dict):
        if tree.get("/S") == "/Figure":
            yield tree
        yield from _figures(tree.get("/K", []))


def test_without_typst_the_page_itself_shows_the_name(
    sent: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "available", lambda: False)
    offered = [str(b.get("value")) for b in soup(sent.get("/results")).select("[name=copy]")]
    assert offered == ["named"]
    assert "Ana Test" not in visible(sent.get("/results"))
    shown = visible(copy(sent, "named"))
    assert "Ana Test" in shown
    assert "April 27, 1979" in shown
    # Asked for by hand, a PDF that cannot be made is the page.
    assert copy(sent, "pdf").mimetype == "text/html"


def test_a_pdf_that_fails_leads_back_and_says_so(
    sent: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> bytes:
        raise pdf.NotRendered("it took more than 10 seconds")

    monkeypatch.setattr(pdf, "render", fail)
    answer = copy(sent, "pdf")
    assert (answer.status_code, answer.location) == (303, "/results")
    assert "The PDF could not be made just now" in visible(sent.get("/results"))


def test_a_page_open_for_too_long_gives_no_copy(sent: FlaskClient) -> None:
    answer = sent.post("/results", data={"csrf_token": "old", "copy": "pdf_named"})
    assert answer.status_code == 400
    assert answer.mimetype == "text/html"
    assert "Ana Test" not in visible(answer)
    assert "This page was open for a long time" in visible(answer)


def test_who_has_sent_nothing_gets_no_copy(app: Flask, person: FlaskClient) -> None:
    assert person.get("/results").location == "/questions"
    token = token_of(person)
    answer = person.post("/results", data={"csrf_token": token, "copy": "pdf_named"})
    assert answer.location == "/questions"
    visitor = app.test_client()
    token = token_of(visitor)
    answer = visitor.post("/results", data={"csrf_token": token, "copy": "pdf_named"})
    assert answer.status_code == 404


REPLIES = {
    "clinic_reply_reading": "within 1 working day",
    "clinic_reply_call": "within 3 working days",
    "clinic_reply_physician": "within 2 weeks.",
}


def test_the_clinics_own_reply_times_are_said_to_everybody_alike(tmp_path: Path) -> None:
    app = make_app(tmp_path, **REPLIES)
    pages = []
    for answers in ({}, case("V01"), {**case("V01"), "phq9_9": 1}):
        client, _ = person(app, answers, submit=True)
        steps = soup(client.get("/results")).select("main ol li")
        pages.append([step.get_text() for step in steps])
    assert pages[0] == [
        "Staff read your answers within 1 working day.",
        "If something is missing, they may call you within 3 working days.",
        "A physician reviews your answers and talks with you before any decision, "
        "usually within 2 weeks.",
    ]
    assert pages[1] == pages[2] == pages[0]


def test_nothing_is_promised_where_the_clinic_set_nothing(sent: FlaskClient) -> None:
    steps = " ".join(s.get_text() for s in soup(sent.get("/results")).select("main ol li"))
    assert not re.search(r"within|\bhours\b|week|usually", steps)


def test_what_else_the_contact_page_may_ask_stands_on_nothing_that_others_may_read(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    filling, _ = person(app, case("V01"))
    sent, _ = person(app, case("V01"), submit=True)
    load = store.load

    def with_more(token: str) -> store.Questionnaire | None:
        questionnaire = load(token)
        if questionnaire is not None:
            questionnaire.identity.update(safe_at_home=SECRET, safe_to_call="no: " + SECRET)
        return questionnaire

    monkeypatch.setattr(store, "load", with_more)
    assert SECRET not in filling.get("/check").text
    assert SECRET not in sent.get("/results").text
    assert SECRET not in copy(sent, "named").text
    assert SECRET not in text_of(copy(sent, "pdf_named"))
