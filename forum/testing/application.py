"""The forum itself for tests: on a real database, with its real worker, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import event, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from forum.app import create_app
from forum.db import db
from forum.jobs.models import Job
from forum.jobs.worker import work_off
from forum.web import theme_check
from forum.web.themes import Theme

_NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class _Compiled(BytecodeCache):
    """Templates are compiled once for all the forums of a run; that took a third of its time."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket if the template was compiled before; Jinja compares the source."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


def _compile_once() -> None:
    """Have what each forum compiles for itself compiled once for all the forums of a run.

    That took half of its time: templates, the addresses of routes (what Werkzeug makes of one depends
    on its text alone), SQL (which depends on the statement and the kind of database), and whether the
    theme is fit (which depends on what was read of it).
    """
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Compiled()}
    builders: dict[Any, Any] = {}
    build = Rule._compile_builder

    def builder(self: Rule, append_unknown: bool = True) -> Any:
        if self.defaults:
            return build(self, append_unknown)
        key = (*self._trace, append_unknown)
        if key not in builders:
            builders[key] = build(self, append_unknown)
        return builders[key]

    Rule._compile_builder = builder  # type: ignore[method-assign]
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        # SQLAlchemy keeps compiled statements by dialect, and each engine makes one anew.
        dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
        dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
    statements: LRUCache[Any, Any] = LRUCache(5000)
    shared = property(lambda _engine: statements, lambda _engine, _own: None)
    Engine._compiled_cache = shared  # type: ignore[assignment]
    found: dict[str, list[str]] = {}
    look = theme_check.faults_of

    def faults_of(theme: Theme) -> list[str]:
        read = repr(theme)
        if read not in found:
            found[read] = look(theme)
        return found[read]

    theme_check.faults_of = faults_of


_compile_once()


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """An instance folder with nothing in it."""
    folder = tmp_path / "instance"
    folder.mkdir()
    return folder


@pytest.fixture
def app(instance: Path, database: str) -> Iterator[Flask]:
    """The forum on a fresh database, once for each kind."""
    app = create_app(instance, database=database)
    yield app
    close(app)


def close(app: Flask) -> None:
    """Let go of the application's database connections."""
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript, in this process."""
    return app.test_client()


@pytest.fixture
def worker(app: Flask) -> Callable[[], int]:
    """Call it to let the real worker do all that is due: how many jobs that were."""
    return lambda: work(app)


def work(app: Flask) -> int:
    """Run the worker until nothing is due: how many jobs it did.

    Raises:
        AssertionError: a job failed; the worker itself only logs that and tries again later.
    """
    done = work_off(app)
    with app.app_context():
        failed = db.session.execute(
            select(Job.name, Job.last_error).where(Job.last_error != "")
        ).all()
    assert failed == [], "jobs failed; the log says why"
    return done


@contextmanager
def count_statements(app: Flask) -> Iterator[list[str]]:
    """The SQL statements that the application sends meanwhile, as they are sent.

    Beginning and ending transactions is not counted.
    """
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(_NOT_COUNTED):
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
