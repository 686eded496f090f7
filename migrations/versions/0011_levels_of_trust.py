"""Levels of trust, and who reached and lost which"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTED = (
    ("ix_posts_standing", ["author_id"], "number IS NOT NULL AND removed_at IS NULL"),
    ("ix_posts_taken", ["author_id", "removed_at"], "removal = 'moderator'"),
)
ASKED = ("days", "posts", "answers", "most_removed")


def upgrade() -> None:
    op.create_table(
        "trust_levels",
        sa.Column("group_id", KEY, autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("position", *ASKED)),
        sa.CheckConstraint(
            " AND ".join(f"{name} >= 0" for name in ASKED), name=op.f("ck_trust_levels_from_zero")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_trust_levels_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_trust_levels")),
    )
    op.create_table(
        "trust_steps",
        sa.Column("id", KEY, nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("level_id", KEY, nullable=False),
        sa.Column("is_reached", sa.Boolean(), nullable=False),
        sa.Column("because", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["level_id"],
            ["trust_levels.group_id"],
            name=op.f("fk_trust_steps_level_id_trust_levels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_trust_steps_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trust_steps")),
    )
    op.create_index(op.f("ix_trust_steps_level_id"), "trust_steps", ["level_id"])
    op.create_index("ix_trust_steps_of_member", "trust_steps", ["member_id", "id"])
    for name, columns, condition in COUNTED:
        only = sa.text(condition)
        op.create_index(name, "posts", columns, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    # Who is in their groups stays, and is kept by hand again.
    for name, _columns, _condition in COUNTED:
        op.drop_index(name, table_name="posts")
    op.drop_table("trust_steps")
    op.drop_table("trust_levels")
