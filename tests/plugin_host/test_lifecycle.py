"""Plugins are enabled, disabled and purged while the forum is there; each with tables of its own."""

from __future__ import annotations

import shutil
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import inspect, text

from forum.admin.archive_export_actions import export_archive
from forum.admin.plugin_actions import disable_plugin, enable_plugin, purge_plugin
from forum.app import create_app
from forum.backups.shelf import backups_in
from forum.cli import main
from forum.community.plugin_queries import enabled_plugins
from forum.db import db, rows, transaction
from forum.errors import Conflict, ForumError, NotFound
from forum.migrate import is_current, upgrade
from forum.migrate_plugins import ready_plugins
from forum.permissions import OPERATOR, PERMISSIONS
from forum.plugin_host import PluginHost
from forum.plugin_host.manifest import CORE_NAMES
from forum.testing.application import close
from forum.testing.factories import Factories
from forum.testing.forms import submit
from forum.testing.site import StartSite
from tests.evidence import words_of
from tests.plugin_host.conftest import write_plugin

ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Start = Callable[[], Flask]
KILN = """
from flask import Blueprint
from sqlalchemy import text
pages = Blueprint("kiln", __name__, url_prefix="/kiln")

@pages.get("")
def firings():
    return ", ".join(row.cone for row in rows(text("SELECT cone FROM kiln__firings")))

@hookimpl
def register_blueprints():
    return [pages]
"""
FIRST = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0001", None

def upgrade():
    op.create_table(
        "kiln__firings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("member_id", sa.BigInteger, sa.ForeignKey("members.id", ondelete="CASCADE")),
        sa.Column("cone", sa.Text, nullable=False),
    )
"""
SECOND = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0002", "0001"

def upgrade():
    op.add_column("kiln__firings", sa.Column("hours", sa.Integer))
"""


@pytest.fixture
def kiln(plugin_folder: Path) -> Path:
    """A plugin with a page and a table."""
    write_plugin(plugin_folder, "kiln", KILN, 'personal_data = "Who fired at which cone."\n')
    folder = plugin_folder / "forum_kiln"
    migrate_by(folder, "0001", FIRST)
    return folder


def migrate_by(folder: Path, number: str, source: str) -> None:
    """Give a plugin a migration."""
    (folder / "migrations").mkdir(exist_ok=True)
    (folder / "migrations" / f"{number}.py").write_text(source)


@pytest.fixture
def start(instance: Path, database: str, plugin_folder: Path) -> Iterator[Start]:
    """Starts the forum as ``forum serve`` does: what became of the plugins stands in its host."""
    apps: list[Flask] = []

    def begin() -> Flask:
        app = create_app(instance, database=database, plugin_folders=[str(plugin_folder)])
        apps.append(app)
        with app.app_context():
            is_other = ready_plugins(app.extensions["forum_settings"])
        if not is_other:
            return app
        apps.append(create_app(instance, database=database, plugin_folders=[str(plugin_folder)]))
        return apps[-1]

    yield begin
    for app in apps:
        close(app)


def states(app: Flask) -> dict[str, str]:
    """State and reason of every plugin."""
    host: PluginHost = app.extensions["forum_plugins"]
    return {p.name: f"{p.state}: {p.reason}".removesuffix(": ") for p in host.plugins}


def do(app: Flask, action: Callable[..., object], name: str = "kiln") -> None:
    """Do it as whoever has a shell on the machine."""
    with app.test_request_context(), transaction():
        action(OPERATOR, name)


def tables(app: Flask) -> set[str]:
    """The names of all tables there are."""
    with app.app_context():
        return set(inspect(db.engine).get_table_names())


def fire(app: Flask, cone: str) -> None:
    """Have the plugin keep something."""
    with app.app_context(), transaction():
        db.session.execute(text("INSERT INTO kiln__firings (cone) VALUES (:cone)"), {"cone": cone})


def test_plugin_is_enabled_disabled_comes_back_with_its_data_and_is_purged(
    start: Start, kiln: Path
) -> None:
    app = start()
    before = tables(app)
    assert (states(app), app.test_client().get("/kiln").status_code) == (
        {"kiln": "not enabled"},
        404,
    )

    do(app, enable_plugin)
    app = start()
    assert states(app) == {"kiln": "running"}
    assert tables(app) - before == {"kiln__firings", "alembic_version_kiln"}
    fire(app, "cone 6")

    do(app, disable_plugin)
    app = start()
    assert (states(app), app.test_client().get("/kiln").status_code) == (
        {"kiln": "not enabled"},
        404,
    )

    do(app, enable_plugin)
    app = start()
    assert app.test_client().get("/kiln").text == "cone 6"

    do(app, disable_plugin)
    do(app, purge_plugin)
    assert tables(app) == before
    with pytest.raises(NotFound):
        do(app, purge_plugin)


