"""Who reaches what, staff sign-in and its locks, headers."""

import importlib.util
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from jinja2 import DictLoader
from passlib.totp import TOTP
from werkzeug.test import TestResponse

from screener import access, headers, signin, store
from screener.access import PHYSICIANS, PUBLIC, STAFF, staff_only
from screener.settings import Limit, Settings
from screener.store import clock
from tests.clock import Clock
from tests.conftest import KEY
from tests.web import cheap

NURSE, DOCTOR = "nurse@clinic.example", "doctor@clinic.example"
PASSWORD = "correct horse battery"
LISTED = {
    **access.ACCESS,
    "page": PUBLIC,
    "post": PUBLIC,
    "learn.page": PUBLIC,
    "queue": STAFF,
    "decide": PHYSICIANS,
    "twice": STAFF,
}
FORM = (
    '<form method="post">{{ login_user_form.csrf_token }}'
    "{{ login_user_form.form_errors }}{{ login_user_form.errors }}</form>"
)
MORE = {
    "staff/second_factor.html": "code",
    "staff/second_factor_setup.html": "{{ authr_key }}",
}


def settings(**changes: Any) -> Settings:
    return Settings.load(
        **{
            "mode": "demonstration",
            "database_url": "sqlite:///unused.db",
            "secret_key": "s" * 32,
            "password_salt": "p" * 32,
            "encryption_keys": "k1:" + "QUFB" * 10 + "QUE=",
            "limit_sign_in_account": Limit(3, 900),
            "limit_sign_in_address": Limit(10, 900),
            **changes,
        }
    )


def here() -> str:
    return "here"


def build(url: str, **changes: Any) -> Flask:
    app = Flask("access-test", static_folder=None)
    app.testing = True
    app.jinja_loader = DictLoader({"staff/login.html": FORM, "staff/verify.html": "again", **MORE})
    store.init_app(app, url, {"k1": KEY})
    access.init_app(app, settings(**changes), LISTED)
    for path, name in (("/", "page"), ("/queue", "queue"), ("/decide", "decide"), ("/x", "extra")):
        app.add_url_rule(path, name, here)
    app.add_url_rule("/post", "post", here, methods=["POST"])
    app.add_url_rule("/twice", "twice", staff_only("physician")(here))
    learn = Blueprint("learn", "learn")
    learn.add_url_rule("/learn", "page", here)
    app.register_blueprint(learn)
    return cheap(app)


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    app = build(database_url)
    with app.app_context():
        access.create_user(NURSE, PASSWORD, ["intake"])
        access.create_user(DOCTOR, PASSWORD, ["physician"])
    yield app
    with app.app_context():
        store.db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def sign_in(
    client: FlaskClient, email: str = NURSE, password: str = PASSWORD, **more: Any
) -> TestResponse:
    page = client.get("/staff/login").text
    match = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert match is not None
    data = {"csrf_token": match[1], "email": email, "password": password}
    return client.post("/staff/login", data={**data, **more.pop("data", {})}, **more)


def actions(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [(entry.actor, entry.action) for entry in store.audit_entries()]


def test_a_public_page_is_open_and_a_staff_page_leads_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/").text == "here"
    response = client.get("/queue?page=2")
    assert response.status_code == 302
    assert response.location == "/staff/login?next=/queue?page%3D2"


def test_an_endpoint_that_is_not_listed_does_not_exist(app: Flask, client: FlaskClient) -> None:
    assert client.get("/x").status_code == 404
    sign_in(client, DOCTOR)
    assert client.get("/x").status_code == 404
    assert client.get("/fs-static/js/webauthn.js").status_code == 404
    assert access.unlisted(app, LISTED) == ["extra", "security.static"]


def test_signing_in_opens_what_the_role_may_see(client: FlaskClient) -> None:
    response = sign_in(client)
    assert (response.status_code, response.location) == (302, "/staff/")
    assert client.get("/queue").text == "here"


def test_the_wrong_role_is_refused_and_noted(app: Flask, client: FlaskClient) -> None:
    sign_in(client)
    assert client.get("/decide").status_code == 403
    assert client.get("/twice").status_code == 403, "the decorator refuses on its own"
    assert actions(app)[:2] == [(NURSE, "refused")] * 2
    other = client.application.test_client()
    sign_in(other, DOCTOR)
    assert other.get("/decide").text == other.get("/twice").text == "here"


def test_a_decorator_with_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="no such roles"):
        staff_only("admin")


def test_after_sign_in_only_our_own_pages_are_next(client: FlaskClient) -> None:
    for evil in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        other = client.application.test_client()
        response = sign_in(other, data={"next": evil})
        path = response.location or "/"
        assert re.match(r"/(?![/\\])", path), f"{path} leads elsewhere"
    assert sign_in(client, data={"next": "/queue"}).location == "/queue"


def errors(response: TestResponse) -> str:
    return re.sub(r'value="[^"]*"', "", response.text)


