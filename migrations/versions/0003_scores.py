"""Scores that doctors keep for a request."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "score",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column(
            "request_id",
            sa.Uuid(),
            sa.ForeignKey("service_request.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), sa.ForeignKey("practitioner.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("table_version", sa.Text(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), sa.ForeignKey("score.id"), nullable=True, unique=True),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("result_sealed", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Take it away, with all that was kept."""
    op.drop_table("score")
