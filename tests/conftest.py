"""What all of the forum's own tests share; ``forum.testing`` has what plugins' tests need, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

CORPORA = Path(__file__).resolve().parent.parent.parent / "shared" / "corpora"

# The same examples every time: a test that fails now and then helps nobody.
settings.register_profile("short", derandomize=True, deadline=None, max_examples=50)
settings.register_profile("full", derandomize=True, deadline=None, max_examples=1000)


def pytest_configure(config: pytest.Config) -> None:
    """Tries few generated examples, or with ``--full`` many."""
    settings.load_profile("full" if config.getoption("full", default=False) else "short")


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real texts that the tests read; they are not part of the project."""
    if not CORPORA.is_dir():
        pytest.skip("the corpora are not on this machine (../shared/corpora)")
    return CORPORA
