"""The journey of an administrator with a shell: last night's backup brings the forum back, and its
archive has the same bytes as before."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from forum.accounts.group_actions import add_group
from forum.accounts.models import Member
from forum.app import create_app
from forum.clock import utcnow
from forum.db import db, transaction
from forum.jobs.worker import tidy, work_off
from forum.permissions import OPERATOR
from forum.testing.application import close
from forum.testing.databases import PostgresServer
from tests.admin.full_forum import FullForum, NoSales

FORUM = Path(sys.executable).with_name("forum")
KINDS = [
    pytest.param("sqlite", "sqlite", marks=pytest.mark.full),
    *(
        pytest.param(was, becomes, marks=pytest.mark.full)
        for was, becomes in (
            ("sqlite", "postgresql"),
            ("postgresql", "sqlite"),
            ("postgresql", "postgresql"),
        )
    ),
]


@pytest.mark.parametrize(("was", "becomes"), KINDS)
def test_forum_of_last_night_comes_back_on_the_command_line(
    was: str, becomes: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    instance, before, after = tmp_path / "instance", tmp_path / "before", tmp_path / "after"
    instance.mkdir()
    database = empty(was, "forum_night_was", request)
    said(instance, database, "migrate")
    lived_in(instance, database)
    said(instance, database, "export", before)
    last_night(instance, database)

    aside = instance.rename(tmp_path / "instance.old")
    (backup,) = (aside / "backups").glob("*.folkmoot-backup")
    assert "is whole: " in said(aside, database, "backup", "check", backup)
    database = empty(becomes, "forum_night_becomes", request)
    assert " is as it was at " in said(instance, database, "restore", backup)

    said(instance, database, "export", after)
    assert after.read_bytes() == before.read_bytes()
    # A second one would be written over it.
    assert "there is a forum here already" in refused(instance, database, "restore", backup)


def empty(kind: str, name: str, request: pytest.FixtureRequest) -> str:
    """The setting of an empty database; nothing for the file in the instance."""
    if kind == "sqlite":
        return ""
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.recreate(name)


def lived_in(instance: Path, database: str) -> None:
    """Fill the forum; its people came days ago."""
    app = create_app(instance, database=database or None, plugins=[("no_sales", NoSales())])
    FullForum(app).fill()
    with app.test_request_context(), transaction():
        db.session.execute(update(Member).values(created_at=utcnow() - timedelta(days=3)))
    work_off(app)
    close(app)


def last_night(instance: Path, database: str) -> None:
    """Let the worker do what it does by itself; something is made in the morning."""
    app = create_app(instance, database=database or None, plugins=[("no_sales", NoSales())])
    tidy(app)
    work_off(app)
    with app.test_request_context(), transaction():
        add_group(OPERATOR, "Made this morning")
    close(app)


def said(instance: Path, database: str, *words: object) -> str:
    """What the installed command says."""
    done = run(instance, database, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(instance: Path, database: str, *words: object) -> str:
    """Why the installed command refuses."""
    done = run(instance, database, *words)
    assert done.returncode == 1, done.stdout
    return done.stderr


def run(instance: Path, database: str, *words: object) -> subprocess.CompletedProcess[str]:
    """Run the installed command."""
    environment = {name: value for name, value in os.environ.items() if name != "FORUM_DATABASE"}
    if database:
        environment["FORUM_DATABASE"] = database
    command = [str(FORUM), "--instance", str(instance), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=environment)
