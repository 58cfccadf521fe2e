"""First tables."""

import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

TABLES = (
    "draft",
    "practitioner",
    "rate_hit",
    "audit_event",
    "closure",
    "schedule",
    "service_request",
    "staff_session",
    "appointment",
    "contact_attempt",
    "message",
    "note",
    "questionnaire_response",
    "search_term",
    "status_change",
    "triage",
    "waitlist",
    "slot",
)

APPEND_ONLY = ("audit_event", "questionnaire_response", "status_change", "triage")


def upgrade() -> None:
    """Make every table, and keep what is append-only from being changed."""
    _tables()
    _refusal()
    for table in APPEND_ONLY:
        _refuse_changes(table)
    _refuse_deletion("audit_event")


def downgrade() -> None:
    """Drop every table with all that it holds."""
    for table in reversed(TABLES):
        op.drop_table(table)
    if _on_postgresql():
        op.execute("DROP FUNCTION refuse_change")


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _refuse_changes(table: str) -> None:
    """Refuse an UPDATE, except of sealed columns: a new key seals them again."""
    names = (column["name"] for column in sa.inspect(op.get_bind()).get_columns(table))
    columns = [name for name in names if not name.endswith("_sealed")]
    differs = "IS DISTINCT FROM" if _on_postgresql() else "IS NOT"
    changed = " OR ".join(f'OLD."{column}" {differs} NEW."{column}"' for column in columns)
    _trigger(table, "update", f"WHEN ({changed})")


def _refuse_deletion(table: str) -> None:
    _trigger(table, "delete")
    if _on_postgresql():
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " EXECUTE FUNCTION refuse_change()"
        )


def _trigger(table: str, event: str, when: str = "") -> None:
    head = (
        f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} FOR EACH ROW {when}"
    )
    if _on_postgresql():
        op.execute(f"{head} EXECUTE FUNCTION refuse_change()")
    else:
        op.execute(f"{head} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END")


def _refusal() -> None:
    if _on_postgresql():
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION '% is append-only', TG_TABLE_NAME"
            " USING ERRCODE = 'restrict_violation'; END $$"
        )


def _id() -> sa.Column[uuid.UUID]:
    return sa.Column("id", sa.Uuid(), primary_key=True)


def _to(name: str, table: str, *, nullable: bool = False, **options: Any) -> sa.Column[uuid.UUID]:
    """A column that refers to a row of a table."""
    key = sa.ForeignKey(f"{table}.id")
    return sa.Column(name, sa.Uuid(), key, nullable=nullable, **options)


