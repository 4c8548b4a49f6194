"""Reading and signing the rulebook: who may, under what, and what everyone else then reads."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import store
from screener.access import create_user
from screener.app import create_app
from screener.engine.proof.report import REPORT, ProofVerdict, Report, Statement
from screener.engine.protocol import Rulebook
from screener.engine.rulebook.load import load
from screener.locality import date_of
from screener.places import shipped
from screener.settings import Settings, SettingsError
from tests.clock import Clock
from tests.web import errors, make_app, make_settings, soup, visible

NURSE, DOCTOR = "nurse@clinic.example", "doctor@clinic.example"
PASSWORD = "correct horse battery"
NAME = "Dr. Ana Test"
PRODUCTION = {
    "mode": "production",
    "clinic_name": "Hill Street Clinic",
    "clinic_phone": "(555) 555-0199",
    "clinic_address": "1 Hill Street",
    "time_zone": "America/Chicago",
    "https": True,
}


@pytest.fixture
def app(app: Flask) -> Flask:
    with app.app_context():
        create_user(NURSE, PASSWORD, ["intake"])
        create_user(DOCTOR, PASSWORD, ["physician"])
    return app


@pytest.fixture
def doctor(app: Flask) -> FlaskClient:
    return signed_in(app, DOCTOR)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))


@pytest.fixture
def closing() -> Iterator[list[Flask]]:
    made: list[Flask] = []
    yield made
    for app in made:
        with app.app_context():
            store.db.engine.dispose()


def signed_in(app: Flask, email: str, base: str = "http://localhost") -> FlaskClient:
    client = app.test_client()
    data = {**hidden(client.get("/staff/login", base_url=base)), "email": email}
    answer = client.post("/staff/login", data={**data, "password": PASSWORD}, base_url=base)
    assert answer.status_code == 302
    return client


def hidden(page: TestResponse) -> dict[str, Any]:
    return {
        str(field["name"]): str(field.get("value", ""))
        for field in soup(page).select("main input[type=hidden]")
    }


def book(app: Flask) -> Rulebook:
    book: Rulebook = app.extensions["screener_rulebook"]
    return book


def signatures(app: Flask) -> list[store.Signature]:
    with app.app_context():
        return store.signatures(book(app).hash)


def sign(client: FlaskClient, **changes: str) -> TestResponse:
    data = hidden(client.get("/staff/rulebook/sign"))
    data |= {"name": NAME, "read": "y", **changes}
    return client.post("/staff/rulebook/sign", data=data)


# --- reading ----------------------------------------------------------------------------------


def test_any_staff_reads_the_whole_document(app: Flask) -> None:
    page = signed_in(app, NURSE).get("/staff/rulebook")
    text = visible(page)
    assert "No physician has signed this version" in text
    assert book(app).hash in text and "The clinic’s own choices" in text
    assert "“PHQ-9 total” is 10 or more" in text
    assert "Sign this version" not in text
    assert page.headers["Cache-Control"] == "no-store"
    assert not soup(page).select("style, [style], script:not([src])")
    links = [str(a["href"]) for a in soup(page).select(".rb a[href^='#']")]
    ids = {str(tag["id"]) for tag in soup(page).select("[id]")}
    assert {link.removeprefix("#") for link in links} <= ids


def test_what_is_due_is_shown(app: Flask, doctor: FlaskClient, rules: Path, tmp_path: Path) -> None:
    file = rules / "references.yaml"
    file.write_text(
        file.read_text()
        + "  - id: unused-2020\n    citation: Nobody N. Nothing. 2020.\n    url: https://e.org\n"
        + "    supports: nothing\n    read: abstract\n"
    )
    assert "unused-2020" not in visible(doctor.get("/staff/rulebook"))
    app.extensions["screener_rulebook"] = load(rules)
    assert "nothing uses unused-2020" in visible(doctor.get("/staff/rulebook"))


# --- what is proved ---------------------------------------------------------------------------


@pytest.fixture
def unproved(rules: Path, tmp_path: Path, closing: list[Flask]) -> Flask:
    """Return a site whose rules have no report of proofs yet."""
    (rules / REPORT).unlink(missing_ok=True)
    (rules / "proofs.json").unlink(missing_ok=True)
    app = make_app(tmp_path, rules=rules)
    closing.append(app)
    with app.app_context():
        create_user(NURSE, PASSWORD, ["intake"])
    return app


def report(rules: Path, hash: str, *statements: Statement) -> None:
    lines = Report(hash, "synthetic 1.2.3", "z3 5.4.1", statements).lines()
    (rules / REPORT).write_text("\n".join(lines), encoding="utf-8")


def statement(verdict: ProofVerdict, says: str, **more: Any) -> Statement:
    return Statement("fibromyalgia", "invariant", "bands_are_whole", says, verdict, **more)


def test_rules_without_a_report_are_said_not_to_be_proved(unproved: Flask) -> None:
    page = signed_in(unproved, NURSE).get("/staff/rulebook")
    headings = [heading.get_text() for heading in soup(page).select("h2")]
    assert any("These rules have not been proved yet" in heading for heading in headings)
    text = visible(page)
    assert "There is no report of proofs for these rules. Run screener prove --write" in text
    assert "about the rules as they are written, not about medicine" in text


def test_a_report_is_shown_as_soon_as_it_is_there(unproved: Flask, rules: Path) -> None:
    nurse = signed_in(unproved, NURSE)
    assert "have not been proved yet" in visible(nurse.get("/staff/rulebook"))
    bands = statement("proved", "phq9: the bands are whole", sets=28)
    report(rules, book(unproved).hash, bands, statement("proved", "gad7: they are whole too"))
    page = nurse.get("/staff/rulebook")
    text = visible(page)
    assert "All 2 statements about these rules are proved" in text
    assert "1 of them also by trying 28 answer sets one by one" in text
    assert "for exactly this version, synthetic 1.2.3" in text and "z3 5.4.1" in text
    assert book(unproved).hash in text
    assert "not been proved" not in text and "Not everything is proved" not in text
    assert soup(page).select(".nhsuk-inset-text a[href='#always']")
    assert "All 2 statements" in nurse.get("/staff/rulebook/print").text


def test_a_report_of_other_rules_is_not_one_of_these(unproved: Flask, rules: Path) -> None:
    other = "sha256:" + "0f" * 32
    report(rules, other, statement("failed", "the bands have a gap"))
    text = visible(signed_in(unproved, NURSE).get("/staff/rulebook"))
    assert "These rules have not been proved yet" in text
    assert "is for another version, synthetic 1.2.3" in text and other in text
    assert "the bands have a gap" not in text


def test_what_failed_is_named(unproved: Flask, rules: Path) -> None:
    report(
        rules,
        book(unproved).hash,
        statement("proved", "gad7: the bands are whole"),
        statement("failed", "phq9: the bands have a <gap>"),
        statement("not proved", "every input is asked", why="time-out: no answer within 30 s"),
    )
    nurse = signed_in(unproved, NURSE)
    page = nurse.get("/staff/rulebook")
    [callout] = [
        card
        for card in soup(page).select(".nhsuk-card--warning")
        if "Not everything is proved" in card.get_text()
    ]
    named = [item.get_text(" ", strip=True) for item in callout.select("li")]
    assert [name.split(" Only in")[0] for name in named] == [
        "phq9: the bands have a <gap>",
        "every input is asked: time-out: no answer within 30 s",
    ]
    assert "1 of 3 statements about these rules are proved" in callout.get_text(" ")
    assert not soup(page).select("style, [style], script:not([src])")
    assert "the bands have a &lt;gap&gt;" in nurse.get("/staff/rulebook/print").text


def test_a_report_that_cannot_be_read_is_said_with_the_cure(unproved: Flask, rules: Path) -> None:
    nurse = signed_in(unproved, NURSE)
    (rules / "proofs.json").write_text('{"statements": []}', encoding="utf-8")
    text = visible(nurse.get("/staff/rulebook"))
    assert "These rules have not been proved yet" in text
    assert "proofs.json is a report of an earlier version" in text
    assert "run `screener prove --write`" in text
    (rules / REPORT).write_text("{", encoding="utf-8")
    for page in ("/staff/rulebook", "/staff/rulebook/print"):
        assert f"{REPORT}, line 1: Invalid JSON" in nurse.get(page).text


def test_the_printed_copy_is_a_download(app: Flask, doctor: FlaskClient) -> None:
    answer = doctor.get("/staff/rulebook/print")
    name = book(app).hash.removeprefix("sha256:")[:12]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="rulebook-{name}.html"'
    assert "No physician." in answer.text
    assert sign(doctor).status_code == 303
    assert NAME in doctor.get("/staff/rulebook/print").text


def test_nobody_else_reads_it(app: Flask) -> None:
    for path in ("", "/print", "/sign"):
        answer = app.test_client().get(f"/staff/rulebook{path}")
        assert answer.status_code == 302 and answer.location.startswith("/staff/login")


# --- signing ----------------------------------------------------------------------------------


def test_a_physician_signs_and_everyone_reads_who_and_when(app: Flask, doctor: FlaskClient) -> None:
    patient = app.test_client()
    for path in ("/", "/learn/", "/learn/ketamine-risks"):
        assert "reviewed by no physician" in visible(patient.get(path))
    answer = sign(doctor)
    assert answer.status_code == 303 and answer.location == "/staff/rulebook?signed=1"
    page = visible(doctor.get(answer.location))
    assert "Your signature is recorded" in page and f"{NAME} ({DOCTOR})" in page
    assert "No physician has signed" not in page
    [signature] = signatures(app)
    with app.app_context():
        day = date_of(signature.at)
    line = f"reviewed by {NAME} on {day:%B} {day.day}, {day.year}"
    for path in ("/", "/learn/", "/learn/ketamine-risks", "/nope"):
        text = visible(patient.get(path))
        assert line in text
        assert "no physician" not in text and "not yet been reviewed" not in text
    with app.app_context():
        [entry] = [entry for entry in store.audit_entries() if entry.action == "signed"]
    assert (entry.actor, entry.object) == (DOCTOR, book(app).hash)


@pytest.mark.parametrize("name", ["\u200b", "\u3164", " \u200f "])
def test_a_signature_that_nobody_sees_is_none(app: Flask, doctor: FlaskClient, name: str) -> None:
    answer = sign(doctor, name=name)
    assert ("Write your full name.", "#name") in errors(answer)
    assert signatures(app) == []


def test_only_a_physician_signs(app: Flask) -> None:
    nurse = signed_in(app, NURSE)
    assert nurse.get("/staff/rulebook/sign").status_code == 403
    token = {"csrf_token": hidden(signed_in(app, DOCTOR).get("/staff/rulebook/sign"))["csrf_token"]}
    data = {**token, "hash": book(app).hash, "name": NAME, "read": "y"}
    assert nurse.post("/staff/rulebook/sign", data=data).status_code in (400, 403)
    assert signatures(app) == []


def test_a_post_without_its_token_signs_nothing(app: Flask, doctor: FlaskClient) -> None:
    data = {"hash": book(app).hash, "name": NAME, "read": "y"}
    assert doctor.post("/staff/rulebook/sign", data=data).status_code == 400
    assert signatures(app) == []


def test_the_password_is_asked_for_once_more(app: Flask, doctor: FlaskClient, at: Clock) -> None:
    data = hidden(doctor.get("/staff/rulebook/sign")) | {"name": NAME, "read": "y"}
    at(minutes=5)
    for answer in (
        doctor.get("/staff/rulebook/sign"),
        doctor.post("/staff/rulebook/sign", data=data),
    ):
        assert answer.status_code == 303
        assert answer.location == "/staff/verify?next=/staff/rulebook/sign"
    assert signatures(app) == []
    verify = doctor.get(answer.location)
    assert "Confirm that it is you" in visible(verify)
    wrong = {**hidden(verify), "password": "not this one"}
    assert doctor.post(answer.location, data=wrong).status_code == 200
    assert doctor.get("/staff/rulebook/sign").status_code == 303
    right = {**hidden(verify), "password": PASSWORD}
    assert doctor.post(answer.location, data=right).location.endswith("/staff/rulebook/sign")
    assert sign(doctor).location == "/staff/rulebook?signed=1"
    assert len(signatures(app)) == 1


def test_who_goes_on_within_five_minutes_is_not_asked_again(doctor: FlaskClient, at: Clock) -> None:
    for passed, answer in ((299, 200), (598, 200), (898, 303)):
        at(seconds=passed)
        assert doctor.get("/staff/rulebook/sign").status_code == answer


def test_a_password_of_an_earlier_sign_in_counts_no_more(doctor: FlaskClient) -> None:
    with doctor.session_transaction() as session:
        assert "staff_confirmed" in session
    doctor.post("/staff/logout", data=hidden(doctor.get("/staff/rulebook/sign")))
    with doctor.session_transaction() as session:
        assert "staff_confirmed" not in session


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": "  "}, "Write your full name."),
        ({"name": "123"}, "Write your full name."),
        ({"name": "x" * 205}, "Shorten the name by 5 characters."),
        ({"read": ""}, "Tick the box once you have read the rulebook."),
    ],
)
def test_a_signature_needs_a_name_and_a_tick(
    app: Flask, doctor: FlaskClient, changes: dict[str, str], says: str
) -> None:
    answer = sign(doctor, **changes)
    assert answer.status_code == 400
    assert [message for message, _ in errors(answer)] == [says]
    box = soup(answer).find("input", {"name": "name"})
    assert isinstance(box, Tag) and box.get("value", "") == changes.get("name", NAME)
    assert signatures(app) == []


def test_another_rulebook_than_the_one_that_was_read_is_not_signed(
    app: Flask, doctor: FlaskClient, rules: Path
) -> None:
    data = hidden(doctor.get("/staff/rulebook/sign")) | {"name": NAME, "read": "y"}
    change(rules)
    app.extensions["screener_rulebook"] = load(rules)
    answer = doctor.post("/staff/rulebook/sign", data=data)
    assert answer.status_code == 409
    assert "The rulebook has changed" in visible(answer)
    assert "nothing was signed" in visible(answer)
    assert hidden(answer)["hash"] == book(app).hash != data["hash"]
    with app.app_context():
        assert store.signatures() == []


def test_a_double_click_is_one_signature(app: Flask, doctor: FlaskClient) -> None:
    data = hidden(doctor.get("/staff/rulebook/sign")) | {"name": NAME, "read": "y"}
    for _ in range(2):
        answer = doctor.post("/staff/rulebook/sign", data=data)
        assert answer.location == "/staff/rulebook?signed=1"
    assert len(signatures(app)) == 1
    with app.app_context():
        assert [entry.action for entry in store.audit_entries()].count("signed") == 1


def test_a_name_is_text_wherever_it_is_shown(app: Flask, doctor: FlaskClient) -> None:
    sign(doctor, name="Dr. <script>alert(1)</script>   Ünal")
    for client, path in ((app.test_client(), "/"), (doctor, "/staff/rulebook")):
        page = client.get(path)
        assert "<script>alert" not in page.text
        assert "Dr. <script>alert(1)</script> Ünal" in visible(page)


# --- what a signature covers -------------------------------------------------------------------


def change(rules: Path) -> None:
    file = rules / "common" / "mood.yaml"
    file.write_text(file.read_text().replace("leaf: phq9 >= 10", "leaf: phq9 >= 18"))


def test_a_change_takes_the_signature_away_and_a_comment_does_not(
    tmp_path: Path, rules: Path, closing: list[Flask]
) -> None:
    def served() -> Flask:
        made = make_app(tmp_path, rules=rules)
        closing.append(made)
        return made

    first = served()
    with first.app_context():
        create_user(DOCTOR, PASSWORD, ["physician"])
    assert sign(signed_in(first, DOCTOR)).status_code == 303

    file = rules / "common" / "mood.yaml"
    file.write_text("# read by nobody\n" + file.read_text())
    same = served()
    assert f"reviewed by {NAME}" in visible(same.test_client().get("/"))

    change(rules)
    changed = served()
    assert "reviewed by no physician" in visible(changed.test_client().get("/"))
    page = visible(signed_in(changed, DOCTOR).get("/staff/rulebook"))
    assert "No physician has signed this version" in page
    assert "Signatures under other versions" in page and book(first).hash in page


def test_the_rulebook_that_is_served_is_kept(app: Flask, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    with app.app_context():
        assert store.unpack_rulebook(book(app).hash, kept)
    assert load(kept).hash == book(app).hash


# --- production --------------------------------------------------------------------------------


def production(tmp_path: Path, **changes: Any) -> Settings:
    return make_settings(tmp_path, **{**PRODUCTION, **changes})


def test_production_serves_nobody_an_unsigned_rulebook(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SCREENER_SERVE=staff"):
        create_app(production(tmp_path))


def test_production_does_not_start_where_views_could_not_be_kept(tmp_path: Path) -> None:
    (tmp_path / "spill").write_text("a file where the folder should be")
    with pytest.raises(store.SpillError, match=r"AUDIT_SPILL: the folder .* cannot be"):
        create_app(production(tmp_path, serve="staff"))


def test_signed_in_production_it_is_served(tmp_path: Path, closing: list[Flask]) -> None:
    base = "https://localhost"
    staff_only = create_app(production(tmp_path, serve="staff"))
    closing.append(staff_only)
    with staff_only.app_context():
        create_user(DOCTOR, PASSWORD, ["physician"])

    patient = staff_only.test_client()
    for path in ("/", "/questions", "/learn/", "/learn/sleep"):
        closed = patient.get(path, base_url=base)
        assert closed.status_code == 503
        assert "This site is not open yet" in visible(closed)
        assert soup(closed).select_one('a[href="tel:988"]')
        assert closed.headers["Cache-Control"] == "no-store"
    assert patient.post("/consent", base_url=base).status_code in (400, 503)

    doctor = signed_in(staff_only, DOCTOR, base)
    page = doctor.get("/staff/rulebook", base_url=base)
    assert "SCREENER_SERVE=staff" in visible(page)
    assert "reviewed by no physician" in visible(page)
    form = hidden(doctor.get("/staff/rulebook/sign", base_url=base))
    data = form | {"name": NAME, "read": "y"}
    headers = {"Referer": f"{base}/staff/rulebook/sign"}
    answer = doctor.post("/staff/rulebook/sign", data=data, base_url=base, headers=headers)
    assert answer.status_code == 303
    # A signature opens nothing by itself: whoever runs the server does.
    assert patient.get("/", base_url=base).status_code == 503

    open_ = create_app(production(tmp_path))
    closing.append(open_)
    page = open_.test_client().get("/", base_url=base)
    assert page.status_code == 200
    assert re.search(f"reviewed by {NAME} on [A-Z][a-z]+ [0-9]", visible(page))
    assert "Not for clinical use" not in visible(page)


def test_a_signature_given_elsewhere_is_named_by_the_setting(
    tmp_path: Path, closing: list[Flask]
) -> None:
    served = create_app(production(tmp_path, signed_rulebook=load(shipped("rules")).hash))
    closing.append(served)
    page = visible(served.test_client().get("/", base_url="https://localhost"))
    assert "reviewed by a physician of this clinic" in page
