"""Adopting an edition: whoever becomes pressing is so in the queue, and nobody is lowered."""

import json
import logging
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app

from screener import adoption, cli, store
from screener.adoption import adopt, adopt_served, foresee
from screener.commands import site
from screener.engine.protocol import Rulebook
from screener.patient import context, saving
from screener.places import shipped as rules_that_ship
from screener.presenters.rescreened import rescreen
from screener.settings import Settings
from screener.store.tables import SubmissionRow
from tests import editions, shipped
from tests.editions import edition, quiet_rule
from tests.engine.answers import PROTOCOL, RULEBOOK, case
from tests.staff.clinic import NO_RISK, actions, add, settle, tamper
from tests.test_earlier_editions import earlier

__all__ = ["earlier"]
QUIET = quiet_rule()
URGENT = edition(raised={QUIET: "urgent"})


def on_file(app: Flask, reference: str) -> store.Submission:
    with app.app_context():
        kept = store.submission(reference)
    assert kept is not None
    return kept


def adopted(app: Flask, rulebook: Rulebook) -> list[adoption.Adopted]:
    with app.app_context():
        return [form for form in adopt(rulebook) if form is not None]


def queue(app: Flask) -> list[tuple[str, str | None, str]]:
    with app.app_context():
        return [(row.reference, row.priority, row.status) for row in store.queue()]


def test_a_person_becomes_urgent(app: Flask) -> None:
    """V01 was for review, and is urgent under an edition that raises one of her rules."""
    reference = add(app, case("V01"))
    other = add(app, case("V01") | {"bp_systolic": 185})
    before = on_file(app, reference)
    [form] = [form for form in adopted(app, URGENT) if form.reference == reference]
    assert (form.queue, form.screened) == (("review", "urgent"), ("review", "urgent"))
    after = on_file(app, reference)
    assert after.questionnaire.priority == "urgent"
    assert after.standing.pressing and after.standing.dangers == ("medical",)
    assert after.questionnaire.answers == before.questionnaire.answers
    assert after.questionnaire.screening == before.questionnaire.screening
    [later] = after.later
    assert later.screening["priority"] == "urgent"
    assert later.screening["rulebook"] == {"version": "9.0.0", "hash": URGENT.hash}
    assert reference in [row[0] for row in queue(app)[:2]]
    assert ("program", "screened under 9.0.0", other) in actions(app)


def test_one_who_was_seen_to_is_new_again(app: Flask) -> None:
    reference = add(app, case("V01"))
    with app.app_context():
        revision = on_file(app, reference).revision
        store.set_status(reference, "in_contact", "nurse", revision, role="intake")
    adopted(app, URGENT)
    assert queue(app) == [(reference, "urgent", "new")]


def test_nobody_is_lowered_and_the_command_says_who_would_be(app: Flask) -> None:
    emergency = add(app, case("V02"))
    protocol = editions.of(RULEBOOK)
    notes = {id: "note" for id in protocol.rules if protocol.rules[id].priority != "ineligible"}
    form = next(f for f in adopted(app, edition(raised=notes)) if f.reference == emergency)
    assert form.queue == ("emergency", "emergency")
    assert form.screened == ("emergency", "review")
    assert on_file(app, emergency).questionnaire.priority == "emergency"
    with app.app_context():
        assert store.queue()[0].screening["priority"] == "emergency"


def test_an_alert_does_not_lower_whom_an_edition_raised(app: Flask) -> None:
    """It screens the sent answers under the edition that is served, which may be another one."""
    with app.app_context():
        token = store.start("fibromyalgia", RULEBOOK.version, RULEBOOK.hash)
        store.save(token, change=settle(PROTOCOL, case("V01"), submitted=False))
        store.submit(token, settle(PROTOCOL, case("V01"), submitted=True))
    adopted(app, edition(raised={QUIET: "hold"}))
    assert [row[1] for row in queue(app)] == ["hold"]
    with app.test_request_context(headers={"Cookie": f"{context.COOKIE}={token}"}):
        saving.add_danger({})
    assert [row[1] for row in queue(app)] == ["hold"]
    with app.test_request_context(headers={"Cookie": f"{context.COOKIE}={token}"}):
        saving.ask("call")
    assert [row[1] for row in queue(app)] == ["urgent"]


