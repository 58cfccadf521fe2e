"""A doctor's question to the desk, and what the doctor's timeline tells of the enquiry."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COLUMNS = ("asked_at", "begun_at", "warned_at")


def upgrade() -> None:
    """Add the columns; of requests that are stored nothing of it is known."""
    for column in COLUMNS:
        op.add_column("service_request", sa.Column(column, MOMENT, nullable=True))


def downgrade() -> None:
    """Take them away; open questions become plain instructions."""
    for column in COLUMNS:
        op.drop_column("service_request", column)
