"""Before every migration, a backup by itself: the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from forum.backups.making import Made, keep_backup
from forum.backups.shapes import is_somebodys, schema_of
from forum.backups.shelf import alone
from forum.config import ConfigError, Settings
from forum.db import db
from forum.errors import ForumError
from forum.migrate import is_current, is_known, needed, upgrade


@dataclass(frozen=True, slots=True)
class Upgraded:
    """Whether there was anything to migrate, and the backup that was made first."""

    changed: bool
    backup: Made | None = None

    @property
    def way_back(self) -> str:
        """What to tell whoever upgrades; empty when there is nothing to go back to."""
        if self.backup is None:
            return ""
        return (
            f"The forum as it was before: {self.backup.path}. To go back, install the version that "
            "you had, move the instance folder aside, and `forum restore` that file."
        )


def upgrade_with_backup(
    settings: Settings,
    *,
    without_backup: bool = False,
    progress: Callable[[], object] = lambda: None,
) -> Upgraded:
    """Bring the database to the present schema, after a backup of a forum that is somebody's.

    Processes that start at once wait for each other.

    Raises:
        ConfigError: no backup could be made, and nothing was migrated; or the database is of a newer
            version.
    """
    if is_current(db.engine):
        return Upgraded(changed=False)
    if without_backup or not _is_worth_a_backup():
        return Upgraded(upgrade(db.engine))
    try:
        with alone(settings.instance, wait=True):
            # Whoever had the lock before may have done it.
            if is_current(db.engine):
                return Upgraded(changed=False)
            made = keep_backup(settings, before=min(needed()), progress=progress)
            return Upgraded(upgrade(db.engine), made)
    except (ForumError, OSError) as error:
        raise ConfigError(
            f"Nothing was migrated, because no backup could be made first. {error} "
            "`forum migrate --without-backup` goes on without a way back."
        ) from error


def keep_backup_before_plugins(settings: Settings) -> Made:
    """Back up the forum before tables of plugins are migrated.

    Raises:
        ConfigError: no backup could be made.
    """
    try:
        with alone(settings.instance, wait=True):
            return keep_backup(settings, before="plugins")
    except (ForumError, OSError) as error:
        raise ConfigError(
            f"No plugin was migrated, because no backup could be made first. {error} "
            "`forum serve --safe-mode` starts without plugins."
        ) from error


def _is_worth_a_backup() -> bool:
    with db.engine.connect() as connection:
        # Of a schema that nobody here knows nothing is made: `upgrade` says so.
        return is_known(schema_of(connection)) and is_somebodys(connection)
