"""What an article's page was when it was last read, so that it is not read again while it is the same.

Revision 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("articles", sa.Column("look", sa.LargeBinary(), nullable=True))
    op.add_column("articles", sa.Column("page", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("articles", "page")
    op.drop_column("articles", "look")
