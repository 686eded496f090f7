"""Appeals about measures: members ask another moderator to look at one"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "measure_appeals",
        sa.Column("id", KEY, nullable=False),
        sa.Column("measure_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", KEY, nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('warning', 'mute', 'suspension')", name=op.f("ck_measure_appeals_known_kind")
        ),
        sa.CheckConstraint(
            "decision IN ('upheld', 'overturned')", name=op.f("ck_measure_appeals_known_decision")
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (decision IS NULL)",
            name=op.f("ck_measure_appeals_closed_by_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"],
            ["members.id"],
            name=op.f("fk_measure_appeals_closed_by_members"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_measure_appeals_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_appeals")),
        sa.UniqueConstraint("measure_id", name=op.f("uq_measure_appeals_measure_id")),
    )
    op.create_index(op.f("ix_measure_appeals_closed_by"), "measure_appeals", ["closed_by"])
    op.create_index("ix_measure_appeals_of_member", "measure_appeals", ["member_id", "id"])
    op.create_index("ix_measure_appeals_open", "measure_appeals", ["closed_at", "id"])


def downgrade() -> None:
    op.drop_table("measure_appeals")
