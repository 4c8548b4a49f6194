"""Entries that enter the audit log later than they happened."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; in place, for a table made anew would lose the triggers that protect it."""
    op.add_column("audit", sa.Column("late", sa.String(length=32), nullable=True))
    op.create_index("ix_audit_late", "audit", ["late"], unique=True)


def downgrade() -> None:
    """Drop the column. The log no longer verifies where late entries stand: they are altered."""
    op.drop_index("ix_audit_late", table_name="audit")
    op.drop_column("audit", "late")
