"""Small plugins in a real forum: hosts of their own, on both databases."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from forum import places
from forum.app import create_app
from forum.db import rows
from forum.jobs.models import Job
from forum.plugin_host import PluginHost, discovery
from forum.testing.application import close


@pytest.fixture(autouse=True)
def only_those_of_the_test(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a forum with which no plugin ships: what a test lists is what it has made."""
    shipped_folder = places.shipped_folder

    def without_plugins(name: str, *more: Path) -> Path:
        return tmp_path / "nowhere" if name == "plugins" else shipped_folder(name, *more)

    monkeypatch.setattr(places, "shipped_folder", without_plugins)
    entry_points = discovery.entry_points

    def without_ours(**which: str) -> list[EntryPoint]:
        return [one for one in entry_points(**which) if not _is_ours(one)]

    monkeypatch.setattr(discovery, "entry_points", without_ours)


def _is_ours(entry: EntryPoint) -> bool:
    return entry.dist is not None and entry.dist.name == "folkmoot"


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    """A request to the forum under way."""
    with app.test_request_context():
        yield app


@pytest.fixture
def host_of() -> Callable[..., PluginHost]:
    """Makes a host of plugins, named ``first``, ``second``, ``third`` in this order."""

    def make(*plugins: object, slow_seconds: float = 60) -> PluginHost:
        host = PluginHost(slow_seconds=slow_seconds)
        for name, plugin in zip(("first", "second", "third"), plugins, strict=False):
            host.register(plugin, name, may_write=True)
        return host

    return make


@pytest.fixture
def written() -> Callable[[], list[str]]:
    """Names of the jobs in the database; the tests' plugins write jobs, as real ones would."""
    return lambda: [row.name for row in rows(select(Job.name).order_by(Job.id))]


@pytest.fixture
def plugin_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for plugins; what was imported from it is forgotten with the test."""
    folder, before = tmp_path / "plugins", set(sys.modules)
    folder.mkdir()
    yield folder
    # Those that ship with the forum stay: the modules of their tests have them already.
    for module in [m for m in sys.modules.keys() - before if m.startswith("forum_")]:
        del sys.modules[module]


@pytest.fixture
def forum_with(
    instance: Path, database: str, plugin_folder: Path
) -> Iterator[Callable[..., Flask]]:
    """Starts a forum with plugins, each given by its name and the source of its ``hooks.py``, or
    that and more for its manifest."""
    apps: list[Flask] = []

    def start(manifest: str = "", **hooks: str | tuple[str, str]) -> Flask:
        for name, given in hooks.items():
            source, more = given if isinstance(given, tuple) else (given, manifest)
            write_plugin(plugin_folder, name, source, more)
        settings = {"plugin_folders": [str(plugin_folder)], "plugins": list(hooks)}
        (instance / "forum.toml").write_text(
            "\n".join(f"{name} = {json.dumps(value)}" for name, value in settings.items())
        )
        app = create_app(instance, database=database)
        apps.append(app)
        return app

    yield start
    for app in apps:
        close(app)


def write_plugin(folder: Path, name: str, hooks: str, manifest: str = "") -> None:
    """Write a plugin into ``forum_<name>`` in this folder."""
    package = folder / f"forum_{name}"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "hooks.py").write_text("from forum.plugin_api import *\n" + hooks)
    (package / "plugin.toml").write_text(
        f'name = "{name}"\ntitle = "The {name}"\nversion = "1"\nrequires_forum = ">=0.1"\n{manifest}'
    )
