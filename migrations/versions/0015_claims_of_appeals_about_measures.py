"""Who has taken an appeal about a measure, and until when"""

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
INDEX = "ix_measure_appeals_claimed_by"


def upgrade() -> None:
    with _changing() as batch_op:
        batch_op.add_column(sa.Column("claimed_by", KEY, nullable=True))
        batch_op.add_column(sa.Column("claimed_until", MOMENT, nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_measure_appeals_claimed_by_members"),
            "members",
            ["claimed_by"],
            ["id"],
            ondelete="SET NULL",
        )
    op.create_index(op.f(INDEX), "measure_appeals", ["claimed_by"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "measure_appeals")
    claims = (
        sa.Column("claimed_by", KEY, nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        _to_members("claimed_by", "SET NULL"),
    )
    with _changing(*claims) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_measure_appeals_claimed_by_members"), type_="foreignkey"
        )
        batch_op.drop_column("claimed_until")
        batch_op.drop_column("claimed_by")


def _to_members(column: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_measure_appeals_{column}_members"
    return sa.ForeignKeyConstraint([column], ["members.id"], name=name, ondelete=ondelete)


# Reading the table from the database cannot read the index over an expression of members.
def _changing(*more: sa.schema.SchemaItem) -> AbstractContextManager[BatchOperations]:
    table = sa.Table(
        "measure_appeals",
        sa.MetaData(),
        sa.Column("id", KEY, nullable=False),
        sa.Column("measure_id", KEY, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", KEY, nullable=True),
        sa.Column("decision", sa.String(10), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "kind IN ('warning', 'mute', 'suspension')", name="ck_measure_appeals_known_kind"
        ),
        sa.CheckConstraint(
            "decision IN ('upheld', 'overturned')", name="ck_measure_appeals_known_decision"
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (decision IS NULL)", name="ck_measure_appeals_closed_by_decision"
        ),
        _to_members("closed_by", "SET NULL"),
        _to_members("member_id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_measure_appeals"),
        sa.UniqueConstraint("measure_id", name="uq_measure_appeals_measure_id"),
        sa.Index("ix_measure_appeals_closed_by", "closed_by"),
        sa.Index("ix_measure_appeals_of_member", "member_id", "id"),
        sa.Index("ix_measure_appeals_open", "closed_at", "id"),
        *more,
    )
    return op.batch_alter_table("measure_appeals", copy_from=table)
