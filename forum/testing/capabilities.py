"""What a machine may lack (PostgreSQL, Chromium, Java) and how that shows.

Such a lack skips the tests that need it and is named in the last lines; where everything must
be tested, ``FORUM_TEST_REQUIRE=all`` makes it a failure.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import NoReturn

import pytest

REQUIRE = "FORUM_TEST_REQUIRE"
_MISSING = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Makes a place for what is missing, and hides the administrator's own settings from tests."""
    config.stash[_MISSING] = {}
    for name in [n for n in os.environ if n.startswith("FORUM_")]:
        if name not in (REQUIRE, "FORUM_CHROMIUM"):
            del os.environ[name]


def is_all_required() -> bool:
    """Whether everything must be tested here, as on a build server."""
    return os.environ.get(REQUIRE) == "all"


def missing(config: pytest.Config, capability: str, reason: str) -> NoReturn:
    """Skip the test for want of a capability, or fail it where everything is required."""
    config.stash[_MISSING][capability] = reason
    if is_all_required():
        pytest.fail(f"{REQUIRE}=all, but {capability} cannot be had: {reason}", pytrace=False)
    pytest.skip(f"{capability} cannot be had: {reason}")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """Names each capability that was missing, last of all."""
    yield
    for capability, reason in config.stash[_MISSING].items():
        terminalreporter.write_line(f"not tested: {capability}: {reason}", yellow=True)
