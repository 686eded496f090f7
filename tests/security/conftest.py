"""The town that the tests of this folder visit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.town import Town, built


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Town]:
    """One town for all tests of a module, which bring it back to its state."""
    with built(tmp_path_factory.mktemp("town") / "instance", sqlite_template) as made:
        yield made
