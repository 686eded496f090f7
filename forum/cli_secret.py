"""``forum secret``: a new secret for the installation."""

from __future__ import annotations

from pathlib import Path

import click

from forum.config.secret import MOST_DAYS


@click.group()
def secret() -> None:
    """The secret that signs cookies and links."""


@secret.command("rotate")
@click.option(
    "--days",
    type=click.IntRange(0, MOST_DAYS),
    default=MOST_DAYS,
    show_default=True,
    help="How long what the present one signed still counts; 0 ends it at once.",
)
@click.pass_obj
def rotate(instance: Path, days: int) -> None:
    """Make a new secret. Running processes take it up by themselves.

    Who is signed in stays so while the present one counts; with --days 0 everybody signs in again.
    """
    from forum.cli import _plain_errors, require_instance
    from forum.config.secret import rotate_secret

    require_instance(instance)
    with _plain_errors():
        until = rotate_secret(instance, days=days)
    click.echo("A new secret signs from now on.")
    if until is None:
        click.echo("The one before ended: everybody signs in again, and links in letters on their")
        click.echo("way do not work.")
    else:
        click.echo(f"What the one before signed counts until {until:%Y-%m-%d %H:%M} UTC.")
