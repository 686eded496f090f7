"""Databases as older versions left them: rows of a full forum, kept as JSON for each migration.

    python -m tests.migrations.old_databases

writes ``dumps/<revision>.json`` for each migration that has none yet; what is there stays, because
only the version that had this schema could have written other rows.
"""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, DateTime, Engine, MetaData, create_engine, select, text
from sqlalchemy.types import TypeEngine

from forum.app import create_app
from forum.db import db, engine_options, prepare_engine
from forum.migrate import alembic_config
from forum.testing.application import close
from forum.testing.databases import migrate
from tests.admin.full_forum import FullForum, NoSales

DUMPS = Path(__file__).parent / "dumps"
Rows = dict[str, list[dict[str, Any]]]


def revisions() -> list[str]:
    """The migrations, oldest first."""
    script = ScriptDirectory.from_config(alembic_config())
    return [one.revision for one in script.walk_revisions()][::-1]


def engine_for(url: str) -> Engine:
    """An engine as the application has it."""
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    return engine


def rows_of(connection: Connection) -> Rows:
    """Every row of every table that the database has, as JSON can hold it, in one order."""
    metadata = MetaData()
    metadata.reflect(connection)
    found: Rows = {}
    for table in sorted(metadata.tables.values(), key=lambda one: one.name):
        if not table.name.startswith("alembic_version"):
            rows = connection.execute(select(table)).mappings()
            plain = [{name: _plain(value) for name, value in row.items()} for row in rows]
            found[table.name] = sorted(plain, key=lambda row: json.dumps(row, sort_keys=True))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware.isoformat()
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def dump_of(revision: str) -> Rows:
    """The stored rows."""
    found: Rows = json.loads((DUMPS / f"{revision}.json").read_text("utf-8"))
    return found


def load(url: str, revision: str) -> None:
    """Make an empty database what that version left."""
    engine = engine_for(url)
    with engine.connect().execution_options(forum_writes=True) as connection, connection.begin():
        command.upgrade(alembic_config(connection), revision)
    engine.dispose()
    # Without the checks of references: the rows come in the order of the tables' names.
    engine = create_engine(url)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        _fill(connection, dump_of(revision))
    engine.dispose()


def _fill(connection: Connection, rows: Rows) -> None:
    metadata = MetaData()
    metadata.reflect(connection)
    for name, some in rows.items():
        table = metadata.tables[name]
        # What a migration has put there itself is in the dump, too.
        connection.execute(table.delete())
        for row in some:
            fit = {key: _fitting(table.c[key].type, value) for key, value in row.items()}
            connection.execute(table.insert(), fit)
        if connection.dialect.name == "postgresql" and "id" in table.c and some:
            # Rows that came with their numbers leave a sequence where it was; a forum's own do not.
            connection.execute(
                text(
                    f"SELECT setval(s, (SELECT max(id) FROM {name}))"
                    f" FROM pg_get_serial_sequence('{name}', 'id') AS s WHERE s IS NOT NULL"
                )
            )


def _fitting(kind: TypeEngine[Any], value: Any) -> Any:
    if isinstance(kind, DateTime) and value is not None:
        moment = datetime.fromisoformat(value)
        return moment if kind.timezone else moment.replace(tzinfo=None)
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) and "hex" in value else value


def write_missing() -> None:
    """Write the dumps that are not there yet."""
    for revision in [one for one in revisions() if not (DUMPS / f"{one}.json").exists()]:
        with tempfile.TemporaryDirectory() as folder:
            rows = _downgraded(Path(folder), revision)
        lines = json.dumps(rows, ensure_ascii=False, indent=0, sort_keys=True)
        (DUMPS / f"{revision}.json").write_text(lines + "\n", "utf-8")
        print(revision, sum(map(len, rows.values())), "rows")


def _downgraded(folder: Path, revision: str) -> Rows:
    url = f"sqlite:///{folder}/forum.sqlite3"
    migrate(url)
    app = create_app(folder, database=url, plugins=[("no_sales", NoSales())])
    FullForum(app).fill()
    with app.app_context():
        with (
            db.engine.connect().execution_options(forum_writes=True) as connection,
            connection.begin(),
        ):
            command.downgrade(alembic_config(connection), revision)
        with db.engine.connect() as connection:
            rows = rows_of(connection)
    close(app)
    return rows


if __name__ == "__main__":
    write_missing()
