"""Accounts and roles on the command line: part of ``forum members``, and ``forum roles``."""

from __future__ import annotations

from pathlib import Path

import click

from forum.cli_changes import change, say
from forum.cli_lists import list_options, print_list
from forum.cli_members import members

ROLE = click.Choice(["moderator", "admin"])


@members.command("list")
@list_options
@click.option("--role", type=ROLE)
@click.option("--state", type=click.Choice(["active", "closed", "imported", "stand-in"]))
@click.option("--group", help="Only who is in the group of this name.")
@click.pass_obj
def list_members(
    instance: Path,
    kind: str | None,
    search: str,
    role: str | None,
    state: str | None,
    group: str | None,
) -> None:
    """Show the members: name, handle, address, state of the account, roles."""
    from forum.admin.people_queries import group_named, members_in, members_of

    if group is None:
        print_list(instance, members_of([]), kind, search, role=role, state=state)
    else:
        group_id = change(instance, lambda: group_named(group))
        print_list(instance, members_in(group_id), kind, search, role=role, state=state)


@members.command("show")
@click.argument("member")
@click.pass_obj
def show_member(instance: Path, member: str) -> None:
    """Show what is known of the account of MEMBER; nothing that they wrote."""
    from forum.accounts.member_queries import account_of, member_named

    account = change(instance, lambda: account_of(member_named(member)))
    for name, value in (
        ("number", account.id),
        ("name", account.name),
        ("handle", account.handle or ""),
        ("email", account.email or ""),
        ("state", account.state),
        ("roles", " ".join(sorted(account.roles))),
        ("groups", ", ".join(name for _, name in account.groups)),
        ("sessions", account.sessions),
        ("created_at", f"{account.created_at:%Y-%m-%d %H:%M}"),
        ("closed_at", f"{account.closed_at:%Y-%m-%d %H:%M}" if account.closed_at else ""),
    ):
        click.echo(f"{name}\t{value}")


@members.command("sign-out")
@click.argument("member")
@click.pass_obj
def sign_out(instance: Path, member: str) -> None:
    """End all sessions of MEMBER."""
    from forum.accounts.member_queries import member_named
    from forum.accounts.role_actions import end_sessions_of
    from forum.permissions import OPERATOR

    ended = change(instance, lambda: end_sessions_of(OPERATOR, member_named(member)))
    click.echo(f"Sessions ended: {ended}.")


@members.command("reset-password")
@click.argument("member")
@click.pass_obj
def reset_password(instance: Path, member: str) -> None:
    """Send MEMBER a letter with a link for a new password."""
    from forum.accounts.member_queries import member_named
    from forum.accounts.role_actions import have_password_reset
    from forum.permissions import OPERATOR

    change(instance, lambda: have_password_reset(OPERATOR, member_named(member)))
    click.echo("A letter is on its way.")


@click.group()
def roles() -> None:
    """Who is moderator or administrator. MEMBER is an address, a @handle or a number."""


@roles.command("list")
@click.pass_obj
def list_roles(instance: Path) -> None:
    """Show who is moderator or administrator."""
    from forum.accounts.member_queries import holders_of_roles
    from forum.cli_lists import cell

    for role, number, name in change(instance, holders_of_roles):
        click.echo(f"{role}\t{number}\t{cell(name)}")


@roles.command("give")
@click.argument("member")
@click.argument("role", type=ROLE)
@click.pass_obj
def give(instance: Path, member: str, role: str) -> None:
    """Make MEMBER moderator or administrator; their sessions end."""
    from forum.accounts.member_queries import member_named
    from forum.accounts.role_actions import give_role_to
    from forum.permissions import OPERATOR

    done = change(instance, lambda: give_role_to(OPERATOR, member_named(member), role))
    say(done, "They have the role now. Their sessions have ended.", "They had the role already.")


@roles.command("take")
@click.argument("member")
@click.argument("role", type=ROLE)
@click.pass_obj
def take(instance: Path, member: str, role: str) -> None:
    """Take a role from MEMBER; their sessions end. The last administrator keeps it."""
    from forum.accounts.member_queries import member_named
    from forum.accounts.role_actions import take_role_from
    from forum.permissions import OPERATOR

    done = change(instance, lambda: take_role_from(OPERATOR, member_named(member), role))
    say(
        done,
        "They do not have the role any more. Their sessions have ended.",
        "They did not have it.",
    )


@click.command("give-role")
@click.argument("member")
@click.argument("role", type=ROLE)
@click.pass_context
def give_role(context: click.Context, member: str, role: str) -> None:
    """The same as `forum roles give`."""
    context.invoke(give, member=member, role=role)
