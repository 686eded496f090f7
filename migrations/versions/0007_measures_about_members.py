"""Measures about members: notes, warnings, mutes and suspensions"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PERMISSION = "member.moderate"


def upgrade() -> None:
    op.create_table(
        "measures",
        sa.Column("id", KEY, nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", KEY, nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", KEY, nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('note', 'warning', 'mute', 'suspension')",
            name=op.f("ck_measures_known_kind"),
        ),
        sa.CheckConstraint(
            "kind <> 'mute' OR until IS NOT NULL", name=op.f("ck_measures_mute_ends")
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by"],
            ["members.id"],
            name=op.f("fk_measures_lifted_by_members"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_measures_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["placed_by"],
            ["members.id"],
            name=op.f("fk_measures_placed_by_members"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measures")),
    )
    op.create_index(op.f("ix_measures_lifted_by"), "measures", ["lifted_by"])
    op.create_index("ix_measures_of_member", "measures", ["member_id", "id"])
    op.create_index(op.f("ix_measures_placed_by"), "measures", ["placed_by"])
    grants = sa.table("grants", *(sa.column(name) for name in ("permission", "effect", "role")))
    op.bulk_insert(
        grants,
        [
            {"permission": PERMISSION, "effect": "allow", "role": role}
            for role in ("moderator", "admin")
        ],
    )


def downgrade() -> None:
    grants = sa.table("grants", sa.column("permission"))
    op.execute(grants.delete().where(grants.c.permission == PERMISSION))
    op.drop_table("measures")
