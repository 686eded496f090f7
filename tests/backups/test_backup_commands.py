"""``forum backup`` and ``forum restore``: what they say, and the files they leave."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import filemode

import pytest
from click.testing import CliRunner
from flask import Flask

from forum.app import create_app
from forum.backups.shelf import last_try
from forum.cli import main
from forum.cli_backups import _made
from forum.testing.application import close
from forum.testing.factories import Factories
from tests.admin.full_forum import FullForum
from tests.backups.broken import with_manifest

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def forum(instance: Path, *words: object) -> tuple[int, str]:
    """Run the command: its status, and what it says without the bar of its progress and the times."""
    result = CliRunner().invoke(main, ["--instance", str(instance), *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    lines = [line for line in result.output.splitlines(keepends=True) if " rows" not in line]
    said = re.sub(r"\d{4}-\d\d-\d\dT\d\d:?\d\d:?\d\d(?:Z|\+00:00)", "TIME", "".join(lines))
    return result.exit_code, re.sub(r"[\d,]+ KiB", "N KiB", said)


@pytest.fixture
def here(app: Flask, instance: Path, database: str) -> Path:
    """The instance folder of ``app``, for commands."""
    (instance / "forum.toml").write_text(f"database = {json.dumps(database)}\nthreads = 3\n")
    return instance


@pytest.fixture
def with_posts(here: Path, factories: Factories) -> Path:
    """An instance with three people and two posts."""
    factories.community()
    factories.reply(factories.thread())
    return here


@pytest.fixture
def portable(tmp_path: Path, sqlite_template: Path, database: str) -> Path:
    """An instance with one person, which keeps its database in its own folder."""
    folder = tmp_path / "portable"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "forum.sqlite3")
    (folder / "forum.toml").write_text("threads = 3\n")
    app = create_app(folder)
    Factories(app).community()
    close(app)
    return folder


WHAT = "3 members, 1 thread, 2 posts and 0 pictures"
NAMED = "TIME.folkmoot-backup"


def test_backup_lies_in_the_instance_and_is_listed(with_posts: Path) -> None:
    folder = with_posts / "backups"
    assert forum(with_posts, "backup", "list") == (
        0,
        f"There is no backup in {folder}. `forum backup` makes one.\n",
    )
    assert forum(with_posts, "backup") == (
        0,
        f"{folder / NAMED} has {WHAT}, N KiB. It was read back.\n",
    )
    assert forum(with_posts, "backup", "list") == (0, f"{folder / NAMED}  N KiB\n")
    (made,) = folder.glob("*.folkmoot-backup")
    assert forum(with_posts, "backup", "check", made) == (
        0,
        f"{folder / NAMED} is whole: Potters,\nas it was at TIME, with {WHAT},\n"
        "written by Folkmoot 0.1.0 with the schema 0015.\n",
    )
    last = last_try(with_posts)
    assert last is not None
    assert (last.file, last.error) == (made.name, "")


def test_newest_backups_are_kept(with_posts: Path) -> None:
    with (with_posts / "forum.toml").open("a") as settings:
        settings.write("backups_kept = 2\n")
    folder = with_posts / "backups"
    folder.mkdir()
    old = [folder / f"2020-01-0{day}T000000Z.folkmoot-backup" for day in (1, 2, 3)]
    before = folder / "2019-01-01T000000Z-before-0003.folkmoot-backup"
    for path in (*old, before, folder / "mine.folkmoot-backup", folder / "notes"):
        path.touch()
    forum(with_posts, "backup")
    kept = sorted(p.name for p in folder.iterdir() if p.name[0] not in "." and "2020" in p.name)
    assert kept == [old[2].name]
    assert before.exists()
    assert (folder / "mine.folkmoot-backup").exists()


def test_restore_makes_the_folder_with_settings_and_rights(portable: Path, tmp_path: Path) -> None:
    file, there = tmp_path / "kept", tmp_path / "there"
    assert forum(portable, "backup", file)[0] == 0
    assert forum(there, "restore", file) == (
        0,
        "Potters is as it was at TIME,\nwith 1 member, 0 threads, 0 posts and 0 pictures, in "
        f"sqlite:///{there}/forum.sqlite3.\n"
        "Everybody signs in again, with the password of that time. Start it: `forum serve`.\n",
    )
    assert (there / "forum.toml").read_text() == "threads = 3\n"
    assert {p.name: filemode(p.stat().st_mode) for p in [there, *there.iterdir()]} == {
        "there": "drwx------",
        "backups": "drwx------",
        "forum.toml": "-rw-------",
        "forum.sqlite3": "-rw-------",
        "secret": "-rw-------",
    }
    assert (there / "secret").read_bytes() != (portable / "secret").read_bytes()


def test_restore_that_comes_second_takes_away_nothing(portable: Path, tmp_path: Path) -> None:
    file, there = tmp_path / "kept", tmp_path / "there"
    forum(portable, "backup", file)
    # The first has made the folder, and nothing in it yet.
    with file.open("rb") as handle, _made(there, handle):
        status, said = forum(there, "restore", file)
        assert (status, "being made or restored. Wait" in said) == (1, True), said
        assert (there / "forum.toml").is_file()
    assert forum(there, "restore", file)[0] == 0
    before = sorted(there.rglob("*"))
    assert forum(there, "restore", file)[0] == 1
    assert sorted(there.rglob("*")) == before


def test_settings_that_are_there_stay(with_posts: Path, tmp_path: Path) -> None:
    file, there = tmp_path / "kept", tmp_path / "there"
    forum(with_posts, "backup", file)
    there.mkdir()
    (there / "forum.toml").write_text("threads = 2\n")
    status, said = forum(there, "restore", file)
    assert (status, f"The settings in {there}/forum.toml were kept as they are." in said) == (
        0,
        True,
    )
    assert (there / "forum.toml").read_text() == "threads = 2\n"


def test_settings_of_the_backup_may_name_the_old_database(with_posts: Path, tmp_path: Path) -> None:
    file, there = tmp_path / "kept", tmp_path / "there"
    forum(with_posts, "backup", file)
    status, said = forum(there, "restore", file)
    assert status == 1
    assert "name another, empty database" in said
    assert not there.exists()


def test_restored_forum_lets_people_in_with_their_passwords(portable: Path, tmp_path: Path) -> None:
    file, there = tmp_path / "kept", tmp_path / "there"
    with opened(portable) as app:
        ada = Factories(app).member("Ada")
        old_browser = Factories(app).signed_in(ada)
        assert "Ada" in old_browser.get("/").text
    forum(portable, "backup", file)
    forum(there, "restore", file)
    with opened(there) as app:
        assert "Ada" in Factories(app).signed_in(ada).get("/").text


@contextmanager
def opened(instance: Path) -> Iterator[Flask]:
    """The forum of this folder."""
    app = create_app(instance)
    try:
        yield app
    finally:
        close(app)


def test_missing_picture_is_named_and_the_rest_is_kept(
    full: FullForum, here: Path, tmp_path: Path
) -> None:
    (picture,) = (here / "files").rglob("*.png")
    picture.write_bytes(picture.read_bytes()[:-1])
    status, said = forum(here, "backup", tmp_path / "kept")
    assert (status, f"Not in it: {picture} is missing, damaged" in said) == (1, True)
    assert "missing when it was made: 1." in forum(here, "backup", "check", tmp_path / "kept")[1]


def test_file_that_is_there_is_replaced_only_when_told(with_posts: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept"
    file.write_text("mine")
    assert forum(with_posts, "backup", file) == (
        1,
        f"Error: {file} is there already. Give another name, or --force.\n",
    )
    assert file.read_text() == "mine"
    assert forum(with_posts, "backup", "--force", file)[0] == 0
    assert forum(with_posts, "backup", tmp_path / "no" / "such")[1].startswith("Error: ")
    assert forum(with_posts, "restore", tmp_path / "none")[0] == 2


def test_forum_without_tables_has_nothing_to_back_up(here: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert forum(empty, "backup") == (
        1,
        "Error: There is no forum in the database yet, so nothing was written.\n",
    )
    last = last_try(empty)
    assert last is not None
    assert last.error == "Invalid"


def test_newer_backup_is_refused_and_leaves_no_folder(with_posts: Path, tmp_path: Path) -> None:
    file, there = tmp_path / "kept", tmp_path / "there"
    forum(with_posts, "backup", file)
    file.write_bytes(with_manifest(file.read_bytes(), lambda m: m.update(version=7)))
    status, said = forum(there, "restore", file)
    assert (status, "in version 7 of the format" in said, there.exists()) == (1, True, False)
    assert forum(there, "backup", "check", file)[0] == 1
