"""When articles are looked at again, when they are gone, and how sources fare.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
moment = sa.DateTime(timezone=True)


def one_of(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    op.add_column("articles", sa.Column("changed_at", moment, nullable=True))
    op.add_column("articles", sa.Column("asked_at", moment, nullable=True))
    op.add_column("articles", sa.Column("dated_at", moment, nullable=True))
    newest = "(SELECT max(seen_at) FROM versions WHERE article_id = articles.id)"
    op.execute(f"UPDATE articles SET changed_at = coalesce({newest}, first_seen_at)")
    with op.batch_alter_table("articles") as batch:
        batch.alter_column("changed_at", existing_type=moment, nullable=False)
        batch.drop_index(op.f("ix_articles_source"))
        batch.create_index("ix_articles_source_changed_at", ["source", "changed_at"], unique=False)
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("removed_at", moment, nullable=True),
        sa.Column("returned_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_absences_article_id_articles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index(op.f("ix_absences_article_id"), "absences", ["article_id"], unique=False)
    op.create_index(
        "uq_absences_current",
        "absences",
        ["article_id"],
        unique=True,
        sqlite_where=sa.text("returned_at IS NULL"),
        postgresql_where=sa.text("returned_at IS NULL"),
    )
    op.add_column("source_health", sa.Column("news_at", moment, nullable=True))
    op.add_column("source_health", sa.Column("days", json, nullable=False, server_default="[]"))
    op.add_column("source_health", sa.Column("size", sa.Integer(), nullable=True))
    op.add_column("source_health", sa.Column("usual_size", sa.Integer(), nullable=True))
    for name in ("down_since", "stale_since", "shrunk_since"):
        op.add_column("source_health", sa.Column(name, moment, nullable=True))
    classes = ("unreachable", "slow", "busy", "server", "missing", "forbidden", "unreadable", "budget")
    op.create_table(
        "troubles",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("trouble", one_of("trouble", *classes), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "day", "trouble", name=op.f("pk_troubles")),
    )
    kinds = ("down", "recovered", "stale", "news_again", "shrunk", "restored")
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


def downgrade() -> None:
    op.drop_table("notices")
    op.drop_table("troubles")
    with op.batch_alter_table("source_health") as batch:
        for name in ("shrunk_since", "stale_since", "down_since", "usual_size", "size", "days", "news_at"):
            batch.drop_column(name)
    op.drop_table("absences")
    with op.batch_alter_table("articles") as batch:
        batch.drop_index("ix_articles_source_changed_at")
        batch.create_index(op.f("ix_articles_source"), ["source"], unique=False)
        for name in ("dated_at", "asked_at", "changed_at"):
            batch.drop_column(name)
