"""``forum export`` and ``forum import archive``."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forum.cli_backups import OrMake

if TYPE_CHECKING:
    from forum.admin.excerpt_extent import Wish


class _Day(click.ParamType[date]):
    name = "date"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day such as 2026-01-31.", param, ctx)


_DAY = _Day()


@click.group(cls=OrMake)
def export() -> None:
    """Write what is the community's into a file or a folder: `forum export FILE`."""


@export.command("make")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE when it is there already.")
@click.option(
    "--category",
    "categories",
    multiple=True,
    metavar="SLUG",
    help="Only this; give it again for more.",
)
@click.option("--since", type=_DAY, metavar="DATE", help="Only posts of this day and later.")
@click.option("--until", type=_DAY, metavar="DATE", help="Only posts of this day and earlier.")
@click.option("--with-removed", is_flag=True, help="Also posts that are removed, held or refused.")
@click.option("--with-addresses", is_flag=True, help="Also the authors' e-mail addresses.")
@click.option(
    "--html", is_flag=True, help="Pages that every browser shows, in a folder or a ZIP file."
)
@click.pass_obj
def make(
    instance: Path,
    file: Path,
    force: bool,
    categories: tuple[str, ...],
    since: date | None,
    until: date | None,
    with_removed: bool,
    with_addresses: bool,
    html: bool,
) -> None:
    """Write everything that is the community's into FILE, an archive in an open format.

    With --category, --since or --until it is an excerpt: the posts of these categories and days,
    their authors' names, and nothing else. A forum can be moved with a whole archive only. DATE is a
    day such as 2026-01-31, by the community's clock.

    With --html it is pages to read, with or without the others; FILE ends with .zip, or is a folder.

    The forum may go on running. A whole archive has the members' e-mail addresses, and what only
    moderators see: keep it as safe as the forum itself. Nothing has passwords, sessions, drafts or
    notifications.
    """
    from forum.admin.excerpt_extent import Wish

    wanted = tuple(dict.fromkeys(categories))
    wish = Wish(wanted, since, until, with_removed, with_addresses)
    if html:
        _make_pages(instance, file, wish, force=force)
    elif wish.is_of_all:
        _make_archive(instance, file, force=force)
    elif not (categories or since or until):
        raise click.UsageError(
            "A whole archive has removed posts and addresses. Leave --with-removed and "
            "--with-addresses out, or say of what: --category, --since, --until, --html."
        )
    else:
        _make_excerpt(instance, file, wish, force=force)


def _make_archive(instance: Path, file: Path, *, force: bool) -> None:
    from tqdm import tqdm

    from forum.admin.archive_export_actions import export_archive
    from forum.cli import application
    from forum.permissions import OPERATOR

    with application(instance), tqdm(unit=" lines", disable=None) as bar:
        done = export_archive(OPERATOR, file, force=force, progress=bar.update)
    click.echo(f"{file} has {_counted(done.counts)}.")
    if rows := done.counts.get("plugins"):
        click.echo(f"Of plugins it has {rows} {'row' if rows == 1 else 'rows'}.")
    click.echo("It holds e-mail addresses and hidden posts: keep it as safe as the forum itself.")
    _end(done.missing)


def _make_excerpt(instance: Path, file: Path, wish: Wish, *, force: bool) -> None:
    from tqdm import tqdm

    from forum.admin.excerpt_actions import export_excerpt
    from forum.cli import application
    from forum.permissions import OPERATOR

    with application(instance), tqdm(unit=" lines", disable=None) as bar:
        done = export_excerpt(OPERATOR, file, wish, force=force, progress=bar.update)
    click.echo(f"{file} has {_counted(done.counts, _IN_EXCERPT)}.")
    _say_seal(done.seal)
    _end(done.missing)


def _make_pages(instance: Path, file: Path, wish: Wish, *, force: bool) -> None:
    from tqdm import tqdm

    from forum.admin.excerpt_pages import export_pages
    from forum.cli import application
    from forum.permissions import OPERATOR

    with application(instance), tqdm(unit=" posts", disable=None) as bar:
        done = export_pages(OPERATOR, file, wish, force=force, progress=bar.update)
    click.echo(f"{file} has {_counted(done.counts, _IN_PAGES)}.")
    if file.suffix.lower() != ".zip":
        click.echo(f"Open {file / 'index.html'} in a browser.")
    _say_seal(done.seal)
    _end(done.missing)


def _say_seal(seal: str) -> None:
    click.echo(f"SHA-256 of its list of hashes: {seal}")
    click.echo("Note it down: `forum export verify` says it again if nothing was changed.")


def _end(missing: list[str]) -> None:
    for path in missing:
        click.echo(f"Not in it: {path} is missing or damaged. Restore it from a backup.", err=True)
    sys.exit(1 if missing else 0)


@export.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
def verify(file: Path) -> None:
    """Read all of FILE, which `forum export` wrote, and name what is not as it was.

    It needs no forum. The status is 1 when something differs.
    """
    from forum.admin.excerpt_checking import check_export
    from forum.cli import _plain_errors

    with _plain_errors():
        found = check_export(file)
    for word, names in (
        ("changed", found.changed),
        ("missing", found.missing),
        ("added", found.added),
    ):
        for name in names:
            # It may hold anything, and is printed on a terminal.
            click.echo(f"{word}: {name if name.isprintable() else ascii(name)}", err=True)
    if not found.is_whole:
        raise click.ClickException(f"{file} is not as it was written.")
    click.echo(f"{file} is whole: {found.files} files are as they were written.")
    click.echo(f"SHA-256 of its list of hashes: {found.seal}")


@click.command("archive")
@click.argument("file", type=click.File("rb"))
@click.option("--without-plugins", is_flag=True, help="Leave out what plugins kept.")
@click.pass_obj
def import_archive(instance: Path, file: Any, without_plugins: bool) -> None:
    """Read the archive FILE of `forum export` into this forum, which must be empty.

    All of it comes in, or nothing. Whoever is an administrator or moderator in FILE is one here:
    import only what comes from a forum that you trust. Plugins of which it has rows must run here.
    """
    from tqdm import tqdm

    from forum.admin.archive_import_actions import import_archive as run
    from forum.cli import application
    from forum.config import current_settings
    from forum.permissions import OPERATOR

    with application(instance), tqdm(unit=" lines", disable=None) as bar:
        done = run(OPERATOR, file, without_plugins=without_plugins, progress=bar.update)
        address = current_settings().base_url
    click.echo(f"In came {_counted(done.counts)}, from {done.software}.")
    if rows := done.counts["plugins"]:
        what = "Left out" if without_plugins else "In came"
        click.echo(f"{what} {rows} {'row' if rows == 1 else 'rows'} of plugins.")
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


_IN_EXCERPT = {
    name: _ONE[name] for name in ("categories", "threads", "posts", "members", "pictures")
}
_IN_PAGES = {**_IN_EXCERPT, "pages": "page"}


def _counted(counts: dict[str, int], kinds: dict[str, str] = _ONE) -> str:
    words = [f"{counts[kind]} {one if counts[kind] == 1 else kind}" for kind, one in kinds.items()]
    return f"{', '.join(words[:-1])} and {words[-1]}"
