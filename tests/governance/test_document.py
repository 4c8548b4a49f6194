"""Reading the rulebook: who may, what is due, and what is proved."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screener.access import create_user
from screener.engine.proof.report import REPORT, ProofVerdict, Report, Statement
from screener.engine.rulebook.load import load
from tests.governance.signing import NAME, NURSE, PASSWORD, book, sign, signed_in
from tests.web import make_app, soup, visible

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


def test_any_staff_reads_what_the_rulebook_says_of_itself(app: Flask) -> None:
    nurse = signed_in(app, NURSE)
    page = nurse.get("/staff/rulebook/sources")
    text = visible(page)
    assert "The list was not compared with the text of the regulation" in text
    assert "Race Not used" in text and "Sex Used by" in text
    assert "An educational grant from Pfizer" in text
    assert soup(page).select("nav [aria-current=page]")[0].get_text() == "Sources"
    assert soup(nurse.get("/staff/rulebook")).select("nav a[href='/staff/rulebook/sources']")
    assert app.test_client().get("/staff/rulebook/sources").status_code == 302


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
