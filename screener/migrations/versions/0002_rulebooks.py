"""Rulebooks that were used, and physicians' signatures under them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "rulebook",
        sa.Column("hash", sa.String(length=71), nullable=False),
        sa.Column("version", sa.String(length=256), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_rulebook")),
    )
    op.create_table(
        "signature",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rulebook_hash", sa.String(length=71), nullable=False),
        sa.Column("signer", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["rulebook_hash"],
            ["rulebook.hash"],
            name=op.f("fk_signature_rulebook_hash_rulebook"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_signature")),
    )
    op.create_index(op.f("ix_signature_rulebook_hash"), "signature", ["rulebook_hash"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("signature")
    op.drop_table("rulebook")
