"""Anonymous questions, and what proves that a member asks."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None

PREFIX = "anonymous_questions__"
STATES = ("asked", "published", "refused", "lapsed", "withdrawn")


def _to(column: str, ondelete: str) -> sa.ForeignKey:
    return sa.ForeignKey(column, ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        f"{PREFIX}given",
        sa.Column("member_id", sa.BigInteger, _to("members.id", "CASCADE"), primary_key=True),
        sa.Column("quarter", sa.String(6), primary_key=True),
        sa.Column("browsers", sa.Integer, nullable=False),
        sa.CheckConstraint("browsers IN (1, 2)", name="two_at_most"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        f"{PREFIX}spent",
        sa.Column("mark", sa.LargeBinary(32), primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        f"{PREFIX}waiting",
        sa.Column("id", sa.LargeBinary(32), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        f"{PREFIX}questions",
        sa.Column("id", sa.LargeBinary(16), primary_key=True),
        sa.Column("code", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("week", sa.String(8), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("post_id", sa.BigInteger, _to("posts.id", "SET NULL"), unique=True),
        sa.Column("is_told", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.CheckConstraint(f"state IN {STATES}", name="known_state"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        f"{PREFIX}follow_ups",
        sa.Column("id", sa.LargeBinary(16), primary_key=True),
        sa.Column(
            "question_id",
            sa.LargeBinary(16),
            _to(f"{PREFIX}questions.id", "CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column(
            "post_id", sa.BigInteger, _to("posts.id", "CASCADE"), nullable=False, unique=True
        ),
        sa.Column("week", sa.String(8), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        f"{PREFIX}revealed",
        sa.Column("post_id", sa.BigInteger, _to("posts.id", "CASCADE"), primary_key=True),
        sa.Column(
            "member_id", sa.BigInteger, _to("members.id", "CASCADE"), nullable=False, index=True
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        f"{PREFIX}period",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("asker_id", sa.BigInteger, _to("members.id", "SET NULL")),
        sa.CheckConstraint("id = 1", name="one"),
    )


def downgrade() -> None:
    for name in ("period", "revealed", "follow_ups", "questions", "waiting", "spent", "given"):
        op.drop_table(PREFIX + name)
