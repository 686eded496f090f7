"""Threads that are locked until a time, in slow mode, or featured"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
FEATURED = sa.text("featured_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("threads", sa.Column("locked_until", MOMENT, nullable=True))
    op.add_column("threads", sa.Column("slow_minutes", sa.Integer(), nullable=True))
    op.add_column("threads", sa.Column("featured_at", MOMENT, nullable=True))
    op.create_index(
        "ix_threads_featured",
        "threads",
        ["featured_at"],
        sqlite_where=FEATURED,
        postgresql_where=FEATURED,
    )


def downgrade() -> None:
    op.drop_index("ix_threads_featured", "threads")
    for name in ("featured_at", "slow_minutes", "locked_until"):
        op.drop_column("threads", name)
