"""What a signature covers, and production, which serves signed rules only."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from screener import store
from screener.access import create_user
from screener.app import create_app
from screener.engine.rulebook.load import load
from screener.places import shipped
from screener.settings import Settings, SettingsError
from tests.governance.signing import (
    DOCTOR,
    NAME,
    PASSWORD,
    PRODUCTION,
    book,
    change,
    hidden,
    sign,
    signed_in,
)
from tests.web import make_app, make_settings, soup, visible

# --- what a signature covers -------------------------------------------------------------------


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
