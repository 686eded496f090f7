"""How often an attacker with two copies of everything guesses who asked, and with faults planted."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import count, pairwise
from math import comb
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Protocol

from benchmarks import machine
from benchmarks.anonymity_attack import Attacker, Target
from benchmarks.anonymity_dump import Dump
from benchmarks.anonymity_forum import BEGIN, CANDIDATES, Build, Played, fixed_times
from benchmarks.anonymity_plants import PLANTED, REAL
from benchmarks.anonymity_second_attack import SecondAttacker
from benchmarks.report import Report, table
from forum.testing.databases import migrate

TRIALS, PER_WEEK = 2_000, 14
# A forum that has become large takes long to copy; and all must have their tickets of the quarter.
MOST_WEEKS = 5
LEAST_FOUND = 0.9


class Guesser(Protocol):
    """Reads two dumps, then guesses about each question."""

    def __init__(self, first: Dump, second: Dump, people: dict[int, tuple[str, ...]]) -> None: ...

    def guess(self, target: Target, random: Random) -> int:
        """The number of one of the candidates."""


ATTACKERS: dict[str, type[Guesser]] = {"first": Attacker, "second": SecondAttacker}
# The other knows no fault by name: how many of them it finds says how good it is, and nothing of the forum.
FINDS_ALL = {"first"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the attacker did against one build."""

    build: str
    attacker: str
    trials: int
    right: int
    wanted: str
    holds: bool
    seconds: float


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this subject."""
    parser.add_argument("--trials", type=int, default=TRIALS, help="questions guessed per build")
    parser.add_argument("--planted", type=int, default=0, help="the same with faults, if fewer")
    parser.add_argument(
        "--attacker", choices=[*ATTACKERS, "both"], default="both", help="which one guesses"
    )
    parser.add_argument("--seed", type=int, default=1, help="another one plays other games")


def measure(options: argparse.Namespace) -> Report:
    """Play the game against the forum as it is and against each planted fault."""
    random = Random(options.seed)
    names = list(ATTACKERS) if options.attacker == "both" else [options.attacker]
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="forum-benchmark-") as folder:
        for build in (REAL, *PLANTED):
            trials = options.trials if build is REAL else options.planted or options.trials
            print(f"{build.name} …", file=sys.stderr, flush=True)
            outcomes += played(build, trials, Path(folder) / build.name, random, names)
            for one in outcomes[-len(names) :]:
                print(f"  {one.attacker}: {one.right} of {trials}", file=sys.stderr, flush=True)
    lines = [
        (o.build, o.attacker, f"{o.right} of {o.trials}", f"{o.right / o.trials:.1%}", o.wanted,
         "holds" if o.holds else "FAILS", f"{o.seconds:.0f} s")
        for o in outcomes
    ]  # fmt: skip
    heads = ("build", "attacker", "right", "share", "wanted", "", "took")
    text = f"One asker among {CANDIDATES} candidates, who all were there when it was asked.\n\n"
    return Report(
        text + table(heads, lines),
        machine.machine_facts() | {"outcomes": [asdict(outcome) for outcome in outcomes]},
        all(outcome.holds for outcome in outcomes),
    )


def played(
    build: Build, trials: int, folder: Path, random: Random, names: Sequence[str]
) -> list[Outcome]:
    """So many trials against one build: what each attacker makes of the same questions."""
    began = perf_counter()
    found: dict[str, list[bool]] = {name: [] for name in names}
    folder.mkdir(parents=True)
    template = folder / "template.sqlite3"
    migrate(f"sqlite:///{template}")
    with build.around() if build.around else nullcontext():
        for number in count():
            done = len(found[names[0]])
            if done >= trials:
                break
            weeks = min(MOST_WEEKS, -(-(trials - done) // PER_WEEK))
            forum = Played(folder / f"forum-{number}", template, build, random)
            _play(forum, weeks, random, found)
    seconds = perf_counter() - began
    return [_outcome(build, name, right[:trials], seconds) for name, right in found.items()]


def _outcome(build: Build, attacker: str, found: list[bool], seconds: float) -> Outcome:
    right, trials = sum(found), len(found)
    most, least = most_by_chance(trials), round(LEAST_FOUND * trials)
    if build.name == REAL.name:
        holds, wanted = right <= most, f"at most {most}"
    elif attacker in FINDS_ALL:
        holds, wanted = right >= least, f"at least {least}"
    else:
        holds, wanted = True, "no figure"
    return Outcome(build.name, attacker, trials, right, wanted, holds, seconds)


def _play(forum: Played, weeks: int, random: Random, found: dict[str, list[bool]]) -> None:
    """Add of each question asked in so many weeks whether each attacker was right."""
    # One attacker's throws must not change what is played for another.
    throws = {name: Random(random.random()) for name in found}
    with forum.running():
        before = forum.dump()
        for week in range(weeks):
            times = fixed_times(BEGIN + timedelta(weeks=week), PER_WEEK + 1)
            asked = [forum.period(*pair) for pair in pairwise(times)]
            after = forum.dump()
            targets = [(forum.target(one, after), one.asker) for one in asked]
            for name, right in found.items():
                guesser = ATTACKERS[name](before, after, forum.people)
                right += [guesser.guess(target, throws[name]) == who for target, who in targets]
            before = after


def most_by_chance(trials: int, chance: float = 1 / CANDIDATES, sure: float = 0.95) -> int:
    """How often somebody who guesses is right at most, in so many of a hundred games."""
    sum_, right = 0.0, -1
    while sum_ < sure:
        right += 1
        sum_ += comb(trials, right) * chance**right * (1 - chance) ** (trials - right)
    return right
