"""The whole app: everything is listed, error pages help, and a wrong set-up does not start."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from jinja2 import UndefinedError

from screener import access, store
from screener.app import ACCESS, create_app
from screener.engine.problems import RulebookError
from screener.settings import SettingsError
from tests.every_page import PASSWORD, add_staff
from tests.web import BORN, begin, make_app, make_settings, send, soup, visible

PATIENT = {
    "start", "consent", "date_of_birth", "adults_only", "contact", "questions", "page", "row",
    "help", "check", "results", "start_again", "leave",
}  # fmt: skip


def test_every_endpoint_is_listed_with_who_may_reach_it(app: Flask) -> None:
    assert access.unlisted(app, ACCESS) == ["security.static"]  # nobody needs it
    public = {endpoint for endpoint, roles in ACCESS.items() if roles == access.PUBLIC}
    assert {f"patient.{name}" for name in PATIENT} <= public
    assert {"learn.index", "learn.accessibility", "learn.topic"} <= public
    assert not [endpoint for endpoint in public if endpoint.startswith("staff.")]


def test_no_page_has_inline_script_or_style(client: FlaskClient) -> None:
    begin(client)
    for path in (
        "/",
        "/consent",
        "/contact",
        "/questions",
        "/questions/mood",
        "/help",
        "/check",
        "/start-again",
        "/learn/",
        "/nope",
    ):
        page = client.get(path)
        html = soup(page)
        assert not html.select("style, script:not([src]), [style], [onclick]")
        assert not html.select('a[href^="javascript:"]')
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        for tag in html.select("script[src], link[href], img[src]"):
            assert str(tag.get("src") or tag.get("href")).startswith("/static/")


def test_every_page_carries_the_crisis_line_and_the_disclaimer(client: FlaskClient) -> None:
    begin(client)
    for path in ("/", "/consent", "/questions", "/questions/mood", "/check", "/learn/", "/nope"):
        page = client.get(path)
        assert soup(page).select_one('a[href="tel:988"]')
        assert soup(page).select_one('a[href="tel:911"]')
        assert "This is not a diagnosis." in visible(page)
        assert "Demonstration." in visible(page)


def test_pages_with_health_data_are_kept_nowhere(client: FlaskClient) -> None:
    begin(client)
    for path in ("/questions", "/questions/mood", "/check", "/help", "/"):
        assert client.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [
        ("get", "/nope", 404, "We cannot find that page"),
        ("post", "/", 405, "This page cannot be used that way"),
        ("post", "/questions", 405, "This page cannot be used that way"),
        ("post", "/staff/login", 400, "We could not read that"),
    ],
)
def test_error_pages(client: FlaskClient, method: str, path: str, status: int, says: str) -> None:
    page = getattr(client, method)(path)
    assert page.status_code == status
    assert says in visible(page)
    assert soup(page).select_one('a[href="tel:988"]')


@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [
        ("get", "/staff/nope", 404, "We cannot find that page"),
        ("get", "/staff/submissions/AAAA-AAAA/act", 405, "This page cannot be opened like that"),
        ("post", "/staff/login", 400, "We could not read that"),
        ("post", "/staff/login", 413, "That was too much at once"),
    ],
)
def test_error_pages_of_staff_belong_to_their_side(
    client: FlaskClient, method: str, path: str, status: int, says: str
) -> None:
    data = {"email": "x" * 2_000_000} if status == 413 else None
    page = client.open(path, method=method.upper(), data=data)
    assert page.status_code == status
    assert says in visible(page)
    assert soup(page).select_one('a[href="/staff/"]')
    assert "Go back to the form" not in visible(page)


def test_a_fault_of_ours_belongs_to_the_side_of_staff(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("Ana Test has a secret")

    add_staff(app)
    account = {"email": "intake@demo.example", "password": PASSWORD}
    assert send(client, "/staff/login", account).location == "/staff/"
    monkeypatch.setattr(store, "queue_part", broken)
    page = client.get("/staff/")
    assert page.status_code == 500
    assert "act first and write it down here later" in visible(page)
    assert "secret" not in page.text and "Go back to the form" not in page.text


def test_a_fault_of_ours_says_nothing_of_its_cause(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("Ana Test has a secret")

    begin(client)
    monkeypatch.setattr(store, "load", broken)
    page = client.get("/questions")
    assert page.status_code == 500
    assert "Something went wrong on our side" in visible(page)
    assert "secret" not in page.text
    assert "Content-Security-Policy" in page.headers


def test_cookies_are_closed(tmp_path: Path) -> None:
    client = make_app(tmp_path, https=True).test_client()
    base = "https://localhost"
    token = soup(client.get("/consent", base_url=base)).find("input")["value"]  # type: ignore[index]
    client.post("/consent", data={"csrf_token": token, "agree": "y"}, base_url=base)
    page = client.get("/date-of-birth", base_url=base)
    token = soup(page).find("input", {"name": "csrf_token"})["value"]  # type: ignore[index]
    answer = client.post("/date-of-birth", data={"csrf_token": token, **BORN}, base_url=base)
    assert answer.location == "/contact"
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("screener_")]
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"):
        assert flag in cookie


def test_an_unsigned_rulebook_is_not_served_in_production(tmp_path: Path) -> None:
    settings = make_settings(
        tmp_path,
        mode="production",
        signed_rulebook="sha256:" + "0" * 64,
        clinic_name="Some Clinic",
        clinic_phone="(555) 555-0199",
        clinic_address="1 Real Street",
        time_zone="America/Chicago",
    )
    with pytest.raises(SettingsError, match="SIGNED_RULEBOOK"):
        create_app(settings)


def test_a_password_is_slow_to_guess(tmp_path: Path) -> None:
    """Of the app as it is served: `make_app` spares the other tests the cost."""
    served = create_app(make_settings(tmp_path))
    with served.app_context():
        kept = hash_password("correct horse battery")
        store.db.engine.dispose()
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_broken_rulebook_does_not_start(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    with pytest.raises(RulebookError):
        make_app(tmp_path, rules=rules)


def test_the_wrong_key_does_not_start(tmp_path: Path) -> None:
    make_app(tmp_path)
    other = "k1:" + "b3RoZXI" + "A" * 36 + "="
    with pytest.raises(store.SealError, match="SCREENER_ENCRYPTION_KEYS"):
        make_app(tmp_path, encryption_keys=other)


def test_a_misspelt_name_in_a_template_is_an_error(app: Flask) -> None:
    with app.app_context(), pytest.raises(UndefinedError):
        app.jinja_env.from_string("{{ clinic_nmae }}").render()