def test_every_refusal_reads_the_same(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        store.add_user("gone@clinic.example", hash_password(PASSWORD), ["intake"])
        with store.db.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE \"user\" SET active = false WHERE email = 'gone@clinic.example'"
            )
    wrong = errors(sign_in(client, password="wrong password"))
    unknown = errors(sign_in(client, "nobody@clinic.example"))
    inactive = errors(sign_in(client, "gone@clinic.example"))
    for _ in range(4):
        locked = errors(sign_in(client, password="wrong password"))
    assert signin.GENERIC in wrong.replace("&#39;", "'")
    assert wrong == unknown == inactive == locked


def test_an_account_is_locked_after_repeated_failures_and_opens_again(
    app: Flask, client: FlaskClient, at: Clock
) -> None:
    for _ in range(3):
        sign_in(client, password="wrong password")
    for _ in range(3):
        assert sign_in(client).status_code == 200, "the right password does not help now"
    assert actions(app) == [(NURSE, "sign-in blocked")] + [(NURSE, "sign-in refused")] * 3
    other = client.application.test_client()
    assert sign_in(other, DOCTOR).status_code == 302, "others are not locked"
    at(minutes=5)
    assert sign_in(client).status_code == 302


def test_spelling_an_account_differently_does_not_open_the_lock(client: FlaskClient) -> None:
    for email in ("Nurse@clinic.example", "NURSE@CLINIC.EXAMPLE", "nurse@CLINIC.example"):
        sign_in(client, email, "wrong password")
    assert sign_in(client).status_code == 200


def test_an_address_is_locked_whatever_accounts_it_tries(app: Flask, client: FlaskClient) -> None:
    for number in range(10):
        sign_in(client, f"somebody{number}@clinic.example")
    assert sign_in(client, DOCTOR).status_code == 200
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert sign_in(client, DOCTOR, environ_overrides=elsewhere).status_code == 302


def test_signing_in_does_not_use_tries_up(client: FlaskClient) -> None:
    for _ in range(5):
        assert sign_in(client.application.test_client()).status_code == 302


def test_the_audit_log_never_holds_what_was_typed(app: Flask, client: FlaskClient) -> None:
    sign_in(client, "my password instead", "wrong password")
    assert actions(app) == [("unknown", "sign-in refused")]


def test_a_session_ends_with_sign_out_on_the_server_too(app: Flask, client: FlaskClient) -> None:
    sign_in(client)
    cookie = client.get_cookie("session")
    assert cookie is not None
    token = re.search(r'value="([^"]+)"', client.get("/staff/verify").text)
    assert token is None, "the page of this test has no form"
    app.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/staff/logout").location == "/staff/login"
    assert actions(app)[0] == (NURSE, "signed out")
    assert client.get("/queue").status_code == 302
    client.set_cookie("session", cookie.value)
    assert client.get("/queue").status_code == 302, "a copied cookie is worth nothing"


def test_signing_out_needs_a_token_of_the_form(client: FlaskClient) -> None:
    sign_in(client)
    assert client.get("/staff/logout").status_code == 405
    assert client.post("/staff/logout").status_code == 400
    assert client.get("/queue").status_code == 200


def test_idle_and_absolute_limits_end_a_session(client: FlaskClient, at: Clock) -> None:
    sign_in(client)
    for minutes in (29, 58, 87):
        at(minutes=minutes)
        assert client.get("/queue").status_code == 200
    at(minutes=118)
    assert client.get("/queue").status_code == 302


def test_signing_in_rotates_the_session_and_revokes_the_old_one(client: FlaskClient) -> None:
    sign_in(client)
    with client.session_transaction() as first:
        old = first["staff_session"]
        del first["_user_id"]  # as if signed out without telling the server
    sign_in(client)
    with client.session_transaction() as second:
        assert second["staff_session"] != old
    with client.application.app_context():
        day = timedelta(days=1)
        assert store.session_user(old, idle=day, absolute=day) is None


def test_a_session_is_not_good_for_another_user(client: FlaskClient) -> None:
    sign_in(client)
    other = client.application.test_client()
    sign_in(other, DOCTOR)
    with client.session_transaction() as nurse, other.session_transaction() as doctor:
        nurse["staff_session"] = doctor["staff_session"]
    assert client.get("/queue").status_code == 302


def test_neither_a_remembered_cookie_nor_a_token_signs_in(app: Flask, client: FlaskClient) -> None:
    response = sign_in(client, data={"remember": "y"})
    assert "remember_token" not in str(response.headers)
    with app.test_request_context():
        user = app.extensions["security"].datastore.find_user(email=NURSE)
        token = user.get_auth_token()
    other = app.test_client()
    assert other.get(f"/queue?auth_token={token}").status_code == 302
    assert other.get("/queue", headers={"Authentication-Token": token}).status_code == 302


def test_a_post_needs_the_forms_token_and_one_from_elsewhere_is_refused(
    app: Flask, client: FlaskClient
) -> None:
    assert client.post("/post").status_code == 400
    app.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/post").text == "here"
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/post", headers=foreign).status_code == 403
    assert client.get("/", headers=foreign).status_code == 200
    assert app.config["WTF_CSRF_TIME_LIMIT"] is None


