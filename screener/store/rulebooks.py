"""Rulebooks that were used, kept whole, and the signatures under them and their translations."""

import io
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from flask import current_app

from screener.engine.rulebook.load import LANGUAGES
from screener.store import audit, clock, records
from screener.store.database import insert_missing, reading, writing
from screener.store.records import Questionnaire
from screener.store.tables import (
    RulebookRow,
    SignatureRow,
    SubmissionRow,
    TranslationSignatureRow,
)

S = TypeVar("S")

_LAST = "screener_last_signature"
_KEPT_SECONDS = 5.0
# A zip says when each file was written; a fixed day makes equal folders equal archives.
_DAY = (2000, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Signature:
    """Who signed which rulebook, and when. `signer` is the account, `name` as it was written."""

    rulebook_hash: str
    signer: str
    name: str
    at: datetime


@dataclass(frozen=True)
class TranslationSignature:
    """Who signed which translation: a named translator, and the account that recorded it."""

    language: str
    hash: str
    name: str
    credential: str
    recorder: str
    at: datetime


def keep_rulebook(rulebook_hash: str, version: str, folder: Path) -> None:
    """Keep the files of a rulebook under its hash; once kept, it is never written again.

    Raises NotWritten when it is not kept yet and cannot be: whoever it screened could never be
    explained.
    """
    kept = sa.select(RulebookRow.hash).where(RulebookRow.hash == rulebook_hash)
    with reading() as session:
        if session.scalar(kept) is not None:
            return
    with writing() as session:
        insert_missing(
            session,
            RulebookRow,
            hash=rulebook_hash,
            version=version[:256],
            kept_at=clock.now(),
            files=_packed(folder),
        )


def unpack_rulebook(rulebook_hash: str, folder: Path) -> bool:
    """Write the files of a kept rulebook into an empty folder; False when it is not kept."""
    with reading() as session:
        row = session.get(RulebookRow, rulebook_hash)
        files = None if row is None else row.files
    if files is None:
        return False
    with zipfile.ZipFile(io.BytesIO(files)) as archive:
        archive.extractall(folder)
    return True


def sign_rulebook(rulebook_hash: str, signer: str, name: str) -> Signature:
    """Record a physician's signature under a kept rulebook. Raises KeyError when it is not kept.

    The same signature once more (a double click) changes nothing and returns the first.
    """
    kept = sa.select(RulebookRow.hash).where(RulebookRow.hash == rulebook_hash)
    same = sa.select(SignatureRow).filter_by(rulebook_hash=rulebook_hash, signer=signer, name=name)
    with writing() as session:
        # The lock lets one of two posts at the same time wait for the other (PostgreSQL; on
        # SQLite a transaction that writes is alone anyway).
        if session.scalar(kept.with_for_update()) is None:
            raise KeyError(rulebook_hash)
        row = session.scalar(same)
        if row is None:
            row = SignatureRow(
                rulebook_hash=rulebook_hash, signer=signer, name=name, at=clock.now()
            )
            session.add(row)
            session.flush()
            audit.append(session, signer, "signed", rulebook_hash)
        signature = Signature(rulebook_hash, signer, name, row.at)
    current_app.extensions.pop(_LAST, None)
    return signature


def last_signature(rulebook_hash: str) -> Signature | None:
    """Return the newest signature under a rulebook, None without one.

    Every page says who signed, so the answer is kept for some seconds. Nobody takes a signature
    back; one that another process takes is shown here as much later.
    """
    return _kept_for_seconds(rulebook_hash, lambda: signatures(rulebook_hash))


def signatures(rulebook_hash: str | None = None) -> list[Signature]:
    """Return every signature, or those under one rulebook, the newest first."""
    query = sa.select(SignatureRow).order_by(SignatureRow.number.desc())
    if rulebook_hash is not None:
        query = query.where(SignatureRow.rulebook_hash == rulebook_hash)
    with reading() as session:
        rows = session.scalars(query).all()
        return [Signature(row.rulebook_hash, row.signer, row.name, row.at) for row in rows]


def sign_translation(
    language: str, hash: str, *, name: str, credential: str, recorder: str
) -> TranslationSignature:
    """Record that a translator signed a translation; `recorder` is the account that says so.

    The same signature once more (a double click) changes nothing and returns the first.
    """
    signature = {"language": language, "hash": hash, "name": name, "credential": credential}
    same = sa.select(TranslationSignatureRow).filter_by(**signature, recorder=recorder)
    with writing() as session:
        row = session.scalar(same)
        if row is None:
            row = TranslationSignatureRow(**signature, recorder=recorder, at=clock.now())
            session.add(row)
            session.flush()
            audit.append(session, recorder, "signed translation", f"{language} {hash}")
        signed = _translation_signature(row)
    current_app.extensions.pop(_LAST, None)
    return signed


def translation_signatures(hash: str) -> list[TranslationSignature]:
    """Return the signatures under one translation, the newest first."""
    query = (
        sa.select(TranslationSignatureRow)
        .where(TranslationSignatureRow.hash == hash)
        .order_by(TranslationSignatureRow.number.desc())
    )
    with reading() as session:
        return [_translation_signature(row) for row in session.scalars(query).all()]


def last_translation_signature(hash: str) -> TranslationSignature | None:
    """Return the newest signature under a translation, None without one; see `last_signature`."""
    return _kept_for_seconds(hash, lambda: translation_signatures(hash))


def submitted(at_once: int = 200) -> Iterator[Questionnaire]:
    """Yield every submission, oldest first, read in portions: to screen all of them again."""
    after: tuple[datetime, str] | None = None
    while True:
        query = sa.select(SubmissionRow).where(SubmissionRow.submitted_at.is_not(None))
        if after is not None:
            at, id = after
            same = sa.and_(SubmissionRow.submitted_at == at, SubmissionRow.id > id)
            query = query.where(sa.or_(SubmissionRow.submitted_at > at, same))
        query = query.order_by(SubmissionRow.submitted_at, SubmissionRow.id).limit(at_once)
        with reading() as session:
            rows = session.scalars(query).all()
            portion = [records.questionnaire(row) for row in rows]
        yield from portion
        if len(portion) < at_once:
            return
        last = portion[-1]
        assert last.submitted_at is not None
        after = (last.submitted_at, last.id)


def count_submitted() -> int:
    """Return how many submissions there are."""
    query = sa.select(sa.func.count()).where(SubmissionRow.submitted_at.is_not(None))
    with reading() as session:
        return session.scalar(query) or 0


def _kept_for_seconds(hash: str, look_up: Callable[[], list[S]]) -> S | None:
    kept: dict[str, tuple[float, S | None]] = current_app.extensions.setdefault(_LAST, {})
    at, last = kept.get(hash, (-_KEPT_SECONDS, None))
    if time.monotonic() - at >= _KEPT_SECONDS:
        last = next(iter(look_up()), None)
        kept[hash] = (time.monotonic(), last)
    return last


def _translation_signature(row: TranslationSignatureRow) -> TranslationSignature:
    return TranslationSignature(
        row.language, row.hash, row.name, row.credential, row.recorder, row.at
    )


def _packed(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if name.startswith(f"{LANGUAGES}/"):
                continue  # they change without the rules, whose hash names what is kept
            if path.suffix in (".yaml", ".md") and path.is_file():
                entry = zipfile.ZipInfo(name, _DAY)
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
