"""The lists of the administration pages as commands, and ``forum jobs``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from forum.admin.listing import Listing


def list_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that every list has."""
    for option in (
        click.option("--json", "kind", flag_value="json", help="One JSON object a line."),
        click.option("--csv", "kind", flag_value="csv", help="A CSV file."),
        click.option("--search", default="", help="Words that an entry must have."),
    ):
        command = option(command)
    return command


def print_list(
    instance: Path, listing: Listing, kind: str | None, search: str, /, **filters: str | None
) -> None:
    """Print a list as its page shows it: as a table, CSV or JSON lines."""
    from forum.admin.listing import Wanted, all_rows, as_csv, as_json_lines
    from forum.cli import application

    wanted = Wanted(search, {name: chosen for name, chosen in filters.items() if chosen})
    with application(instance, safe_mode=True):
        rows = all_rows(listing, wanted)
        ways = {"csv": as_csv, "json": as_json_lines}
        for line in ways.get(kind or "", _as_table)(listing, rows):
            click.echo(line, nl=False)


def _as_table(listing: Listing, rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    yield "\t".join(column.name for column in listing.columns) + "\n"
    for row in rows:
        yield "\t".join(cell(value) for value in row) + "\n"


def cell(value: Any) -> str:
    """The value as a terminal can show it, on one line."""
    # A name could hold what a terminal obeys, or end the line.
    text = "" if value is None else f"{value:%Y-%m-%d %H:%M}" if hasattr(value, "hour") else value
    return "".join(letter if letter.isprintable() else " " for letter in str(text))


@click.group()
def jobs() -> None:
    """Jobs: work that waits, is under way, or was set aside after it failed."""


@jobs.command("list")
@list_options
@click.option("--state", type=click.Choice(["waiting", "running", "set aside"]))
@click.pass_obj
def list_jobs(instance: Path, kind: str | None, search: str, state: str | None) -> None:
    """Show the jobs: kind, state, times, attempts, and the kind of the last error."""
    from forum.admin.job_queries import JOBS

    print_list(instance, JOBS, kind, search, state=state)


@jobs.command("retry")
@click.argument("number", type=int)
@click.pass_obj
def retry(instance: Path, number: int) -> None:
    """Have the job NUMBER tried now, also one that was set aside."""
    from forum.admin.job_actions import retry_job

    _change(instance, retry_job, number, "It is due now.")


@jobs.command("set-aside")
@click.argument("number", type=int)
@click.pass_obj
def set_aside(instance: Path, number: int) -> None:
    """Let no worker try the job NUMBER until it is tried again by hand."""
    from forum.admin.job_actions import set_job_aside

    _change(instance, set_job_aside, number, "It is set aside.")


@jobs.command("drop")
@click.argument("number", type=int)
@click.confirmation_option(prompt="What it was to do is never done. Drop it?")
@click.pass_obj
def drop(instance: Path, number: int) -> None:
    """Remove the job NUMBER: what it was to do is never done."""
    from forum.admin.job_actions import drop_job

    _change(instance, drop_job, number, "It is dropped.")


def _change(instance: Path, action: Callable[..., None], number: int, done: str) -> None:
    from forum.cli import application
    from forum.db import transaction
    from forum.permissions import OPERATOR

    with application(instance, safe_mode=True), transaction():
        action(OPERATOR, number)
    click.echo(done)


@click.group()
def changes() -> None:
    """The log of what administrators changed."""


@changes.command("list")
@list_options
@click.option("--kind-of", "wanted", help="Only changes of this kind, such as role.give.")
@click.pass_obj
def list_changes(instance: Path, kind: str | None, search: str, wanted: str | None) -> None:
    """Show the changes: who, when, what, to what, before and after."""
    from forum.admin.change_queries import changes as listing
    from forum.cli_changes import change

    found = change(instance, listing)
    if wanted and wanted not in found.filters[0].choices:
        kinds = ", ".join(found.filters[0].choices) or "none"
        raise click.ClickException(f"There are no changes of this kind. Kinds: {kinds}.")
    print_list(instance, found, kind, search, kind=wanted)
