"""A forum beside which one plugin lies, for that plugin's tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, inspect, select, table, text
from werkzeug.serving import make_server

from forum.admin.plugin_actions import disable_plugin, enable_plugin, purge_plugin
from forum.app import create_app
from forum.db import db, transaction
from forum.jobs.worker import work_off
from forum.migrate import upgrade
from forum.migrate_plugins import ready_plugins
from forum.permissions import OPERATOR
from forum.plugin_host import PluginHost
from forum.plugin_host.discovery import Found
from forum.plugin_host.manifest import Manifest, read_manifest
from forum.plugin_host.tables import tables_of, version_table
from forum.testing.application import close
from forum.testing.factories import Factories

Shape = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Sample:
    """A page of the plugin, and who looks at it: ``guest``, ``member``, ``moderator`` or ``admin``."""

    address: str
    who: str = "guest"


class PluginForum:
    """A forum beside which one plugin lies, started anew as often as its plugins change.

    Attributes:
        manifest: what the plugin says of itself.
        app: the forum as it runs now.
        make: makes members, categories, threads.
        people: an administrator, a moderator and a member, by those names.
        thread: a thread that is there.
    """

    def __init__(self, folder: Path, instance: Path, database: str) -> None:
        self.folder, self._instance, self._database = folder, instance, database
        self.manifest: Manifest = read_manifest(folder)
        self.app = self._started()
        # One for all starts: it numbers those that it makes.
        self.make = make = Factories(self.app)
        self._browsers: dict[str, FlaskClient] = {}
        self.people = {"admin": make.community()}
        self.people |= {"moderator": make.member(role="moderator"), "member": make.member()}
        self.thread = make.thread(self.people["member"])
        work_off(self.app)

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.manifest.name

    @property
    def host(self) -> PluginHost:
        """The plugins of the forum as it runs now."""
        host: PluginHost = self.app.extensions["forum_plugins"]
        return host

    @property
    def found(self) -> Found:
        """The plugin as it was found."""
        return next(one for one in self.host.found if one.name == self.name)

    def _started(self) -> Flask:
        folders = [str(self.folder.parent)]
        return create_app(self._instance, database=self._database, plugin_folders=folders)

    def start_anew(self) -> None:
        """Start the forum as ``forum serve`` does: plugins' tables are made first."""
        self.close()
        self.app = self._started()
        with self.app.app_context():
            is_other = ready_plugins(self.app.extensions["forum_settings"])
        if is_other:
            self.close()
            self.app = self._started()
        self.make.app = self.app
        for who, browser in self._browsers.items():
            self._browsers[who] = self.app.test_client()
            self._browsers[who]._cookies = browser._cookies

    @contextmanager
    def elsewhere(self, instance: Path) -> Iterator[Flask]:
        """Another, empty forum in which the plugin runs, on SQLite."""
        instance.mkdir()
        options: dict[str, Any] = {
            "database": f"sqlite:///{instance / 'forum.sqlite3'}",
            "plugin_folders": [str(self.folder.parent)],
        }
        first = create_app(instance, **options)
        with first.app_context():
            upgrade(db.engine)
            with transaction():
                enable_plugin(OPERATOR, self.name)
            ready_plugins(first.extensions["forum_settings"])
        close(first)
        app = create_app(instance, **options)
        try:
            yield app
        finally:
            close(app)

    def work_off(self) -> None:
        """Have the worker do what is due: jobs, and what was told to ``on_`` hooks."""
        work_off(self.app)

    def close(self) -> None:
        """Let go of the database."""
        close(self.app)

    def enable(self) -> None:
        """Have the plugin run."""
        self._do(enable_plugin)
        self.start_anew()

    def disable(self) -> None:
        """Have it run no longer."""
        self._do(disable_plugin)
        self.start_anew()

    def purge(self) -> None:
        """Drop all that it keeps."""
        self._do(purge_plugin)

    def _do(self, action: Callable[..., object]) -> None:
        with self.app.test_request_context(), transaction():
            action(OPERATOR, self.name)

    def state(self) -> str:
        """What became of the plugin at the start, and why."""
        plugin = next(p for p in self.host.plugins if p.name == self.name)
        return f"{plugin.state}: {plugin.reason}".removesuffix(": ")

    def browser(self, who: str) -> FlaskClient:
        """The browser in which this person has signed in, the same one each time, with the cookies of the
        plugin's door; ``guest`` for nobody."""
        if who == "guest":
            return self.app.test_client()
        if who not in self._browsers:
            self._browsers[who] = self.make.signed_in(self.people[who])
        if self.manifest.door:
            # Cookies of a door are given with a page of the forum's.
            self._browsers[who].get("/")
        return self._browsers[who]

    def cookies(self, who: str, url: str) -> list[dict[str, Any]]:
        """The cookies of that browser, for one that shows pages from ``url``."""
        if who == "guest":
            return []
        host = urlsplit(url).hostname
        return [
            {"name": cookie.key, "value": cookie.value, "domain": host, "path": cookie.path}
            for cookie in (self.browser(who)._cookies or {}).values()
            if cookie.key == "forum" or self.manifest.door
        ]

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that stands in the plugin's tables."""
        with self.app.app_context():
            return {
                name: sorted(
                    (tuple(row) for row in _rows_of(db.session.connection(), name)), key=repr
                )
                for name in tables_of(db.session.connection(), self.name)
                if name != version_table(self.name)
            }

    def shape(self) -> Shape:
        """Every table of the database with its columns, keys and indexes."""
        with self.app.app_context():
            return shape_of(db.engine)


def shape_of(engine: Engine) -> Shape:
    """Every table with its columns, constraints and indexes, as the database itself says it."""
    queries = _SHAPES[engine.dialect.name]
    found: Shape = {}
    with engine.connect() as connection:
        for query in queries:
            for name, *facts in connection.execute(text(query)):
                found.setdefault(name, []).append(tuple(facts))
    return {name: sorted(facts, key=repr) for name, facts in found.items()}


_SHAPES = {
    "sqlite": (
        "SELECT tbl_name, type, name, sql FROM sqlite_master WHERE tbl_name NOT LIKE 'sqlite_%'",
    ),
    "postgresql": (
        "SELECT table_name, column_name, data_type, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace",
    ),
}


def _rows_of(connection: Connection, name: str) -> Iterator[Any]:
    columns = [column["name"] for column in inspect(connection).get_columns(name)]
    return iter(
        connection.execute(select(*(text(f'"{c}"') for c in columns)).select_from(table(name)))
    )


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address at which the forum answers meanwhile."""

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        parts = app(environ, start_response)
        try:
            return list(parts)
        finally:
            if close_parts := getattr(parts, "close", None):
                close_parts()

    server = make_server("127.0.0.1", 0, answer, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