def test_an_unfinished_form_enters_the_queue(app: Flask) -> None:
    reference = add(app, case("V01"), submitted=False)
    assert queue(app) == []
    [form] = adopted(app, URGENT)
    assert form.queue == ("", "urgent")
    assert queue(app) == [(reference, "urgent", "new")]


def test_an_unfinished_form_with_a_risk_answer_is_screened_too(app: Flask) -> None:
    reference = add(app, case("V01") | NO_RISK | {"phq9_9": "1"}, submitted=False)
    emergency = edition(raised={QUIET: "emergency"})
    [form] = adopted(app, emergency)
    assert form.queue == ("urgent", "emergency")
    kept = on_file(app, reference)
    assert kept.questionnaire.progress["highest"] == "emergency"
    assert set(kept.questionnaire.progress["dangers"]) == {"suicide", "medical"}


def test_old_ids_and_what_cannot_be_read(app: Flask) -> None:
    """A question that replaces another reads its answer; what does not fit stays as it is."""
    reference = add(app, case("V01"))
    form = on_file(app, reference).questionnaire
    stored = {"sex_before" if id == "sex" else id: answer for id, answer in form.answers.items()}
    tamper(app, form.id, "answers", stored)
    changed = edition(questions={"sex": {"replaces": ("sex_before",)}, "age": {"range": (0, 20)}})
    [looked] = adopted(app, changed)
    assert [str(retired) for retired in looked.retired] == ["sex_before: is retired; write sex"]
    assert looked.unreadable == ("age",)
    assert on_file(app, reference).questionnaire.answers == stored


def test_a_protocol_that_is_gone_is_told_and_the_queue_stays(app: Flask) -> None:
    reference = add(app, case("V01"))
    rest = {id: p for id, p in URGENT.protocols.items() if id != "fibromyalgia"}
    [form] = adopted(app, replace(URGENT, protocols=rest))
    assert form.problem == "the rulebook has no protocol fibromyalgia"
    assert queue(app) == [(reference, "review", "new")]
    assert adopted(app, replace(URGENT, protocols=rest)) == []


def test_foreseeing_changes_nothing(app: Flask) -> None:
    reference = add(app, case("V01"))
    before, log = on_file(app, reference), actions(app)
    with app.app_context():
        [form] = list(foresee(URGENT))
    assert form.queue == ("review", "urgent")
    assert on_file(app, reference) == before
    assert actions(app) == log
    assert [looked.queue for looked in adopted(app, URGENT)] == [("review", "urgent")]


def serve(app: Flask, rulebook: Rulebook) -> None:
    app.extensions[context.RULEBOOK] = rulebook


def test_a_served_edition_is_adopted_with_progress_in_the_log(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adoption, "_PORTION", 2)
    for _ in range(3):
        add(app, case("V01"))
    serve(app, URGENT)
    with app.app_context(), caplog.at_level(logging.INFO):
        assert adopt_served() == 3
        assert adopt_served() == 0
    assert [record.message for record in caplog.records] == [
        "3 wait to be screened under 9.0.0",
        "2 of 3 screened under 9.0.0",
        "3 screened under 9.0.0, 3 raised in the queue",
    ]


def test_an_edition_that_is_served_from_the_beginning_screens_nobody_twice(app: Flask) -> None:
    add(app, case("V01"))
    with app.app_context():
        assert store.to_adopt(RULEBOOK.hash) == []
        assert adopt_served() == 0