def _tables() -> None:
    op.create_table(
        "draft",
        _id(),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False, index=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changes_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("person_sealed", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "practitioner",
        _id(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False, unique=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.Text(), nullable=False, unique=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("registration", sa.Text(), nullable=True),
        sa.Column("bookable", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("role IN ('receptionist', 'doctor', 'manager')", "role"),
        sqlite_strict=True,
    )
    op.create_table(
        "rate_hit",
        sa.Column("k", sa.Text(), primary_key=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("exp", sa.Float(53), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "audit_event",
        _id(),
        sa.Column("number", sa.BigInteger(), nullable=False, unique=True),
        sa.Column("at", MOMENT, nullable=False),
        _to("actor_id", "practitioner", nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True, index=True),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "closure",
        _id(),
        _to("practitioner_id", "practitioner", nullable=True),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False, index=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", "order"),
        sqlite_strict=True,
    )
    op.create_table(
        "schedule",
        _id(),
        _to("practitioner_id", "practitioner", index=True),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("visit_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("opens < closes", "order"),
        sa.CheckConstraint("visit_minutes BETWEEN 5 AND 240", "visit"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", "weekday"),
        sqlite_strict=True,
    )
    op.create_table(
        "service_request",
        _id(),
        sa.Column("reference", sa.Text(), nullable=False, unique=True),
        sa.Column("submission_id", sa.Uuid(), nullable=False, unique=True),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("answering_for", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("waiting_since", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        _to("acknowledged_by_id", "practitioner", nullable=True),
        sa.Column("closed_reason", sa.Text(), nullable=True),
        sa.Column("consent_version", sa.Text(), nullable=True),
        sa.Column("consent_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("instruction_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(status = 'closed') = (closed_reason IS NOT NULL)", "closed_reason"),
        sa.CheckConstraint(
            "closed_reason IN ('sent-to-hospital', 'seen', 'advice-given', "
            "'not-wanted', 'not-reached', 'duplicate', 'other')",
            "closed_reasons",
        ),
        sa.CheckConstraint("level BETWEEN 0 AND 3", "level"),
        sa.CheckConstraint(
            "status IN ('with-doctor', 'with-desk', 'with-patient', 'booked', 'closed')", "status"
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_service_request_arrival", "service_request", ["created_at"])
    op.create_index(
        "ix_service_request_queue",
        "service_request",
        ["status", sa.text("level DESC"), "waiting_since"],
    )
    op.create_table(
        "staff_session",
        _id(),
        _to("practitioner_id", "practitioner", index=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sqlite_strict=True,
    )
    op.create_table(
        "appointment",
        _id(),
        _to("request_id", "service_request", index=True),
        _to("practitioner_id", "practitioner"),
        sa.Column("starts_at", MOMENT, nullable=False, index=True),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", "order"),
        sa.CheckConstraint(
            "status IN ('held', 'booked', 'arrived', 'fulfilled', 'cancelled', 'noshow')", "status"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "contact_attempt",
        _id(),
        _to("request_id", "service_request", index=True),
        sa.Column("at", MOMENT, nullable=False),
        _to("by_id", "practitioner"),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("next_due_at", MOMENT, nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('answered', 'no-answer', 'wrong-number', 'left-message')", "outcome"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "message",
        _id(),
        sa.Column("kind", sa.Text(), nullable=False),
        _to("request_id", "service_request", index=True),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("give_up_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.UniqueConstraint("kind", "request_id", "to", "occurrence"),
        sa.CheckConstraint("status IN ('waiting', 'sent', 'failed', 'dropped')", "status"),
        sqlite_strict=True,
    )
    op.create_index("ix_message_due", "message", ["status", "priority", "due_at"])
    op.create_table(
        "note",
        _id(),
        _to("request_id", "service_request", index=True),
        sa.Column("at", MOMENT, nullable=False),
        _to("by_id", "practitioner"),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "questionnaire_response",
        _id(),
        _to("request_id", "service_request"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("pack_version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("items_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changes_sealed", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("request_id", "number"),
        sqlite_strict=True,
    )
    op.create_table(
        "search_term",
        _id(),
        _to("request_id", "service_request", index=True),
        sa.Column("term", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_search_term_term", "search_term", ["term", "request_id"])
    op.create_table(
        "status_change",
        _id(),
        _to("request_id", "service_request", index=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        _to("by_id", "practitioner", nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "after IN ('with-doctor', 'with-desk', 'with-patient', 'booked', 'closed')", "after"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "triage",
        _id(),
        _to("request_id", "service_request"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("pack_version", sa.Text(), nullable=False),
        _to("by_id", "practitioner", nullable=True),
        sa.Column("findings_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.UniqueConstraint("request_id", "number"),
        sa.CheckConstraint("level BETWEEN 0 AND 3", "level"),
        sqlite_strict=True,
    )
    op.create_table(
        "waitlist",
        _id(),
        _to("request_id", "service_request", unique=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sqlite_strict=True,
    )
    op.create_table(
        "slot",
        _id(),
        _to("practitioner_id", "practitioner"),
        sa.Column("cell_at", MOMENT, nullable=False),
        _to("appointment_id", "appointment", index=True),
        sa.UniqueConstraint("practitioner_id", "cell_at"),
        sqlite_strict=True,
    )
