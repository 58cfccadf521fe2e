"""Who is on call."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the roster."""
    op.create_table(
        "on_call",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), sa.ForeignKey("practitioner.id"), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False, index=True),
        sa.UniqueConstraint("rank", "starts_at"),
        sa.CheckConstraint("rank IN (1, 2)", "rank"),
        sa.CheckConstraint("starts_at < ends_at", "order"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("on_call")
