"""Views that were kept aside enter the audit log later, and its chain stays whole."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from screener import store
from screener.store import audit
from screener.store.keyring import Keyring
from screener.store.tables import AuditRow
from tests.conftest import KEY, OTHER_KEY, opened
from tests.store.recording.views import NURSE, THEN, late, spilled, the_file

# --- entering ------------------------------------------------------------------------------------


def test_whoever_has_the_file_alone_reads_nothing(app: Flask, folder: Path) -> None:
    spilled(app, "AAAA-AAA3")
    (line,) = the_file(folder).read_bytes().splitlines()
    for part in (NURSE, "viewed", "AAAA", "2026"):
        assert part.encode() not in line
    assert the_file(folder).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_file_that_is_put_back_enters_nothing_twice(app: Flask, folder: Path) -> None:
    spilled(app, "AAAA-AAA3", "AAAA-AAA4")
    copied = the_file(folder).read_bytes()
    assert store.drain_views().entered == 2
    the_file(folder).write_bytes(copied + copied)
    drained = store.drain_views()
    assert (drained.entered, drained.waiting, drained.unopened) == (0, 0, ())
    assert late() == [("viewed", "AAAA-AAA3"), ("viewed", "AAAA-AAA4")]


def mixed_ids(lines: list[bytes]) -> list[bytes]:
    """Return each line with the id of another."""
    parts = [line.split(b" ") for line in lines]
    return [
        b" ".join((other[0], own[1])) for own, other in zip(parts, reversed(parts), strict=True)
    ]


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (lambda lines: [b"nonsense", *lines[1:]], "not a sealed view"),
        (lambda lines: [lines[0][:-7], *lines[1:]], "sealed"),
        (lambda lines: [b"\xff\x00 " + lines[0], *lines[1:]], "not a sealed view"),
        (lambda lines: [lines[0][:60] + b"AAAA" + lines[0][64:], *lines[1:]], "altered or moved"),
        (lambda lines: [b"0" * 32 + lines[0][32:], *lines[1:]], "altered or moved"),
    ],
    ids=["none", "cut", "bytes", "altered", "renamed"],
)
def test_a_line_that_does_not_open_is_reported_and_stops_no_other(
    app: Flask,
    folder: Path,
    tamper: Callable[[list[bytes]], list[bytes]],
    says: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    spilled(app, "AAAA-AAA3", "AAAA-AAA4", "AAAA-AAA6")
    lines = the_file(folder).read_bytes().splitlines()
    changed = tamper(lines)
    the_file(folder).write_bytes(b"\n".join(changed) + b"\n")
    for _ in range(2):
        drained = store.drain_views()
        (told,) = drained.unopened
        assert "unopened.spill, line 1: " in told
        assert says in told
        assert drained.waiting == 0
    assert late() == [("viewed", "AAAA-AAA4"), ("viewed", "AAAA-AAA6")]
    assert (folder / "unopened.spill").read_bytes().splitlines() == [changed[0]]
    assert any("does not open" in line for line in caplog.messages)
    assert not store.views_waiting(), "staff are not warned for good"


def test_lines_with_each_others_ids_do_not_open(app: Flask, folder: Path) -> None:
    spilled(app, "AAAA-AAA3", "AAAA-AAA4")
    lines = the_file(folder).read_bytes().splitlines()
    the_file(folder).write_bytes(b"\n".join(mixed_ids(lines)))
    assert len(store.drain_views().unopened) == 2
    assert late() == []


def test_a_line_made_with_another_key_does_not_enter(
    database_url: str, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "elsewhere.db"
    store.upgrade(f"sqlite:///{other}")
    with opened(f"sqlite:///{other}", {"k1": OTHER_KEY}, folder) as forger:
        spilled(forger, "AAAA-AAA3")
    with opened(database_url, {"k1": KEY}, folder):
        assert "altered or moved" in store.drain_views().unopened[0]
        assert late() == []


def test_a_line_that_a_crash_cut_off_spoils_no_later_one(app: Flask, folder: Path) -> None:
    spilled(app, "AAAA-AAA3")
    with the_file(folder).open("ab") as file:
        file.write(b"0123456789abcdef")
    spilled(app, "AAAA-AAA4")
    drained = store.drain_views()
    assert (drained.entered, len(drained.unopened)) == (2, 1)
    assert late() == [("viewed", "AAAA-AAA3"), ("viewed", "AAAA-AAA4")]


def test_views_survive_a_rotation_of_the_keys(database_url: str, folder: Path) -> None:
    with opened(database_url, {"k1": KEY}, folder) as app:
        store.record(NURSE, "signed in")
        spilled(app, "AAAA-AAA3")
    with opened(database_url, {"k2": OTHER_KEY, "k1": KEY}, folder) as app:
        spilled(app, "AAAA-AAA4")
        store.reseal()
        assert not store.views_waiting(), "the old key may be taken out after this"
        assert late() == [("viewed", "AAAA-AAA3"), ("viewed", "AAAA-AAA4")]
    with opened(database_url, {"k2": OTHER_KEY}, folder):
        assert store.verify_audit() is None


def test_a_line_of_a_key_that_was_taken_out_waits_for_it(database_url: str, folder: Path) -> None:
    with opened(database_url, {"k2": OTHER_KEY, "k1": KEY}, folder):
        store.record(NURSE, "signed in")
        store.reseal()
    with opened(database_url, {"k1": KEY, "k2": OTHER_KEY}, folder) as app:
        spilled(app, "AAAA-AAA3")  # a worker that was started before the rotation
    with store_without_k1(database_url, folder):
        (told,) = store.drain_views().unopened
        assert "sealed with key 'k1'" in told
        assert late() == []
    with opened(database_url, {"k2": OTHER_KEY, "k1": KEY}, folder):
        drained = store.drain_views()
        assert (drained.entered, drained.unopened) == (1, ())
        assert late() == [("viewed", "AAAA-AAA3")]


def store_without_k1(url: str, folder: Path) -> AbstractContextManager[Flask]:
    """Return the store after k1 was taken out."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM key_check WHERE key_id = 'k1'"))
    return opened(url, {"k2": OTHER_KEY}, folder)


