"""What staff typed and did not use yet, and who has a submission open."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both; each is gone with its submission."""
    op.create_table(
        "draft",
        sa.Column("submission_id", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=260), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_typed", sa.LargeBinary(), nullable=False),
        _of_submission("draft"),
        sa.PrimaryKeyConstraint("submission_id", "email", name=op.f("pk_draft")),
    )
    op.create_table(
        "looking",
        sa.Column("submission_id", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        _of_submission("looking"),
        sa.PrimaryKeyConstraint("submission_id", "email", name=op.f("pk_looking")),
    )


def downgrade() -> None:
    """Drop both: what was typed and not used is lost."""
    op.drop_table("looking")
    op.drop_table("draft")


def _of_submission(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["submission_id"],
        ["submission.id"],
        name=op.f(f"fk_{table}_submission_id_submission"),
        ondelete="CASCADE",
    )
