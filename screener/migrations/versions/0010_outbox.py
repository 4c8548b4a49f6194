"""Whom to tell of what: alerts that nobody acknowledged yet, messages to send, workers seen."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _of_submission(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["submission_id"],
        ["submission.id"],
        name=op.f(f"fk_{table}_submission_id_submission"),
        ondelete="CASCADE",
    )


def upgrade() -> None:
    """Add the tables. Of an emergency that nobody has acknowledged yet, somebody is told."""
    op.create_table(
        "alert",
        sa.Column("submission_id", sa.String(length=64), nullable=False),
        sa.Column("priority", sa.String(length=16), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", sa.String(length=64), nullable=False),
        _of_submission("alert"),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_alert")),
    )
    op.create_index(op.f("ix_alert_next_at"), "alert", ["next_at"])
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("recipient", sa.String(length=64), nullable=False),
        sa.Column("submission_id", sa.String(length=64), nullable=True),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        _of_submission("outbox"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_next_at"), "outbox", ["next_at"])
    op.create_index(op.f("ix_outbox_submission_id"), "outbox", ["submission_id"])
    op.create_index(
        op.f("ix_outbox_recipient_state_ended_at"), "outbox", ["recipient", "state", "ended_at"]
    )
    op.create_table(
        "worker",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
    )
    op.execute(
        "INSERT INTO alert (submission_id, priority, raised_at, next_at, told) "
        "SELECT id, priority, coalesce(raised_at, created_at), coalesce(raised_at, created_at), '' "
        "FROM submission WHERE priority = 'emergency' AND status = 'new' "
        "AND (risk OR submitted_at IS NOT NULL)"
    )


def downgrade() -> None:
    """Drop them: nobody is told of anything."""
    op.drop_table("worker")
    op.drop_table("outbox")
    op.drop_table("alert")
