"""Rulebooks that were used are kept whole; signatures are recorded under them."""

import shutil
from pathlib import Path

import pytest
from flask import Flask

from screener import store
from screener.engine.rulebook.load import load
from screener.places import shipped
from screener.store import rulebooks
from tests.clock import PATIENCE
from tests.conftest import opened
from tests.engine.answers import RULEBOOK


def test_a_kept_rulebook_comes_back_as_it_was(stored: Flask, tmp_path: Path) -> None:
    store.keep_rulebook(RULEBOOK.hash, RULEBOOK.version, shipped("rules"))
    folder = tmp_path / "kept"
    folder.mkdir()
    assert store.unpack_rulebook(RULEBOOK.hash, folder)
    assert load(folder).hash == RULEBOOK.hash


def test_keeping_it_again_changes_nothing(stored: Flask, tmp_path: Path) -> None:
    store.keep_rulebook("sha256:x", "1", shipped("rules"))
    other = Path(shutil.copytree(shipped("rules"), tmp_path / "other"))
    (other / "choices.yaml").write_text("choices: []")
    store.keep_rulebook("sha256:x", "2", other)
    folder = tmp_path / "kept"
    folder.mkdir()
    store.unpack_rulebook("sha256:x", folder)
    assert (folder / "choices.yaml").read_text() != "choices: []"


def test_one_that_was_never_used_is_not_there(stored: Flask, tmp_path: Path) -> None:
    assert not store.unpack_rulebook("sha256:none", tmp_path)
    with pytest.raises(KeyError):
        store.sign_rulebook("sha256:none", "physician@demo.example", "Dr. Synthetic")


def test_signatures_newest_first_and_in_the_audit_log(stored: Flask) -> None:
    for hash_ in ("sha256:a", "sha256:b"):
        store.keep_rulebook(hash_, "1", shipped("rules"))
        store.sign_rulebook(hash_, "physician@demo.example", "Dr. Synthetic")
    assert [s.rulebook_hash for s in store.signatures()] == ["sha256:b", "sha256:a"]
    [signed] = store.signatures("sha256:a")
    assert (signed.name, signed.signer) == ("Dr. Synthetic", "physician@demo.example")
    assert store.audit_entries()[0].action == "signed"


def test_another_worker_learns_of_a_signature(
    stored: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rulebooks, "_KEPT_SECONDS", float(PATIENCE))
    store.keep_rulebook("sha256:a", "1", shipped("rules"))
    with opened(database_url) as other:
        assert store.last_signature("sha256:a") is None
        with stored.app_context():
            signed = store.sign_rulebook("sha256:a", "physician@demo.example", "Dr. Synthetic")
            assert store.last_signature("sha256:a") == signed
        with other.app_context():
            assert store.last_signature("sha256:a") is None  # as it was kept
            monkeypatch.setattr(rulebooks, "_KEPT_SECONDS", 0.0)
            assert store.last_signature("sha256:a") == signed


def test_all_submissions_are_read_in_portions(stored: Flask) -> None:
    tokens = [store.start("fibromyalgia", "0.1.0", "sha256:a") for _ in range(5)]
    for token in tokens[:4]:
        store.submit(token)
    expected = {q.id for token in tokens[:4] if (q := store.load(token))}
    for at_once in (1, 2, 4, 200):
        ids = [submission.id for submission in rulebooks.submitted(at_once)]
        assert len(ids) == 4
        assert set(ids) == expected
    assert store.count_submitted() == 4


def test_the_same_signature_twice_is_one(stored: Flask) -> None:
    store.keep_rulebook("sha256:a", "1", shipped("rules"))
    first = store.sign_rulebook("sha256:a", "physician@demo.example", "Dr. Synthetic")
    again = store.sign_rulebook("sha256:a", "physician@demo.example", "Dr. Synthetic")
    assert again == first
    store.sign_rulebook("sha256:a", "other@demo.example", "Dr. Other")
    assert [s.signer for s in store.signatures("sha256:a")] == [
        "other@demo.example",
        "physician@demo.example",
    ]
    assert [entry.action for entry in store.audit_entries()].count("signed") == 2
