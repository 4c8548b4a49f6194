"""Writing to the audit log, and what happens to the views that it cannot take.

A view is noted where it can be: in the audit log; else in the spill, to enter the log later; else
in the program's own log alone. Reading never waits for it for long, and never fails by it.
"""

import base64
import binascii
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from flask import current_app

from screener.store import audit, clock
from screener.store.connections import SHORT_WAIT
from screener.store.database import db, keyring, spill, writing
from screener.store.errors import SealError, StoreError
from screener.store.keyring import Place
from screener.store.spill import lines_of
from screener.store.tables import AuditRow

Kept = Literal["log", "spill", "journal"]  # where a view is noted
_AT_ONCE = 100  # entries a transaction: the log's head stays locked meanwhile
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class View:
    """Who saw what, and when. The id is what keeps it from entering the log twice."""

    id: str
    at: datetime
    actor: str
    action: str
    object: str


@dataclass(frozen=True)
class Drained:
    """What became of the views that waited.

    `entered` entered the log now; `waiting` still wait, for the reason `problem`; `unopened` says
    for each line that does not open where it is kept and why.
    """

    entered: int
    waiting: int
    problem: str
    unopened: tuple[str, ...]


def record(actor: str, action: str, object: str = "") -> None:
    """Append an entry. `object` is a reference or an endpoint, never health data.

    Raises NotWritten when it cannot: what it is about must not happen unrecorded.
    """
    with writing() as session:
        audit.append(session, actor, action, object)
    _enter_some()


def record_view(actor: str, action: str, object: str = "") -> Kept:
    """Note that somebody reads, and return where; never raises for a log that cannot be written.

    For what changes nothing, such as a view or a refusal; everything else takes `record`.
    """
    view = View(secrets.token_hex(16), clock.now(), actor[:254], action[:64], object[:128])
    try:
        with writing(SHORT_WAIT) as session:
            audit.append(session, view.actor, view.action, view.object, at=view.at)
    except (StoreError, sa.exc.SQLAlchemyError) as error:
        return _spill(view, error)
    _enter_some()
    return "log"


def views_waiting() -> bool:
    """Return whether views wait to enter the audit log. Cheap."""
    return spill().pending()


def drain_views() -> Drained:
    """Enter into the audit log all views that wait, each once, and tell what became of them."""
    problem = ""
    entered = 0
    if not spill().pending() and not spill().aside():
        return Drained(0, 0, "", ())
    try:
        with spill().draining() as alone:
            if alone:
                spill().try_again()
                for path in spill().closed():
                    entered += _enter(path)
            else:
                problem = "another process is entering them"
    except (StoreError, sa.exc.SQLAlchemyError, OSError) as error:
        problem = _why(error)
    return Drained(entered, spill().count(), problem, tuple(_unopened()))


def check_spill() -> None:
    """Refuse a spill that cannot be written. Raises SpillError.

    When there is just no room, that is logged: the program must start on a full disk.
    """
    if not spill().check():
        current_app.logger.error(
            "there is no room in %s, where views go that the audit log cannot take", spill().folder
        )


def spill_shares_volume() -> bool:
    """Return whether the spill lies on the volume of the database's file."""
    url = db.engine.url
    return url.get_backend_name() == "sqlite" and spill().shares_volume(Path(str(url.database)))


def _spill(view: View, error: Exception) -> Kept:
    kept: Kept = "spill"
    why = _why(error)
    try:
        spill().add(_sealed(view))
    except OSError as also:
        kept = "journal"
        why += f"; {spill().folder}: {also.strerror}"
    # One line, whatever is in it. No health data: the reference reveals no answer.
    noted = {
        "at": view.at.isoformat(timespec="microseconds"),
        "actor": view.actor,
        "action": view.action,
        "object": view.object,
        "id": view.id,
        "kept": kept,
        "why": why,
    }
    current_app.logger.error("view not in the audit log: %s", json.dumps(noted))
    return kept


def _enter_some() -> None:
    """Enter a part of what waits, now that the log could be written; never raises."""
    if not spill().pending():
        return
    try:
        with spill().draining() as alone:
            waiting = spill().closed() if alone else []
            for path in waiting[:1]:
                _enter(path, SHORT_WAIT)
    except (StoreError, sa.exc.SQLAlchemyError, OSError) as error:
        current_app.logger.warning("views still wait to enter the audit log: %s", _why(error))


def _enter(path: Path, wait: float | None = None) -> int:
    """Enter the views of a closed file, then remove it; return how many were new to the log.

    Whoever is stopped in between leaves the file, and the next one finds by their ids which views
    are in the log already.
    """
    opened: dict[str, View] = {}
    unopened: list[bytes] = []
    for line in lines_of(path):
        try:
            view = _unsealed(line)
            opened[view.id] = view
        except SealError as error:
            unopened.append(line)
            current_app.logger.error("a line for the audit log does not open: %s", error)
    views = list(opened.values())
    entered = sum(
        _append_new(views[first : first + _AT_ONCE], wait)
        for first in range(0, len(views), _AT_ONCE)
    )
    if unopened:
        spill().set_aside(unopened)
    spill().done(path)
    if entered:
        current_app.logger.warning("%d views entered the audit log late", entered)
    return entered


def _append_new(views: list[View], wait: float | None) -> int:
    ids = [view.id for view in views]
    with writing(wait) as session:
        audit.locked_head(session)  # before looking: nobody may enter the same ones meanwhile
        there = set(session.scalars(sa.select(AuditRow.late).where(AuditRow.late.in_(ids))))
        new = [view for view in views if view.id not in there]
        for view in new:
            audit.append(session, view.actor, view.action, view.object, at=view.at, late=view.id)
    return len(new)


def _unopened() -> list[str]:
    problems = []
    for number, line in enumerate(spill().aside(), start=1):
        try:
            _unsealed(line)
        except SealError as error:
            problems.append(f"{spill().aside_file}, line {number}: {error}")
    return problems


def _sealed(view: View) -> bytes:
    body = [view.at.isoformat(timespec="microseconds"), view.actor, view.action, view.object]
    return f"{view.id} ".encode() + base64.b64encode(keyring().seal(body, _place(view.id)))


def _unsealed(line: bytes) -> View:
    id, _, text = line.decode("ascii", "replace").partition(" ")
    if not _ID.fullmatch(id):
        raise SealError("this is not a sealed view")
    try:
        sealed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SealError(f"view {id}: this is not a sealed view") from None
    body: Any = keyring().unseal(sealed, _place(id))
    at, actor, action, object = body
    return View(id, datetime.fromisoformat(at), actor, action, object)


def _place(id: str) -> Place:
    return Place("audit_spill", id, "view")


def _why(error: Exception) -> str:
    """Say what failed, without anything that could hold a value."""
    if isinstance(error, StoreError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.strerror} ({error.filename})" if error.filename else str(error.strerror)
    return type(error).__name__
