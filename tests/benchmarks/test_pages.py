"""The benchmark runs: what it measures is for people to judge."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BARE = ROOT.parent / "shared" / "bench" / "bare_app.py"
RATIOS = [
    "category_member",
    "front_member",
    "latest_member",
    "reply_over_bare_reply",
    "thread_guest",
    "thread_member",
]


def benchmark(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m benchmarks`` to its end."""
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.full
@pytest.mark.parametrize("database", [[], ["--database", "pgserver"]], ids=["sqlite", "pgserver"])
def test_tiny_forum_gives_every_ratio(tmp_path: Path, database: list[str]) -> None:
    if not BARE.is_file():
        pytest.skip("the bare application is not on this machine (../shared/bench)")
    size = ["--threads", "20", "--posts", "200", "--members", "20", "--seconds", "0.3"]
    file = tmp_path / "figures.json"
    answer = benchmark("pages", *size, *database, "--json", str(file))
    assert answer.returncode == 0, answer.stderr
    ratios = json.loads(file.read_text("utf-8"))["ratios"]
    assert sorted(ratios) == RATIOS
    assert [name for name, ratio in ratios.items() if not ratio > 0] == []
    assert [name for name in RATIOS[:3] + RATIOS[4:] if name not in answer.stdout] == []


@pytest.mark.full
def test_missing_bare_application_is_named(tmp_path: Path) -> None:
    nowhere = tmp_path / "bare_app.py"
    answer = benchmark("pages", "--bare", str(nowhere))
    assert (answer.returncode, answer.stdout, answer.stderr) == (
        2,
        "",
        f"Nothing was measured: the bare application is not at {nowhere}."
        " Say where it is with --bare FILE.\n",
    )


def test_database_that_cannot_be_used_is_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    bare = tmp_path / "bare_app.py"
    bare.write_text("")
    answer = benchmark("pages", "--bare", str(bare), "--database", "mysql://localhost/forum")
    assert (answer.returncode, answer.stderr) == (
        2,
        "Nothing was measured: --database takes a postgresql:// address, or pgserver\n",
    )
