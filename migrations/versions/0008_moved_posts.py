"""Numbers of threads whose posts stand elsewhere now, and what those reply to"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("posts", sa.Column("reply_thread", KEY, nullable=True))
    op.add_column("posts", sa.Column("reply_number", sa.Integer(), nullable=True))
    op.create_table(
        "moved_numbers",
        sa.Column("thread_id", KEY, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("post_id", KEY, nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_line", sa.Boolean(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_moved_numbers_number_from_one")),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
            name=op.f("fk_moved_numbers_post_id_posts"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["threads.id"],
            name=op.f("fk_moved_numbers_thread_id_threads"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("thread_id", "number", name=op.f("pk_moved_numbers")),
    )
    op.create_index(op.f("ix_moved_numbers_post_id"), "moved_numbers", ["post_id"])


def downgrade() -> None:
    op.drop_table("moved_numbers")
    op.drop_column("posts", "reply_number")
    op.drop_column("posts", "reply_thread")
