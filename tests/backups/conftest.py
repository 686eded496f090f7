"""Fixtures of the tests of backups."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from forum.app import create_app
from forum.testing.application import close
from tests.admin.full_forum import FullForum, NoSales
from tests.backups.kept import Forums


@pytest.fixture
def app(instance: Path, database: str) -> Iterator[Flask]:
    """A forum whose moderators do not like sales."""
    app = create_app(instance, database=database, plugins=[("no_sales", NoSales())])
    yield app
    close(app)


@pytest.fixture
def full(app: Flask) -> FullForum:
    """A forum that has everything."""
    forum = FullForum(app)
    forum.fill()
    return forum


@pytest.fixture
def forums(tmp_path: Path) -> Iterator[Forums]:
    """Call ``on`` for another forum without anything in it."""
    made = Forums(tmp_path)
    yield made
    made.close()
