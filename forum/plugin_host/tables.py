"""The tables of plugins: whose one is stands in its name, so it is known without the plugin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import Connection, MetaData, Table, func, inspect, select, table
from sqlalchemy.schema import DropTable

from forum.errors import Conflict
from forum.plugin_host.dependencies import in_order
from forum.plugin_host.manifest import Manifest

# Between a plugin's name and what a table of it is called. No table of the core has two.
MARK = "__"
VERSIONS = "alembic_version_"
# What PostgreSQL allows for a name (63), less the prefix above.
LONGEST_NAME = 40
# Why a plugin does not run whose migrations have not run, or failed.
UNMADE = (
    "its tables are not made for this version of it; the next start, or `forum migrate`, tries, and "
    "the log says why when it fails"
)


def prefix_of(plugin: str) -> str:
    """What the names of this plugin's tables begin with."""
    return plugin.replace("-", "_") + MARK


def version_table(plugin: str) -> str:
    """The name of the table in which Alembic notes how far this plugin's migrations have come."""
    return VERSIONS + plugin.replace("-", "_")


def misnamed(manifest: Manifest) -> str:
    """Why a plugin of this name may have no tables; empty when it may."""
    if len(manifest.name) > LONGEST_NAME:
        return f"has tables, so its name may have {LONGEST_NAME} characters at most"
    name = manifest.name.replace("-", "_")
    if MARK in name or name.endswith("_"):
        return "has tables, so its name may not have two of - and _ together, nor end with one"
    return ""


@dataclass(frozen=True, slots=True)
class KeptTable:
    """A table of a plugin, and how many rows it has."""

    name: str
    rows: int


def tables_of(connection: Connection, plugin: str) -> list[str]:
    """The names of a plugin's tables, Alembic's note of them among them."""
    mine, versions = prefix_of(plugin), version_table(plugin)
    names = inspect(connection).get_table_names()
    return sorted(name for name in names if name.startswith(mine) or name == versions)


def names_with_tables(connection: Connection) -> set[str]:
    """The plugins that have tables, as their tables spell them: with ``_`` for ``-``."""
    names = inspect(connection).get_table_names()
    return {name.removeprefix(VERSIONS) for name in names if name.startswith(VERSIONS)}


def kept_tables(connection: Connection, plugin: str) -> list[KeptTable]:
    """A plugin's own tables with what is in them."""
    return [
        KeptTable(name, connection.scalar(select(func.count()).select_from(table(name))) or 0)
        for name in tables_of(connection, plugin)
        if name != version_table(plugin)
    ]


def drop_tables(connection: Connection, plugin: str) -> None:
    """Drop a plugin's tables with all that is in them, in the transaction under way.

    Raises:
        Conflict: rows of another plugin point to them.
    """
    if others := sorted(set(_pointing(connection, plugin))):
        words = ", ".join(others)
        raise Conflict(
            gettext(
                "Tables of another plugin point to those of %(name)s: %(tables)s. Purge that "
                "plugin first.",
                name=plugin,
                tables=words,
            )
        )
    inspector, mine = inspect(connection), tables_of(connection, plugin)
    pointed_to = {
        name: [key["referred_table"] for key in inspector.get_foreign_keys(name)] for name in mine
    }
    # Those that point come before those to which they point.
    for name in reversed(in_order(pointed_to)):
        connection.execute(DropTable(Table(name, MetaData())))


def _pointing(connection: Connection, plugin: str) -> Iterator[str]:
    mine = set(tables_of(connection, plugin))
    inspector = inspect(connection)
    for name in set(inspector.get_table_names()) - mine:
        if any(key["referred_table"] in mine for key in inspector.get_foreign_keys(name)):
            yield name