# --- the chain -----------------------------------------------------------------------------------


def test_that_an_entry_came_late_is_part_of_the_chain(app: Flask) -> None:
    spilled(app, "AAAA-AAA3")
    store.record(NURSE, "signed out")
    with store.db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("DROP TRIGGER audit_append_only ON audit"))
        else:
            connection.execute(sa.text("DROP TRIGGER audit_append_only_update"))
        connection.execute(sa.update(AuditRow).values(late=None))
    broken = store.verify_audit()
    assert broken is not None
    assert broken.reason == "entry 2 was altered"


def test_a_log_of_before_stays_whole_and_protected(empty_database_url: str) -> None:
    store.upgrade(empty_database_url, "0003")
    engine = sa.create_engine(empty_database_url, poolclass=sa.NullPool)
    row = AuditRow(number=1, at=THEN, actor=NURSE, action="viewed", object="R", previous="0" * 64)
    row.hash = audit._hash(row)
    sealed = Keyring({"k1": KEY}).seal([1, row.hash], audit.HEAD)
    old = {name: getattr(row, name) for name in ("number", "actor", "action", "object")}
    with engine.begin() as connection:
        table = sa.Table("audit", sa.MetaData(), autoload_with=connection)
        at = THEN if connection.dialect.name == "postgresql" else THEN.replace(tzinfo=None)
        values = {**old, "at": at, "previous": row.previous, "hash": row.hash}
        connection.execute(sa.insert(table).values(**values))
        connection.execute(
            sa.text("UPDATE audit_head SET sealed_head = :sealed").bindparams(sealed=sealed)
        )
    store.upgrade(empty_database_url)
    with opened(empty_database_url):
        assert store.verify_audit() is None
        with (
            pytest.raises(sa.exc.DBAPIError, match="append-only"),
            store.db.engine.begin() as connection,
        ):
            connection.execute(sa.text("DELETE FROM audit"))
