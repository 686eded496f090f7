"""The database: one door for writes, savepoints, and reading without ceremony.

Only ``transaction()`` commits. Outside of it everything reads through one connection per
application context that is thrown away at its end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask import Flask, current_app, g
from flask_sqlalchemy import SQLAlchemy
from psycopg.errors import LockNotAvailable
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    event,
    make_url,
)
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

# A read whose columns a row class of ours names and types.
Statement = Select[*tuple[Any, ...]]
Found = Row[*tuple[Any, ...]]

# Alembic needs every constraint to have a name it can find again.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_SECONDS = 15
_WRITES = "forum_writes"


class Base(DeclarativeBase):
    """What every table of the core and of the plugins derives from."""

    metadata = MetaData(naming_convention=NAMES)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. Takes only moments that know their zone, gives moments in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses a moment without a zone, which would silently mean the server's."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone was given to the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite gives the moment back without its zone; here it gets it again."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value


class in_words(FunctionElement[str]):  # noqa: N801 - used like a function
    """The texts of a column in one, parted by spaces: ``(SELECT in_words(tag) …)``.

    SQLAlchemy's ``aggregate_strings`` has its statement put together anew at every execution.
    """

    type = String()
    inherit_cache = True


@compiles(in_words, "sqlite")
def _in_words_of_sqlite(element: in_words, compiler: SQLCompiler, **options: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **options)}, ' ')"


@compiles(in_words, "postgresql")
def _in_words_of_postgresql(element: in_words, compiler: SQLCompiler, **options: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **options)}, ' ')"


# SQLite only numbers rows by itself when the key is exactly INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")

db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class NotDurable(RuntimeError):
    """The database would acknowledge what a power cut can take back; the forum refuses to run on it."""


def engine_options(url: str) -> dict[str, Any]:
    """How the engine for this address is set up: it waits for locks instead of failing at once, and
    its errors, which end in logs, do not quote what people wrote."""
    if make_url(url).get_backend_name() == "sqlite":
        return {
            "connect_args": {"timeout": BUSY_SECONDS, "isolation_level": None},
            "hide_parameters": True,
        }
    return {
        "hide_parameters": True,
        "connect_args": {"options": "-c timezone=UTC -c lock_timeout=15s -c statement_timeout=30s"},
        "pool_pre_ping": True,
    }


def init_db(app: Flask) -> None:
    """Connect the application to its database and see to it that no connection outlives its context."""
    db.init_app(app)
    app.teardown_appcontext(_end_reading)
    with app.app_context():
        prepare_engine(db.engine)


def prepare_engine(engine: Engine) -> None:
    """Give every connection of ``engine`` the pragmas and checks that the promises rest on."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _check_postgresql)
        event.listen(engine, "handle_error", _forget_details)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA cache_size=-16000")
    # What is deleted is overwritten in the file, also where SQLite was built without it.
    connection.execute("PRAGMA secure_delete=ON")
    if connection.execute("PRAGMA synchronous").fetchone() != (2,):
        raise NotDurable("SQLite does not accept synchronous=FULL on this file")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads first and writes later fails at once when another wrote meanwhile.
    writes = connection.get_execution_options().get(_WRITES)
    if writes:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        # Every page begins with this; it waits for nothing, so it needs none of SQLAlchemy's care.
        connection.connection.cursor().execute("BEGIN")


def _check_postgresql(connection: Any, _record: object) -> None:
    for setting in ("fsync", "synchronous_commit"):
        value = connection.execute(f"SHOW {setting}").fetchone()[0]
        if value == "off":
            raise NotDurable(f"PostgreSQL runs with {setting}=off; switch it on for the forum")
    connection.rollback()


def _forget_details(context: ExceptionContext) -> None:
    # PostgreSQL quotes the row it refuses in the lines behind the first, and errors end in logs.
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            first, *others = error.args
            error.args = (str(first).partition("\n")[0], *others)


