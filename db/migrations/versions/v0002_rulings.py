"""A person's word (rulings), claims that are set aside, and changes that are held back while a subject flaps.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "rulings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "confirm", "reject", "pin", name="verdict", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("value", json, nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=True),
        sa.Column("origins", json, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("released_at", moment, nullable=True),
        sa.Column("released_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_rulings_change_id_changes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulings")),
    )
    op.create_index(op.f("ix_rulings_change_id"), "rulings", ["change_id"], unique=False)
    op.create_index("ix_rulings_kind_subject", "rulings", ["kind", "subject"], unique=False)
    op.create_table(
        "set_aside",
        sa.Column("claim_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_set_aside_claim_id_claims")),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_set_aside")),
    )
    op.create_index("ix_set_aside_kind_subject", "set_aside", ["kind", "subject"], unique=False)
    op.add_column("changes", sa.Column("held_until", moment, nullable=True))
    op.add_column("changes", sa.Column("notes", json, nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("changes") as batch:
        batch.drop_column("notes")
        batch.drop_column("held_until")
    op.drop_table("set_aside")
    op.drop_table("rulings")
