"""What the worklist is sorted, filtered and searched by, and by when somebody must react."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
# The database works these out, so that they never differ from what they are made of.
_COMPUTED = (
    (
        "listed",
        sa.Integer(),
        "CASE WHEN submitted_at IS NULL AND NOT risk THEN 0 "
        "WHEN status IN ('decided', 'closed') THEN 2 ELSE 1 END",
    ),
    (
        "urgency",
        sa.Integer(),
        "coalesce(priority_rank, 1000) * 2 + CASE WHEN status = 'new' THEN 0 ELSE 1 END",
    ),
    ("since", _TIME, "coalesce(raised_at, submitted_at, created_at)"),
    ("holder", sa.String(length=254), "coalesce(assigned_to, '')"),
    ("received", _TIME, "coalesce(submitted_at, created_at)"),
    ("unfinished", sa.Integer(), "CASE WHEN submitted_at IS NULL THEN 1 ELSE 0 END"),
)
_ORDER = ("urgency", "since", "reference")
_INDEXES = {
    "ix_submission_list": ("listed", *_ORDER),
    "ix_submission_list_status": ("status", "listed", *_ORDER),
    **{
        f"ix_submission_list_{column}": (column, "listed", *_ORDER)
        for column in ("priority", "protocol", "language", "holder", "unfinished")
    },
    "ix_submission_list_due_at": ("listed", "due_at"),
    "ix_submission_list_received": ("listed", "received"),
    # Whoever is found by a mark is put in order without reading the row.
    "ix_submission_list_reference": ("reference", "listed", "urgency", "since"),
}
# Which list a submission is on stands beside its marks, so that one index has both.
_FOLLOW = "UPDATE mark SET listed = NEW.listed WHERE reference = NEW.reference;"
_FOLLOW_SQLITE = (
    "CREATE TRIGGER mark_follows AFTER UPDATE OF submitted_at, risk, status ON submission "
    f"WHEN OLD.listed <> NEW.listed BEGIN {_FOLLOW} END"
)
_FOLLOW_POSTGRESQL = (
    "CREATE FUNCTION mark_follows() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN {_FOLLOW} RETURN NULL; END $$",
    "CREATE TRIGGER mark_follows AFTER UPDATE ON submission FOR EACH ROW "
    "WHEN (OLD.listed <> NEW.listed) EXECUTE FUNCTION mark_follows()",
)


def _is_postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def upgrade() -> None:
    """Add columns, indexes and the table of marks. The program fills what is sealed, as it runs."""
    for name in ("due_at", "contacted_at"):
        op.add_column("submission", sa.Column(name, _TIME, nullable=True))
    op.add_column("submission", sa.Column("marked", sa.String(length=80), nullable=True))
    # SQLite adds no stored column to a table that is there; PostgreSQL has no index on another.
    stored = _is_postgresql()
    for name, of, text in _COMPUTED:
        op.add_column("submission", sa.Column(name, of, sa.Computed(text, stored), nullable=True))
    op.drop_index("ix_submission_queue", table_name="submission")
    for name, columns in _INDEXES.items():
        op.create_index(name, "submission", list(columns))
    op.create_index(
        "ix_submission_unmarked",
        "submission",
        ["listed", "id"],
        sqlite_where=sa.text("marked IS NULL"),
        postgresql_where=sa.text("marked IS NULL"),
    )
    op.create_table(
        "mark",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=9), nullable=False),
        sa.ForeignKeyConstraint(
            ["reference"],
            ["submission.reference"],
            name=op.f("fk_mark_reference_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("mark", "listed", "reference", name=op.f("pk_mark")),
    )
    op.create_index(op.f("ix_mark_reference"), "mark", ["reference"])
    for statement in _FOLLOW_POSTGRESQL if stored else (_FOLLOW_SQLITE,):
        op.execute(statement)


def downgrade() -> None:
    """Drop all of it: when somebody was last contacted stands in the history alone."""
    op.execute("DROP TRIGGER mark_follows" + (" ON submission" if _is_postgresql() else ""))
    if _is_postgresql():
        op.execute("DROP FUNCTION mark_follows()")
    op.drop_table("mark")
    for name in (*_INDEXES, "ix_submission_unmarked"):
        op.drop_index(name, table_name="submission")
    for name, _, _ in _COMPUTED:
        op.drop_column("submission", name)
    for name in ("marked", "contacted_at", "due_at"):
        op.drop_column("submission", name)
    op.create_index("ix_submission_queue", "submission", ["status", "priority_rank"])
