"""``forum <plugin> <command>``: the commands that plugins bring."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click


class ForumCommands(click.Group):
    """The forum's own commands, and behind them those of the plugins that run."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or the group of a plugin's; ``None`` when there is neither."""
        own = super().get_command(ctx, cmd_name)
        return own or _of_plugin(ctx, cmd_name)


class _Plugin(click.Group):
    """The commands of one plugin, run where the forum's own are, with the same words for errors."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        from forum.cli import _plain_errors

        with _plain_errors():
            return super().invoke(ctx)


def _is_there(instance: Path, name: str) -> bool:
    from forum.app import read_configuration
    from forum.cli import _plain_errors
    from forum.places import plugins_folder
    from forum.plugin_host.discovery import find_plugins

    if not instance.is_dir():
        return False
    with _plain_errors():
        settings = read_configuration(instance).required()
    found = find_plugins([plugins_folder(), *settings.plugin_paths])
    return name in {one.name for one in found}


def _of_plugin(context: click.Context, name: str) -> click.Group | None:
    # Whoever mistypes a command of the forum reads that there is none, also where no forum is.
    from forum.cli import application
    from forum.plugin_host import current_host
    from forum.plugin_host.registration import is_name

    instance = context.params.get("instance")
    if not is_name(name) or not isinstance(instance, Path) or not _is_there(instance, name):
        return None
    os.umask(0o077)
    # The application stays until the command has ended.
    context.with_resource(application(instance))
    commands = current_host().commands_of(name)
    if not commands:
        return None
    title = current_host().title_of(name)
    return _Plugin(name, commands=commands, help=f"What the plugin “{title}” can do.")
