"""Which pages are compressed, and that a compressed page gives no token away."""

import gzip
from difflib import SequenceMatcher

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener.masked_tokens import mask, unmask
from tests.every_page import PAGES, STAFF, Site, add_staff
from tests.web import begin, send, token_of

ZIPPED = {"Accept-Encoding": "gzip, deflate, br"}


def compressed(answer: TestResponse) -> bool:
    """Say whether a page is; what it holds is the page in any case."""
    if answer.headers.get("Content-Encoding") != "gzip":
        return False
    assert gzip.decompress(answer.data).decode().lstrip().startswith("<!doctype html>")
    assert answer.content_length == len(answer.data)
    return True


@pytest.mark.parametrize(
    ("site", "is_compressed"),
    [
        ("same-origin", True),
        ("none", True),
        ("cross-site", False),
        ("same-site", False),
        ("", False),
    ],
)
def test_a_persons_page_is_compressed_for_their_own_clicks_alone(
    client: FlaskClient, site: str, is_compressed: bool
) -> None:
    begin(client)
    headers = {**ZIPPED, **({"Sec-Fetch-Site": site} if site else {})}
    for path in ("/questions", "/questions/mood", "/check", "/"):
        answer = client.get(path, headers=headers)
        assert compressed(answer) is is_compressed
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_page_for_anybody_is_compressed_wherever_the_link_stood(client: FlaskClient) -> None:
    for path in ("/", "/learn/", "/help"):
        headers = {**ZIPPED, "Sec-Fetch-Site": "cross-site"}
        assert compressed(client.get(path, headers=headers))
        assert not compressed(client.get(path))
        assert not compressed(client.get(path, headers={"Accept-Encoding": "gzip;q=0"}))


def test_no_page_of_staff_is_compressed(app: Flask) -> None:
    add_staff(app)
    site = Site(app)
    pages = [page for page in PAGES if page.side == STAFF and page.data is None and not page.outage]
    assert len(pages) > 10
    for page in pages:
        path = page.path.format(**site.references)
        headers = {**ZIPPED, "Sec-Fetch-Site": "same-origin"}
        assert not compressed(site._clients[page.who].get(path, headers=headers)), page


def test_no_two_pages_of_a_session_share_a_token(client: FlaskClient) -> None:
    begin(client)
    tokens = [token_of(client, path) for path in ("/questions/mood", "/questions/mood", "/help")]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        matcher = SequenceMatcher(a=tokens[first], b=tokens[second], autojunk=False)
        assert matcher.find_longest_match().size < 8
    # Each of them is taken, also one of an earlier page.
    for token in tokens:
        sent = client.post("/questions/sleep", data={"csrf_token": token, "sleep_signs": "none"})
        assert sent.status_code == 303


def test_the_token_of_another_session_is_refused(app: Flask) -> None:
    first, second = app.test_client(), app.test_client()
    begin(first)
    begin(second)
    token = token_of(first, "/questions/mood")
    assert second.post("/questions/sleep", data={"csrf_token": token}).status_code == 400


@pytest.mark.parametrize("token", ["", "IjEyMyI.aB-_.c", "é" * 90])
def test_a_masked_token_is_read_back(token: str) -> None:
    masked = {mask(token) for _ in range(20)}
    assert {unmask(text) for text in masked} == {token}
    assert len(masked) == 20 or not token


@pytest.mark.parametrize("text", ["~a", "~YQ==", "~====", "~é", "~" + "A" * 7, "~/+", "~____"])
def test_a_damaged_token_is_none(text: str) -> None:
    assert unmask(text) == ""


def test_a_damaged_token_is_answered_as_an_old_one(client: FlaskClient) -> None:
    begin(client)
    for token in ("~a", "~____", "~" + "A" * 100_000, "\0"):
        answer = send(client, "/questions/sleep", {"csrf_token": token, "sleep_signs": "none"})
        assert answer.status_code == 400
        assert "checked" in answer.text, "what was typed is shown again"
