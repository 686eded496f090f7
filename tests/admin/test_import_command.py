"""``forum import threads``: from a file or standard input, and as often as one likes."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select

from forum.accounts.models import Member
from forum.admin.import_actions import import_threads
from forum.cli import main
from forum.db import rows
from forum.discussion.models import Thread
from forum.permissions import OPERATOR
from tests.evidence import everything

ONE = "1 threads came in, with 1 posts and 0 comments; 0 were here already.\n"


def line(key: str, **fields: Any) -> bytes:
    """A thread of one post."""
    thread = {
        "site": "pots",
        "id": key,
        "title": f"Thread {key}",
        "author": "user-pots-17",
        "created": "2020-02-01T10:00:00",
        "body_html": f"<p>Body of {key}.</p>",
    }
    return json.dumps(thread | fields).encode() + b"\n"


def bring_in(app: Flask, file: bytes) -> list[str]:
    """Import without the command: the lines of its report."""
    with app.test_request_context():
        return list(import_threads(OPERATOR, io.BytesIO(file)).lines())


def run(instance: Path, name: str | Path, given: bytes | None = None) -> Result:
    command = ["--instance", str(instance), "import", "threads", str(name)]
    return CliRunner().invoke(main, command, input=given)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_command_reads_files_and_standard_input_compressed_or_not(
    app: Flask, instance: Path, database: str, tmp_path: Path
) -> None:
    (instance / "forum.toml").write_text(f"database = {json.dumps(database)}\n")
    (tmp_path / "plain").write_bytes(line("1"))
    (tmp_path / "packed").write_bytes(gzip.compress(line("2")))
    results = [
        run(instance, tmp_path / "plain"),
        run(instance, tmp_path / "packed"),
        run(instance, "-", line("3")),
        run(instance, "-", gzip.compress(line("4") + b"nonsense\n")),
    ]
    assert [(r.exit_code, r.stdout) for r in results] == [
        (0, ONE),
        (0, ONE),
        (0, ONE),
        (1, f"{ONE}Line 2 was not taken: it is not JSON: JSONDecodeError\n"),
    ]


def test_second_run_changes_nothing(app: Flask) -> None:
    picture = '<p>A cup: <img src="https://pots.example/p.png" alt="a cup"></p><h2>a</h2><h4>b</h4>'
    file = line("1") + line("2", body_html=picture, tags=["kiln"], author_name="Ada")
    first = bring_in(app, file)
    before = everything(app)
    second = bring_in(app, file)
    assert first == [
        "2 threads came in, with 2 posts and 0 comments; 0 were here already.",
        "  1 findings of picture-elsewhere",
        "  1 findings of heading-skipped",
    ]
    assert second == ["0 threads came in, with 0 posts and 0 comments; 2 were here already."]
    assert everything(app) == before


AUTHORS = {
    "user-pots-17": "member 17 of pots",
    "user-pots-0": "somebody of pots",
    "user-pots--1": "somebody of pots",
    "": "somebody of pots",
    "18": "member 18 of pots",
}


def test_authors_without_a_name_are_numbered_where_they_can_be(app: Flask) -> None:
    bring_in(app, b"".join(line(f"{n}", author=key) for n, key in enumerate(AUTHORS)))
    statement = select(Member.name).join(Thread, Thread.author_id == Member.id).order_by(Thread.id)
    with app.app_context():
        assert [row.name for row in rows(statement)] == list(AUTHORS.values())
