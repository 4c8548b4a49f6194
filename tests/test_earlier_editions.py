"""Databases that earlier editions of the program made: they open, and nothing in them is lost.

`tests/data/` holds two, each made by the demonstration of an edition: six synthetic people, one
kept rulebook, staff and what they noted. `edition_0_1` is the first edition.
"""

import base64
import lzma
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from screener import store
from screener.archive import kept_rulebook
from screener.engine.screen import screen
from screener.presenters.rescreened import rescreen
from screener.replay import replay
from tests import shipped
from tests.conftest import opened

DATA = Path(__file__).parent / "data"
EDITIONS = sorted(path.name.removesuffix(".sqlite.xz") for path in DATA.glob("*.sqlite.xz"))
KEYS = {"first": bytes(range(32))}


def url_of(edition: str, folder: Path) -> str:
    """Write the database of an edition into a folder, and return its URL."""
    path = folder / f"{edition}.sqlite"
    path.write_bytes(lzma.decompress((DATA / f"{edition}.sqlite.xz").read_bytes()))
    return f"sqlite:///{path}"


@pytest.fixture(params=EDITIONS)
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """Yield an app on the upgraded database of an earlier edition."""
    url = url_of(request.param, tmp_path)
    store.upgrade(url)
    with opened(url, KEYS) as app:
        yield app


def test_there_is_one_of_the_first_edition() -> None:
    assert EDITIONS == ["edition_0_1", "edition_0_3"]


def test_every_submission_is_read_and_screened_as_it_was(earlier: Flask) -> None:
    submissions = list(store.submitted())
    assert submissions
    for submission in submissions:
        retired = kept_rulebook(submission.rulebook_hash)
        rescreened = rescreen(shipped.RULEBOOK, submission, retired)
        stored = submission.screening
        assert stored is not None and rescreened.screening is not None
        assert rescreened.screening.priority == stored["priority"]
        assert dict(rescreened.outcomes) == stored["flags"]
        needed = {id: list(paths) for id, paths in rescreened.needed.items()}
        assert needed == stored["needed"]
        assert not any("not those that the same rules give" in p for p in rescreened.problems)


def test_its_own_rulebook_is_loaded_again(earlier: Flask) -> None:
    for submission in store.submitted():
        kept = kept_rulebook(submission.rulebook_hash)
        assert kept is not None and kept.hash == submission.rulebook_hash
        protocol = kept.protocols[submission.protocol]
        answers = protocol.read_answers(submission.answers)
        assert submission.screening is not None
        again = screen(protocol, answers, submitted=True)
        assert {id: list(span) for id, span in again.scores.items()} == submission.screening[
            "scores"
        ]


def test_it_is_replayed_under_the_rulebook_of_today(earlier: Flask) -> None:
    replayed = list(replay(shipped.RULEBOOK))
    assert len(replayed) == store.count_submitted()
    assert not any(submission.problem for submission in replayed)


def test_its_audit_log_is_whole_and_takes_entries(earlier: Flask) -> None:
    assert store.verify_audit() is None
    assert len(store.audit_entries()) >= 6


def test_keys_of_another_installation_do_not_open_it(tmp_path: Path) -> None:
    url = url_of("edition_0_1", tmp_path)
    store.upgrade(url)
    with pytest.raises(Exception, match="key"), opened(url, {"first": base64.b64decode("A" * 44)}):
        pass
