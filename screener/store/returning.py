"""Coming back to a form from anywhere, with a code and the date of birth, or with a link once.

Only keyed hashes of both are stored. A wrong code and a wrong date of birth take the same steps
here, so that neither the answer nor its time tells which of them was wrong. Tries are counted in
the database, for the code (whether there is such a one or not) and for the address.
"""

import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.settings import Limit
from screener.store import audit, clock, devices, limits, outbox, records, rows
from screener.store.database import keyring, reading, writing
from screener.store.devices import ReturnCode
from screener.store.errors import AlreadySubmitted, TooOften, UnknownQuestionnaire
from screener.store.keyring import Place
from screener.store.records import ALPHABET, Questionnaire
from screener.store.tables import DeviceRow, ReturnCodeRow, SubmissionRow
from screener.store.waiting import queued

_GROUPS, _LETTERS = 3, 4  # 23 letters: 54 bits
_PERSON = "person"
_DECOY = Place("submission", "nobody", "sealed_identity")


@dataclass(frozen=True)
class ReturnSecrets:
    """A new code and the secret of a new link: the only time that anybody has them in the clear."""

    code: str = field(repr=False)
    link: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class Opened:
    """What a code or a link led to. `token` is that of the new device; "" for a sent form."""

    token: str = field(repr=False)
    questionnaire: Questionnaire


def plain_code(text: str) -> str:
    """Return a code as it is hashed, however it was typed."""
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def make_return_code(token: str, lasts: timedelta) -> ReturnSecrets:
    """Make a code and a link for the form of this device; the ones before are good no more.

    Raises UnknownQuestionnaire, and AlreadySubmitted: a sent form needs no coming back.
    """
    letters = "".join(secrets.choice(ALPHABET) for _ in range(_GROUPS * _LETTERS))
    link = secrets.token_urlsafe(32)
    now = clock.now()
    with writing() as session:
        row = form(session, token, lock=True)
        if row.submitted_at is not None:
            raise AlreadySubmitted(row.reference)
        session.execute(_of(row.id))
        rows.add(
            session,
            ReturnCodeRow,
            submission_id=row.id,
            code=keyring().secret_hashes(letters)[0],
            link=keyring().secret_hashes(link)[0],
            issued_at=now,
            expires_at=now + lasts,
        )
        audit.append(session, _PERSON, "return code made", row.reference)
    groups = (letters[i : i + _LETTERS] for i in range(0, len(letters), _LETTERS))
    return ReturnSecrets("-".join(groups), link, now + lasts)


def mail_link(token: str, shown: ReturnSecrets, content: outbox.Content, limit: Limit) -> bool:
    """Send the link that was just made to the person; return whether it was still good.

    `shown` is what the page showed: nothing is sent unless both belong to this device's form. The
    code never goes with it. Raises TooOften, and UnknownQuestionnaire.
    """
    with writing() as session:
        row = form(session, token, lock=True)
        kept = session.get(ReturnCodeRow, row.id)
        if kept is None or row.submitted_at is not None or kept.expires_at <= clock.now():
            return False
        ring = keyring()
        if kept.code not in ring.secret_hashes(plain_code(shown.code)):
            return False
        if kept.link is None or kept.link not in ring.secret_hashes(shown.link):
            return False
        for name, subject in (("mailed form", row.id), ("mailed to", content.address.lower())):
            if wait := limits.taken(session, name, subject, limit):
                raise TooOften(wait)
        outbox.send_link(session, row, content)
        return True


def return_code(token: str) -> ReturnCode | None:
    """Return the code of this device's form, or None where there is none that is good."""
    with reading() as session:
        return devices.code_of(session, form(session, token).id)


def revoke_return_code(token: str) -> None:
    """Let the person take back their code and link, and every other device that came with them.

    Raises UnknownQuestionnaire.
    """
    with writing() as session:
        _revoke(session, form(session, token, lock=True), _PERSON, keep=token)


def revoke_return_code_of(reference: str, actor: str) -> None:
    """Let staff take back the code and link of a form, and every device that came with them.

    Raises UnknownQuestionnaire.
    """
    statement = sa.select(SubmissionRow.__table__).where(
        SubmissionRow.reference == sa.bindparam("named"), queued()
    )
    named = records.plain_reference(reference)
    with writing() as session:
        row = rows.one_or_none(session, SubmissionRow, statement.with_for_update(), named=named)
        if row is None:
            raise UnknownQuestionnaire(f"there is no questionnaire {named} to see")
        _revoke(session, row, actor)


def forget_codes() -> int:
    """Remove the codes that are good no more because of their age; return how many."""
    old = sa.delete(ReturnCodeRow).where(ReturnCodeRow.expires_at <= clock.now())
    with writing() as session:
        return len(session.scalars(old.returning(ReturnCodeRow.submission_id)).all())