@contextmanager
def transaction() -> Iterator[None]:
    """Everything inside is written together and is durable when the block ends, or nothing is.

    Objects read before the block are read again inside it, so decisions rest on present facts.

    Raises:
        RuntimeError: when one transaction stands inside another, or something was changed outside.
    """
    session = db.session
    if g.get("writing") or session.new or session.dirty or session.deleted:
        raise RuntimeError("writing begins and ends with one transaction()")
    _end_reading()
    session.rollback()
    g.writing = True
    try:
        session.connection(execution_options={_WRITES: True})
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        g.writing = False


@contextmanager
def savepoint() -> Iterator[None]:
    """A part of a transaction that can fail by itself: its changes are undone, the rest stays."""
    with db.session.begin_nested():
        yield


@contextmanager
def thrown_away() -> Iterator[None]:
    """What happens to the database inside touches nobody else, its errors included: nothing of it
    stays. Inside a transaction it sees what the transaction has written, and is a savepoint;
    outside of one it has an application context with connections of its own."""
    if not g.get("writing"):
        visit = g.get("visit")
        with current_app.app_context():
            # Who is asking stays the same, and need not be asked of the database again.
            if visit is not None:
                g.visit = visit
            yield
        return
    part = db.session.begin_nested()
    try:
        yield
    finally:
        part.rollback()


def reading() -> Connection:
    """The connection to read from: the transaction's own inside one, else this context's."""
    if g.get("writing"):
        return db.session.connection()
    if "reading" not in g:
        g.reading = db.engine.connect()
    connection: Connection = g.reading
    return connection


@contextmanager
def read_session() -> Iterator[Connection]:
    """A connection of its own whose errors touch nobody else; whatever it did is thrown away."""
    with db.engine.connect() as connection:
        yield connection


@contextmanager
def snapshot() -> Iterator[Connection]:
    """A connection whose reads all see the database as it was at the first of them, however long
    they take and whatever is written meanwhile. Nothing can be written through it."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        else:
            # One SQLite transaction sees one state (https://www.sqlite.org/isolation.html).
            connection.exec_driver_sql("PRAGMA query_only = ON")
        try:
            yield connection
        finally:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only = OFF")


class StillRead(Exception):
    """Somebody reads the state that is to be wiped; it has to be tried again."""


def wipe_deleted(*emptied: Table) -> None:
    """Have nothing of what was deleted stay in the database's files. Call it outside of a transaction.

    SQLite has overwritten it in the database (``secure_delete``); its log is folded in and cut. Of
    PostgreSQL, ``VACUUM`` frees the rows; the server overwrites them when it needs their place.

    Args:
        emptied: small tables that PostgreSQL is to write into new files, as their place is not needed soon.

    Raises:
        StillRead: a reader or a writer is at work; on PostgreSQL, in one of the emptied tables.
    """
    raw = db.engine.raw_connection()
    driver: Any = raw.driver_connection
    try:
        if db.engine.dialect.name == "sqlite":
            # Everybody who writes waits as long as this does.
            driver.execute("PRAGMA busy_timeout=1000")
            busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise StillRead
        else:
            driver.autocommit = True
            driver.execute("SET statement_timeout = 0")
            driver.execute("VACUUM")
            _write_anew(driver, emptied)
    finally:
        # Its settings are its own.
        raw.invalidate()
        raw.close()


def _write_anew(driver: Any, tables: Sequence[Table]) -> None:
    # Whoever reads them next waits behind this.
    driver.execute("SET lock_timeout = '1s'")
    for table in tables:
        try:
            driver.execute(f"VACUUM FULL {table.name}")
        except LockNotAvailable as error:
            raise StillRead from error


def _end_reading(_error: BaseException | None = None) -> None:
    connection = g.pop("reading", None)
    if connection is not None:
        connection.close()


def rows(statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Found]:
    """All rows of a read; inside a transaction it sees what the transaction has written."""
    if g.get("writing"):
        db.session.flush()
    return reading().execute(statement, values or {}).all()


def row(statement: Executable, values: Mapping[str, Any] | None = None) -> Found | None:
    """The first row of a read, or ``None``."""
    if g.get("writing"):
        db.session.flush()
    return reading().execute(statement, values or {}).first()


def value(statement: Executable, values: Mapping[str, Any] | None = None) -> Any:
    """The first column of the first row of a read, or ``None``."""
    found = row(statement, values)
    return None if found is None else found[0]
