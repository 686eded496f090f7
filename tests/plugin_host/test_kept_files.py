"""Plugins keep files of their own in the instance folder: no backup has them, a purge removes them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from forum.admin.plugin_actions import purge_plugin
from forum.admin.plugin_queries import kept_of
from forum.backups.making import make_backup
from forum.cli import main
from forum.config import current_settings
from forum.db import transaction
from forum.errors import NotFound
from forum.permissions import OPERATOR
from forum.plugin_api import plugin_files
from forum.testing.factories import Factories
from forum.testing.forms import submit

ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = ONE_KIND


def keep(app: Flask, name: str, *files: str) -> Path:
    """Have a plugin of this name keep files; the folder in which they are."""
    with app.app_context():
        folder = plugin_files(name)
    for file in files:
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_bytes(b"what opens the box")
    return folder


def purge(app: Flask, name: str) -> None:
    with app.test_request_context(), transaction():
        purge_plugin(OPERATOR, name)


def test_folder_is_the_forums_alone_and_only_plugins_have_one(app: Flask) -> None:
    folder = keep(app, "tin-box")
    with app.app_context():
        instance = current_settings().instance
        for name in ("..", "", "a/b", "Tin box"):
            with pytest.raises(ValueError, match="not the name of a plugin"):
                plugin_files(name)
    assert folder == instance / "plugin-files" / "tin-box"
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)]
    assert modes == [0o700, 0o700]


def test_purging_lists_the_files_and_removes_these_alone(app: Flask, factories: Factories) -> None:
    mine = keep(app, "tin-box", "1.key", "older/0.key")
    others = keep(app, "tin", "1.key")
    stranger = mine.parent.parent / "mine.txt"
    stranger.write_text("stays")
    (mine / "link").symlink_to(stranger)
    (mine / "way out").symlink_to(mine.parent.parent)
    admin = factories.signed_in(factories.community())

    assert "Drop all that tin_box keeps" in admin.get("/admin/plugins").text
    address = "/admin/plugins/tin-box/purge"
    assert "3 files, of which no backup has a copy." in admin.get(address).text
    assert submit(admin, address).status_code == 303

    assert (mine.exists(), stranger.read_text()) == (False, "stays")
    assert (others / "1.key").read_bytes() == b"what opens the box"
    assert admin.get(address).status_code == 404


def test_nothing_beside_the_files_of_plugins_can_be_purged(app: Flask) -> None:
    folder = keep(app, "tin-box", "1.key")
    for name in ("..", ".", "", "plugin-files"):
        with pytest.raises(NotFound):
            purge(app, name)
    assert (folder / "1.key").exists()


def test_files_are_overwritten_before_they_are_removed(app: Flask) -> None:
    folder = keep(app, "tin-box", "1.key")
    # Another name of the same file shows what became of its bytes.
    other = folder.parent.parent / "other name"
    other.hardlink_to(folder / "1.key")
    purge(app, "tin-box")
    assert other.read_bytes() == bytes(len(b"what opens the box"))


def test_refused_purge_leaves_the_files(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = keep(app, "tin-box", "1.key")

    def refuse(*_: object) -> None:
        raise NotFound("no")

    monkeypatch.setattr("forum.admin.plugin_actions.drop_tables", refuse)
    with pytest.raises(NotFound):
        purge(app, "tin-box")
    assert (folder / "1.key").exists()


def test_commands_list_and_remove_them(app: Flask, instance: Path, database: str) -> None:
    folder = keep(app, "tin-box", "1.key")
    environment = {"FORUM_INSTANCE": str(instance), "FORUM_DATABASE": database}
    command = ["plugins", "purge", "tin-box", "--yes"]
    done = CliRunner().invoke(main, command, env=environment)
    assert "1 files, of which no backup has a copy" in done.output
    assert not folder.exists()


def test_no_backup_has_them(app: Flask, factories: Factories, tmp_path: Path) -> None:
    factories.community()
    folder = keep(app, "tin-box", "1.key")
    with app.app_context():
        assert kept_of("tin-box").files == 1
        made = make_backup(OPERATOR, current_settings(), tmp_path / "a.folkmoot-backup")
    # Nothing in it is compressed but what its own format says; names stand in clear.
    found = made.path.read_bytes()
    assert [word in found for word in (b"1.key", b"plugin-files", b"manifest.json")] == [
        False,
        False,
        True,
    ]
    assert (folder / "1.key").exists()
