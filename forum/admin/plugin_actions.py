"""What administrators do about plugins."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext
from sqlalchemy import delete

from forum.accounts.models import Grant
from forum.accounts.queries import is_set_up
from forum.admin.plugin_queries import Kept, kept_of, plugins_there
from forum.community import models
from forum.community.change_actions import note_change
from forum.community.plugin_queries import ENABLED, OWN_MARK, enabled_plugins
from forum.community.setting_actions import wait_for_others
from forum.community.setting_queries import forget_settings
from forum.config import current_settings
from forum.db import db
from forum.errors import Conflict, NotFound
from forum.jobs.models import Job
from forum.permissions import Actor, require
from forum.plugin_host.dependencies import lack_of, needing
from forum.plugin_host.kept_files import remove_files
from forum.plugin_host.tables import drop_tables
from forum.plugin_host.troubles import forget_troubles

# What a new forum begins with; administrators can disable it as any other.
FROM_THE_START = ("anonymous-questions",)


def look_again(actor: Actor, plugin: str) -> int:
    """Note that an administrator has looked: what was switched off of this plugin is on again.

    The process at work learns it with ``settle(now=True)`` after the commit, others in a minute.

    Returns:
        how many of the plugin's hooks were in trouble.

    Raises:
        NotAllowed: the actor is no administrator.
    """
    require(actor, "community.manage")
    found = forget_troubles(plugin)
    if found:
        note_change(actor, "plugin.look", subject="plugin", after={"plugin": plugin})
    return found


def enable_plugin(actor: Actor, name: str) -> None:
    """Have a plugin run, in every process that starts, and those at work start anew.

    Raises:
        NotFound: there is no plugin of this name.
        Conflict: it could not run; the message says why.
    """
    require(actor, "community.manage")
    wait_for_others()
    found, enabled = plugins_there(), enabled_plugins()
    if name not in {one.name for one in found}:
        raise NotFound(gettext("There is no plugin of this name."))
    _require_not_set(name)
    if lack := lack_of(name, found, {*enabled, *current_settings().plugins}):
        raise Conflict(gettext("%(name)s cannot run: %(reason)s.", name=name, reason=lack))
    if name not in enabled:
        _keep_enabled({*enabled, name})
        note_change(actor, "plugin.enable", subject="plugin", after={"plugin": name})


def enable_from_the_start(actor: Actor) -> None:
    """Have the plugins run that ship with the forum, in one that nobody has set up yet.

    Once alone: whoever disables them before setting it up is not asked again.
    """
    require(actor, "community.manage")
    wait_for_others()
    if is_set_up() or db.session.get(models.Setting, ENABLED) is not None:
        return
    there = plugins_there()
    names = {one.name for one in there if one.manifest is not None and not one.fault}
    _keep_enabled(names & {name for name in FROM_THE_START if not lack_of(name, there, names)})


def disable_plugin(actor: Actor, name: str) -> None:
    """Have a plugin run no longer. What it keeps stays as it is.

    Raises:
        Conflict: another one needs it, or it is named in the settings of the installation.
    """
    require(actor, "community.manage")
    wait_for_others()
    _require_not_set(name)
    enabled = enabled_plugins()
    wanted = {*enabled, *current_settings().plugins}
    if others := needing(name, plugins_there(), wanted):
        words = ", ".join(others)
        raise Conflict(
            gettext(
                "Other plugins need %(name)s: %(others)s. Disable those first.",
                others=words,
                name=name,
            )
        )
    if name in enabled:
        _keep_enabled(enabled - {name})
        note_change(actor, "plugin.disable", subject="plugin", after={"plugin": name})


def purge_plugin(actor: Actor, name: str) -> Kept:
    """Drop all that a plugin keeps; it must not be enabled. Nothing brings it back but a backup.

    Returns:
        what was dropped.

    Raises:
        NotFound: nothing of it is kept.
        Conflict: it is enabled, or another plugin's tables point to its own.
    """
    require(actor, "community.manage")
    wait_for_others()
    _require_not_set(name)
    if name in enabled_plugins():
        raise Conflict(gettext("%(name)s is enabled. Disable it first.", name=name))
    kept = kept_of(name)
    drop_tables(db.session.connection(), name)
    named = ((Grant, Grant.permission), (models.Setting, models.Setting.name), (Job, Job.name))
    for table, mine in named:
        db.session.execute(delete(table).where(mine.startswith(f"{name}.", autoescape=True)))
    secrets = models.Setting.name.startswith(f"{name}{OWN_MARK}", autoescape=True)
    db.session.execute(delete(models.Setting).where(secrets))
    forget_troubles(name)
    note_change(actor, "plugin.purge", subject="plugin", after={"plugin": name})
    # Last: it cannot be taken back. Should the commit fail, the purge can be asked for again.
    remove_files(name)
    return kept


def _require_not_set(name: str) -> None:
    if name in current_settings().plugins:
        raise Conflict(
            gettext(
                "%(name)s is named in the setting “plugins” of this installation, so it always runs. "
                "Take it out there and start the forum anew.",
                name=name,
            )
        )


def _keep_enabled(names: Collection[str]) -> None:
    db.session.merge(models.Setting(name=ENABLED, value=sorted(names)))
    forget_settings()
