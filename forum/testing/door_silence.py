"""That reading the pages behind a plugin's door leaves no trace anywhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, select, table, text

from forum.db import db
from forum.testing.plugin_forum import PluginForum, Sample


def check_its_door_tells_nothing(forum: PluginForum, pages: tuple[Sample, ...]) -> None:
    """No row, no line of a log, no file, no figure and no cookie tells that somebody read a page behind
    its door; without a door there is nothing to look at."""
    door = forum.manifest.door
    behind = [page for page in pages if door and f"{page.address}/".startswith(f"{door}/")]
    assert behind or not door, f"no sample lies behind {door}"
    if not door:
        return
    forum.enable()
    browsers = {page.who: forum.browser(page.who) for page in behind}
    for page in behind:
        # What is read or made once, such as a template, is there from now on.
        browsers[page.who].get(page.address)
    before = _traces(forum)
    with _log() as said:
        answers = [browsers[page.who].get(page.address) for page in behind]
    assert [answer.status_code for answer in answers] == [200] * len(behind)
    assert [answer.headers.getlist("Set-Cookie") for answer in answers] == [[]] * len(behind)
    assert said == []
    assert _traces(forum) == before


def _traces(forum: PluginForum) -> dict[str, Any]:
    traces: dict[str, Any] = {}
    with forum.app.app_context():
        connection = db.session.connection()
        names = inspect(connection).get_table_names()
        for name in names:
            asked = select(text("*")).select_from(table(name))
            traces[name] = sorted((tuple(row) for row in connection.execute(asked)), key=repr)
    traces["figures"] = {key: tally.calls for key, tally in forum.host.tallies.items()}
    folder: Path = forum.app.extensions["forum_settings"].instance
    traces["files"] = {str(p): _state_of(p) for p in folder.rglob("*") if not _is_database(p)}
    return traces


def _is_database(path: Path) -> bool:
    # SQLite's own files change with each reader of a log that is written ahead.
    return path.name.endswith((".sqlite3", "-shm", "-wal", ".db"))


def _state_of(path: Path) -> tuple[int, int]:
    found = path.stat()
    return (found.st_size, 0) if path.is_dir() else (found.st_size, found.st_mtime_ns)


@contextmanager
def _log() -> Iterator[list[str]]:
    said: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(f"{record.name}: {record.getMessage()}")

    keeper, root = Keeper(), logging.getLogger()
    level = root.level
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    try:
        yield said
    finally:
        root.removeHandler(keeper)
        root.setLevel(level)
