"""Replay: stored submissions under another rulebook, and old ones under their own."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from screener import cli, store
from screener.archive import kept_rulebook
from screener.commands import site
from screener.engine.protocol import Rulebook
from screener.engine.rulebook.load import load
from screener.engine.screen import screen
from screener.places import shipped
from screener.replay import replay, why
from tests.engine.answers import PROTOCOL, RULEBOOK, case


def stored_json(answers: Any) -> Any:
    return json.loads(json.dumps(answers, default=float))


def submit(name: str) -> str:
    answers = case(name)
    token = store.start(PROTOCOL.id, PROTOCOL.version, RULEBOOK.hash)
    screening = screen(PROTOCOL, answers, submitted=True)
    change = store.Change(answers=stored_json(answers), screening=screening.as_json())
    return store.submit(token, lambda _: change).reference


@pytest.fixture
def stricter(tmp_path: Path) -> Path:
    """Return a rulebook that asks for a PHQ-9 of 18 and has dropped a rule."""
    rules = Path(shutil.copytree(shipped("rules"), tmp_path / "stricter"))
    mood = rules / "common" / "mood.yaml"
    mood.write_text(mood.read_text().replace("leaf: phq9 >= 10", "leaf: phq9 >= 18"))
    return rules


def test_under_the_same_rulebook_nothing_differs(stored: Flask) -> None:
    for name in ("V01", "V05", "V15", "B11"):
        submit(name)
    assert [replayed.differs for replayed in replay(RULEBOOK)] == [False] * 4


def test_who_changes_from_what_to_what_and_why(stored: Flask, stricter: Path) -> None:
    reference = submit("V01")
    before = store.submission(reference)
    [replayed] = replay(load(stricter))
    assert replayed.reference == reference
    changed = {change.rule: change for change in replayed.changes}
    assert (changed["depression_symptoms"].was, changed["depression_symptoms"].now) == (
        "met",
        "not_met",
    )
    [clause] = changed["depression_symptoms"].why
    assert "18 or more" in clause
    assert "PHQ-9 total: 17" in clause
    assert changed["paired_pattern"].now == "not_met"
    assert store.submission(reference) == before


def test_a_rule_that_is_gone_or_new_is_reported(stored: Flask, tmp_path: Path) -> None:
    submit("V01")
    rules = Path(shutil.copytree(shipped("rules"), tmp_path / "renamed"))
    chapter = rules / "common" / "ketamine_safety.yaml"
    chapter.write_text(chapter.read_text().replace("id: hold_avm", "id: hold_malformation"))
    [replayed] = replay(load(rules))
    assert {(c.rule, c.was, c.now) for c in replayed.changes} == {
        ("hold_avm", "not_met", "absent"),
        ("hold_malformation", "absent", "not_met"),
    }


def test_answers_that_do_not_fit_are_told_without_the_answers(
    stored: Flask, tmp_path: Path
) -> None:
    token = store.start(PROTOCOL.id, PROTOCOL.version, RULEBOOK.hash)
    store.submit(token, lambda _: store.Change(answers={"phq9_1": "9"}, screening={}))
    other = store.start("no-such-protocol", "1", "sha256:x")
    store.submit(other)
    problems = {replayed.problem for replayed in replay(RULEBOOK)}
    assert problems == {
        "answers do not fit: phq9_1",
        "the rulebook has no protocol no-such-protocol",
    }


def test_an_old_submission_is_explained_under_its_own_rulebook(
    stored: Flask, stricter: Path
) -> None:
    old = load(stricter)
    store.keep_rulebook(old.hash, old.version, stricter)
    kept_rulebook.cache_clear()
    kept = kept_rulebook(old.hash)
    assert isinstance(kept, Rulebook)
    screening = screen(kept.protocols["fibromyalgia"], case("V01"))
    [clause] = why(screening, "depression_symptoms")
    assert "18 or more" in clause
    assert kept_rulebook("sha256:never") is None


def test_the_command_writes_a_whole_report_and_changes_nothing(
    tmp_path: Path, stricter: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    url = f"sqlite:///{tmp_path / 'replay.db'}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCREENER_MODE", "demonstration")
    monkeypatch.setenv("SCREENER_DATABASE_URL", url)
    with site.opened():
        submit("V01")
        submit("V12")
    report = tmp_path / "report.ndjson"
    # The stricter rulebook fails its own cases, but replay is for drafts too.
    assert cli.main(["replay", "--rules", str(stricter), "-o", str(report)]) == 0
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    assert len(lines) == 2
    printed = capsys.readouterr().err
    assert "2 of 2 submissions differ. Nothing stored was changed." in printed
    assert "depression_symptoms: met -> not_met" in printed
    assert not report.with_name("report.ndjson.part").exists()
    sys.stdout.flush()