def open_with_code(
    code: str, born: str, address: str, *, per_code: Limit, per_address: Limit
) -> Opened | None:
    """Open a form with a code and the date of birth (ISO) on a new device.

    None whatever was wrong: the code, the date, its age, or too many tries.
    """
    plain = plain_code(code)
    buckets = (("return code", plain, per_code), ("return address", address, per_address))
    with writing() as session:
        if any([limits.taken(session, *bucket) for bucket in buckets]):
            return None
        row = _good(session, ReturnCodeRow.code, plain)
        if not _is_born(row, born):
            return None
        assert row is not None
        for bucket in buckets:
            limits.given_back(session, *bucket)
        return _open(session, row, "opened with a code")


def open_with_link(link: str, address: str, *, per_address: Limit) -> Opened | None:
    """Open a form with a link on a new device. It works once, and for a form not sent yet."""
    bucket = ("return address", address, per_address)
    with writing() as session:
        if limits.taken(session, *bucket):
            return None
        row = _good(session, ReturnCodeRow.link, link)
        if row is None:
            return None
        limits.given_back(session, *bucket)
        if row.submitted_at is None:
            used = sa.update(ReturnCodeRow).where(ReturnCodeRow.submission_id == row.id)
            session.execute(used.values(link=None))
        return _open(session, row, "opened with a link")


def unlock(token: str, born: str, address: str, *, per_form: Limit, per_address: Limit) -> bool:
    """Let a device that was idle show its form again; return whether the date of birth is right.

    False too where there were too many tries. Raises UnknownQuestionnaire.
    """
    with writing() as session:
        row = form(session, token)
        buckets = (("unlock", row.id, per_form), ("return address", address, per_address))
        if any([limits.taken(session, *bucket) for bucket in buckets]) or not _is_born(row, born):
            return False
        for bucket in buckets:
            limits.given_back(session, *bucket)
        devices.note_return(session, token, clock.now())
        return True


def form(session: Session, token: str, *, lock: bool = False) -> SubmissionRow:
    """Return the row of a device's form. Raises UnknownQuestionnaire."""
    statement = devices.LOCKED_FORM if lock else devices.FORM
    row = rows.one_or_none(session, SubmissionRow, statement, device=devices.row_id(token))
    if row is None:
        raise UnknownQuestionnaire("there is no questionnaire with this token")
    return row


def _good(session: Session, column: Any, secret: str) -> SubmissionRow | None:
    """Return the form of a code or link that is good, or None."""
    statement = (
        sa.select(SubmissionRow.__table__)
        .join(ReturnCodeRow, ReturnCodeRow.submission_id == SubmissionRow.id)
        .where(
            column.in_(sa.bindparam("hashes", expanding=True)),
            ReturnCodeRow.expires_at > sa.bindparam("now", type_=ReturnCodeRow.expires_at.type),
        )
        .with_for_update()
    )
    hashes = keyring().secret_hashes(secret)
    given = {"hashes": list(hashes), "now": clock.now()}
    return rows.one_or_none(session, SubmissionRow, statement, **given)


def _is_born(row: SubmissionRow | None, born: str) -> bool:
    """Return whether this is the date of birth of a form; as slowly without one."""
    if row is None:
        identity = keyring().unseal(keyring().decoy(_DECOY), _DECOY)
    else:
        identity = records.get(row, "identity")
    kept = str(identity.get("date_of_birth", ""))
    return hmac.compare_digest(kept.encode(), born.encode()) and row is not None and bool(born)


def _open(session: Session, row: SubmissionRow, action: str) -> Opened:
    """Give a new device to a form, unless it was sent: then it is only named."""
    token = ""
    if row.submitted_at is None:
        token, now = devices.new_token(), clock.now()
        key = devices.row_id(token)
        rows.add(session, DeviceRow, id=key, submission_id=row.id, seen_at=now, resumed_at=now)
        audit.append(session, _PERSON, action, row.reference)
    return Opened(token, records.questionnaire(row))


def end(session: Session, submission_id: str, keep: str = "") -> None:
    """Take back code and link of a form, and the devices that came with them but `keep`."""
    session.execute(_of(submission_id))
    devices.end_devices(session, submission_id, keep)


def _revoke(session: Session, row: SubmissionRow, actor: str, keep: str = "") -> None:
    end(session, row.id, keep)
    audit.append(session, actor, "return code revoked", row.reference)


def _of(submission_id: str) -> sa.Delete:
    return sa.delete(ReturnCodeRow).where(ReturnCodeRow.submission_id == submission_id)
