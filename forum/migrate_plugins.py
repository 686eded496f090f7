"""Bringing plugins' tables to what their code needs, each plugin by itself.

The migrations of a plugin lie in ``migrations/`` in its package and are run by the core's
environment, with a version table of its own: the core's schema knows nothing of it, and a plugin
that does not run keeps nothing from being upgraded.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, inspect, text

from forum.backups.upgrading import keep_backup_before_plugins
from forum.community.plugin_queries import enabled_plugins
from forum.config import Settings
from forum.db import db
from forum.migrate import alembic_config
from forum.plugin_host import current_host
from forum.plugin_host.discovery import Found
from forum.plugin_host.implementation import log
from forum.plugin_host.registration import PluginRefused
from forum.plugin_host.running import Calls
from forum.plugin_host.tables import UNMADE, misnamed, prefix_of, version_table
from forum.traces import in_a_line, trace_of

FOLDER = "migrations"
# Any number will do that is not the one of the core's own migrations.
_LOCK = 6_146_853_212


def plugin_config(one: Found, connection: Connection | None = None) -> Config:
    """Alembic's configuration for the migrations of a plugin."""
    config = alembic_config(connection)
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(_folder(one)).replace("%", "%%"))
    config.attributes["version_table"] = version_table(one.name)
    return config


def has_tables(one: Found) -> bool:
    """Whether a plugin brings migrations."""
    return one.folder is not None and _folder(one).is_dir()


def _folder(one: Found) -> Path:
    assert one.folder is not None
    return one.folder / FOLDER


def unready(engine: Engine, one: Found) -> str:
    """Why a plugin's tables are not what its code needs; empty when they are."""
    if not has_tables(one) or one.manifest is None:
        return ""
    if fault := misnamed(one.manifest):
        return fault
    try:
        with engine.connect() as connection:
            there, needed = _present(connection, one), _needed(one)
    # A migration is the plugin's code, and may fail in any way when it is read.
    except Exception as error:
        return f"its migrations cannot be read: {in_a_line(error)}"
    return "" if there == needed else UNMADE


def _present(connection: Connection, one: Found) -> set[str]:
    options = {"version_table": version_table(one.name)}
    return set(MigrationContext.configure(connection, opts=options).get_current_heads())


def _needed(one: Found) -> set[str]:
    return set(ScriptDirectory.from_config(plugin_config(one)).get_heads())


def are_kept(engine: Engine, plugins: Sequence[Found]) -> bool:
    """Whether any of them has tables already, which a migration could harm."""
    names = set(inspect(engine).get_table_names())
    return any(version_table(one.name) in names for one in plugins)


def ready_plugins(settings: Settings) -> bool:
    """Migrate the plugins that are to run, and whose tables are not ready: whether others can run now
    than those that this process has loaded.

    One whose tables cannot be migrated stays as it is, and does not run.

    Raises:
        ConfigError: no backup could be made first, and nothing was migrated.
    """
    host, enabled = current_host(), enabled_plugins()
    wanted = {*settings.plugins, *enabled}
    sound = [one for one in host.found if one.name in wanted and _may_migrate(one)]
    pending = [one for one in sound if not settings.safe_mode and unready(db.engine, one)]
    if are_kept(db.engine, pending):
        # What fails is not begun, so that a start that is tried again and again makes no backups.
        pending = [one for one in pending if _is_upgraded(one, host.calls, is_trial=True)]
    if are_kept(db.engine, pending):
        keep_backup_before_plugins(settings)
    done = [one for one in pending if _is_upgraded(one, host.calls)]
    return bool(done) or enabled != host.enabled


def _may_migrate(one: Found) -> bool:
    manifest = one.manifest
    return bool(
        manifest
        and not one.fault
        and has_tables(one)
        and not manifest.misfit()
        and not misnamed(manifest)
    )


def _is_upgraded(one: Found, calls: Calls, *, is_trial: bool = False) -> bool:
    try:
        upgrade_plugin(db.engine, one, calls, is_trial=is_trial)
    except PluginRefused as refusal:
        log.error("%s", refusal)
        return False
    return True


def upgrade_plugin(engine: Engine, one: Found, calls: Calls, *, is_trial: bool = False) -> None:
    """Run the missing migrations of a plugin, all or none of them.

    Args:
        is_trial: undo them again.

    Raises:
        PluginRefused: one failed, or touched tables that are not the plugin's; nothing was changed.
    """
    try:
        with (
            calls.noted(one.name, FOLDER),
            engine.connect().execution_options(forum_writes=True) as connection,
            connection.begin() as transaction,
        ):
            _wait_for_others(connection)
            before = set(inspect(connection).get_table_names())
            command.upgrade(plugin_config(one, connection), "head")
            _require_own(one, before ^ set(inspect(connection).get_table_names()))
            if is_trial:
                transaction.rollback()
    except PluginRefused:
        raise
    except KeyboardInterrupt:
        raise
    except CommandError as error:
        raise PluginRefused(one.name, f"its tables cannot be migrated: {error}") from error
    # Whatever a plugin's migration raises, the forum starts without the plugin.
    except BaseException as error:
        log.error("plugin %s cannot be migrated: %s", one.name, trace_of(error))
        reason = f"its tables cannot be migrated: {in_a_line(error)}"
        raise PluginRefused(one.name, reason) from None


def _wait_for_others(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def _require_own(one: Found, changed: set[str]) -> None:
    prefix = prefix_of(one.name)
    own = {name for name in changed if name.startswith(prefix)} | {version_table(one.name)}
    if strangers := sorted(changed - own):
        raise PluginRefused(
            one.name,
            f"its migrations made or dropped {', '.join(strangers)}; the names of its tables must "
            f"begin with {prefix}",
        )
