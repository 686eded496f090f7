"""Flags, appeals, notes about cases, and more that moderators may decide"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
FLAG = "post.flag"
OPEN = sa.text("closed_at IS NULL")
OLD_DECISIONS = "'published', 'removed', 'done', 'withdrawn'"
DECISIONS = (
    "'published', 'labelled', 'changes', 'removed', 'moved', 'nothing', 'done', 'withdrawn', "
    "'upheld', 'overturned'"
)
OLD_KINDS = {
    "known_kind": "kind IN ('reply', 'mention', 'decision')",
    "known_decision": "decision IN ('published', 'removed', 'done')",
    "which_decision": "(kind = 'decision') = (decision IS NOT NULL)",
}
NEW_KINDS = {
    "known_kind": "kind IN ('reply', 'mention', 'decision', 'flag')",
    "which_decision": "(kind IN ('decision', 'flag')) = (decision IS NOT NULL)",
}


def upgrade() -> None:
    with op.batch_alter_table("cases", copy_from=_cases(is_new=False)) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_cases_known_kind"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_cases_known_decision"), type_="check")
        batch_op.drop_constraint(batch_op.f("uq_cases_post_id_kind"), type_="unique")
        batch_op.alter_column("kind", existing_type=sa.String(10), type_=sa.String(40))
        batch_op.add_column(sa.Column("appeal_of", KEY, nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_cases_known_decision"), f"decision IN ({DECISIONS})"
        )
        batch_op.create_unique_constraint(batch_op.f("uq_cases_appeal_of"), ["appeal_of"])
        batch_op.create_index("ix_cases_post", ["post_id", "kind"])
        batch_op.create_index(
            "uq_cases_open_of_post",
            ["post_id", "kind"],
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        )
    with op.batch_alter_table("notifications", copy_from=_notifications(is_new=False)) as batch_op:
        for name in OLD_KINDS:
            batch_op.drop_constraint(batch_op.f(f"ck_notifications_{name}"), type_="check")
        for name, rule in NEW_KINDS.items():
            batch_op.create_check_constraint(batch_op.f(f"ck_notifications_{name}"), rule)
    op.add_column("posts", sa.Column("label", sa.String(120), nullable=True))
    _make_tables()
    grants = sa.table("grants", sa.column("permission"), sa.column("effect"), sa.column("role"))
    op.bulk_insert(grants, [{"permission": FLAG, "effect": "allow", "role": "member"}])


def _make_tables() -> None:
    op.create_table(
        "flags",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("flagged_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_flags_case_id_cases"), ondelete="CASCADE"
        ),
        _to_members("member_id", "flags", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flags")),
        sa.UniqueConstraint("case_id", "member_id", name=op.f("uq_flags_case_id_member_id")),
    )
    op.create_index("ix_flags_of_member", "flags", ["member_id", "id"])
    op.create_table(
        "case_notes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("member_id", KEY, nullable=True),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_notes_case_id_cases"), ondelete="CASCADE"
        ),
        _to_members("member_id", "case_notes", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notes")),
    )
    for column in ("case_id", "member_id"):
        op.create_index(op.f(f"ix_case_notes_{column}"), "case_notes", [column])


def downgrade() -> None:
    grants = sa.table("grants", sa.column("permission"))
    op.execute(grants.delete().where(grants.c.permission == FLAG))
    op.drop_table("case_notes")
    op.drop_table("flags")
    op.drop_column("posts", "label")
    _leave_what_the_older_forum_knows()
    with op.batch_alter_table("notifications", copy_from=_notifications(is_new=True)) as batch_op:
        for name in NEW_KINDS:
            batch_op.drop_constraint(batch_op.f(f"ck_notifications_{name}"), type_="check")
        for name, rule in OLD_KINDS.items():
            batch_op.create_check_constraint(batch_op.f(f"ck_notifications_{name}"), rule)
    with op.batch_alter_table("cases", copy_from=_cases(is_new=True)) as batch_op:
        batch_op.drop_index("uq_cases_open_of_post")
        batch_op.drop_index("ix_cases_post")
        batch_op.drop_constraint(batch_op.f("uq_cases_appeal_of"), type_="unique")
        batch_op.drop_constraint(batch_op.f("ck_cases_known_decision"), type_="check")
        batch_op.drop_column("appeal_of")
        batch_op.alter_column("kind", existing_type=sa.String(40), type_=sa.String(10))
        batch_op.create_check_constraint(
            batch_op.f("ck_cases_known_kind"), "kind IN ('hold', 'help')"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_cases_known_decision"), f"decision IN ({OLD_DECISIONS})"
        )
        batch_op.create_unique_constraint(batch_op.f("uq_cases_post_id_kind"), ["post_id", "kind"])


def _leave_what_the_older_forum_knows() -> None:
    cases = sa.table("cases", *(sa.column(n) for n in ("id", "kind", "post_id", "decision")))
    known = cases.c.kind.in_(("hold", "help"))
    newest = sa.select(sa.func.max(cases.c.id)).where(known).group_by(cases.c.post_id, cases.c.kind)
    op.execute(cases.delete().where(sa.or_(~known, cases.c.id.not_in(newest))))
    for old, new in (("published", ("labelled", "moved")), ("removed", ("changes",))):
        op.execute(cases.update().values(decision=old).where(cases.c.decision.in_(new)))
    op.execute(
        "DELETE FROM notifications WHERE kind = 'flag' "
        "OR decision NOT IN ('published', 'removed', 'done')"
    )


def _to_members(column: str, table: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_members"
    return sa.ForeignKeyConstraint([column], ["members.id"], name=name, ondelete=ondelete)


# Reading the tables from the database cannot read the index over an expression of members.
def _cases(*, is_new: bool) -> sa.Table:
    old: list[sa.schema.SchemaItem] = [
        sa.CheckConstraint(f"decision IN ({OLD_DECISIONS})", name="ck_cases_known_decision"),
        sa.CheckConstraint("kind IN ('hold', 'help')", name="ck_cases_known_kind"),
        sa.UniqueConstraint("post_id", "kind", name="uq_cases_post_id_kind"),
    ]
    new: list[sa.schema.SchemaItem] = [
        sa.Column("appeal_of", KEY, nullable=True),
        sa.CheckConstraint(f"decision IN ({DECISIONS})", name="ck_cases_known_decision"),
        sa.UniqueConstraint("appeal_of", name="uq_cases_appeal_of"),
        sa.Index("ix_cases_post", "post_id", "kind"),
        sa.Index("uq_cases_open_of_post", "post_id", "kind", unique=True, sqlite_where=OPEN),
    ]
    return sa.Table(
        "cases",
        sa.MetaData(),
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(40 if is_new else 10), nullable=False),
        sa.Column("post_id", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", KEY, nullable=True),
        sa.Column("claimed_by", KEY, nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("decision", sa.String(10), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        _to_members("claimed_by", "cases", "SET NULL"),
        _to_members("closed_by", "cases", "SET NULL"),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name="fk_cases_post_id_posts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.Index("ix_cases_claimed_by", "claimed_by"),
        sa.Index("ix_cases_closed_by", "closed_by"),
        sa.Index("ix_cases_open", "closed_at", "id"),
        *(new if is_new else old),
    )


def _notifications(*, is_new: bool) -> sa.Table:
    return sa.Table(
        "notifications",
        sa.MetaData(),
        sa.Column("id", KEY, nullable=False),
        sa.Column("member_id", KEY, nullable=False),
        sa.Column("post_id", KEY, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("mailed_at", MOMENT, nullable=True),
        sa.Column("decision", sa.String(10), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        _to_members("member_id", "notifications", "CASCADE"),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name="fk_notifications_post_id_posts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.UniqueConstraint(
            "member_id", "post_id", "kind", name="uq_notifications_member_id_post_id_kind"
        ),
        sa.Index("ix_notifications_of_member", "member_id", "id"),
        sa.Index("ix_notifications_unseen", "member_id", "seen_at"),
        sa.Index("ix_notifications_post_id", "post_id"),
        *(
            sa.CheckConstraint(rule, name=f"ck_notifications_{name}")
            for name, rule in (NEW_KINDS if is_new else OLD_KINDS).items()
        ),
    )
