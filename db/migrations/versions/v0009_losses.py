"""Versions that lost much of their text, until it is known why; and what a day has asked of each host.

Revision 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

moment = sa.DateTime(timezone=True)
verdicts = sa.Enum("edited", "redesigned", native_enum=False, create_constraint=True, length=20, name="verdict")


def upgrade() -> None:
    op.create_table(
        "losses",
        sa.Column("version_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("of_id", sa.Integer(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("verdict", verdicts, nullable=True),
        sa.Column("judged_at", moment, nullable=True),
        sa.Column("folded_after", sa.Integer(), nullable=True),
        sa.CheckConstraint("(verdict IS NULL) = (judged_at IS NULL)", name=op.f("ck_losses_judged")),
        sa.ForeignKeyConstraint(["of_id"], ["versions.id"], name=op.f("fk_losses_of_id_versions")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_losses_version_id_versions")),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_losses")),
    )
    op.create_table(
        "budgets",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_budgets")),
    )


def downgrade() -> None:
    op.drop_table("budgets")
    op.drop_table("losses")
