"""Nothing acknowledged is lost, and nothing is held without its case: the forum is killed under
load and compared with a ledger. Half of what is written is held by a check."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from forum.testing.figures import Note
from forum.testing.killing import Outcome, kill_under_load
from forum.testing.site import Site

FOLDER = Path(__file__).parent
HOLDING = (sys.executable, str(FOLDER / "holding.py"))
LATE_CASE = (*HOLDING, "--planted")
LATE_COMMIT = (sys.executable, str(FOLDER / "late_commit.py"))
FEW, MANY = 3, 50
# So few kills might all miss the moment between answer and late commit, or post and late case.
FEW_PLANTED = 5


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of the posts, in the forum as it is and with each of two faults planted."""

    real: Outcome
    late_commit: Outcome
    late_case: Outcome

    def __str__(self) -> str:
        real, commit, case = self.real, self.late_commit, self.late_case
        return (
            f"{real.kills} kills, {real.acknowledged} acknowledged: {real.lost} lost, "
            f"{real.doubled} doubled, {real.gaps} gaps, {real.untold} not told; {real.held} of them "
            f"held: {real.caseless} without a case, {real.twice} with two, {real.astray} cases of "
            f"others | planted late commit: {commit.kills} kills, {commit.acknowledged} "
            f"acknowledged: {commit.lost} lost{_doubt(commit.lost)} | planted late case: "
            f"{case.kills} kills, {case.held} held: {case.caseless} without a case"
            f"{_doubt(case.caseless)}"
        )


def _doubt(seen: int) -> str:
    return "" if seen else " — NOT MEASURED, the harness saw no fault"


def run(
    kind: str,
    request: pytest.FixtureRequest,
    folder: Path,
    command: tuple[str, ...],
    *,
    kills: int,
    half_is_held: bool,
) -> Outcome:
    name = f"kill_{folder.name}"
    database = "" if kind == "sqlite" else request.getfixturevalue("postgres").recreate(name)
    # Each writer posts far more in its minutes than a person may in an hour.
    environment = {"FORUM_POSTS_PER_HOUR": "1000000"}
    site = Site(
        folder,
        command=command,
        environment=environment | ({"FORUM_DATABASE": database} if database else {}),
    )
    is_real = command == HOLDING
    try:
        return kill_under_load(site, kills=kills, seed=20, drain=is_real, half_is_held=half_is_held)
    finally:
        site.kill()


def compare(
    kind: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    figure: Note,
    kills: int,
    planted_kills: int,
) -> None:
    def outcome(name: str, command: tuple[str, ...], times: int, *, held: bool) -> Outcome:
        return run(kind, request, tmp_path / name, command, kills=times, half_is_held=held)

    outcomes = Outcomes(
        real=outcome("real", HOLDING, kills, held=True),
        late_commit=outcome("late_commit", LATE_COMMIT, planted_kills, held=False),
        late_case=outcome("late_case", LATE_CASE, planted_kills, held=True),
    )
    figure(f"kill -9, {kind}: {outcomes}")
    real = outcomes.real
    assert (real.lost, real.doubled, real.gaps, real.untold) == (0, 0, 0, 0)
    assert (real.caseless, real.twice, real.astray) == (0, 0, 0)
    assert real.acknowledged >= kills
    assert real.held >= kills / 3
    for seen in (outcomes.late_commit.lost, outcomes.late_case.caseless):
        assert seen > 0, "the harness saw no fault where there is one: not measured"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_few_kills_lose_nothing_and_planted_faults_show(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, figure: Note, start_site: object
) -> None:
    compare(kind, request, tmp_path, figure, FEW, FEW_PLANTED)


@pytest.mark.full
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_fifty_kills_lose_nothing_and_planted_faults_show(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, figure: Note, start_site: object
) -> None:
    compare(kind, request, tmp_path, figure, MANY, MANY)
