"""A record of what moderators do, which the database refuses to change"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEVER = "the moderation log is never changed"


def upgrade() -> None:
    op.create_table(
        "moderation_log",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", KEY, nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("thread_id", KEY, nullable=True),
        sa.Column("post_id", KEY, nullable=True),
        sa.Column("member_id", KEY, nullable=True),
        sa.Column("case_id", KEY, nullable=True),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("undo_of", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["members.id"],
            name=op.f("fk_moderation_log_actor_id_members"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["undo_of"],
            ["moderation_log.id"],
            name=op.f("fk_moderation_log_undo_of_moderation_log"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_log")),
        sa.UniqueConstraint("undo_of", name=op.f("uq_moderation_log_undo_of")),
    )
    for column in ("actor_id", "at", "case_id", "kind", "member_id", "thread_id"):
        op.create_index(op.f(f"ix_moderation_log_{column}"), "moderation_log", [column])
    op.create_table(
        "moderation_log_reasons",
        sa.Column("entry_id", KEY, autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("member_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["moderation_log.id"],
            name=op.f("fk_moderation_log_reasons_entry_id_moderation_log"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_moderation_log_reasons_member_id_members"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_moderation_log_reasons")),
    )
    op.create_index(
        op.f("ix_moderation_log_reasons_member_id"), "moderation_log_reasons", ["member_id"]
    )
    op.create_table(
        "moderation_log_steps",
        sa.Column("id", KEY, nullable=False),
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("relation", sa.String(length=40), nullable=False),
        sa.Column("row", sa.String(length=120), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("member_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["moderation_log.id"],
            name=op.f("fk_moderation_log_steps_entry_id_moderation_log"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_moderation_log_steps_member_id_members"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_log_steps")),
    )
    op.create_index("ix_moderation_log_steps_entry", "moderation_log_steps", ["entry_id"])
    op.create_index(
        op.f("ix_moderation_log_steps_member_id"), "moderation_log_steps", ["member_id"]
    )
    op.create_index("ix_moderation_log_steps_row", "moderation_log_steps", ["relation", "row"])
    if op.get_bind().dialect.name == "sqlite":
        _freeze_on_sqlite()
    else:
        _freeze_on_postgresql()


def _freeze_on_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER moderation_log_no_{verb.lower()} BEFORE {verb} ON moderation_log "
            f"BEGIN SELECT RAISE(ABORT, '{NEVER}'); END"
        )
    # INSERT OR REPLACE deletes what is in its way without a trigger that hears of the deletion
    # (https://www.sqlite.org/lang_conflict.html).
    op.execute(
        "CREATE TRIGGER moderation_log_no_replace BEFORE INSERT ON moderation_log "
        "WHEN EXISTS (SELECT 1 FROM moderation_log WHERE id = NEW.id OR undo_of = NEW.undo_of) "
        "BEGIN SELECT RAISE(ABORT, 'the moderation log is never changed'); END"
    )


def _freeze_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION moderation_log_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{NEVER}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER moderation_log_no_change BEFORE UPDATE OR DELETE ON moderation_log "
        "FOR EACH ROW EXECUTE FUNCTION moderation_log_stays()"
    )
    op.execute(
        "CREATE TRIGGER moderation_log_no_truncate BEFORE TRUNCATE ON moderation_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION moderation_log_stays()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # Dropping a table deletes its rows one by one there, and some refer to others.
        op.execute("DROP TRIGGER moderation_log_no_delete")
        op.execute("DELETE FROM moderation_log_steps")
        op.execute("DELETE FROM moderation_log_reasons")
        op.execute("DELETE FROM moderation_log WHERE undo_of IS NOT NULL")
    for table in ("moderation_log_steps", "moderation_log_reasons", "moderation_log"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION moderation_log_stays()")
