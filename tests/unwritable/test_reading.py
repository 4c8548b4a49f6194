"""Staff read on while nothing can be written, and every view enters the log later."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from screener import store
from screener.store import connections
from tests.clock import Clock
from tests.outages import LOCKED, READ_ONLY, every_outage, outage
from tests.unwritable.site import NURSE, late, signed_in
from tests.web import visible


@every_outage
def test_staff_read_on_and_every_view_enters_the_log_later(
    app: Flask, reference: str, kind: str
) -> None:
    nurse = signed_in(app)
    rule = f"/staff/submissions/{reference}/rules/hold_pregnant"
    paths = ["/staff/", f"/staff/submissions/{reference}", rule, "/staff/rulebook"]
    usual = {path: nurse.get(path).status_code for path in paths}
    assert set(usual.values()) == {200}
    with outage(app, kind):
        for path in paths:
            page = nurse.get(path)
            assert page.status_code == 200
            noted = "are not in the audit log yet" if path == paths[-1] else "Saving may not work"
            assert noted in visible(page)
        assert reference in visible(nurse.get("/staff/"))
        assert nurse.get("/staff/rulebook/print").status_code == 200
    calm = nurse.get("/staff/")
    assert "audit log" not in visible(calm)
    assert "Saving may not work" not in visible(calm)
    assert late(app) == [
        (NURSE, "viewed queue", ""),
        (NURSE, "viewed", reference),
        (NURSE, "viewed", reference),
        (NURSE, "viewed queue", ""),
    ]


def test_a_page_does_not_wait_for_a_lock_that_is_held(
    app: Flask, reference: str, at: Clock
) -> None:
    nurse = signed_in(app)
    with app.app_context():
        engine = store.db.engine
    waits: list[float] = []

    def write(_engine: sa.Engine, options: dict[str, Any]) -> None:
        if options.get(connections.BEGIN) == "IMMEDIATE":
            waits.append(options[connections.WAIT])

    sa.event.listen(engine, "set_engine_execution_options", write)
    with outage(app, LOCKED):
        at(minutes=5)
        assert nurse.get(f"/staff/submissions/{reference}").status_code == 200
    # That the session was used, the view, and who has it open: a quarter of a second each.
    assert waits == [connections.SHORT_WAIT] * 3
    assert connections.SHORT_WAIT == 0.25


def test_the_page_is_shown_and_says_so_when_no_place_takes_the_view(
    app: Flask, reference: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nurse = signed_in(app)
    (tmp_path / "spill").write_text("a file where the folder should be")
    with outage(app, READ_ONLY):
        page = nurse.get(f"/staff/submissions/{reference}")
    assert page.status_code == 200
    assert "Views are not being recorded right now" in visible(page)
    (line,) = [text for text in caplog.messages if text.startswith("view not in the audit log")]
    logged = json.loads(line.partition(": ")[2])
    assert (logged["actor"], logged["object"], logged["kept"]) == (NURSE, reference, "journal")
    assert "Ana Test" not in line
    assert "asq" not in line


def test_a_patient_is_not_told_of_it(app: Flask, reference: str) -> None:
    nurse = signed_in(app)
    with outage(app, READ_ONLY):
        nurse.get(f"/staff/submissions/{reference}")
        for path in ("/", "/help", "/learn/", "/staff/login"):
            page = app.test_client().get(path)
            assert page.status_code == 200
            assert "audit log" not in visible(page)
            assert "recorded" not in visible(page)


def test_who_may_not_enter_is_refused_and_that_is_noted(app: Flask) -> None:
    nurse = signed_in(app)
    with outage(app, READ_ONLY):
        assert nurse.get("/staff/rulebook/sign").status_code == 403
    signed_in(app)
    assert late(app) == [(NURSE, "refused", "governance.sign")]
