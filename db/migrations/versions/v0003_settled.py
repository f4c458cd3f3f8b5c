"""Claims that no longer have a part in what is known are marked as settled.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("claims", sa.Column("settled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.drop_index("ix_claims_kind_subject_state", table_name="claims")
    op.create_index("ix_claims_kind_subject_state_settled", "claims", ["kind", "subject", "state", "settled"])


def downgrade() -> None:
    op.drop_index("ix_claims_kind_subject_state_settled", table_name="claims")
    op.create_index("ix_claims_kind_subject_state", "claims", ["kind", "subject", "state"])
    op.drop_column("claims", "settled")
