"""Requests that somebody has linked as one case.

The terms by which similar names are found are made from sealed names, so they need the keys: for
requests that are stored already, `flask keys rotate --index` makes them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("service_request", sa.Column("case_id", sa.Uuid(), nullable=True))
    op.create_index("ix_service_request_case_id", "service_request", ["case_id"])


def downgrade() -> None:
    """Take it away: every request stands by itself again; its history keeps what was linked."""
    op.drop_index("ix_service_request_case_id", "service_request")
    op.drop_column("service_request", "case_id")
