"""The tables. What a person told us is in `sealed_…` columns, encrypted before it gets here."""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from flask_security import RoleMixin, UserMixin
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A time that always knows it is UTC, on SQLite too, which keeps no zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse a time without zone; convert the others to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give back a time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of all tables."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcDateTime, bytes: sa.LargeBinary}  # noqa: RUF012


LIST_ORDER = ("urgency", "since", "reference")
_LINE = ("person", "person_day")
# All that a row of the list is counted and put in order by: no row is read for it.
_LISTED = (*LIST_ORDER, *_LINE)


class SubmissionRow(Base):
    """One questionnaire, unfinished until `submitted_at` is set.

    `risk` is true from the first risk answer on, for good. `raised_at` is when the priority was
    raised that the queue shows; None while the questionnaire does not stand in the queue.
    `screened_under` is the hash of the rulebook that screened the answers when they were saved;
    None where that was before 1.0, or never. `language` is the one that it was last saved in.
    `due_at` is by when somebody must react, None for nothing to do; `contacted_at` when staff last
    tried to reach the person. `marked` says what its marks were made of (see `store/marks.py`),
    None while they are missing. `person` is a random word that the forms of one person share, where
    staff confirmed that (see `store/same_person.py`), and `person_day` the clinic's day on which
    such a form came in; None for all others.

    The database works out the last columns from the others, for the order of the list and its
    filters: `listed` 1 for who waits, 2 for what was handled, 0 for what staff do not see.
    """

    __tablename__ = "submission"
    __table_args__ = (
        sa.Index("ix_submission_list", "listed", *_LISTED),
        *(
            sa.Index(f"ix_submission_list_{name}", name, "listed", *_LISTED)
            for name in ("status", "priority", "protocol", "language", "holder", "unfinished")
        ),
        sa.Index("ix_submission_list_due_at", "listed", "due_at", *_LISTED),
        sa.Index("ix_submission_list_received", "listed", "received", *_LISTED),
        sa.Index("ix_submission_list_reference", "reference", "listed", "urgency", "since", *_LINE),
        sa.Index(
            "ix_submission_unmarked",
            "listed",
            "id",
            sqlite_where=sa.text("marked IS NULL"),
            postgresql_where=sa.text("marked IS NULL"),
        ),
        sa.Index(
            "ix_submission_person",
            "person",
            sqlite_where=sa.text("person IS NOT NULL"),
            postgresql_where=sa.text("person IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    reference: Mapped[str] = mapped_column(sa.String(9), unique=True)
    protocol: Mapped[str] = mapped_column(sa.String(64))
    rulebook_version: Mapped[str] = mapped_column(sa.String(32))
    rulebook_hash: Mapped[str] = mapped_column(sa.String(71))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    priority: Mapped[str | None] = mapped_column(sa.String(16))
    priority_rank: Mapped[int | None]
    raised_at: Mapped[datetime | None]
    risk: Mapped[bool]
    status: Mapped[str] = mapped_column(sa.String(32))
    assigned_to: Mapped[str | None] = mapped_column(sa.String(254))
    revision: Mapped[int]
    screened_under: Mapped[str | None] = mapped_column(sa.String(71))
    language: Mapped[str] = mapped_column(sa.String(8), server_default="en")
    sealed_identity: Mapped[bytes]
    sealed_answers: Mapped[bytes]
    sealed_progress: Mapped[bytes]
    sealed_screening: Mapped[bytes | None]
    due_at: Mapped[datetime | None]
    contacted_at: Mapped[datetime | None]
    marked: Mapped[str | None] = mapped_column(sa.String(80))
    person: Mapped[str | None] = mapped_column(sa.String(16))
    person_day: Mapped[date | None]
    listed: Mapped[int | None] = mapped_column(
        sa.Computed(
            "CASE WHEN submitted_at IS NULL AND NOT risk THEN 0 "
            "WHEN status IN ('decided', 'closed') THEN 2 ELSE 1 END"
        )
    )
    urgency: Mapped[int | None] = mapped_column(
        sa.Computed(
            "coalesce(priority_rank, 1000) * 2 + CASE WHEN status = 'new' THEN 0 ELSE 1 END"
        )
    )
    since: Mapped[datetime | None] = mapped_column(
        sa.Computed("coalesce(raised_at, submitted_at, created_at)")
    )
    holder: Mapped[str | None] = mapped_column(
        sa.String(254), sa.Computed("coalesce(assigned_to, '')")
    )
    received: Mapped[datetime | None] = mapped_column(
        sa.Computed("coalesce(submitted_at, created_at)")
    )
    unfinished: Mapped[int | None] = mapped_column(
        sa.Computed("CASE WHEN submitted_at IS NULL THEN 1 ELSE 0 END")
    )


class MarkRow(Base):
    """One thing by which staff find a submission: a keyed hash of a word, a number, a rule.

    `listed` is the submission's own; a trigger keeps it so.
    """

    __tablename__ = "mark"

    mark: Mapped[bytes] = mapped_column(primary_key=True)
    listed: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reference: Mapped[str] = mapped_column(
        sa.ForeignKey("submission.reference", ondelete="CASCADE"), primary_key=True, index=True
    )


class RiskAnswerRow(Base):
    """One value that a safety question once had. Never changed, and gone only with its parent."""

    __tablename__ = "risk_answer"

    submission_id: Mapped[str] = mapped_column(
        sa.ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    sealed_answer: Mapped[bytes]


class ReviewEventRow(Base):
    """One step of the review. Never changed, and gone only with its parent."""

    __tablename__ = "review_event"

    submission_id: Mapped[str] = mapped_column(
        sa.ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(sa.String(254))
    kind: Mapped[str] = mapped_column(sa.String(16))
    sealed_body: Mapped[bytes]


class DraftRow(Base):
    """What somebody of the staff typed about a submission and did not use yet; theirs alone."""

    __tablename__ = "draft"

    submission_id: Mapped[str] = mapped_column(
        sa.ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True
    )
    email: Mapped[str] = mapped_column(sa.String(260), primary_key=True)  # "call " before some
    at: Mapped[datetime]
    sealed_typed: Mapped[bytes]


class LookingRow(Base):
    """Who has a submission open: since when, and when that was last known."""

    __tablename__ = "looking"

    submission_id: Mapped[str] = mapped_column(
        sa.ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True
    )
    email: Mapped[str] = mapped_column(sa.String(254), primary_key=True)
    since: Mapped[datetime]
    seen_at: Mapped[datetime]


class LaterScreeningRow(Base):
    """What a later edition of the rules says of somebody who waits, beside the first screening.

    It is of the answers that stood at `at`; for a form that was sent these never change.
    """

    __tablename__ = "later_screening"

    submission_id: Mapped[str] = mapped_column(
        sa.ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True
    )
    rulebook_hash: Mapped[str] = mapped_column(sa.String(71), primary_key=True)
    at: Mapped[datetime]
    sealed_screening: Mapped[bytes]


class DeviceRow(Base):
    """One browser that can open a questionnaire; its cookie has a random token, this row its hash.

    `seen_at` is when it last showed the form (see `store/devices.py`), and `resumed_at` when the
    person last came back on it: with a code, a link, or their date of birth.
    """

    __tablename__ = "device"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    submission_id: Mapped[str] = mapped_column(
        sa.ForeignKey("submission.id", ondelete="CASCADE"), index=True
    )
    seen_at: Mapped[datetime]
    resumed_at: Mapped[datetime | None]


class ReturnCodeRow(Base):
    """With what a person comes back from anywhere: keyed hashes of a code and of a link.

    A questionnaire has one at most. `link` is None once the link was used.
    """

    __tablename__ = "return_code"

    submission_id: Mapped[str] = mapped_column(
        sa.ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True
    )
    code: Mapped[str] = mapped_column(sa.String(64), index=True, unique=True)
    link: Mapped[str | None] = mapped_column(sa.String(64), index=True, unique=True)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class AlertRow(Base):
    """A submission that somebody must be told of, written with what raised it.

    A worker turns it into messages: at `next_at` the next person is told, `told` being the id of
    the last one ("" for nobody yet). It goes when nobody needs to be told any more.
    """

    __tablename__ = "alert"

    submission_id: Mapped[str] = mapped_column(
        sa.ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True
    )
    priority: Mapped[str] = mapped_column(sa.String(16))
    raised_at: Mapped[datetime]
    next_at: Mapped[datetime] = mapped_column(index=True)
    told: Mapped[str] = mapped_column(sa.String(64))


class MessageRow(Base):
    """One message to send. Its id stays the same however often it is tried.

    `recipient` is the id of an entry of the clinic's list, "" for somebody else; the address, and
    what else the message holds, is sealed. `submission_id` is there so that a message which is not
    needed any more is not sent, and is never sent along. `next_at` is when a worker may take it:
    taking it moves this ahead, so that it is free again when the worker was killed; None once it
    is `sent`, `dead` or `dropped`. Of those that are due the smallest `rank` goes first.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        sa.Index("ix_outbox_recipient_state_ended_at", "recipient", "state", "ended_at"),
    )

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(8))
    channel: Mapped[str] = mapped_column(sa.String(8))
    recipient: Mapped[str] = mapped_column(sa.String(64))
    submission_id: Mapped[str | None] = mapped_column(
        sa.ForeignKey("submission.id", ondelete="CASCADE"), index=True
    )
    sealed_content: Mapped[bytes]
    created_at: Mapped[datetime]
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    rank: Mapped[int]
    tries: Mapped[int]
    lease: Mapped[str] = mapped_column(sa.String(32))
    ended_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(sa.String(8))
    reason: Mapped[str] = mapped_column(sa.String(200))


class WorkerRow(Base):
    """When a worker was last at work; one row for all of them."""

    __tablename__ = "worker"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seen_at: Mapped[datetime]


class AuditRow(Base):
    """One entry of the audit log. Triggers refuse to change or remove it.

    `late` is set on an entry that entered the log later than it happened: its id, so that it
    enters once. Its `at` is when it happened.
    """

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(sa.String(254))
    action: Mapped[str] = mapped_column(sa.String(64))
    object: Mapped[str] = mapped_column(sa.String(128))
    previous: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))
    late: Mapped[str | None] = mapped_column(sa.String(32), index=True, unique=True)


class AuditHeadRow(Base):
    """The last entry's number and hash, sealed: whoever has only the database cannot rewrite it."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed_head: Mapped[bytes | None]


class RateLimitRow(Base):
    """One token bucket; the key is a keyed hash, so that no address is kept."""

    __tablename__ = "rate_limit"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    tokens: Mapped[float]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class KeyCheckRow(Base):
    """One row a key: shows at start whether the key is the one this database was sealed with."""

    __tablename__ = "key_check"

    key_id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    created_at: Mapped[datetime]
    sealed_check: Mapped[bytes]


user_role = sa.Table(
    "user_role",
    Base.metadata,
    sa.Column("user_id", sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("role_id", sa.ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Base, RoleMixin):
    """`intake` or `physician`."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(32), unique=True)


class User(Base, UserMixin):
    """One member of staff, with the columns Flask-Security asks for."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool]
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    tf_primary_method: Mapped[str | None] = mapped_column(sa.String(32))
    tf_totp_secret: Mapped[str | None] = mapped_column(sa.String(512))
    tf_last_counter: Mapped[int | None] = mapped_column(sa.BigInteger)
    roles: Mapped[list[Role]] = relationship(secondary=user_role, lazy="selectin")  # type: ignore[assignment]


class StaffSessionRow(Base):
    """One signed-in browser; the cookie has a random token, this row its hash."""

    __tablename__ = "staff_session"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class RulebookRow(Base):
    """The files of a rulebook that screened somebody, kept so that it stays explainable."""

    __tablename__ = "rulebook"

    hash: Mapped[str] = mapped_column(sa.String(71), primary_key=True)
    version: Mapped[str] = mapped_column(sa.String(256))
    kept_at: Mapped[datetime]
    files: Mapped[bytes]


class SignatureRow(Base):
    """A physician's signature under one rulebook. Append-only: a new text needs a new one."""

    __tablename__ = "signature"

    number: Mapped[int] = mapped_column(primary_key=True)
    rulebook_hash: Mapped[str] = mapped_column(sa.ForeignKey("rulebook.hash"), index=True)
    signer: Mapped[str] = mapped_column(sa.String(254))
    name: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime]


class TranslationSignatureRow(Base):
    """A translator's signature under one translation. Append-only, as those of physicians are."""

    __tablename__ = "translation_signature"

    number: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(sa.String(8))
    hash: Mapped[str] = mapped_column(sa.String(71), index=True)
    recorder: Mapped[str] = mapped_column(sa.String(254))
    name: Mapped[str] = mapped_column(sa.String(200))
    credential: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime]
