"""Who sees to a request, who looks at it, saved views, and how each person wants the lists."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OF_A_PERSON = {"compact_rows": sa.false(), "keys_on": sa.true(), "tone_on": sa.false()}
OF_ONE_COLLEAGUE: tuple[str | sa.TextClause, ...] = (
    *("assigned_to_id", "status"),
    sa.text("level DESC"),
    "waiting_since",
)


def upgrade() -> None:
    """Add the columns and the tables."""
    _assigned_to()
    op.create_index("ix_service_request_mine", "service_request", OF_ONE_COLLEAGUE)
    op.create_index("ix_service_request_status", "service_request", ["status", "created_at"])
    for name, default in OF_A_PERSON.items():
        op.add_column(
            "practitioner", sa.Column(name, sa.Boolean(), nullable=False, server_default=default)
        )
    op.create_table(
        "presence",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        _to("practitioner_id", "practitioner"),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("request_id", "practitioner_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_presence_at", "presence", ["at"])
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _to("owner_id", "practitioner"),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("speaks", sa.Text(), nullable=True),
        sa.Column("wants", sa.Text(), nullable=True),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_saved_view_owner_id", "saved_view", ["owner_id"])


def downgrade() -> None:
    """Take it away: requests are nobody's again, saved views are gone."""
    op.drop_table("saved_view")
    op.drop_table("presence")
    for name in OF_A_PERSON:
        op.drop_column("practitioner", name)
    op.drop_index("ix_service_request_status", "service_request")
    op.drop_index("ix_service_request_mine", "service_request")
    op.drop_column("service_request", "assigned_to_id")


def _assigned_to() -> None:
    """Written out: batch mode would build the table anew, and lose the order of its index."""
    kind = "UUID" if op.get_bind().dialect.name == "postgresql" else "TEXT"
    name = "fk_service_request_assigned_to_id_practitioner"
    op.execute(
        f"ALTER TABLE service_request ADD COLUMN assigned_to_id {kind}"
        f" CONSTRAINT {name} REFERENCES practitioner (id)"
    )


def _to(name: str, table: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{table}.id"), nullable=False)
