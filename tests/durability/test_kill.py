"""Nothing acknowledged is lost: the forum is killed under load and compared with a ledger."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from forum.testing.figures import Note
from forum.testing.killing import Outcome, kill_under_load
from forum.testing.site import SERVE, Site

LATE_COMMIT = (sys.executable, str(Path(__file__).with_name("late_commit.py")))
FEW, MANY = 3, 50
# So few kills might all miss the moment between answer and late commit.
FEW_PLANTED = 5


def run(folder: Path, database: str, *, kills: int, planted: bool) -> Outcome:
    environment = {"FORUM_DATABASE": database} if database else {}
    command = LATE_COMMIT if planted else SERVE
    site = Site(
        folder / ("planted" if planted else "real"), command=command, environment=environment
    )
    try:
        return kill_under_load(site, kills=kills, seed=20, drain=not planted)
    finally:
        site.kill()


def address(kind: str, request: pytest.FixtureRequest, name: str) -> str:
    if kind == "sqlite":
        return ""
    url: str = request.getfixturevalue("postgres").recreate(name)
    return url


def compare(
    kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    figure: Note,
    kills: int,
    planted_kills: int,
) -> None:
    real = run(tmp_path, address(kind, request, "kill_real"), kills=kills, planted=False)
    planted = run(
        tmp_path, address(kind, request, "kill_planted"), kills=planted_kills, planted=True
    )
    figure(
        f"kill -9, {kind}: {real.kills} kills, {real.acknowledged} acknowledged: {real.lost} lost, "
        f"{real.doubled} doubled, {real.gaps} gaps, {real.untold} not told | planted late commit: "
        f"{planted.kills} kills, {planted.acknowledged} acknowledged: {planted.lost} lost"
        + ("" if planted.lost else " — NOT MEASURED, the harness saw no fault")
    )
    assert (real.lost, real.doubled, real.gaps, real.untold) == (0, 0, 0, 0)
    assert real.acknowledged >= kills
    assert planted.lost > 0, "the harness saw no fault where there is one: not measured"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_few_kills_lose_nothing_and_a_late_commit_shows(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, figure: Note, start_site: object
) -> None:
    compare(kind, request, tmp_path, figure, FEW, FEW_PLANTED)


@pytest.mark.full
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_fifty_kills_lose_nothing_and_a_late_commit_shows(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, figure: Note, start_site: object
) -> None:
    compare(kind, request, tmp_path, figure, MANY, MANY)
