"""The benchmark of excerpts and pages runs, and counts the posts in what it makes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.full
@pytest.mark.parametrize("database", [[], ["--database", "pgserver"]], ids=["sqlite", "pgserver"])
def test_tiny_forum_gives_figures_of_each_step(tmp_path: Path, database: list[str]) -> None:
    file = tmp_path / "figures.json"
    size = ["--threads", "20", "--posts", "200", "--members", "20"]
    command = [sys.executable, "-m", "benchmarks", "excerpt", *size, *database]
    done = subprocess.run([*command, "--json", str(file)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    steps = json.loads(file.read_text("utf-8"))["steps"]
    assert [step["name"] for step in steps] == [
        "excerpt",
        "pages, folder",
        "pages, ZIP",
        "verify folder",
    ]
    assert all(step["seconds"] > 0 and step["memory"] > 10 for step in steps)
