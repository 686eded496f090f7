"""One full forum for all tests that only look at pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.stage import Cast, Stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Stage]:
    """A forum with everything that its pages can show; tests leave it as it is."""
    folder = tmp_path_factory.mktemp("stage") / "instance"
    with Stage(folder, sqlite_template).served() as stage:
        yield stage


@pytest.fixture(scope="session")
def cast(stage: Stage) -> Cast:
    """Who and what stands on the stage."""
    return Cast(stage)
