"""Posts that were published and wait for a moderator again"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NAME = "ck_posts_known_removal"
OLD = "removal IN ('author', 'moderator')"
NEW = "removal IN ('author', 'moderator', 'waiting', 'withdrawn')"
# Undoing a publication left a post as if a moderator had removed it, without saying who.
WAITS = """
    UPDATE posts SET removal = 'waiting'
    WHERE removal = 'moderator' AND removed_by IS NULL AND number IS NOT NULL AND EXISTS (
        SELECT 1 FROM cases
        WHERE cases.post_id = posts.id AND kind IN ('hold', 'first') AND closed_at IS NULL
    )
"""


def upgrade() -> None:
    _check(OLD, NEW)
    op.execute(WAITS)


def downgrade() -> None:
    op.execute("UPDATE posts SET removal = 'moderator' WHERE removal = 'waiting'")
    op.execute("UPDATE posts SET removal = 'author' WHERE removal = 'withdrawn'")
    _check(NEW, OLD)


def _check(before: str, after: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rewrite(before, after)
        return
    op.drop_constraint(op.f(NAME), "posts", type_="check")
    op.create_check_constraint(op.f(NAME), "posts", after)


def _rewrite(before: str, after: str) -> None:
    """Change the check where SQLite keeps it, as its manual says for changes that touch no row
    (https://sqlite.org/lang_altertable.html, section 7). To make the table anew would delete what refers
    to its rows, in tables of plugins, too, and copy all posts."""
    connection = op.get_bind()
    version = connection.scalar(sa.text("PRAGMA schema_version"))
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after) "
            "WHERE type = 'table' AND name = 'posts' AND instr(sql, :before) > 0"
        ),
        {"before": before, "after": after},
    )
    if changed.rowcount != 1:
        raise RuntimeError(f"the table of posts has no check {before}")
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
