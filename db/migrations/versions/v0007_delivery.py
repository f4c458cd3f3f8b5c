"""Deliveries that are held or withdrawn, notices as alerts, mutes, and the ruling behind a correction.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

moment = sa.DateTime(timezone=True)
SOURCE_KINDS = ("down", "recovered", "stale", "news_again", "shrunk", "restored")
OWN_KINDS = (
    "store_failing",
    "store_well",
    "no_room",
    "room_again",
    "reading_failing",
    "reading_well",
    "undelivered",
    "restarted",
)
STATES = ("due", "leased", "sent", "dead")
COLUMNS = (
    "id, change_id, summary_id, target, state, created_at, attempts, next_at, leased_until, sent_at, error"
)
ONE_OF_THREE = (
    "CASE WHEN change_id IS NULL THEN 0 ELSE 1 END + CASE WHEN summary_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN notice_id IS NULL THEN 0 ELSE 1 END = 1"
)


def one_of(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)


def set_aside(table: str) -> None:
    """Keep the rows of a table whose checks change: SQLite cannot alter them."""
    op.execute(f"CREATE TABLE old_{table} AS SELECT * FROM {table}")
    op.drop_table(table)


def fill(table: str, columns: str, chosen: str = "", where: str = "") -> None:
    """Put the rows into the table that was made in its place."""
    op.execute(f"INSERT INTO {table} ({columns}) SELECT {chosen or columns} FROM old_{table} {where}")
    op.drop_table(f"old_{table}")
    if op.get_context().dialect.name == "postgresql":
        sequence = f"pg_get_serial_sequence('{table}', 'id')"
        op.execute(f"SELECT setval({sequence}, coalesce(max(id), 0) + 1, false) FROM {table}")


def make_notices(*kinds: str) -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", one_of("kind", *kinds), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_at", "notices", ["at"], unique=False)


def make_deliveries(states: tuple[str, ...], check: str, *more: sa.schema.SchemaItem) -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=True),
        sa.Column("summary_id", sa.Integer(), nullable=True),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("state", one_of("state", *states), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", moment, nullable=True),
        sa.Column("leased_until", moment, nullable=True),
        sa.Column("sent_at", moment, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        *more,
        sa.CheckConstraint(check, name=op.f("ck_deliveries_one_subject")),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_deliveries_change_id_changes")),
        sa.ForeignKeyConstraint(["summary_id"], ["summaries.id"], name=op.f("fk_deliveries_summary_id_summaries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("change_id", "target", name=op.f("uq_deliveries_change_id_target")),
        sa.UniqueConstraint("summary_id", "target", name=op.f("uq_deliveries_summary_id_target")),
    )


def upgrade() -> None:
    op.add_column("changes", sa.Column("ruling_id", sa.Integer(), nullable=True))
    set_aside("notices")
    make_notices(*SOURCE_KINDS, *OWN_KINDS)
    fill("notices", "id, source, kind, at, text")
    set_aside("deliveries")
    make_deliveries(
        ("due", "held", "leased", "sent", "dead", "withdrawn"),
        ONE_OF_THREE,
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("held_by", one_of("held_by", "mute", "digest", "quiet", "limit"), nullable=True),
        sa.Column("digest", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_deliveries_notice_id_notices")),
        sa.UniqueConstraint("notice_id", "target", name=op.f("uq_deliveries_notice_id_target")),
    )
    op.create_index("ix_deliveries_state_target", "deliveries", ["state", "target"], unique=False)
    fill("deliveries", COLUMNS)
    op.create_table(
        "mutes",
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("base", name=op.f("pk_mutes")),
    )
    # Notices of the time before alerts told of them are told to nobody.
    op.execute(
        "INSERT INTO marks (key, value) SELECT 'notices_told', CAST(max(id) AS VARCHAR(20)) FROM notices"
        " HAVING max(id) IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DELETE FROM marks WHERE key = 'notices_told'")
    op.drop_table("mutes")
    set_aside("deliveries")
    make_deliveries(STATES, "(change_id IS NULL) <> (summary_id IS NULL)")
    op.create_index("ix_deliveries_state", "deliveries", ["state"], unique=False)
    state = "CASE state WHEN 'held' THEN 'due' WHEN 'withdrawn' THEN 'dead' ELSE state END"
    fill("deliveries", COLUMNS, COLUMNS.replace(" state", f" {state}"), "WHERE notice_id IS NULL")
    set_aside("notices")
    make_notices(*SOURCE_KINDS)
    kinds = ", ".join(f"'{kind}'" for kind in SOURCE_KINDS)
    fill("notices", "id, source, kind, at, text", where=f"WHERE kind IN ({kinds})")
    with op.batch_alter_table("changes") as batch:
        batch.drop_column("ruling_id")
