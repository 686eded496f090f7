"""Bringing a database to the schema that this version of the program needs."""

from __future__ import annotations

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, text

from forum.config import ConfigError
from forum.places import migrations_folder

# Any number will do, as long as every process of the forum uses the same.
_LOCK = 6_146_853_211


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def is_current(engine: Engine) -> bool:
    """Whether the database has exactly the schema this program needs."""
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_heads()
    return set(present) == needed()


def is_known(revision: str) -> bool:
    """Whether this version of the program knows this revision of the schema."""
    script = ScriptDirectory.from_config(alembic_config())
    return revision in {known.revision for known in script.walk_revisions()}


@cache
def needed() -> frozenset[str]:
    """The revisions of the schema that this version of the program needs."""
    # It reads every migration, and programs that watch the forum ask every few seconds.
    return frozenset(ScriptDirectory.from_config(alembic_config()).get_heads())


def upgrade(engine: Engine) -> bool:
    """Run the missing migrations, all or none of them: whether there were any.

    Two processes that start at once wait for each other.

    Raises:
        ConfigError: the database has been migrated by a version that this one does not know.
    """
    if is_current(engine):
        return False
    with engine.connect().execution_options(forum_writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            # A page may not take long; bringing a big table up to date may.
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        try:
            command.upgrade(alembic_config(connection), "head")
        except CommandError as error:
            raise ConfigError(
                "The database was made by a newer version of Folkmoot. Start that version."
            ) from error
    return True
