"""``forum backup`` and ``forum restore``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click


class OrMake(click.Group):
    """A group of commands of which ``make`` needs not be said."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        if args[:1] != ["--help"] and not (args and args[0] in self.commands):
            args = ["make", *args]
        return super().parse_args(context, args)


@click.group(cls=OrMake)
def backup() -> None:
    """Keep the whole forum in one file: `forum backup [FILE]`."""


@backup.command("make")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--force", is_flag=True, help="Replace FILE when it is there already.")
@click.pass_obj
def make(instance: Path, file: Path | None, force: bool) -> None:
    """Write database, pictures and settings into FILE, or into backups/ of the instance.

    The forum may go on running. The file is read back before it gets its name. It has what opens
    accounts: keep it as safe as the forum itself, and on another machine.
    """
    from tqdm import tqdm

    from forum.backups.making import make_backup
    from forum.cli import application
    from forum.config import current_settings
    from forum.permissions import OPERATOR

    with (
        application(instance, migrated=False, safe_mode=True),
        tqdm(unit=" rows", disable=None) as bar,
    ):
        made = make_backup(OPERATOR, current_settings(), file, force=force, progress=bar.update)
    click.echo(f"{made.path} has {_contents(made.manifest)}, {_size(made.size)}. It was read back.")
    for path in made.missing:
        click.echo(
            f"Not in it: {path} is missing, damaged or not ours to read. An older backup may have it.",
            err=True,
        )
    sys.exit(1 if made.missing else 0)


@backup.command("check")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def check(file: Path) -> None:
    """Read the whole backup FILE, and say what it is of."""
    from tqdm import tqdm

    from forum.backups.container import BackupReader
    from forum.cli import _plain_errors

    with _plain_errors(), file.open("rb") as handle, tqdm(unit=" rows", disable=None) as bar:
        reader = BackupReader(handle, progress=bar.update)
        reader.check(progress=bar.update)
    manifest = reader.manifest
    click.echo(f"{file} is whole: {manifest.name or 'a forum that was not set up'},")
    click.echo(f"as it was at {manifest.made_at}, with {_contents(manifest)},")
    click.echo(f"written by {manifest.software} with the schema {manifest.schema}.")
    if manifest.missing:
        click.echo(f"Pictures that were missing when it was made: {manifest.missing}.")


@backup.command("list")
@click.pass_obj
def list_backups(instance: Path) -> None:
    """Name the backups in backups/ of the instance, newest first."""
    from forum.backups.shelf import backups_in, folder_of, last_try

    for kept in backups_in(instance):
        before = f", before the migration to {kept.before}" if kept.before else ""
        click.echo(f"{kept.path}  {_size(kept.size)}{before}")
    if not backups_in(instance):
        click.echo(f"There is no backup in {folder_of(instance)}. `forum backup` makes one.")
    last = last_try(instance)
    if last and last.error:
        click.echo(f"The newest try, at {last.at}, failed: {last.error}. `forum backup` tells why.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--other-community",
    is_flag=True,
    help="Take it although the backups beside this forum are another community's.",
)
@click.pass_obj
def restore(instance: Path, file: Path, other_community: bool) -> None:
    """Make an empty forum what it was when FILE was made: all of it, or nothing.

    An instance folder that is not there yet is made, with the settings that are in FILE. Whoever
    wrote FILE decides who is administrator here: restore only what you trust.
    """
    from tqdm import tqdm

    from forum.backups.restoring import restore as run
    from forum.cli import _plain_errors, application
    from forum.config import current_settings
    from forum.db import db
    from forum.permissions import OPERATOR

    with (
        _plain_errors(),
        file.open("rb") as handle,
        _made(instance, handle) as settings_came,
        application(instance, migrated=False, safe_mode=True),
        tqdm(unit=" rows", disable=None) as bar,
    ):
        manifest = run(
            OPERATOR,
            current_settings(),
            handle,
            other_community=other_community,
            progress=bar.update,
        )
        database = db.engine.url.render_as_string(hide_password=True)
    click.echo(f"{manifest.name or 'The forum'} is as it was at {manifest.made_at},")
    click.echo(f"with {_contents(manifest)}, in {database}.")
    if manifest.missing:
        click.echo(f"Pictures that were missing when it was made: {manifest.missing}.")
    if not settings_came:
        click.echo(f"The settings in {instance / 'forum.toml'} were kept as they are.")
    click.echo("Everybody signs in again, with the password of that time. Start it: `forum serve`.")


@contextmanager
def _made(instance: Path, handle: Any) -> Iterator[bool]:
    """The instance folder with settings, those of the backup if there were none; gone again when the
    restore fails. Gives whether the backup's were taken."""
    from forum.backups.container import SETTINGS, BackupReader
    from forum.backups.shelf import alone, replacing

    toml = instance / SETTINGS
    content = None if toml.is_file() else BackupReader(handle).settings()
    was_there = not _make_folder(instance)
    # Of two restores at once, the one that is refused must not take away what the other made.
    with alone(instance):
        had_settings = toml.is_file()
        try:
            if content is not None and not had_settings:
                with replacing(toml) as target:
                    target.write(content)
            yield content is not None and not had_settings
        except BaseException:
            if not was_there:
                shutil.rmtree(instance, ignore_errors=True)
            elif not had_settings:
                toml.unlink(missing_ok=True)
            raise


def _make_folder(instance: Path) -> bool:
    try:
        instance.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        return False
    return True


def _contents(manifest: Any) -> str:
    words = []
    for name, one in (("members", "member"), ("threads", "thread"), ("posts", "post")):
        number = manifest.parts[name].rows if name in manifest.parts else 0
        words.append(f"{number} {one if number == 1 else name}")
    pictures = "1 picture" if manifest.pictures == 1 else f"{manifest.pictures} pictures"
    return f"{', '.join(words)} and {pictures}"


def _size(size: int) -> str:
    return f"{max(1, round(size / 1024)):,} KiB" if size < 10 * 2**20 else f"{size >> 20:,} MiB"
