"""Which submissions staff confirmed to be of one person, and on which day each came in."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns. Nobody has confirmed anything yet."""
    op.add_column("submission", sa.Column("person", sa.String(length=16), nullable=True))
    op.add_column("submission", sa.Column("person_day", sa.Date(), nullable=True))
    op.create_index(
        "ix_submission_person",
        "submission",
        ["person"],
        sqlite_where=sa.text("person IS NOT NULL"),
        postgresql_where=sa.text("person IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop both: what staff confirmed stands in the histories alone."""
    op.drop_index("ix_submission_person", table_name="submission")
    op.drop_column("submission", "person_day")
    op.drop_column("submission", "person")