def test_a_form_that_does_not_open_is_passed_over(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    damaged, whole = add(app, case("V01")), add(app, case("V01"))
    with app.app_context(), store.db.sessionmaker() as session, session.begin():
        row = session.get(SubmissionRow, on_file(app, damaged).questionnaire.id)
        assert row is not None
        row.sealed_answers = b"\x01\x02k1damaged"
    assert [form.reference for form in adopted(app, URGENT)] == [whole]
    assert "not screened under 9.0.0" in caplog.text


def test_a_form_that_cannot_be_screened_holds_up_nobody(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, whole = add(app, case("V01")), add(app, case("V01"))
    look = adoption._look

    def failing(edition: Rulebook, form: store.Questionnaire, now: Any) -> Any:
        if form.reference == odd:
            raise ZeroDivisionError
        return look(edition, form, now)

    monkeypatch.setattr(adoption, "_look", failing)
    assert [form.reference for form in adopted(app, URGENT)] == [whole]
    assert "a form was not screened under 9.0.0" in caplog.text


def test_a_served_site_adopts_by_itself(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that every served process begins, until it has done its work once."""
    done = threading.Event()

    class Enough(BaseException):
        pass

    def sleep(seconds: float) -> None:
        if seconds == adoption._PAUSE:
            done.set()
            raise Enough

    reference = add(app, case("V01"))
    serve(app, URGENT)
    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    adoption.begin(app)
    assert done.wait(600)
    assert queue(app) == [(reference, "urgent", "new")]


def test_what_goes_wrong_once_does_not_end_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[int] = []

    def adopt_served() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise store.NotWritten("the database cannot be written now: full")
        raise SystemExit

    monkeypatch.setattr(adoption, "adopt_served", adopt_served)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with pytest.raises(SystemExit):
        adoption._keep_adopting(app)
    assert len(calls) == 2
    assert "it goes on later" in caplog.text


def test_in_production_an_edition_that_nobody_signed_changes_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = add(app, case("V01"))
    serve(app, URGENT)
    monkeypatch.setattr(Settings, "production", True)
    with app.app_context():
        assert adopt_served() == 0
        assert queue(app) == [(reference, "review", "new")]
        store.keep_rulebook(URGENT.hash, URGENT.version, rules_that_ship("rules"))
        store.sign_rulebook(URGENT.hash, "doctor@clinic.example", "Dr. Synthetic")
        assert adopt_served() == 1


def test_the_command_shows_whom_it_would_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCREENER_MODE", "demonstration")
    monkeypatch.setenv("SCREENER_DATABASE_URL", f"sqlite:///{tmp_path / 'adopt.db'}")
    rules = editions.raised_on_disk(tmp_path, QUIET, "urgent")
    with site.opened():
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        reference, calm = add(app, case("V01")), add(app, {"age": 40})
        store.db.engine.dispose()
    report = tmp_path / "report.ndjson"
    assert cli.main(["adopt", "--rules", str(rules), "-o", str(report)]) == 0
    out = capsys.readouterr().out
    assert "2 would be screened under" in out
    assert f"  {reference}  review -> urgent  ({QUIET})" in out
    assert "Nothing was changed." in out
    assert "Ana Test" not in out and f"{calm}  " not in out
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    assert [line["queue"] for line in lines if line["reference"] == reference] == [
        ["review", "urgent"]
    ]
    with site.opened():
        assert (reference, "review") in [(row.reference, row.priority) for row in store.queue()]


@pytest.mark.parametrize("command", ["adopt", "replay"])
def test_looking_changes_no_database_of_an_earlier_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, command: str
) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCREENER_MODE", "demonstration")
    monkeypatch.setenv("SCREENER_DATABASE_URL", url)
    with site.opened():
        store.db.engine.dispose()
    store.downgrade(url, "0004")
    before = (tmp_path / "old.db").read_bytes()
    assert cli.main([command, "--rules", str(rules_that_ship("rules"))]) == 1
    assert "only looking at it must not change it. Copy it" in capsys.readouterr().err
    assert (tmp_path / "old.db").read_bytes() == before


def test_everybody_who_waits_in_a_database_of_an_earlier_edition(earlier: Flask) -> None:
    """Nobody is lowered, nothing that was stored is changed, and both screenings are shown."""
    before = {row.reference: store.submission(row.reference) for row in store.queue()}
    waiting = len(store.to_adopt(shipped.RULEBOOK.hash))
    assert waiting >= len(before) > 3
    looked = [form for form in adopt(shipped.RULEBOOK) if form is not None]
    assert len(looked) == waiting
    assert not any(form.unreadable or form.problem for form in looked)
    assert store.to_adopt(shipped.RULEBOOK.hash) == []
    for reference, was in before.items():
        now = store.submission(reference)
        assert was is not None and now is not None
        assert now.questionnaire.answers == was.questionnaire.answers
        assert now.questionnaire.identity == was.questionnaire.identity
        assert now.questionnaire.screening == was.questionnaire.screening
        first, second = was.questionnaire.priority, now.questionnaire.priority
        assert store.seriousness(second) <= store.seriousness(first)
        [kept] = now.later
        assert kept.screening["rulebook"]["hash"] == shipped.RULEBOOK.hash
        stands = rescreen(shipped.RULEBOOK, now.questionnaire)
        assert stands.worded is not None
        assert dict(stands.worded.outcomes) == kept.screening["flags"]
    assert store.verify_audit() is None
