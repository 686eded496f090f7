"""``forum plugins``: what became of each plugin, and what is wrong with it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import signal
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from forum.admin.plugin_queries import Kept, PluginView
    from forum.plugin_host.listing import Plugin

# An import that takes longer hangs.
START_SECONDS = 30


@click.group()
def plugins() -> None:
    """Plugins: which there are, which run, and what is wrong with them."""


@plugins.command("list")
@click.pass_obj
def list_plugins(instance: Path) -> None:
    """Show every plugin: title and version, whether it runs, and if not, why.

    Also what is switched off because it failed, and which calls are under way.
    """
    from forum.admin.plugin_queries import plugin_views
    from forum.cli import application
    from forum.config import current_settings
    from forum.db import db
    from forum.migrate import is_current
    from forum.plugin_host import current_host
    from forum.plugin_host.troubles import settle

    # This process imports no plugin, so that none can end it.
    with application(instance, migrated=False, safe_mode=True):
        folder = current_settings().running_folder
        found = _tried(instance, current_host().plugins, folder)
        if is_current(db.engine):
            settle(now=True)
            views = plugin_views(found, folder)
        else:
            views = plugin_views_without_database(found)
    for view in views:
        click.echo("\n".join(_lines(view)))
    if not views:
        click.echo("There are no plugins besides the forum's own parts.")


def plugin_views_without_database(found: list[Plugin]) -> list[PluginView]:
    """The plugins alone, while the database is not ready."""
    from forum.admin.plugin_queries import PluginView

    return [PluginView(plugin.name, plugin, (), ()) for plugin in found]


@plugins.command("show")
@click.argument("name")
@click.pass_obj
def show(instance: Path, name: str) -> None:
    """Show the plugin NAME: what it says of itself, and what it keeps."""
    from forum.admin.plugin_queries import kept_of, manifest_of
    from forum.cli import application
    from forum.community.plugin_queries import enabled_plugins
    from forum.config import current_settings
    from forum.errors import NotFound

    with application(instance, safe_mode=True):
        manifest = manifest_of(name)
        named, enabled = current_settings().plugins, enabled_plugins()
        click.echo(f"{manifest.name} {manifest.version} – {manifest.title}")
        choice = "enabled" if name in enabled else "not enabled"
        click.echo("named in the settings" if name in named else choice)
        if manifest.dependencies:
            needs = (f"{n.name} {n.versions}".strip() for n in manifest.dependencies)
            click.echo(f"needs {', '.join(needs)}")
        if manifest.permissions:
            click.echo(f"brings the permissions {', '.join(manifest.permissions)}")
        if manifest.door:
            click.echo(f"has a door at {manifest.door}, of which the forum notes nothing")
        click.echo(f"about people it keeps: {manifest.personal_data or 'nothing'}")
        with contextlib.suppress(NotFound):
            click.echo("\n".join(_kept_lines(kept_of(name))))


def _kept_lines(kept: Kept) -> Iterator[str]:
    for table in kept.tables:
        yield f"    the table {table.name}: {table.rows} rows"
    if kept.files:
        yield f"    {kept.files} files, of which no backup has a copy"
    for count, what in ((kept.settings, "settings"), (kept.jobs, "jobs"), (kept.grants, "grants")):
        if count:
            yield f"    {count} {what}"
    if kept.troubles:
        yield f"    notes of what failed: {kept.troubles}"


@plugins.command("new")
@click.argument("name")
@click.option("--title", default="", help="What people read; the name by default.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="The folder to make; folkmoot-NAME here by default.",
)
def new(name: str, title: str, folder: Path | None) -> None:
    """Write a working plugin NAME with its tests, to be changed into yours."""
    from forum.cli import _plain_errors
    from forum.plugin_host.outlining import write_plugin

    place = folder or Path(f"folkmoot-{name}")
    with _plain_errors():
        for path in write_plugin(place, name, title):
            click.echo(str(path))
    click.echo(
        f'\nSay in forum.toml, in the instance folder: plugin_folders = ["{place.resolve()}"]'
    )
    click.echo(f"Then: forum plugins enable {name}")


@plugins.command("enable")
@click.argument("name")
@click.pass_obj
def enable(instance: Path, name: str) -> None:
    """Have the plugin NAME run, at the next start; a forum that runs starts anew by itself."""
    from forum.admin.plugin_actions import enable_plugin
    from forum.admin.plugin_queries import require_loadable
    from forum.cli import application
    from forum.db import transaction
    from forum.permissions import OPERATOR

    with application(instance, safe_mode=True):
        require_loadable(name)
        with transaction():
            enable_plugin(OPERATOR, name)
    click.echo("Enabled. A forum that runs starts anew within seconds.")


@plugins.command("disable")
@click.argument("name")
@click.pass_obj
def disable(instance: Path, name: str) -> None:
    """Have the plugin NAME run no longer; what it keeps stays."""
    from forum.admin.plugin_actions import disable_plugin
    from forum.cli import application
    from forum.db import transaction
    from forum.permissions import OPERATOR

    with application(instance, safe_mode=True), transaction():
        disable_plugin(OPERATOR, name)
    click.echo("Disabled. A forum that runs starts anew within seconds. What it keeps stays.")


@plugins.command("purge")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def purge(instance: Path, name: str, yes: bool) -> None:
    """Drop all that the plugin NAME keeps, after showing it and asking."""
    from forum.admin.plugin_actions import purge_plugin
    from forum.admin.plugin_queries import kept_of
    from forum.cli import application
    from forum.db import transaction
    from forum.permissions import OPERATOR

    with application(instance, safe_mode=True):
        click.echo(f"What {name} keeps:")
        click.echo("\n".join(_kept_lines(kept_of(name))))
        if not yes:
            click.confirm("Drop it? Only a backup brings it back.", abort=True)
        with transaction():
            purge_plugin(OPERATOR, name)
    click.echo(f"Nothing of {name} is left.")


@plugins.command("reset")
@click.argument("name")
@click.pass_obj
def reset(instance: Path, name: str) -> None:
    """Note that you have looked at the plugin NAME: what was switched off of it is on again."""
    from forum.admin.plugin_actions import look_again
    from forum.cli import application
    from forum.db import transaction
    from forum.permissions import OPERATOR

    with application(instance, safe_mode=True), transaction():
        count = look_again(OPERATOR, name)
    if count:
        click.echo("Noted. What was switched off is on again within a minute.")
    else:
        click.echo(f"Nothing of a plugin called {name} was switched off or failing.")


def _tried(instance: Path, known: list[Plugin], folder: Path) -> list[Plugin]:
    """What becomes of the plugins when a process of its own loads them."""
    from forum.plugin_host.listing import State
    from forum.plugin_host.running import calls_in

    answer, end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(answer)
        _try(instance, end)
    os.close(end)
    said = _read(answer)
    if not said:
        os.kill(pid, signal.SIGKILL)
        guilty = {call.plugin: call.hook for call in calls_in(folder) if call.pid == pid}
    os.waitpid(pid, 0)
    if said:
        return [_plugin(fields) for fields in json.loads(said)]
    return [
        replace(
            plugin, state=State.REFUSED, reason=f"ends or stops the forum: {guilty[plugin.name]}"
        )
        if plugin.name in guilty
        else plugin
        for plugin in known
    ]


def _try(instance: Path, end: int) -> None:
    from forum.app import create_app
    from forum.plugin_host import PluginHost

    logging.disable()
    try:
        host: PluginHost = create_app(instance).extensions["forum_plugins"]
        os.write(end, json.dumps([asdict(plugin) for plugin in host.plugins]).encode())
    finally:
        os._exit(0)


def _read(answer: int) -> bytes:
    said = b""
    with os.fdopen(answer, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], START_SECONDS)[0]:
            piece = pipe.read(65536)
            if not piece:
                return said
            said += piece
    return b""


def _plugin(fields: dict[str, str]) -> Plugin:
    from forum.plugin_host.listing import Plugin, State

    return Plugin(**{**fields, "state": State(fields["state"])})  # type: ignore[arg-type]


def _lines(view: PluginView) -> Iterator[str]:
    plugin = view.plugin
    if plugin is None:
        yield f"{view.name} – part of the forum"
    else:
        title = "" if plugin.title == plugin.name else f" – {plugin.title}"
        yield f"{plugin.name} {plugin.version}".strip() + title
        yield f"    {plugin.state}" + (f": {plugin.reason}" if plugin.reason else "")
        if plugin.place:
            yield f"    {plugin.place}"
        yield from (f"    {warning}" for warning in plugin.warnings)
    for hook, tally in view.tallies:
        each, most = tally.milliseconds, tally.most_milliseconds
        counted = f"{tally.calls} calls, {each:.1f} ms each, {most:.1f} ms at most"
        yield f"    {hook}: {counted}, {tally.failures} failures"
    for call in view.calls:
        state = "running since" if call.is_alive else "its process ended during this call, begun"
        yield f"    {call.hook}: {state} {_moment(call.since)} (process {call.pid})"
    for trouble in view.troubles:
        state = "switched off" if trouble.is_off else "fails"
        last = f"last {trouble.last_error}, {_moment(trouble.last_at)}"
        yield f"    {trouble.hook}: {state}, {trouble.failures} failures, {last}"
    if view.troubles:
        yield f"    `forum plugins reset {view.name}` when you have looked"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
