"""Which submissions staff confirmed to be of one person, and on which day each came in."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ORDER = ("urgency", "since", "reference")
_INDEXES = {
    "ix_submission_list": ("listed", *_ORDER),
    **{
        f"ix_submission_list_{column}": (column, "listed", *_ORDER)
        for column in ("status", "priority", "protocol", "language", "holder", "unfinished")
    },
    "ix_submission_list_due_at": ("listed", "due_at"),
    "ix_submission_list_received": ("listed", "received"),
    "ix_submission_list_reference": ("reference", "listed", "urgency", "since"),
}
_TIMES = ("ix_submission_list_due_at", "ix_submission_list_received")


def _make_indexes(*, lines: bool) -> None:
    """Make the indexes of the list anew; with `lines` a row's line is known from each of them."""
    for name, columns in _INDEXES.items():
        op.drop_index(name, table_name="submission")
        order = _ORDER if lines and name in _TIMES else ()
        line = ("person", "person_day") if lines else ()
        op.create_index(name, "submission", [*columns, *order, *line])


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
    _make_indexes(lines=True)


def downgrade() -> None:
    """Drop both: what staff confirmed stands in the histories alone."""
    _make_indexes(lines=False)
    op.drop_index("ix_submission_person", table_name="submission")
    op.drop_column("submission", "person_day")
    op.drop_column("submission", "person")
