"""Since when a submission has the priority that the queue shows."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Earlier versions did not keep the time. The first answer to a safety question is the nearest to
# it for who was at risk; for everybody else it is the time of sending.
_FILL = sa.text(
    """
    UPDATE submission SET raised_at = CASE
      WHEN risk THEN COALESCE(
        (SELECT MIN(at) FROM risk_answer WHERE risk_answer.submission_id = submission.id),
        created_at)
      ELSE submitted_at END
    """
)


def upgrade() -> None:
    """Add the column and fill it for who stands in the queue."""
    with op.batch_alter_table("submission") as table:
        table.add_column(sa.Column("raised_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(_FILL)


def downgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("submission") as table:
        table.drop_column("raised_at")
