"""``forum levels``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from forum.cli_changes import change
from forum.cli_lists import list_options, print_list


@click.group()
def levels() -> None:
    """Levels of trust: groups that members come into, and lose again, by what they do."""


def _thresholds(command: Callable[..., None]) -> Callable[..., None]:
    helps = {
        "--removed": "Posts that moderators removed in 90 days, at most.",
        "--answers": "Posts marked as the answer in somebody else's thread.",
        "--posts": "Posts that were published and are not removed.",
        "--days": "Days as a member.",
    }
    for name, words in helps.items():
        command = click.option(name, type=int, help=words)(command)
    return command


@levels.command("list")
@list_options
@click.pass_obj
def list_levels(instance: Path, kind: str | None, search: str) -> None:
    """Show the levels: what each asks for, how many members have it."""
    from forum.admin.level_queries import LEVELS

    print_list(instance, LEVELS, kind, search)


@levels.command("add")
@click.argument("name")
@click.option("--position", type=int, default=0, help="Pages show the smallest first.")
@_thresholds
@click.pass_obj
def add_level(instance: Path, /, name: str, position: int, **asked: int | None) -> None:
    """Make the level NAME with a group of this name. What is not given is 0."""
    from forum.admin.level_actions import add_level as add
    from forum.permissions import OPERATOR

    wanted = _asked(asked)
    level_id = change(instance, lambda: add(OPERATOR, name, wanted, position=position))
    have = change(instance, lambda: _members(level_id))
    click.echo(f"The level is there. Members who have it: {have}.")


@levels.command("change")
@click.argument("name")
@click.option("--position", type=int, help="Pages show the smallest first.")
@_thresholds
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def change_level(
    instance: Path, /, name: str, position: int | None, yes: bool, **asked: int | None
) -> None:
    """Have the level NAME ask for something else; says first who would gain and lose it."""
    from forum.accounts.trust_queries import trust_level
    from forum.admin.level_actions import change_level as change_it
    from forum.admin.level_queries import level_named
    from forum.discussion.trust_queries import with_thresholds
    from forum.permissions import OPERATOR

    present = change(instance, lambda: trust_level(level_named(name)))
    wanted = _asked(asked, present.asked)
    found = change(instance, lambda: with_thresholds(wanted, present.id))
    click.echo(f"Members who gain it: {found.gain}. Members who lose it: {found.lose}.")
    if not yes:
        click.confirm("Change it?", abort=True)
    place = present.position if position is None else position
    change(
        instance,
        lambda: change_it(OPERATOR, present.id, name=present.name, asked=wanted, position=place),
    )
    click.echo("Changed. It holds at once.")


@levels.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove_level(instance: Path, name: str, yes: bool) -> None:
    """Remove the level NAME with its group; says first what would change."""
    from forum.admin.level_actions import remove_level as remove
    from forum.admin.level_queries import level_named
    from forum.permissions import OPERATOR

    level_id = change(instance, lambda: level_named(name))
    click.echo(f"Members who have it: {change(instance, lambda: _members(level_id))}.")
    if not yes:
        click.confirm("Remove it? What was open to it alone is then open to moderators", abort=True)
    change(instance, lambda: remove(OPERATOR, level_id))
    click.echo("The level is gone, and its group.")


def _members(level_id: int) -> int:
    from forum.admin.people_queries import group_facts

    return group_facts(level_id).members


def _asked(given: dict[str, int | None], present: Any = None) -> Any:
    from forum.accounts.trust_rules import Thresholds

    before = present or Thresholds()
    fields = {"most_removed" if name == "removed" else name: n for name, n in given.items()}
    changed = {name: number for name, number in fields.items() if number is not None}
    return Thresholds(**{**before.as_values(), **changed})