@ONE_KIND
def test_new_version_of_a_plugin_migrates_its_tables_after_a_backup(
    start: Start, kiln: Path, instance: Path
) -> None:
    app = start()
    Factories(app).community()
    do(app, enable_plugin)
    fire(start(), "cone 6")
    assert backups_in(instance) == []
    migrate_by(kiln, "0002", SECOND)
    app = start()
    with app.app_context():
        assert [tuple(row) for row in rows(text("SELECT cone, hours FROM kiln__firings"))] == [
            ("cone 6", None)
        ]
    assert [backup.before for backup in backups_in(instance)] == ["plugins"]


BAD = {
    "broken": (FIRST.replace("def upgrade", "def upgrade(:"), "its migrations cannot be read: "),
    "fails": (FIRST + '    raise RuntimeError("cold")\n', "its tables are not made for this"),
    "leaves": (FIRST + "    import sys; sys.exit(3)\n", "its tables are not made for this"),
    "takes another name": (
        FIRST.replace("kiln__firings", "firings"),
        "its tables are not made for",
    ),
    "drops what is not its own": (
        FIRST + '    op.drop_table("plugin_troubles")\n',
        "its tables are not made for this version",
    ),
}


@ONE_KIND
@pytest.mark.parametrize("kind", BAD)
def test_plugin_whose_migration_goes_wrong_is_left_out_and_changes_nothing(
    start: Start, kiln: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    source, reason = BAD[kind]
    migrate_by(kiln, "0001", source)
    app = start()
    before = tables(app)
    do(app, enable_plugin)
    app = start()
    assert states(app)["kiln"].startswith(f"refused: {reason}")
    assert tables(app) == before
    assert app.test_client().get("/").status_code == 200
    assert "plugin 'kiln' cannot be used: its " in caplog.text


@ONE_KIND
def test_plugin_that_is_enabled_for_the_first_time_is_no_error(
    start: Start, kiln: Path, caplog: pytest.LogCaptureFixture
) -> None:
    do(start(), enable_plugin)
    assert states(start())["kiln"] == "running"
    said = [(r.levelname, r.getMessage()) for r in caplog.records if r.name == "forum.plugins"]
    assert said == [("WARNING", "plugin kiln waits for its tables")]


@ONE_KIND
def test_migration_that_fails_with_data_makes_no_backup_at_each_start(
    start: Start, kiln: Path, instance: Path
) -> None:
    app = start()
    Factories(app).community()
    do(app, enable_plugin)
    fire(start(), "cone 6")
    migrate_by(kiln, "0002", SECOND + "    raise RuntimeError\n")
    assert states(start())["kiln"].startswith("refused: its tables are not made")
    assert states(start())["kiln"].startswith("refused: its tables are not made")
    assert backups_in(instance) == []


@ONE_KIND
def test_tables_of_a_newer_version_are_left_alone(start: Start, kiln: Path) -> None:
    app = start()
    do(app, enable_plugin)
    migrate_by(kiln, "0002", SECOND)
    fire(start(), "cone 6")
    (kiln / "migrations" / "0002.py").unlink()
    shutil.rmtree(kiln / "migrations" / "__pycache__", ignore_errors=True)
    app = start()
    assert states(app)["kiln"].startswith("refused: its tables are not made for this version")
    with app.app_context():
        assert len(rows(text("SELECT hours FROM kiln__firings"))) == 1


def test_plugin_that_is_gone_keeps_nothing_from_being_upgraded_and_can_be_purged(
    start: Start, kiln: Path, empty_database: str
) -> None:
    app = start()
    before = tables(app)
    do(app, enable_plugin)
    fire(start(), "cone 6")
    shutil.rmtree(kiln)
    app = start()
    assert states(app) == {"kiln": "refused: there is no plugin of this name"}
    with app.app_context():
        assert is_current(db.engine)
        assert upgrade(db.engine) is False
    admin = Factories(app)
    admin_client = admin.signed_in(admin.community())
    do(app, disable_plugin)
    assert (
        "The table kiln__firings with 1 row." in admin_client.get("/admin/plugins/kiln/purge").text
    )
    do(app, purge_plugin)
    assert tables(app) == before


def test_purge_waits_for_a_plugin_whose_tables_point_here(
    start: Start, kiln: Path, plugin_folder: Path
) -> None:
    write_plugin(plugin_folder, "shelf", "", 'dependencies = ["kiln"]\n')
    pots = FIRST.replace("kiln__firings", "shelf__pots").replace("members.id", "kiln__firings.id")
    migrate_by(plugin_folder / "forum_shelf", "0001", pots.replace("BigInteger", "Integer"))
    app = start()
    before = tables(app)
    do(app, enable_plugin)
    do(app, enable_plugin, "shelf")
    app = start()
    assert states(app) == {"kiln": "running", "shelf": "running"}
    with pytest.raises(Conflict, match="Other plugins need kiln: shelf"):
        do(app, disable_plugin)
    for name in ("shelf", "kiln"):
        do(app, disable_plugin, name)
    with pytest.raises(Conflict, match=r"point to those of kiln: shelf__pots\."):
        do(app, purge_plugin)
    for name in ("shelf", "kiln"):
        do(app, purge_plugin, name)
    assert tables(app) == before


REFUSED = {
    "ghost": "There is no plugin of this name.",
    "broken": "broken cannot run: plugin.toml lacks title, version, requires_forum.",
    "newer": "newer cannot run: needs Folkmoot ≥ 7, and this is ",
    "leaning": "leaning cannot run: needs kiln, which is not enabled.",
    "named": "named is named in the setting “plugins” of this installation",
}


@ONE_KIND
@pytest.mark.parametrize("name", REFUSED)
def test_plugin_that_could_not_run_is_not_enabled(
    instance: Path, database: str, plugin_folder: Path, kiln: Path, name: str
) -> None:
    for each in ("broken", "newer", "named"):
        write_plugin(plugin_folder, each, "")
    write_plugin(plugin_folder, "leaning", "", 'dependencies = ["kiln"]\n')
    (plugin_folder / "forum_broken" / "plugin.toml").write_text('name = "broken"')
    newer = plugin_folder / "forum_newer" / "plugin.toml"
    newer.write_text(newer.read_text().replace(">=0.1", ">=7"))
    folders = [str(plugin_folder)]
    app = create_app(instance, database=database, plugins=[], plugin_folders=folders)
    (instance / "forum.toml").write_text('plugins = ["named"]')
    app = create_app(instance, database=database, plugin_folders=folders)
    with pytest.raises(ForumError) as refused:
        do(app, enable_plugin, name)
    assert str(refused.value.message).startswith(REFUSED[name])
    with app.app_context():
        assert enabled_plugins() == frozenset()
    close(app)


@ONE_KIND
def test_enabled_plugin_is_neither_purged_nor_taken_for_a_part_of_the_core(
    start: Start, kiln: Path
) -> None:
    app = start()
    do(app, enable_plugin)
    fire(start(), "cone 6")
    with pytest.raises(Conflict, match=r"kiln is enabled\. Disable it first\."):
        do(app, purge_plugin)
    # Purging takes grants along whose permission begins with the plugin's name.
    assert {permission.partition(".")[0] for permission in PERMISSIONS} <= CORE_NAMES
    with pytest.raises(NotFound, match="a part of the forum itself"):
        do(app, purge_plugin, "thread")


@ONE_KIND
def test_every_visit_tells_a_process_that_other_plugins_are_to_run(
    start: Start, kiln: Path
) -> None:
    app = start()
    host: PluginHost = app.extensions["forum_plugins"]
    renewals: list[str] = []
    host.renew = lambda: renewals.append("now")
    browser = app.test_client()
    browser.get("/")
    assert renewals == []
    do(app, enable_plugin)
    browser.get("/")
    assert renewals == ["now"]
    do(app, disable_plugin)
    browser.get("/")
    assert renewals == ["now"]


@ONE_KIND
def test_administrators_enable_disable_and_purge_on_pages(start: Start, kiln: Path) -> None:
    app = start()
    factories = Factories(app)
    olga = factories.community()
    admin = factories.signed_in(olga)
    asked = admin.get("/admin/plugins/kiln/enable").text
    assert "About people it keeps: Who fired at which cone." in asked
    assert submit(admin, "/admin/plugins/kiln/enable").status_code == 303
    app = start()
    fire(app, "cone 6")
    admin = Factories(app).signed_in(olga)
    assert words_of(admin.get("/admin/plugins"), "main article a") == ["Disable kiln"]
    assert submit(admin, "/admin/plugins/kiln/purge").status_code == 409
    assert submit(admin, "/admin/plugins/kiln/disable").status_code == 303
    assert words_of(admin.get("/admin/plugins"), "main article a") == [
        "Enable kiln",
        "Drop all that kiln keeps",
    ]
    assert "The table kiln__firings with 1 row." in admin.get("/admin/plugins/kiln/purge").text
    assert submit(admin, "/admin/plugins/kiln/purge").status_code == 303
    assert admin.get("/admin/plugins/kiln/purge").status_code == 404
    changes = admin.get("/admin/changes").text
    assert [w in changes for w in ("plugin enabled", "plugin disabled", "plugin purged")] == [
        True
    ] * 3


@ONE_KIND
def test_commands_enable_show_disable_and_purge(
    start: Start, kiln: Path, instance: Path, database: str, plugin_folder: Path
) -> None:
    environment = {
        "FORUM_INSTANCE": str(instance),
        "FORUM_DATABASE": database,
        "FORUM_PLUGIN_FOLDERS": str(plugin_folder),
    }

    def run(*words: str, answer: str = "") -> list[str]:
        done = CliRunner().invoke(main, ["plugins", *words], env=environment, input=answer)
        return done.output.splitlines()

    assert run("enable", "kiln") == ["Enabled. A forum that runs starts anew within seconds."]
    assert run("purge", "kiln")[-1] == "Error: Nothing is kept of a plugin of this name."
    fire(start(), "cone 6")
    assert run("show", "kiln") == [
        "kiln 1 – The kiln",
        "enabled",
        "about people it keeps: Who fired at which cone.",
        "    the table kiln__firings: 1 rows",
    ]
    assert run("disable", "kiln") == [
        "Disabled. A forum that runs starts anew within seconds. What it keeps stays."
    ]
    assert run("purge", "kiln", answer="n\n")[-1] == "Aborted!"
    assert run("purge", "kiln", answer="y\n")[-1] == "Nothing of kiln is left."
    assert "kiln__firings" not in tables(start())


@ONE_KIND
def test_no_archive_says_or_changes_which_plugins_run(
    start: Start, kiln: Path, tmp_path: Path
) -> None:
    app = start()
    Factories(app).community()
    do(app, enable_plugin)
    with app.test_request_context():
        export_archive(OPERATOR, tmp_path / "all.archive")
    with zipfile.ZipFile(tmp_path / "all.archive") as archive:
        assert archive.read("settings.jsonl") == b""


@pytest.mark.full
def test_forum_starts_anew_with_other_plugins_and_keeps_its_door_open_meanwhile(
    start_site: StartSite, plugin_folder: Path, kiln: Path
) -> None:
    site = start_site(FORUM_PLUGIN_FOLDERS=str(plugin_folder))
    site.factories.community()
    environment = {
        "FORUM_INSTANCE": str(site.instance),
        "FORUM_PLUGIN_FOLDERS": str(plugin_folder),
    }
    answers: list[int] = []

    def ask(path: str) -> int:
        try:
            with urllib.request.urlopen(site.url + path, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except ConnectionResetError:
            # It came in at the very moment in which the server ends; a browser asks again.
            return 0

    for word, wanted in (("enable", 200), ("disable", 404)):
        done = CliRunner().invoke(main, ["plugins", word, "kiln"], env=environment)
        assert done.exit_code == 0, done.output
        until = time.monotonic() + 60
        # Whoever asks while it starts anew waits; a refused connection would raise here.
        while ask("/kiln") != wanted and time.monotonic() < until:
            answers.append(ask("/"))
            time.sleep(0.05)
        assert ask("/kiln") == wanted
    assert 200 in answers
    assert set(answers) <= {200, 0}
    assert site.printed().count("other plugins are to run: starting anew") == 2
    assert site.stop() == 0


@ONE_KIND
def test_plugin_with_a_name_too_long_for_its_tables_is_refused(
    start: Start, plugin_folder: Path
) -> None:
    for name in ("a" * 41, "a__b", "a_"):
        write_plugin(plugin_folder, name, "")
        migrate_by(plugin_folder / f"forum_{name}", "0001", FIRST.replace("kiln", name))
    app = start()
    for name in ("a" * 41, "a__b", "a_"):
        do(app, enable_plugin, name)
    assert {reason.partition(", so")[0] for reason in states(start()).values()} == {
        "refused: has tables"
    }


def test_looking_for_plugins_makes_no_database(instance: Path) -> None:
    app = create_app(instance)
    close(app)
    assert not (instance / "forum.sqlite3").exists()
