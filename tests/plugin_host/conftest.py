"""Small plugins in a real forum: hosts of their own, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from forum.db import rows
from forum.jobs.models import Job
from forum.plugin_host import PluginHost


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
