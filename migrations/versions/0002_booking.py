"""Places, kinds of visit, holds, the waiting list's wish, and the patient's own page."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STRICT = {"sqlite_strict": True}

SCHEDULE = sa.table(
    "schedule",
    sa.column("id", sa.Uuid()),
    sa.column("visit_minutes", sa.SmallInteger()),
    sa.column("kind_id", sa.Uuid()),
    sa.column("place_id", sa.Uuid()),
)
APPOINTMENT = sa.table(
    "appointment",
    sa.column("id", sa.Uuid()),
    sa.column("starts_at", MOMENT),
    sa.column("ends_at", MOMENT),
    sa.column("busy_from", MOMENT),
    sa.column("busy_until", MOMENT),
    sa.column("kind_id", sa.Uuid()),
    sa.column("place_id", sa.Uuid()),
)
SLOT = sa.table("slot", sa.column("appointment_id", sa.Uuid()))
KIND = sa.table("visit_kind", sa.column("id", sa.Uuid()), sa.column("minutes", sa.SmallInteger()))


def upgrade() -> None:
    """Add the tables, and give what is stored a place and a kind."""
    place, kind = _places(), _kinds()
    with _altered("schedule") as table:
        table.add_column(_to("place_id", "place"))
        table.add_column(_to("kind_id", "visit_kind"))
        table.add_column(_count("kept_for_urgent"))
        table.add_column(
            sa.Column("released_at", sa.Time(), nullable=False, server_default="08:00")
        )
    with _altered("appointment") as table:
        table.add_column(_to("place_id", "place"))
        table.add_column(_to("kind_id", "visit_kind"))
        table.add_column(sa.Column("busy_from", MOMENT, nullable=True))
        table.add_column(sa.Column("busy_until", MOMENT, nullable=True))
        table.add_column(sa.Column("moved_from", MOMENT, nullable=True))
        table.add_column(sa.Column("held_until", MOMENT, nullable=True))
        table.add_column(_count("sequence"))
    _give_place_and_kind(place, kind)
    with _altered("schedule") as table:
        table.drop_constraint("visit", type_="check")
        table.drop_column("visit_minutes")
        table.alter_column("place_id", existing_type=sa.Uuid(), nullable=False)
        table.alter_column("kind_id", existing_type=sa.Uuid(), nullable=False)
        table.alter_column("kept_for_urgent", server_default=None)
        table.alter_column("released_at", server_default=None)
        table.create_check_constraint("kept", "kept_for_urgent >= 0")
    with _altered("appointment") as table:
        for column in ("place_id", "kind_id"):
            table.alter_column(column, existing_type=sa.Uuid(), nullable=False)
        for column in ("busy_from", "busy_until"):
            table.alter_column(column, existing_type=MOMENT, nullable=False)
        table.alter_column("sequence", server_default=None)
        table.create_check_constraint("busy", "busy_from <= starts_at AND ends_at <= busy_until")
        table.create_check_constraint("held", "status <> 'held' OR held_until IS NOT NULL")
    with _altered("closure") as table:
        table.add_column(_to("place_id", "place"))
        table.add_column(sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.create_check_constraint("of_one", "practitioner_id IS NULL OR place_id IS NULL")
    with _altered("closure") as table:
        table.alter_column("told", server_default=None)
    with _altered("waitlist") as table:
        table.add_column(_to("practitioner_id", "practitioner"))
    with _altered("practitioner") as table:
        table.add_column(sa.Column("feed_hash", sa.LargeBinary(), nullable=True))
        table.create_unique_constraint(None, ["feed_hash"])
    _holds()
    op.create_table(
        "request_link",
        _id(),
        sa.Column(
            "request_id",
            sa.Uuid(),
            sa.ForeignKey("service_request.id"),
            nullable=False,
            unique=True,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        **STRICT,
    )


def downgrade() -> None:
    """Take it away; hours keep how long their visits are, holds and offers are gone."""
    op.drop_table("request_link")
    op.execute(sa.delete(SLOT).where(SLOT.c.appointment_id.is_(None)))
    with _altered("slot") as table:
        table.drop_constraint("owner", type_="check")
        table.drop_constraint("expires", type_="check")
        table.drop_index("ix_slot_hold_id")
        table.drop_constraint("fk_slot_hold_id_hold", type_="foreignkey")
        table.drop_column("hold_id")
        table.drop_column("expires_at")
        table.alter_column("appointment_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_table("hold")
    with _altered("practitioner") as table:
        table.drop_constraint("uq_practitioner_feed_hash", type_="unique")
        table.drop_column("feed_hash")
    with _altered("waitlist") as table:
        table.drop_constraint("fk_waitlist_practitioner_id_practitioner", type_="foreignkey")
        table.drop_column("practitioner_id")
    with _altered("closure") as table:
        table.drop_constraint("of_one", type_="check")
        table.drop_constraint("fk_closure_place_id_place", type_="foreignkey")
        table.drop_column("place_id")
        table.drop_column("told")
    with _altered("appointment") as table:
        table.drop_constraint("busy", type_="check")
        table.drop_constraint("held", type_="check")
        table.drop_constraint("fk_appointment_place_id_place", type_="foreignkey")
        table.drop_constraint("fk_appointment_kind_id_visit_kind", type_="foreignkey")
        for column in (
            "place_id",
            "kind_id",
            "busy_from",
            "busy_until",
            "moved_from",
            "held_until",
            "sequence",
        ):
            table.drop_column(column)
    with _altered("schedule") as table:
        table.add_column(sa.Column("visit_minutes", sa.SmallInteger(), nullable=True))
    minutes = sa.select(KIND.c.minutes).where(KIND.c.id == SCHEDULE.c.kind_id)
    op.execute(sa.update(SCHEDULE).values(visit_minutes=minutes.scalar_subquery()))
    with _altered("schedule") as table:
        table.drop_constraint("kept", type_="check")
        table.drop_constraint("fk_schedule_place_id_place", type_="foreignkey")
        table.drop_constraint("fk_schedule_kind_id_visit_kind", type_="foreignkey")
        for column in ("place_id", "kind_id", "kept_for_urgent", "released_at"):
            table.drop_column(column)
        table.alter_column("visit_minutes", existing_type=sa.SmallInteger(), nullable=False)
        table.create_check_constraint("visit", "visit_minutes BETWEEN 5 AND 240")
    op.drop_table("visit_kind")
    op.drop_table("place")


def _altered(table: str) -> Any:
    # A table that SQLite builds anew is not STRICT unless it is said again.
    return op.batch_alter_table(table, table_kwargs=STRICT)


def _id() -> sa.Column[uuid.UUID]:
    return sa.Column("id", sa.Uuid(), primary_key=True)


def _to(name: str, table: str) -> sa.Column[uuid.UUID]:
    """A column that may refer to a row of a table."""
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{table}.id"), nullable=True)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")


def _places() -> sa.Table:
    return op.create_table(
        "place",
        _id(),
        sa.Column("name", sa.Text(), nullable=False, unique=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("directions", sa.Text(), nullable=False),
        sa.Column("step_free", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        **STRICT,
    )


def _kinds() -> sa.Table:
    return op.create_table(
        "visit_kind",
        _id(),
        sa.Column("name", sa.Text(), nullable=False, unique=True),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("buffer_before", sa.SmallInteger(), nullable=False),
        sa.Column("buffer_after", sa.SmallInteger(), nullable=False),
        sa.Column("fee", sa.Integer(), nullable=True),
        sa.Column("lead_minutes", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.SmallInteger(), nullable=False),
        sa.Column("for_patients", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 5 AND 240", "minutes"),
        sa.CheckConstraint("buffer_before BETWEEN 0 AND 120", "buffer_before"),
        sa.CheckConstraint("buffer_after BETWEEN 0 AND 120", "buffer_after"),
        sa.CheckConstraint("fee >= 0", "fee"),
        sa.CheckConstraint("lead_minutes >= 0", "lead"),
        sa.CheckConstraint("horizon_days BETWEEN 1 AND 366", "horizon"),
        **STRICT,
    )


def _holds() -> None:
    op.create_table(
        "hold",
        _id(),
        sa.Column(
            "draft_id",
            sa.Uuid(),
            sa.ForeignKey("draft.id", ondelete="CASCADE"),
            nullable=False,
            unique=True,
        ),
        sa.Column("practitioner_id", sa.Uuid(), sa.ForeignKey("practitioner.id"), nullable=False),
        sa.Column("place_id", sa.Uuid(), sa.ForeignKey("place.id"), nullable=False),
        sa.Column("kind_id", sa.Uuid(), sa.ForeignKey("visit_kind.id"), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False, index=True),
        sa.CheckConstraint("starts_at < ends_at", "order"),
        **STRICT,
    )
    with _altered("slot") as table:
        table.alter_column("appointment_id", existing_type=sa.Uuid(), nullable=True)
        key = sa.ForeignKey("hold.id", ondelete="CASCADE")
        table.add_column(sa.Column("hold_id", sa.Uuid(), key, nullable=True))
        table.add_column(sa.Column("expires_at", MOMENT, nullable=True))
        table.create_index("ix_slot_hold_id", ["hold_id"])
        table.create_check_constraint("owner", "(appointment_id IS NULL) <> (hold_id IS NULL)")
        table.create_check_constraint("expires", "hold_id IS NULL OR expires_at IS NOT NULL")


def _give_place_and_kind(place: sa.Table, kind: sa.Table) -> None:
    """One place for all that is stored, and a kind for each length of visit."""
    database = op.get_bind()
    lengths = {
        visit.id: max(5, min(240, _minutes(visit.ends_at - visit.starts_at)))
        for visit in database.execute(sa.select(APPOINTMENT))
    }
    hours = {
        row.id: row.visit_minutes
        for row in database.execute(sa.select(SCHEDULE.c.id, SCHEDULE.c.visit_minutes))
    }
    if not lengths and not hours:
        return
    where = uuid.uuid4()
    database.execute(
        sa.insert(place).values(
            id=where, name="Clinic", address="", directions="", step_free=False, active=True
        )
    )
    for minutes in sorted({*lengths.values(), *hours.values()}):
        which = uuid.uuid4()
        database.execute(
            sa.insert(kind).values(
                id=which,
                name=f"Visit of {minutes} minutes",
                minutes=minutes,
                buffer_before=0,
                buffer_after=0,
                lead_minutes=120,
                horizon_days=60,
                for_patients=True,
                active=True,
            )
        )
        for table, known in ((SCHEDULE, hours), (APPOINTMENT, lengths)):
            for row_id in (row_id for row_id, length in known.items() if length == minutes):
                found = sa.update(table).where(table.c.id == row_id)
                database.execute(found.values(place_id=where, kind_id=which))
    database.execute(
        sa.update(APPOINTMENT).values(
            busy_from=APPOINTMENT.c.starts_at, busy_until=APPOINTMENT.c.ends_at
        )
    )


def _minutes(length: dt.timedelta) -> int:
    return int(length.total_seconds() // 60)
