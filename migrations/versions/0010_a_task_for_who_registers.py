"""Whether a browser solved the task of registering, and whose first post waits"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "registrations",
        sa.Column("is_proven", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.add_column(
        "members",
        sa.Column("unproven_at", sa.DateTime(timezone=True), nullable=True),
    )


def downgrade() -> None:
    op.drop_column("members", "unproven_at")
    op.drop_column("registrations", "is_proven")
