"""``forum plugins``: what became of each plugin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from forum.plugin_host.listing import Plugin


@click.group()
def plugins() -> None:
    """Plugins: which there are, which run, and what is wrong with them."""


@plugins.command("list")
@click.pass_obj
def list_plugins(instance: Path) -> None:
    """Show every plugin: its name, title and version, whether it runs, and if not, why."""
    from forum.cli import application
    from forum.plugin_host import current_host

    with application(instance, migrated=False):
        found = current_host().plugins
    for plugin in found:
        click.echo("\n".join(_lines(plugin)))
    if not found:
        click.echo("There are no plugins besides the forum's own parts.")


def _lines(plugin: Plugin) -> Iterator[str]:
    title = "" if plugin.title == plugin.name else f" – {plugin.title}"
    yield f"{plugin.name} {plugin.version}".strip() + title
    yield f"    {plugin.state}" + (f": {plugin.reason}" if plugin.reason else "")
    if plugin.place:
        yield f"    {plugin.place}"
