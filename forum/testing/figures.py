"""Figures that tests measured, printed at the end of a run whether it passed or not."""

from __future__ import annotations

from collections.abc import Callable, Generator

import pytest

_LINES = pytest.StashKey[list[str]]()

Note = Callable[[str], None]


def pytest_configure(config: pytest.Config) -> None:
    """Makes a place for the figures."""
    config.stash[_LINES] = []


@pytest.fixture
def figure(pytestconfig: pytest.Config) -> Note:
    """Call it with a line that should stand at the end of the run."""
    return pytestconfig.stash[_LINES].append


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """Prints what was noted."""
    yield
    if lines := config.stash[_LINES]:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)
