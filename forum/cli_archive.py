"""``forum export`` and ``forum import archive``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE when it is there already.")
@click.pass_obj
def export(instance: Path, file: Path, force: bool) -> None:
    """Write everything that is the community's into FILE, an archive in an open format.

    The forum may go on running. FILE has the members' e-mail addresses, and what only moderators
    see: keep it as safe as the forum itself. It has no passwords, sessions, drafts or notifications.
    """
    from tqdm import tqdm

    from forum.admin.archive_export_actions import export_archive
    from forum.cli import application
    from forum.permissions import OPERATOR

    with application(instance), tqdm(unit=" lines", disable=None) as bar:
        done = export_archive(OPERATOR, file, force=force, progress=bar.update)
    click.echo(f"{file} has {_counted(done.counts)}.")
    click.echo("It holds e-mail addresses and hidden posts: keep it as safe as the forum itself.")
    for path in done.missing:
        click.echo(f"Not in it: {path} is missing or damaged. Restore it from a backup.", err=True)
    sys.exit(1 if done.missing else 0)


@click.command("archive")
@click.argument("file", type=click.File("rb"))
@click.pass_obj
def import_archive(instance: Path, file: Any) -> None:
    """Read the archive FILE of `forum export` into this forum, which must be empty.

    All of it comes in, or nothing. Whoever is an administrator or moderator in FILE is one here:
    import only what comes from a forum that you trust.
    """
    from tqdm import tqdm

    from forum.admin.archive_import_actions import import_archive as run
    from forum.cli import application
    from forum.config import current_settings
    from forum.permissions import OPERATOR

    with application(instance), tqdm(unit=" lines", disable=None) as bar:
        done = run(OPERATOR, file, progress=bar.update)
        address = current_settings().base_url
    click.echo(f"In came {_counted(done.counts)}, from {done.software}.")
    if done.administrators:
        click.echo(
            f"Nobody has a password here yet. Start the forum and ask for a new one at {address}"
            "/reset; the letter lies in the folder mail/ of the instance if no mail server is set."
        )
    else:
        click.echo("It has no administrator: `forum setup-link` prints a link to become one.")


_ONE = {
    "members": "member",
    "categories": "category",
    "threads": "thread",
    "posts": "post",
    "revisions": "revision",
    "pictures": "picture",
}


def _counted(counts: dict[str, int]) -> str:
    words = [f"{counts[kind]} {one if counts[kind] == 1 else kind}" for kind, one in _ONE.items()]
    return f"{', '.join(words[:-1])} and {words[-1]}"