def test_a_post_over_https_needs_no_referer(database_url: str) -> None:
    app = build(database_url, https=True)
    with app.app_context():
        access.create_user(NURSE, PASSWORD, ["intake"])
    client = app.test_client()
    page = client.get("/staff/login", base_url="https://localhost")
    (cookie,) = page.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-session=")
    for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert flag in cookie
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    match = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert match is not None
    data = {"csrf_token": match[1], "email": NURSE, "password": PASSWORD}
    answer = client.post("/staff/login", data=data, base_url="https://localhost")
    assert answer.status_code == 302
    with app.app_context():
        store.db.engine.dispose()


def test_every_answer_has_the_headers_errors_too(client: FlaskClient) -> None:
    for path in ("/", "/queue", "/x", "/nowhere", "/staff/login", "/learn"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers, "this one is not https"
        assert (headers.get("Cache-Control") == "no-store") == (path != "/learn")


def test_a_very_large_post_is_refused(app: Flask, client: FlaskClient) -> None:
    response = client.post("/post", data={"text": "x" * (headers._LARGEST_POST + 1)})
    assert response.status_code == 413


def test_the_address_behind_trusted_proxies_is_the_clients(database_url: str) -> None:
    app = build(database_url, trusted_proxies=1)
    app.view_functions["page"] = access.client_network
    client = app.test_client()
    forwarded = {"X-Forwarded-For": "203.0.113.9, 198.51.100.4"}
    assert client.get("/", headers=forwarded).text == "198.51.100.4"
    assert client.get("/", headers={"X-Forwarded-For": "2001:db8::1:2"}).text == "2001:db8::/64"
    with app.app_context():
        store.db.engine.dispose()


@pytest.mark.parametrize(
    ("email", "password", "roles", "says"),
    [
        ("new@clinic.example", "too short", ["intake"], "12"),
        ("not an address", PASSWORD, ["intake"], "not an e-mail address"),
        ("new@clinic.example", PASSWORD, ["admin"], "admin"),
        ("new@clinic.example", PASSWORD, [], "none"),
        ("NURSE@clinic.example", PASSWORD, ["intake"], "has an account already"),
    ],
)
def test_a_wrong_account_is_not_created(
    app: Flask, email: str, password: str, roles: list[str], says: str
) -> None:
    with app.app_context(), pytest.raises(ValueError, match=says):
        access.create_user(email, password, roles)


def test_passwords_are_kept_as_argon2(app: Flask) -> None:
    with app.app_context():
        user = app.extensions["security"].datastore.find_user(email=NURSE)
        assert user.password.startswith("$argon2id$")


def test_a_second_factor_code_is_accepted_once(app: Flask) -> None:
    codes = signin.OneTimeCodes({"1": "t" * 32}, "Clinic")
    secret = codes.generate_totp_secret()
    token = codes._totp.from_source(secret).generate().token
    with app.app_context():
        user = app.extensions["security"].datastore.find_user(email=NURSE)
        assert [codes.verify_totp(token, secret, user, window=30) for _ in range(2)] == [
            True,
            False,
        ]


@pytest.fixture
def two_factor_app(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Yield an app that demands a second factor, without the package that draws the picture."""
    installed = importlib.util.find_spec("screener")
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *more: installed if name == "qrcode" else real(name, *more),
    )
    monkeypatch.setattr(signin.OneTimeCodes, "generate_qrcode", lambda *_: "")
    app = build(database_url, totp_secrets="1:" + "t" * 32)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        access.create_user(NURSE, PASSWORD, ["intake"])
    yield app
    with app.app_context():
        store.db.engine.dispose()


# Flask-Security's own form; it is not ours to change.
@pytest.mark.filterwarnings("ignore:Passing SelectField choices:DeprecationWarning")
def test_with_second_factors_a_password_is_not_enough(two_factor_app: Flask, at: Clock) -> None:
    account = {"email": NURSE, "password": PASSWORD}
    client = two_factor_app.test_client()
    assert client.post("/staff/login", data=account).location == "/staff/second-factor/setup"
    assert client.get("/queue").status_code == 302
    setup = client.post("/staff/second-factor/setup", data={"setup": "authenticator"})
    key = setup.text.strip()
    code = {"code": TOTP(key=key).generate(clock.now()).token}
    assert client.post("/staff/second-factor", data=code).location == "/staff/"
    assert client.get("/queue").text == "here"

    again = two_factor_app.test_client()
    assert again.post("/staff/login", data=account).location.startswith("/staff/second-factor")
    assert again.post("/staff/second-factor", data=code).status_code == 200, "used before"
    for _ in range(3):
        again.post("/staff/second-factor", data={"code": "000000"})
    at(seconds=30)
    later = TOTP(key=key).generate(clock.now()).token
    assert again.post("/staff/second-factor", data={"code": later}).status_code == 200, "locked"
    assert again.get("/queue").status_code == 302
    assert (NURSE, "second factor refused") in actions(two_factor_app)
