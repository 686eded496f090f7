"""These tests write to the disk: what they are about happens between a write and its sync."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder on the disk, also where ``script/test`` has all others in memory."""
    folder = Path(
        tempfile.mkdtemp(prefix="forum-durability-", dir=os.environ.get("FORUM_TEST_DISK"))
    )
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
