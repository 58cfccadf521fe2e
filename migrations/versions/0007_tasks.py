"""Tasks of the desk, texts for mails to patients, and what was written to them."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KINDS = (
    "'undelivered', 'no-answer', 'number-left', 'missed-target', 'no-outcome', 'roster-gap', "
    "'possible-duplicate'"
)
NOT_REACHED = """We tried to call you and could not reach you.

Please call us: {clinic_phone}
We are there: {clinic_hours}

Say your reference: {reference}"""
BRING_SCANS = """You visit us on {visit_day}, at {visit_time}.

Please bring:
- your scans, on film or disc
- your reports
- a list of your medicines

Something is missing? Come all the same, and tell us: {clinic_phone}"""
WILL_CALL = """We will call you: {next_call}

Another time suits you better? Please call us: {clinic_phone}
Say your reference: {reference}"""
TEXTS = (
    ("We could not reach you", "Please call us ({reference})", NOT_REACHED),
    ("Please bring your scans", "Please bring your scans ({reference})", BRING_SCANS),
    ("We will call you", "We will call you ({reference})", WILL_CALL),
)


def upgrade() -> None:
    """Add the tables, and the texts to begin with."""
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        _to("request_id", "service_request", index=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        _to("owner_id", "practitioner"),
        sa.Column("ended_at", MOMENT, nullable=True),
        _to("ended_by_id", "practitioner"),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("kind", "subject"),
        sa.CheckConstraint(f"kind IN ({KINDS})", "kind"),
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", "ending"),
        sqlite_strict=True,
    )
    op.create_index("ix_task_open", "task", ["ended_at", "since"])
    texts = op.create_table(
        "ready_text",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("name", "language"),
        sqlite_strict=True,
    )
    op.create_table(
        "written",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("request_id", sa.Uuid(), sa.ForeignKey("service_request.id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", sa.Uuid(), sa.ForeignKey("practitioner.id"), nullable=False),
        sa.Column("subject_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("request_id", "number"),
        sqlite_strict=True,
    )
    _begin_with(texts)


def downgrade() -> None:
    """Take them away; the texts and what was written are gone."""
    for table in ("written", "ready_text", "task"):
        op.drop_table(table)


def _to(name: str, table: str, *, index: bool = False) -> sa.Column[uuid.UUID]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{table}.id"), nullable=True, index=index)


def _begin_with(texts: sa.Table) -> None:
    known = {"language": "en", "active": True, "version": 1}
    rows = [
        {"id": uuid.uuid4(), "name": name, "subject": subject, "text": text, **known}
        for name, subject, text in TEXTS
    ]
    op.bulk_insert(texts, rows)
