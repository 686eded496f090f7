"""``forum config``: what the settings are, where they come from, and what is wrong with them."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.group()
def config() -> None:
    """Settings: what is in force, where it comes from, and what is wrong."""


@config.command("check")
@click.pass_obj
def check_config(instance: Path) -> None:
    """Name everything that is wrong with the settings, with its place and its mend.

    The status is 1 when the forum would not start with them.
    """
    from forum.app import read_configuration
    from forum.cli import require_instance

    require_instance(instance)
    faults = read_configuration(instance).faults
    for fault in faults:
        click.echo(f"{'Warning' if fault.is_warning else 'Error'}: {fault}")
    if not faults:
        click.echo("Nothing is wrong with the settings.")
    sys.exit(any(not fault.is_warning for fault in faults))


@config.command("show")
@click.pass_obj
def show_config(instance: Path) -> None:
    """List what is in force and where each setting comes from; passwords are hidden."""
    from forum.app import read_configuration
    from forum.cli import require_instance
    from forum.config import DEFINITIONS

    require_instance(instance)
    reading = read_configuration(instance)
    for name, definition in DEFINITIONS.items():
        value = definition.shown(getattr(reading.settings, name))
        click.echo(f"{name} = {value}  # {reading.origins[name]}")
    if any(not fault.is_warning for fault in reading.faults):
        message = "Not all of this can be used: `forum config check` says what is wrong."
        raise click.ClickException(message)


@config.command("example")
def example_config() -> None:
    """Print a forum.toml with every setting, its default and what it is for."""
    from forum.config.reference import example_file

    click.echo(example_file(), nl=False)
