"""The ``forum`` command."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from forum import __version__
from forum.cli_accounts import give_role, roles
from forum.cli_archive import export, import_archive
from forum.cli_backups import backup, restore
from forum.cli_brought import ForumCommands
from forum.cli_categories import categories, community
from forum.cli_config import config
from forum.cli_doctor import doctor
from forum.cli_groups import groups
from forum.cli_invitations import invitations, invite
from forum.cli_levels import levels
from forum.cli_lists import changes, jobs
from forum.cli_mail import mail
from forum.cli_members import members
from forum.cli_plugins import plugins
from forum.cli_review import review
from forum.cli_secret import secret
from forum.cli_settings import settings


@click.group(cls=ForumCommands)
@click.version_option(__version__, prog_name="Folkmoot")
@click.option(
    "--instance",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="FORUM_INSTANCE",
    default=Path("instance"),
    show_default=True,
    help="The folder that holds everything this forum keeps.",
)
@click.pass_context
def main(context: click.Context, instance: Path) -> None:
    """Folkmoot, a forum for communities of practice."""
    # The data and the letters, with links that open accounts, are nobody else's on this machine.
    os.umask(0o077)
    context.obj = instance


main.add_command(config)
main.add_command(secret)
main.add_command(doctor)
main.add_command(plugins)
main.add_command(jobs)
main.add_command(invite)
main.add_command(invitations)
main.add_command(mail)
main.add_command(changes)
main.add_command(members)
main.add_command(roles)
main.add_command(give_role)
main.add_command(groups)
main.add_command(levels)
main.add_command(categories)
main.add_command(community)
main.add_command(export)
main.add_command(backup)
main.add_command(restore)
main.add_command(settings)
main.add_command(review)


@main.command()
@click.option("--bind", help="Address and port to listen on, such as 127.0.0.1:8000.")
@click.option("--safe-mode", is_flag=True, help="Run without any plugin.")
@click.option("--demo", is_flag=True, help="Fill an empty forum with a small made-up community.")
@click.option(
    "--instance",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that holds everything this forum keeps.",
)
@click.pass_obj
def serve(
    default: Path, bind: str | None, safe_mode: bool, demo: bool, instance: Path | None
) -> None:
    """Make the instance if need be, migrate, and run the web server and the worker."""
    from forum.serving import serve as run

    with _plain_errors():
        sys.exit(run(instance or default, bind=bind, safe_mode=safe_mode or None, demo=demo))


@main.command()
@click.pass_obj
def worker(instance: Path) -> None:
    """Run a worker alone, beside others or for a web server elsewhere."""
    from forum.serving import work

    require_instance(instance)
    with _plain_errors():
        work(instance)


@main.command()
@click.option("--without-backup", is_flag=True, help="Make no backup first: there is no way back.")
@click.pass_obj
def migrate(instance: Path, without_backup: bool) -> None:
    """Bring the database to the schema this version needs, after a backup."""
    from forum.backups.upgrading import upgrade_with_backup
    from forum.config import current_settings
    from forum.migrate_plugins import ready_plugins

    with application(instance, migrated=False):
        done = upgrade_with_backup(current_settings(), without_backup=without_backup)
        plugins_done = ready_plugins(current_settings())
    if done.way_back:
        click.echo(done.way_back)
    click.echo("Migrated." if done.changed or plugins_done else "Nothing to migrate.")


@main.command("setup-link")
@click.pass_obj
def setup_link(instance: Path) -> None:
    """Print the one-time link with which the first administrator sets up the forum."""
    from forum.accounts.community_actions import new_setup_token
    from forum.config import current_settings
    from forum.db import transaction

    with application(instance):
        with transaction():
            token = new_setup_token()
        if token is None:
            raise click.ClickException("This forum is set up already. Sign in as administrator.")
        click.echo(f"{current_settings().base_url}/setup/{token}")


@main.group("import")
def import_() -> None:
    """Bring in what was written elsewhere."""


import_.add_command(import_archive)


@import_.command("threads")
@click.argument("file", type=click.File("rb"))
@click.pass_obj
def import_threads(instance: Path, file: Any) -> None:
    """Import threads from FILE: JSON Lines, gzip or not, `-` for standard input.

    It can be stopped and started again: what is here already is left as it is.
    """
    from tqdm import tqdm

    from forum.admin.import_actions import import_threads as run
    from forum.permissions import OPERATOR

    with application(instance), tqdm(unit=" threads", disable=None) as bar:

        def advance(number: int) -> None:
            bar.update(number - bar.n)

        report = run(OPERATOR, file, progress=advance)
    for line in report.lines():
        click.echo(line)
    sys.exit(1 if report.refused else 0)


@main.command()
@click.pass_obj
def findings(instance: Path) -> None:
    """Count what reviewers said of the posts as they stand, by rule."""
    from forum.discussion.finding_queries import finding_counts

    with application(instance):
        counts = finding_counts()
    for rule, severity, count in counts:
        click.echo(f"{count:>7}  {rule} ({severity})")
    if not counts:
        click.echo("Nothing was found in any post.")


@main.group()
def maintenance() -> None:
    """Close the forum for a while, with a page that says so."""


@maintenance.command("on")
@click.argument("words", default="")
@click.pass_obj
def close_forum(instance: Path, words: str) -> None:
    """Close the forum at once; WORDS tell its visitors why, and until when."""
    from forum.web.maintenance import note_of

    require_instance(instance)
    with _plain_errors():
        note_of(instance).write_text(words, encoding="utf-8")
    click.echo("The forum is closed. `forum maintenance off` opens it.")


@maintenance.command("off")
@click.pass_obj
def open_forum(instance: Path) -> None:
    """Open the forum again."""
    from forum.web.maintenance import note_of

    require_instance(instance)
    with _plain_errors():
        note_of(instance).unlink(missing_ok=True)
    click.echo("The forum is open.")


@main.group()
def themes() -> None:
    """How the forum looks."""


@themes.command("check")
@click.argument("name", required=False)
def check_themes(name: str | None) -> None:
    """Measure every pair of colours in the theme NAME, or in all of them, as everybody sees it."""
    from forum.web.theme_check import faults_of, report
    from forum.web.themes import read_theme, theme_names

    fit = True
    for each in [name] if name else theme_names():
        with _plain_errors():
            theme = read_theme(each)
        for line in report(theme):
            click.echo(line)
        fit = fit and not faults_of(theme)
    sys.exit(0 if fit else 1)


@main.group()
def pictures() -> None:
    """Pictures that members uploaded."""


@pictures.command("clean")
@click.pass_obj
def clean_pictures(instance: Path) -> None:
    """Remove pictures that nothing shows, and files that belong to none.

    The worker does the first by itself, every hour; files without a picture are left by a crash.
    """
    from forum.db import transaction
    from forum.discussion.picture_actions import forget_unused_pictures
    from forum.files.actions import remove_files
    from forum.files.queries import known_pictures
    from forum.files.storage import stray_files
    from forum.permissions import OPERATOR

    with application(instance):
        with transaction():
            forgotten = forget_unused_pictures(OPERATOR)
        strays = stray_files(known_pictures)
        with transaction():
            removed = remove_files(strays)
    click.echo(f"{forgotten} unused pictures were forgotten, {removed} files removed.")


def require_instance(instance: Path) -> None:
    """Refuse to act on a folder that is not there."""
    if not instance.is_dir():
        raise click.ClickException(
            f"There is no instance folder {instance}. Start the forum once, or give --instance."
        )


class _plain_errors:  # noqa: N801 - used like a function
    """Errors for people instead of tracebacks, for what an administrator can mend."""

    def __enter__(self) -> Any:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        from sqlalchemy.exc import DatabaseError, OperationalError

        from forum.config import ConfigError
        from forum.db import NotDurable
        from forum.errors import ForumError

        if isinstance(error, ForumError):
            raise click.ClickException(error.message) from error
        if isinstance(error, ConfigError | NotDurable):
            raise click.ClickException(str(error)) from error
        # SQLite says of a broken file only that it is a DatabaseError.
        if isinstance(error, OperationalError) or type(error) is DatabaseError:
            message = f"The database does not answer: {str(error.orig).strip()}"
            raise click.ClickException(message) from error
        if isinstance(error, OSError) and error.filename:
            raise click.ClickException(
                f"{error.filename}: {error.strerror}. The forum's user must be able to read and "
                "write what is in the instance folder."
            ) from error


class application(_plain_errors):  # noqa: N801 - used like a function
    """An application context of this instance; gives its database.

    Unless ``migrated`` is false, the database must have the schema that this version needs. In safe mode
    no plugin is imported.
    """

    def __init__(
        self, instance: Path, *, migrated: bool = True, safe_mode: bool | None = None
    ) -> None:
        self._instance = instance
        self._safe_mode = safe_mode
        self._migrated = migrated

    def __enter__(self) -> Any:
        from forum.app import create_app
        from forum.db import db

        require_instance(self._instance)
        with _plain_errors():
            self._context = create_app(
                self._instance, safe_mode=self._safe_mode
            ).test_request_context()
        self._context.push()
        try:
            self._require_schema()
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return db

    def _require_schema(self) -> None:
        from forum.db import db
        from forum.migrate import is_current

        if self._migrated and not is_current(db.engine):
            raise click.ClickException(
                "The database does not fit this version of Folkmoot. Run `forum migrate` first."
            )

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from forum.db import db

        engine = db.engine
        # What was read in this context goes back to the engine first.
        self._context.pop()
        engine.dispose()
        super().__exit__(kind, error, trace)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
