"""Devices that hold a form, and codes to come back to it from anywhere."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
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
    """Add the tables; the device on which each form was begun keeps it."""
    op.create_table(
        "device",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("submission_id", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        _of_submission("device"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_index(op.f("ix_device_submission_id"), "device", ["submission_id"])
    op.create_table(
        "return_code",
        sa.Column("submission_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _of_submission("return_code"),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_return_code")),
    )
    for column in ("code", "link"):
        op.create_index(op.f(f"ix_return_code_{column}"), "return_code", [column], unique=True)
    # Until now the id of a form was the hash of the token of its only device.
    op.execute(
        "INSERT INTO device (id, submission_id, seen_at) SELECT id, id, updated_at FROM submission"
    )


def downgrade() -> None:
    """Drop both: forms can then be opened on the device alone on which they were begun."""
    op.drop_table("return_code")
    op.drop_table("device")
