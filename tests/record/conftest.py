"""The forum that the tests of the record share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from forum.testing.application import close, create_app
from forum.testing.factories import Factories
from tests.record.scene import NoSales, Scene


@pytest.fixture
def app(instance: Path, database: str) -> Iterator[Flask]:
    """A forum whose checks hold what sells."""
    app = create_app(instance, database=database, plugins=[("no_sales", NoSales())])
    yield app
    close(app)


@pytest.fixture
def scene(app: Flask, factories: Factories) -> Scene:
    """A forum with something to moderate."""
    return Scene(app, factories)
