"""What the language model is asked and answers, who read a claim, and changes that come of late answers.

Revision 0008, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

moment = sa.DateTime(timezone=True)
UNIQUE = "uq_changes_version_id_kind_subject_type"


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("copy_of", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_questions_version_id_versions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
    )
    op.create_index(op.f("ix_questions_version_id"), "questions", ["version_id"], unique=False)
    op.create_table(
        "answers",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_answers")),
    )
    op.create_table(
        "model_counts",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "what", name=op.f("pk_model_counts")),
    )
    op.add_column("claims", sa.Column("reader", sa.String(length=20), nullable=False, server_default="rules"))
    with op.batch_alter_table("changes") as batch:
        batch.add_column(sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.drop_constraint(op.f(UNIQUE), type_="unique")
        batch.create_unique_constraint(op.f(f"{UNIQUE}_late"), ["version_id", "kind", "subject", "type", "late"])


def downgrade() -> None:
    op.execute("DELETE FROM deliveries WHERE change_id IN (SELECT id FROM changes WHERE late)")
    op.execute("DELETE FROM changes WHERE late")
    with op.batch_alter_table("changes") as batch:
        batch.drop_constraint(op.f(f"{UNIQUE}_late"), type_="unique")
        batch.create_unique_constraint(op.f(UNIQUE), ["version_id", "kind", "subject", "type"])
        batch.drop_column("late")
    op.drop_column("claims", "reader")
    op.drop_table("model_counts")
    op.drop_table("answers")
    op.drop_table("questions")
