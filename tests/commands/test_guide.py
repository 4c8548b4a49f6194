"""The guide of rules/README.md, followed to the letter: a protocol that screens and is proved."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from screener import store
from screener.access import create_user
from screener.cli import main
from screener.engine.check_cases import check_case, check_example
from screener.engine.rulebook.load import load
from screener.engine.screen import screen
from screener.places import shipped
from tests.commands.guide import Guide
from tests.governance.signing import DOCTOR, PASSWORD, sign, signed_in
from tests.web import begin, make_app, send, soup, visible

NAME = "return_visit"
IN_THE_BROWSER = "screener demonstration"
WHOLE = "screener prove --write"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a copy of the rules, in which the guide is followed."""
    shutil.copytree(shipped("rules"), tmp_path / "rules")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def served(rules: Path) -> Iterator[Flask]:
    """Yield a site with these rules and a physician."""
    app = make_app(rules.parent, rules=rules)
    with app.app_context():
        create_user(DOCTOR, PASSWORD, ["physician"])
    yield app
    with app.app_context():
        store.db.engine.dispose()


@pytest.mark.long
def test_the_guide_ends_with_a_protocol_that_screens_and_is_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Guide(folder, main, (IN_THE_BROWSER, WHOLE)).follow() == [WHOLE, IN_THE_BROWSER]
    told = capsys.readouterr().out
    assert "O-21 is to be decided" in told and "no complete person" in told
    assert "failed: 0, not proved: 0" in told
    # At its end only what was left out here, and the signature, is missing.
    *report, to_read = told.rsplit("Missing before it can be signed:\n", 1)[1].splitlines()
    assert to_read.startswith("Read before signing: ")
    assert report == ["  - proofs.jsonl: this text is not proved; run screener prove --write"]

    protocol = load(folder / "rules").protocols[NAME]
    assert [d for case in protocol.cases for d in check_case(protocol, case)] == []
    assert [d for case in protocol.examples for d in check_example(protocol, case)] == []
    outcomes = {
        weeks: screen(protocol, {"age": 40, "return_visit_weeks": weeks}).outcomes
        for weeks in (7, 8)
    }
    assert outcomes[7]["return_visit_long_ago"] == "not_met"
    assert outcomes[8]["return_visit_long_ago"] == "met"
    old = protocol.read_answers({"return_visit_reason": "forms"})
    assert old == {"return_visit_purpose": "forms"}
    assert "sertraline_liquid" in protocol.medicines

    with served(folder / "rules") as app:
        _seen_in_the_browser(app)


def _seen_in_the_browser(app: Flask) -> None:
    """Fill in the new form, sign the rulebook, and read what staff are shown."""
    patient = app.test_client()
    assert "Return visit" in visible(patient.get(f"/?form={NAME}"))
    begin(patient)
    page = patient.get(f"/questions/{NAME}")
    text = visible(page)
    assert "How long ago was your last visit?" in text
    assert "What is this visit for?" in text
    labels = [label.get_text(strip=True) for label in soup(page).select("main label")]
    assert "Something else" in labels and "I need a form" not in labels
    posted = {"return_visit_weeks": "2 months", "return_visit_purpose": "planned"}
    assert send(patient, f"/questions/{NAME}", posted).status_code == 303
    assert send(patient, "/check").location == "/results"

    doctor = signed_in(app, DOCTOR)
    assert sign(doctor).status_code == 303
    book = visible(doctor.get("/staff/rulebook"))
    assert "Signed by a physician" in book and "Last visit 8 weeks ago or longer" in book
    assert "The physicians of this clinic" in visible(doctor.get("/staff/rulebook/sources"))
    with app.app_context():
        [row] = store.queue(statuses=store.OPEN, limit=9)
    staff = visible(doctor.get(f"/staff/submissions/{row.reference}/all"))
    assert "Last visit 8 weeks ago or longer" in staff


@pytest.mark.long
def test_followed_to_its_end_nothing_is_missing_but_the_signature(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Guide(folder, main, (IN_THE_BROWSER,)).follow() == [IN_THE_BROWSER]
    told = capsys.readouterr().out.splitlines()
    nothing, to_read = told[-2:]
    assert nothing == f"{NAME}: nothing is missing but a physician's signature on the staff site"
    assert to_read.startswith("Read before signing: ")


def test_rules_that_come_with_the_program_are_not_written_to(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", NAME]) == 2
    assert "copy them, then name the copy with --rules DIR" in capsys.readouterr().err
    assert not (shipped("rules") / NAME).exists()
