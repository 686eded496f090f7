"""``forum groups``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from forum.cli_changes import change, say
from forum.cli_lists import list_options, print_list


@click.group()
def groups() -> None:
    """Groups of members who share rights. MEMBER is an address or a @handle."""


@groups.command("list")
@list_options
@click.pass_obj
def list_groups(instance: Path, kind: str | None, search: str) -> None:
    """Show the groups: how many are in each, how many categories name it."""
    from forum.admin.people_queries import GROUPS

    print_list(instance, GROUPS, kind, search)


@groups.command("add")
@click.argument("name")
@click.pass_obj
def add_group(instance: Path, name: str) -> None:
    """Make a group called NAME."""
    from forum.accounts.group_actions import add_group as add
    from forum.permissions import OPERATOR

    change(instance, lambda: add(OPERATOR, name))
    click.echo("The group is there.")


@groups.command("rename")
@click.argument("name")
@click.argument("new_name")
@click.pass_obj
def rename_group(instance: Path, name: str, new_name: str) -> None:
    """Call the group NAME by NEW_NAME."""
    from forum.accounts.group_actions import rename_group as rename
    from forum.admin.people_queries import group_named
    from forum.permissions import OPERATOR

    change(instance, lambda: rename(OPERATOR, group_named(name), new_name))
    click.echo("The group has its new name.")


@groups.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove_group(instance: Path, name: str, yes: bool) -> None:
    """Remove the group NAME; says first what would change."""
    from forum.accounts.group_actions import delete_group
    from forum.admin.people_queries import group_facts, group_named
    from forum.permissions import OPERATOR

    facts = change(instance, lambda: group_facts(group_named(name)))
    click.echo(f"Members: {facts.members}. Categories that name it: {len(facts.categories)}.")
    for title, _permission in facts.categories:
        click.echo(f"  {title}")
    if not yes:
        click.confirm("Remove it? What was open to it alone is then open to moderators", abort=True)
    change(instance, lambda: delete_group(OPERATOR, facts.id))
    click.echo("The group is gone.")


@groups.command("members")
@click.argument("name")
@list_options
@click.pass_obj
def list_group_members(instance: Path, name: str, kind: str | None, search: str) -> None:
    """Show who is in the group NAME."""
    from forum.admin.people_queries import group_named, members_in

    group_id = change(instance, lambda: group_named(name))
    print_list(instance, members_in(group_id), kind, search)


@groups.command("join")
@click.argument("name")
@click.argument("member", required=False)
@click.option("--file", "file", type=click.File(), help="Members, one a line; `-` reads them.")
@click.pass_obj
def join_group(instance: Path, name: str, member: str | None, file: Any) -> None:
    """Put MEMBER, or all of a file, into the group NAME."""
    from forum.accounts.group_actions import add_pasted, add_to_group
    from forum.admin.people_queries import group_named
    from forum.permissions import OPERATOR

    if (member is None) == (file is None):
        raise click.UsageError("Name a member, or a file with --file.")
    if file is not None:
        pasted = file.read()
        added = change(instance, lambda: add_pasted(OPERATOR, group_named(name), pasted))
        click.echo(f"New in the group: {added}.")
        return
    done = change(instance, lambda: add_to_group(OPERATOR, name, member or ""))
    say(done, "They are in the group.", "They were in the group already.")


@groups.command("leave")
@click.argument("name")
@click.argument("member")
@click.pass_obj
def leave_group(instance: Path, name: str, member: str) -> None:
    """Take MEMBER out of the group NAME."""
    from forum.accounts.group_actions import remove_from_group
    from forum.permissions import OPERATOR

    done = change(instance, lambda: remove_from_group(OPERATOR, name, member))
    say(done, "They are not in the group any more.", "They were not in the group.")


@groups.command("help")
@click.argument("name")
@click.option("--no", "no_longer", is_flag=True, help="No longer.")
@click.pass_obj
def let_group_help(instance: Path, name: str, no_longer: bool) -> None:
    """Let the group NAME help authors with accessibility."""
    from forum.accounts.group_actions import let_help
    from forum.admin.people_queries import group_named
    from forum.permissions import OPERATOR

    done = change(instance, lambda: let_help(OPERATOR, group_named(name), helps=not no_longer))
    said = "It does not help any more." if no_longer else "It helps authors now."
    say(done, said, "That was so already.")
