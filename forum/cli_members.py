"""``forum members``: what administrators do about single members, from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from forum.cli_lists import list_options, print_list


@click.group()
def members() -> None:
    """Members: their accounts, what is stored about them, legal holds, erasure. ADDRESS is an e-mail
    address or a number; MEMBER is one of these, or a @handle."""


@members.command("export")
@click.argument("address")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.pass_obj
def export(instance: Path, address: str, file: Path) -> None:
    """Write everything that is stored about the member ADDRESS into FILE, a ZIP that is not there yet."""
    from forum.accounts.data_actions import export_member
    from forum.cli import application
    from forum.permissions import OPERATOR

    with application(instance):
        member = member_of(address)
        try:
            with file.open("xb") as target:
                taken = export_member(OPERATOR, member, target)
        except FileExistsError:
            raise click.ClickException(f"{file} is there already. Give another name.") from None
        except BaseException:
            file.unlink(missing_ok=True)
            raise
    click.echo(f"{taken.files} files. It is nobody else's: hand it over safely, then delete it.")
    if taken.missing:
        raise click.ClickException(f"Not complete, these parts failed: {', '.join(taken.missing)}")


@members.command("hold")
@click.argument("address")
@click.argument("reason")
@click.pass_obj
def hold(instance: Path, address: str, reason: str) -> None:
    """Have nothing about the member ADDRESS be erased until it is lifted; they read the REASON."""
    from forum.accounts.hold_actions import place_hold
    from forum.permissions import OPERATOR

    _change(instance, address, lambda member: place_hold(OPERATOR, member, reason=reason))
    click.echo("The hold stands. The member reads the reason.")


@members.command("release")
@click.argument("address")
@click.pass_obj
def release(instance: Path, address: str) -> None:
    """Lift the legal hold that stands on the member ADDRESS."""
    from forum.accounts.hold_actions import lift_hold
    from forum.permissions import OPERATOR

    _change(instance, address, lambda member: lift_hold(OPERATOR, member))
    click.echo("The hold is lifted.")


@members.command("holds")
@list_options
@click.option("--state", type=click.Choice(["standing", "lifted"]))
@click.pass_obj
def holds(instance: Path, kind: str | None, search: str, state: str | None) -> None:
    """Show the legal holds: on whom, why, since when, until when."""
    from forum.admin.hold_queries import HOLDS

    print_list(instance, HOLDS, kind, search, state=state)


@members.command("erase")
@click.argument("address")
@click.option("--keep-posts", is_flag=True, help="Their posts stay, under “Former member”.")
@click.confirmation_option(prompt="This cannot be taken back. Erase everything about the member?")
@click.pass_obj
def erase(instance: Path, address: str, keep_posts: bool) -> None:
    """Close the account of the member ADDRESS and erase everything about them, at their request."""
    from forum.accounts.closing_actions import erase_member
    from forum.permissions import OPERATOR

    _change(
        instance,
        address,
        lambda member: erase_member(OPERATOR, member, empty_posts=not keep_posts),
    )
    click.echo("Erased. The worker removes the rest within minutes: names in quotations, letters.")


def _change(instance: Path, address: str, change: Callable[[int], object]) -> None:
    from forum.cli import application
    from forum.db import transaction

    # With its plugins: they keep something about members, too.
    with application(instance), transaction():
        change(member_of(address))


def member_of(address: str) -> int:
    """The number of the member with this address, or that this is the number of."""
    from forum.accounts.hold_queries import hold_subject
    from forum.accounts.queries import member_by_email
    from forum.errors import NotFound

    if address.isdecimal():
        try:
            return hold_subject(int(address)).id
        except NotFound:
            raise click.ClickException(f"There is no member with the number {address}.") from None
    found = member_by_email(address)
    if found is None:
        raise click.ClickException(f"There is no member with the address {address}.")
    return found.id
