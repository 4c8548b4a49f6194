"""Static files: where they are, how long they are kept, and how they are sent."""

import gzip
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screener import static_files
from tests.web import soup

ZIPPED = {"Accept-Encoding": "gzip, deflate, br"}


def addresses(client: FlaskClient, path: str = "/") -> dict[str, str]:
    """Return the addresses of static files that a page names, by file name."""
    tags = soup(client.get(path)).select("link[href], script[src]")
    all_of_them = [str(tag.get("href") or tag.get("src")) for tag in tags]
    return {address.rpartition("/")[2]: address for address in all_of_them}


def test_each_file_that_a_page_names_is_kept_for_a_year(client: FlaskClient) -> None:
    named = {**addresses(client), **addresses(client, "/staff/login")}
    assert set(named) == {
        "screener.css",
        "staff.css",
        "screener.js",
        "favicon.svg",
        "public-sans-latin.woff2",
    }
    for address in named.values():
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_font_of_the_sheet_is_the_one_that_is_fetched_beforehand(client: FlaskClient) -> None:
    named = addresses(client)
    sheet = named["screener.css"]
    fonts = re.findall(r'url\("([^"]+)"\)', client.get(sheet).text)
    assert f"{sheet.rpartition('/')[0]}/{fonts[-1]}" == named["public-sans-latin.woff2"]


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("screener.css", "text/css; charset=utf-8"),
        ("screener.js", "text/javascript; charset=utf-8"),
        ("favicon.svg", "image/svg+xml"),
    ],
)
def test_text_is_sent_compressed_to_whoever_takes_it(
    client: FlaskClient, name: str, type: str
) -> None:
    address = addresses(client)[name]
    plain, zipped = client.get(address), client.get(address, headers=ZIPPED)
    refused = client.get(address, headers={"Accept-Encoding": "gzip;q=0, br"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert len(zipped.data) < len(plain.data)
    assert gzip.decompress(zipped.data) == plain.data == refused.data
    for answer in (plain, zipped, refused):
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.content_type == type
    for answer in (plain, refused):
        assert "Content-Encoding" not in answer.headers


def test_a_font_is_compressed_as_it_is(client: FlaskClient) -> None:
    answer = client.get(addresses(client)["public-sans-latin.woff2"], headers=ZIPPED)
    assert "Content-Encoding" not in answer.headers
    assert answer.content_type == "font/woff2"


def test_a_page_from_before_an_update_gets_the_styles_of_today(client: FlaskClient) -> None:
    old = re.sub(r"/static/\w+/", "/static/0123456789abcdef/", addresses(client)["screener.css"])
    answer = client.get(old)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["", "none.css", "../app.py", "%2e%2e/app.py", "fonts", "fonts/"])
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    folder = addresses(client)["screener.css"].rpartition("/")[0]
    answer = client.get(f"{folder}/{name}")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_address_holds_below_another_path(app: Flask) -> None:
    with app.test_request_context("/", base_url="http://localhost/below"):
        assert static_files.static_url("screener.js").startswith("/below/static/")


def test_a_misspelt_name_is_an_error(app: Flask) -> None:
    with app.test_request_context("/"), pytest.raises(KeyError, match="no static file"):
        static_files.static_url("screner.css")
