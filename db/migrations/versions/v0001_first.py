"""The first schema: articles, captures, versions, claims, facts, changes, deliveries, health and marks.

Revision 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written out here, not taken from the models: a revision must stay as it was when the models move on.
json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("reliability", sa.String(length=1), nullable=False),
        sa.Column("reprints", json, nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("byline", sa.Text(), nullable=False),
        sa.Column("published", moment, nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("first_seen_at", moment, nullable=False),
        sa.Column("last_seen_at", moment, nullable=False),
        sa.CheckConstraint("reliability IN ('A', 'B', 'C', 'D', 'E', 'F')", name=op.f("ck_articles_reliability")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("url", name=op.f("uq_articles_url")),
    )
    op.create_index(op.f("ix_articles_source"), "articles", ["source"], unique=False)
    op.create_table(
        "baselines",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("value", json, nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_baselines")),
    )
    op.create_table(
        "facts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column(
            "slot",
            sa.Enum("fact", "plan", name="slot", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("held", json, nullable=False),
        sa.Column("contested", sa.Boolean(), nullable=False),
        sa.Column("rivals", json, nullable=False),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("superseded_at", moment, nullable=True),
        sa.Column("changed_at", moment, nullable=False),
        sa.CheckConstraint(
            "superseded_at IS NULL OR superseded_at >= recorded_at", name=op.f("ck_facts_superseded_after_recorded")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
    )
    op.create_index("ix_facts_kind_subject", "facts", ["kind", "subject"], unique=False)
    op.create_index("ix_facts_recorded_at", "facts", ["recorded_at"], unique=False)
    op.create_index(
        "uq_facts_current",
        "facts",
        ["kind", "subject", "slot"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "marks",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_marks")),
    )
    op.create_table(
        "source_health",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("last_attempt_at", moment, nullable=True),
        sa.Column("last_success_at", moment, nullable=True),
        sa.Column("last_new_at", moment, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_health")),
    )
    op.create_table(
        "summaries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summaries")),
    )
    op.create_table(
        "captures",
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fetched_at", moment, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("delta", sa.Boolean(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_captures_article_id_articles")),
        sa.PrimaryKeyConstraint("article_id", "number", name=op.f("pk_captures")),
    )
    op.create_table(
        "versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("published", moment, nullable=True),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("last_seen_at", moment, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("delta", sa.Boolean(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("read_at", moment, nullable=True),
        sa.Column("folded_at", moment, nullable=True),
        sa.CheckConstraint("folded_at IS NULL OR read_at IS NOT NULL", name=op.f("ck_versions_read_before_folded")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_versions_article_id_articles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sa.UniqueConstraint("article_id", "number", name=op.f("uq_versions_article_id_number")),
    )
    op.create_index(
        "ix_versions_unfolded",
        "versions",
        ["id"],
        unique=False,
        sqlite_where=sa.text("folded_at IS NULL"),
        postgresql_where=sa.text("folded_at IS NULL"),
    )
    op.create_index(
        "ix_versions_unread",
        "versions",
        ["id"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "wholes",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("part IN ('versions', 'captures')", name=op.f("ck_wholes_part")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_wholes_article_id_articles")),
        sa.PrimaryKeyConstraint("article_id", "part", name=op.f("pk_wholes")),
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "update",
                "reversal",
                "contested",
                "correction",
                "plan",
                name="type",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("before", json, nullable=True),
        sa.Column("after", json, nullable=True),
        sa.Column("at", moment, nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("claim_ids", json, nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("previous", json, nullable=True),
        sa.Column("held", json, nullable=True),
        sa.Column("rivals", json, nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_changes_version_id_versions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        sa.UniqueConstraint(
            "version_id", "kind", "subject", "type", name=op.f("uq_changes_version_id_kind_subject_type")
        ),
    )
    op.create_index("ix_changes_at", "changes", ["at"], unique=False)
    op.create_index("ix_changes_subject", "changes", ["subject"], unique=False)
    op.create_table(
        "claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("value", json, nullable=False),
        sa.Column(
            "modality",
            sa.Enum(
                "asserted",
                "planned",
                "possible",
                "denied",
                "historical",
                name="modality",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=True),
        sa.Column("date", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column(
            "state",
            sa.Enum("live", "carried", "withdrawn", name="state", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("withdrawn_at", moment, nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_by IS NOT NULL)", name=op.f("ck_claims_withdrawn")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_claims_version_id_versions")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["versions.id"], name=op.f("fk_claims_withdrawn_by_versions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_index("ix_claims_kind_subject_state", "claims", ["kind", "subject", "state"], unique=False)
    op.create_index(op.f("ix_claims_version_id"), "claims", ["version_id"], unique=False)
    op.create_index(op.f("ix_claims_withdrawn_by"), "claims", ["withdrawn_by"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=True),
        sa.Column("summary_id", sa.Integer(), nullable=True),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "due", "leased", "sent", "dead", name="state", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", moment, nullable=True),
        sa.Column("leased_until", moment, nullable=True),
        sa.Column("sent_at", moment, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint("(change_id IS NULL) <> (summary_id IS NULL)", name=op.f("ck_deliveries_one_subject")),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_deliveries_change_id_changes")),
        sa.ForeignKeyConstraint(["summary_id"], ["summaries.id"], name=op.f("fk_deliveries_summary_id_summaries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("change_id", "target", name=op.f("uq_deliveries_change_id_target")),
        sa.UniqueConstraint("summary_id", "target", name=op.f("uq_deliveries_summary_id_target")),
    )
    op.create_index("ix_deliveries_state", "deliveries", ["state"], unique=False)


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("claims")
    op.drop_table("changes")
    op.drop_table("wholes")
    op.drop_table("versions")
    op.drop_table("captures")
    op.drop_table("summaries")
    op.drop_table("source_health")
    op.drop_table("marks")
    op.drop_table("facts")
    op.drop_table("baselines")
    op.drop_table("articles")
