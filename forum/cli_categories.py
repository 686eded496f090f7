"""``forum categories`` and ``forum community``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forum.cli_changes import change
from forum.cli_lists import cell, list_options, print_list

if TYPE_CHECKING:
    from forum.categories.queries import Audiences

AUDIENCES = ("see", "start", "reply", "curate")


@click.group()
def categories() -> None:
    """Categories and who may do what in them. ADDRESS is the last part of a category's address.

    Who may is written `everyone`, `members`, `moderators`, or the name of a group.
    """


def audience_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each thing that some may do in a category."""
    for field in reversed(AUDIENCES):
        command = click.option(f"--{field}", help=f"Who may {field}.")(command)
    return command


@categories.command("list")
@list_options
@click.pass_obj
def list_categories(instance: Path, kind: str | None, search: str) -> None:
    """Show the categories with who may do what in each."""
    from forum.admin.category_queries import CATEGORIES

    print_list(instance, CATEGORIES, kind, search)


@categories.command("add")
@click.argument("title")
@click.option("--description", default="")
@click.option("--position", type=int, default=0)
@audience_options
@click.pass_obj
def add(
    instance: Path, /, title: str, description: str, position: int, **audiences: str | None
) -> None:
    """Add a category called TITLE."""
    from forum.categories.actions import add_category
    from forum.categories.queries import Audiences
    from forum.permissions import OPERATOR

    def act() -> str:
        return add_category(
            OPERATOR,
            title=title,
            description=description,
            position=position,
            audiences=_audiences(Audiences(), audiences),
        ).slug

    click.echo(f"The category is there: /c/{change(instance, act)}")


@categories.command("change")
@click.argument("address")
@click.option("--title")
@click.option("--description")
@click.option("--position", type=int)
@audience_options
@click.pass_obj
def change_one(
    instance: Path,
    /,
    address: str,
    title: str | None,
    description: str | None,
    position: int | None,
    **audiences: str | None,
) -> None:
    """Change the category at ADDRESS; what is not named stays. Its address stays, too."""
    from forum.admin.category_queries import category_at
    from forum.categories.actions import change_category
    from forum.categories.queries import audiences_in
    from forum.permissions import OPERATOR

    def act() -> None:
        found = category_at(address)
        change_category(
            OPERATOR,
            found.id,
            title=found.title if title is None else title,
            description=found.description if description is None else description,
            position=found.position if position is None else position,
            audiences=_audiences(audiences_in(found.id), audiences),
        )

    change(instance, act)
    click.echo("Changed.")


@categories.command("remove")
@click.argument("address")
@click.pass_obj
def remove(instance: Path, address: str) -> None:
    """Remove the category at ADDRESS, if no thread stands in it."""
    from forum.admin.category_queries import category_at
    from forum.categories.actions import remove_category
    from forum.permissions import OPERATOR

    change(instance, lambda: remove_category(OPERATOR, category_at(address).id))
    click.echo("The category is gone.")


def _audiences(present: Audiences, named: dict[str, str | None]) -> Audiences:
    from forum.admin.people_queries import group_named
    from forum.categories.queries import EVERYONE, MEMBERS, MODERATORS

    chosen: dict[str, str] = {}
    for field, words in named.items():
        if words is not None:
            is_known = words in (EVERYONE, MEMBERS, MODERATORS)
            chosen[field] = words if is_known else str(group_named(words))
    return replace(present, **chosen)


@click.group()
def community() -> None:
    """What the community says about itself, and its rules."""


@community.command("show")
@click.pass_obj
def show(instance: Path) -> None:
    """Show the name, the words, language, time zone and rules."""
    for name, value in change(instance, _present).items():
        click.echo(f"{name}\t{cell(value)}")


@community.command("change")
@click.option("--name")
@click.option("--for-whom")
@click.option("--not-for-whom")
@click.option("--zone", help="A time zone such as Europe/Berlin; guests see times in it.")
@click.option("--language", help="Of the forum's words for guests and new members, such as de.")
@click.option("--registration", type=click.Choice(["open", "domain", "invitation"]))
@click.option("--email-domains", help="Domains whose addresses may register, parted by spaces.")
@click.option("--edit-minutes", type=int, help="How long authors may change a post; 0 for ever.")
@click.pass_obj
def change_it(instance: Path, /, **named: Any) -> None:
    """Change what is named; the rest stays."""
    from forum.accounts.community_actions import (
        CommunityStatement,
        change_community,
        change_rules,
    )
    from forum.accounts.rules import CommunityRules
    from forum.permissions import OPERATOR

    wanted = {name: value for name, value in named.items() if value is not None}
    if not wanted:
        raise click.UsageError("Name what to change; --help shows it all.")

    def act() -> None:
        now = {**_present(), **wanted}
        statement = CommunityStatement(now["name"], now["for_whom"], now["not_for_whom"])
        change_community(OPERATOR, statement, zone=now["zone"], language=now["language"])
        rules = CommunityRules(
            now["registration"], now["email_domains"], now["edit_minutes"] or None
        )
        change_rules(OPERATOR, rules)

    change(instance, act)
    click.echo("Changed.")


def _present() -> dict[str, Any]:
    from forum.accounts.queries import community_rules, guest_visit

    return {**asdict(guest_visit().community), **asdict(community_rules())}
