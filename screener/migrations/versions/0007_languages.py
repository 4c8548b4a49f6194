"""The language of each questionnaire, and the signatures of translators."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both. Whatever was answered before was asked in English."""
    op.add_column(
        "submission",
        sa.Column("language", sa.String(length=8), server_default="en", nullable=False),
    )
    op.create_table(
        "translation_signature",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("hash", sa.String(length=71), nullable=False),
        sa.Column("recorder", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("credential", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_translation_signature")),
    )
    op.create_index("ix_translation_signature_hash", "translation_signature", ["hash"])


def downgrade() -> None:
    """Drop both: which language was used is lost, and every translation is unsigned."""
    op.drop_index("ix_translation_signature_hash", table_name="translation_signature")
    op.drop_table("translation_signature")
    op.drop_column("submission", "language")
