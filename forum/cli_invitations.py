"""``forum invite`` and ``forum invitations``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from forum.cli_lists import list_options, print_list

DAYS = click.option(
    "--days", type=click.IntRange(1, 90), default=14, show_default=True, help="Open for so long."
)


@click.command()
@click.argument("whom", nargs=-1)
@DAYS
@click.pass_obj
def invite(instance: Path, whom: tuple[str, ...], days: int) -> None:
    """Print a link with which one person may register; with an address, mail it there, too.

    Several addresses, or a FILE of them (`-` for standard input), one a line, are invited by letter:
    all of them, or, if one cannot be, nobody. Who uses a link made for an address gets the account of
    that address: give it to nobody else.
    """
    if not whom or (len(whom) == 1 and "@" in whom[0]):
        _invite_one(instance, "".join(whom), days)
    else:
        _invite_many(instance, whom, days)


def _invite_one(instance: Path, email: str, days: int) -> None:
    from forum.accounts.invitation_actions import invite as run
    from forum.cli import application
    from forum.config import current_settings
    from forum.db import transaction
    from forum.permissions import OPERATOR

    with application(instance):
        with transaction():
            token = run(OPERATOR, email, days=days)
        click.echo(f"{current_settings().base_url}/invitation/{token}")


def _invite_many(instance: Path, whom: tuple[str, ...], days: int) -> None:
    from forum.accounts.invitation_list_actions import invite_all
    from forum.cli import application
    from forum.db import transaction
    from forum.permissions import OPERATOR

    text = "\n".join(word if "@" in word else _text_of(word) for word in whom)
    with application(instance), transaction():
        read = invite_all(OPERATOR, text, days=days)
    for fault in read.faults:
        click.echo(f"Line {fault.line}, {_printable(fault.typed)}: {fault.why}", err=True)
    if read.faults:
        click.echo("Nobody was invited. Mend these lines, or take them out.", err=True)
        sys.exit(1)
    click.echo(f"Invited: {len(read.addresses)}. The worker sends the letters.")


def _text_of(name: str) -> str:
    try:
        with click.open_file(name, encoding="utf-8-sig") as file:
            return str(file.read())
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise click.ClickException(f"{name} cannot be read: {why}.") from error


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


@click.group()
def invitations() -> None:
    """Invitations: open, used and expired."""


invitations.add_command(invite, "add")


@invitations.command("list")
@list_options
@click.option("--state", type=click.Choice(["open", "used", "expired"]))
@click.pass_obj
def list_invitations(instance: Path, kind: str | None, search: str, state: str | None) -> None:
    """Show the invitations: for whom, state, times, by whom. Never a link."""
    from forum.admin.invitation_queries import INVITATIONS

    print_list(instance, INVITATIONS, kind, search, state=state)


@invitations.command("withdraw")
@click.argument("number", type=int)
@click.pass_obj
def withdraw(instance: Path, number: int) -> None:
    """Let the invitation NUMBER end, which nobody has used."""
    from forum.accounts.invitation_actions import withdraw_invitation
    from forum.cli import application
    from forum.db import transaction
    from forum.permissions import OPERATOR

    with application(instance), transaction():
        withdraw_invitation(OPERATOR, number)
    click.echo("It is withdrawn.")


@invitations.command("again")
@click.argument("number", type=int)
@DAYS
@click.pass_obj
def again(instance: Path, number: int, days: int) -> None:
    """Send the letter of the invitation NUMBER again, with a new link; the earlier one ends."""
    from forum.accounts.invitation_actions import invite_again
    from forum.cli import application
    from forum.db import transaction
    from forum.permissions import OPERATOR

    with application(instance), transaction():
        invite_again(OPERATOR, number, days=days)
    click.echo("A letter is on its way.")
