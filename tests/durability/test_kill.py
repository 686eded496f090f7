"""Nothing acknowledged is lost, and nothing is held without its case: the forum is killed under
load and compared with a ledger. Half of what is written is held by a check."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from forum.testing.figures import Note
from forum.testing.killing import Outcome, kill_under_load
from forum.testing.site import Site

FOLDER = Path(__file__).parent
HOLDING = (sys.executable, str(FOLDER / "holding.py"))
# Each fault, what starts a forum that has it, and how it shows.
PLANTED = {
    "late commit": (sys.executable, str(FOLDER / "late_commit.py")),
    "late case": (*HOLDING, "--planted"),
}
SEEN: dict[str, Callable[[Outcome], int]] = {
    "late commit": lambda outcome: outcome.lost,
    "late case": lambda outcome: outcome.caseless,
}
FEW, MANY = 2, 50
# So few kills might all miss the moment between answer and late commit.
FEW_PLANTED, MANY_PLANTED = 5, 20


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of the posts, in the forum as it is and with faults planted, by their names."""

    real: Outcome
    planted: dict[str, Outcome]

    def __str__(self) -> str:
        real = self.real
        return (
            f"{real.kills} kills, {real.acknowledged} acknowledged: {real.lost} lost, "
            f"{real.doubled} doubled, {real.gaps} gaps, {real.untold} not told; {real.held} of them "
            f"held: {real.caseless} without a case, {real.twice} with two, {real.astray} cases of "
            f"others{''.join(map(_planted, self.planted.items()))}"
        )


def _planted(named: tuple[str, Outcome]) -> str:
    name, outcome = named
    doubt = "" if SEEN[name](outcome) else " — NOT MEASURED, the harness saw no fault"
    return (
        f" | planted {name}: {outcome.kills} kills, {outcome.acknowledged} acknowledged: "
        f"{outcome.lost} lost; {outcome.held} held: {outcome.caseless} without a case{doubt}"
    )


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
    *,
    kills: int,
    planted: dict[str, int],
) -> None:
    def outcome(name: str, command: tuple[str, ...], times: int, *, held: bool) -> Outcome:
        return run(kind, request, tmp_path / name, command, kills=times, half_is_held=held)

    outcomes = Outcomes(
        outcome("real", HOLDING, kills, held=True),
        {
            name: outcome(name.replace(" ", "_"), PLANTED[name], times, held=name == "late case")
            for name, times in planted.items()
        },
    )
    figure(f"kill -9, {kind}: {outcomes}")
    real = outcomes.real
    assert (real.lost, real.doubled, real.gaps, real.untold) == (0, 0, 0, 0)
    assert (real.caseless, real.twice, real.astray) == (0, 0, 0)
    assert real.acknowledged >= kills
    assert real.held >= kills / 3
    for name, planted_outcome in outcomes.planted.items():
        seen = SEEN[name](planted_outcome)
        assert seen > 0, f"the harness saw no {name}, and there was one: not measured"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_few_kills_lose_nothing_and_a_planted_fault_shows(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, figure: Note, start_site: object
) -> None:
    planted = {"late commit": FEW_PLANTED}
    compare(kind, request, tmp_path, figure, kills=FEW, planted=planted)


@pytest.mark.full
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_fifty_kills_lose_nothing_and_planted_faults_show(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, figure: Note, start_site: object
) -> None:
    compare(
        kind, request, tmp_path, figure, kills=MANY, planted=dict.fromkeys(PLANTED, MANY_PLANTED)
    )
