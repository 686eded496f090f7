"""``forum export`` and ``forum import archive``: what they say, and the files they leave."""

from __future__ import annotations

import json
from pathlib import Path
from stat import filemode

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from forum.app import create_app
from forum.cli import main
from forum.testing.application import close, work
from forum.testing.factories import Factories
from forum.testing.forms import submit
from tests.admin.archives import lines_in
from tests.evidence import everything, words_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SAFE = "It holds e-mail addresses and hidden posts: keep it as safe as the forum itself.\n"


def forum(instance: Path, *words: object) -> tuple[int, str]:
    """Run the command: its status, and what it says without the bar of its progress."""
    result = CliRunner().invoke(main, ["--instance", str(instance), *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    lines = [line for line in result.output.splitlines(keepends=True) if " lines" not in line]
    return result.exit_code, "".join(lines)


@pytest.fixture
def here(app: Flask, instance: Path, database: str) -> Path:
    """The instance folder of ``app``, for commands."""
    (instance / "forum.toml").write_text(f"database = {json.dumps(database)}\n")
    return instance


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """An instance folder of an empty forum."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    assert forum(folder, "migrate")[0] == 0
    return folder


def test_forum_moves_elsewhere(
    here: Path, elsewhere: Path, factories: Factories, client: FlaskClient, tmp_path: Path
) -> None:
    olga = factories.community()
    factories.reply(factories.thread())
    file = tmp_path / "forum.zip"
    assert forum(here, "export", file) == (
        0,
        f"{file} has 3 members, 1 category, 1 thread, 2 posts, 2 revisions and 0 pictures.\n{SAFE}",
    )
    status, said = forum(elsewhere, "import", "archive", file)
    assert status == 0
    assert said.startswith("In came 3 members, 1 category, 1 thread, 2 posts, 2 revisions")
    assert "ask for a new one at http://127.0.0.1:8000/reset" in said

    moved = create_app(elsewhere)
    try:
        page = moved.test_client().get("/t/1")
        assert words_of(page, "main") == words_of(client.get("/t/1"), "main")
        assert _signs_in_with_a_new_password(moved, olga.email)
    finally:
        close(moved)


def _signs_in_with_a_new_password(app: Flask, email: str) -> bool:
    browser = app.test_client()
    submit(browser, "/reset", email=email)
    work(app)
    (letter,) = app.extensions["forum_settings"].mail_folder.glob("*.eml")
    link = next(w for w in letter.read_text().split() if "/reset/" in w).partition("8000")[2]
    submit(browser, link, password="quite another password")
    answer = submit(browser, "/sign-in", email=email, password="quite another password")
    return answer.status_code == 303


def test_nobody_signs_in_with_the_old_password(
    here: Path, elsewhere: Path, factories: Factories, tmp_path: Path
) -> None:
    olga = factories.community()
    forum(here, "export", tmp_path / "forum.zip")
    forum(elsewhere, "import", "archive", tmp_path / "forum.zip")
    moved = create_app(elsewhere)
    answer = submit(moved.test_client(), "/sign-in", email=olga.email, password=olga.password)
    close(moved)
    assert answer.status_code == 422


def test_archive_without_an_administrator_says_how_to_become_one(
    here: Path, elsewhere: Path, tmp_path: Path
) -> None:
    assert forum(here, "export", tmp_path / "forum.zip")[0] == 0
    status, said = forum(elsewhere, "import", "archive", tmp_path / "forum.zip")
    assert (status, said.splitlines()[-1]) == (
        0,
        "It has no administrator: `forum setup-link` prints a link to become one.",
    )


def test_file_is_its_owners_and_nothing_lies_beside_it(here: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    forum(here, "export", folder / "forum.zip")
    assert [(p.name, filemode(p.stat().st_mode)) for p in folder.iterdir()] == [
        ("forum.zip", "-rw-------")
    ]


def test_what_is_there_is_replaced_only_by_force(here: Path, tmp_path: Path) -> None:
    file = tmp_path / "forum.zip"
    file.write_text("precious")
    status, said = forum(here, "export", file)
    assert (status, said) == (
        1,
        f"Error: {file} is there already. Give another name, or --force.\n",
    )
    assert file.read_text() == "precious"
    assert forum(here, "export", file, "--force")[0] == 0
    assert lines_in(file.read_bytes())["members"] == []


def test_folder_that_is_not_there_is_said(here: Path, tmp_path: Path) -> None:
    file = tmp_path / "no" / "forum.zip"
    assert forum(here, "export", file) == (
        1,
        f"Error: {file} cannot be written: No such file or directory.\n",
    )


def test_forum_that_is_not_empty_says_what_is_there(
    here: Path, app: Flask, factories: Factories, tmp_path: Path
) -> None:
    factories.community()
    factories.thread()
    forum(here, "export", tmp_path / "forum.zip")
    before = everything(app)
    status, said = forum(here, "import", "archive", tmp_path / "forum.zip")
    assert (status, said.partition(".")[0]) == (
        1,
        "Error: Nothing was imported: this forum has a name, members, categories, threads already",
    )
    assert everything(app) == before


def test_missing_picture_is_named_and_everything_else_exported(
    here: Path, app: Flask, factories: Factories, tmp_path: Path
) -> None:
    from tests.admin.full_forum import FullForum

    full = FullForum(app)
    full.fill_with_picture()
    path = here / "files" / full.hash[:2] / f"{full.hash}.png"
    path.write_bytes(path.read_bytes()[:-1])
    status, said = forum(here, "export", tmp_path / "forum.zip")
    assert status == 1
    assert said.endswith(f"Not in it: {path} is missing or damaged. Restore it from a backup.\n")
    lines = lines_in((tmp_path / "forum.zip").read_bytes())
    assert (lines["pictures"], lines["uploads"], len(lines["posts"])) == ([], [], 2)
