"""Tickets that are spent in this period, when it began, and which questions had their thanks."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"

PREFIX = "anonymous_questions__"


def upgrade() -> None:
    op.create_table(
        f"{PREFIX}spending",
        sa.Column("mark", sa.LargeBinary(32), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.add_column(f"{PREFIX}period", sa.Column("begun_at", sa.DateTime(timezone=True)))
    op.add_column(
        f"{PREFIX}questions",
        sa.Column("is_thanked", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    # Else these tickets could be spent again.
    spent, spending = (
        sa.table(f"{PREFIX}{name}", sa.column("mark")) for name in ("spent", "spending")
    )
    op.execute(spent.insert().from_select(["mark"], sa.select(spending.c.mark)))
    op.drop_column(f"{PREFIX}questions", "is_thanked")
    op.drop_column(f"{PREFIX}period", "begun_at")
    op.drop_table(f"{PREFIX}spending")
