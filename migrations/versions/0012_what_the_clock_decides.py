"""Why a case waits for a person, and what the clock decides"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("closed_at IS NULL")
OLD_DECISIONS = (
    "'published', 'labelled', 'changes', 'removed', 'moved', 'nothing', 'done', 'withdrawn', "
    "'upheld', 'overturned'"
)
DECISIONS = f"{OLD_DECISIONS}, 'unreviewed', 'reviewed'"
NEED = "needs_person IN ('harm', 'links')"


CHILDREN = ("flags", "case_notes")


def upgrade() -> None:
    with _children_kept(), _changing(_cases(is_new=False)) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_cases_known_decision"), type_="check")
        batch_op.add_column(sa.Column("needs_person", sa.String(10), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_cases_known_decision"), f"decision IN ({DECISIONS})"
        )
        batch_op.create_check_constraint(batch_op.f("ck_cases_known_need"), NEED)
    # Nobody noted whether what waits already may do harm: a person decides about it.
    op.execute("UPDATE cases SET needs_person = 'harm' WHERE kind = 'hold' AND closed_at IS NULL")


def downgrade() -> None:
    _leave_what_the_older_forum_knows()
    with _children_kept(), _changing(_cases(is_new=True)) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_cases_known_need"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_cases_known_decision"), type_="check")
        batch_op.drop_column("needs_person")
        batch_op.create_check_constraint(
            batch_op.f("ck_cases_known_decision"), f"decision IN ({OLD_DECISIONS})"
        )


@contextmanager
def _children_kept() -> Iterator[None]:
    """SQLite makes the table anew; dropping the old one deletes what refers to its rows."""
    if op.get_bind().dialect.name != "sqlite":
        yield
        return
    for name in CHILDREN:
        op.execute(f"CREATE TEMPORARY TABLE kept_{name} AS SELECT * FROM {name}")  # noqa: S608 - names above
    yield
    for name in CHILDREN:
        op.execute(f"INSERT INTO {name} SELECT * FROM kept_{name}")  # noqa: S608 - likewise
        op.execute(f"DROP TABLE kept_{name}")


def _changing(table: sa.Table) -> AbstractContextManager[BatchOperations]:
    return op.batch_alter_table("cases", copy_from=table)


def _leave_what_the_older_forum_knows() -> None:
    op.execute("UPDATE cases SET decision = 'published' WHERE decision = 'unreviewed'")
    op.execute("UPDATE cases SET decision = 'nothing' WHERE decision = 'reviewed'")
    # What a newcomer wrote first and waits must be found by whoever decides.
    op.execute("UPDATE cases SET kind = 'hold' WHERE kind = 'first'")
    op.execute("DELETE FROM notifications WHERE decision IN ('unreviewed', 'reviewed')")


def _to_members(column: str) -> sa.ForeignKeyConstraint:
    name = f"fk_cases_{column}_members"
    return sa.ForeignKeyConstraint([column], ["members.id"], name=name, ondelete="SET NULL")


# Reading the table from the database cannot read the index over an expression of members.
def _cases(*, is_new: bool) -> sa.Table:
    old: list[sa.schema.SchemaItem] = [
        sa.CheckConstraint(f"decision IN ({OLD_DECISIONS})", name="ck_cases_known_decision"),
    ]
    new: list[sa.schema.SchemaItem] = [
        sa.Column("needs_person", sa.String(10), nullable=True),
        sa.CheckConstraint(f"decision IN ({DECISIONS})", name="ck_cases_known_decision"),
        sa.CheckConstraint(NEED, name="ck_cases_known_need"),
    ]
    return sa.Table(
        "cases",
        sa.MetaData(),
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("post_id", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", KEY, nullable=True),
        sa.Column("claimed_by", KEY, nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("decision", sa.String(10), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("appeal_of", KEY, nullable=True),
        _to_members("claimed_by"),
        _to_members("closed_by"),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name="fk_cases_post_id_posts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("appeal_of", name="uq_cases_appeal_of"),
        sa.Index("ix_cases_claimed_by", "claimed_by"),
        sa.Index("ix_cases_closed_by", "closed_by"),
        sa.Index("ix_cases_open", "closed_at", "id"),
        sa.Index("ix_cases_post", "post_id", "kind"),
        sa.Index("uq_cases_open_of_post", "post_id", "kind", unique=True, sqlite_where=OPEN),
        *(new if is_new else old),
    )
