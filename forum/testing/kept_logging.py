"""The forum's own set-up of logging ends with the test in which it was made.

Commands that serve set it up for their process, and write to where they were told to write then: for every
later test that is a file that is closed.
"""

from __future__ import annotations

import logging
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Puts back afterwards who writes down what is logged, and from which level on."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    alembic = logging.getLogger("alembic").level
    result = yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("alembic").setLevel(alembic)
    return result
