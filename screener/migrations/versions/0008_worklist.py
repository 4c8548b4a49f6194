"""When a submission is due, and when the clinic last tried to reach the person."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both; nothing is due before it is raised again."""
    op.add_column("submission", sa.Column("contacted_at", sa.DateTime(timezone=True)))
    op.add_column("submission", sa.Column("due_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Drop both."""
    op.drop_column("submission", "due_at")
    op.drop_column("submission", "contacted_at")
