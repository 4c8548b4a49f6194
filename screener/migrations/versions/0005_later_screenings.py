"""Screenings under later editions of the rules, and the edition of the first one."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the column; who was screened before is looked at once."""
    op.create_table(
        "later_screening",
        sa.Column("submission_id", sa.String(length=64), nullable=False),
        sa.Column("rulebook_hash", sa.String(length=71), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_screening", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_later_screening_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("submission_id", "rulebook_hash", name=op.f("pk_later_screening")),
    )
    op.add_column("submission", sa.Column("screened_under", sa.String(length=71), nullable=True))


def downgrade() -> None:
    """Drop both: what later editions said is lost, and the priorities stay."""
    op.drop_column("submission", "screened_under")
    op.drop_table("later_screening")
