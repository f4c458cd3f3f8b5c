"""Addresses that lead to an article of another address, or to nothing on the topic.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_addresses_article_id_articles")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_addresses")),
    )
    op.create_index(op.f("ix_addresses_article_id"), "addresses", ["article_id"], unique=False)


def downgrade() -> None:
    op.drop_table("addresses")
