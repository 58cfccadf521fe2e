"""What the figures are made of: the clock in the history, and how far enquiries got."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
CLOCK = ("level", "waiting_since", "due_at")

# The level on arrival was never kept beside the history, but the first decision is; the targets
# that held before are not known any more.
FROM_WHAT_IS_STORED = """
    UPDATE status_change SET waiting_since = at, level = (
        SELECT triage.level FROM triage
        WHERE triage.request_id = status_change.request_id AND triage.number = 1
    ) WHERE event = 'submit'
"""


def upgrade() -> None:
    """Add the columns and the table, and fill in what is known of requests that are stored."""
    _allow_changes()
    op.add_column("status_change", sa.Column("level", sa.SmallInteger(), nullable=True))
    op.add_column("status_change", sa.Column("waiting_since", MOMENT, nullable=True))
    op.add_column("status_change", sa.Column("due_at", MOMENT, nullable=True))
    op.execute(FROM_WHAT_IS_STORED)
    op.create_index("ix_status_change_clock", "status_change", ["event", "waiting_since"])
    _refuse_changes()
    op.create_table(
        "enquiry_count",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("reached", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.UniqueConstraint("day", "condition", "reached"),
        sa.CheckConstraint("number > 0", "number"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Take it away; the counts are gone."""
    op.drop_table("enquiry_count")
    _allow_changes()
    op.drop_index("ix_status_change_clock", "status_change")
    for column in CLOCK:
        op.drop_column("status_change", column)
    _refuse_changes()


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _allow_changes() -> None:
    table = " ON status_change" if _on_postgresql() else ""
    op.execute(f"DROP TRIGGER status_change_no_update{table}")


def _refuse_changes() -> None:
    """The history is append-only, but for sealed columns, as 0001 made it."""
    names = (column["name"] for column in sa.inspect(op.get_bind()).get_columns("status_change"))
    columns = [name for name in names if not name.endswith("_sealed")]
    differs = "IS DISTINCT FROM" if _on_postgresql() else "IS NOT"
    changed = " OR ".join(f'OLD."{column}" {differs} NEW."{column}"' for column in columns)
    refuse = (
        "EXECUTE FUNCTION refuse_change()"
        if _on_postgresql()
        else "BEGIN SELECT RAISE(ABORT, 'status_change is append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER status_change_no_update BEFORE UPDATE ON status_change"
        f" FOR EACH ROW WHEN ({changed}) {refuse}"
    )
