"""How often an attacker with two copies of everything guesses who asked, and with faults planted."""

from __future__ import annotations

import argparse
import sys
import tempfile
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the attacker did against one build."""

    build: str
    trials: int
    right: int
    wanted: str
    holds: bool
    seconds: float


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this subject."""
    parser.add_argument("--trials", type=int, default=TRIALS, help="questions guessed per build")
    parser.add_argument("--planted", type=int, default=0, help="the same with faults, if fewer")
    parser.add_argument("--attacker", choices=ATTACKERS, default="first", help="which one guesses")
    parser.add_argument("--seed", type=int, default=1, help="another one plays other games")


def measure(options: argparse.Namespace) -> Report:
    """Play the game against the forum as it is and against each planted fault."""
    random = Random(options.seed)
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="forum-benchmark-") as folder:
        for build in (REAL, *PLANTED):
            trials = options.trials if build is REAL else options.planted or options.trials
            print(f"{build.name} …", file=sys.stderr, flush=True)
            attacker = ATTACKERS[options.attacker]
            place = Path(folder) / build.name
            outcomes.append(played(build, trials, place, random, attacker=attacker))
            print(f"  {outcomes[-1].right} of {trials}", file=sys.stderr, flush=True)
    lines = [
        (o.build, f"{o.right} of {o.trials}", f"{o.right / o.trials:.1%}", o.wanted,
         "holds" if o.holds else "FAILS", f"{o.seconds:.0f} s")
        for o in outcomes
    ]  # fmt: skip
    heads = ("build", "right", "share", "wanted", "", "took")
    text = f"One asker among {CANDIDATES} candidates, who all were there when it was asked.\n\n"
    return Report(
        text + table(heads, lines),
        machine.machine_facts() | {"outcomes": [asdict(outcome) for outcome in outcomes]},
        all(outcome.holds for outcome in outcomes),
    )


def played(
    build: Build,
    trials: int,
    folder: Path,
    random: Random,
    *,
    attacker: type[Guesser] = Attacker,
) -> Outcome:
    """So many trials against one build."""
    began, right, done = perf_counter(), 0, 0
    folder.mkdir(parents=True)
    template = folder / "template.sqlite3"
    migrate(f"sqlite:///{template}")
    with build.around() if build.around else nullcontext():
        for number in count():
            if done >= trials:
                break
            weeks = min(MOST_WEEKS, -(-(trials - done) // PER_WEEK))
            found = _played_in(
                Played(folder / f"forum-{number}", template, build, random), weeks, random, attacker
            )[: trials - done]
            right, done = right + sum(found), done + len(found)
    most, least = most_by_chance(trials), round(LEAST_FOUND * trials)
    holds = right <= most if build.name == REAL.name else right >= least
    wanted = f"at most {most}" if build.name == REAL.name else f"at least {least}"
    return Outcome(build.name, trials, right, wanted, holds, perf_counter() - began)


def _played_in(forum: Played, weeks: int, random: Random, attacker: type[Guesser]) -> list[bool]:
    """Of each question asked in so many weeks, whether the attacker was right."""
    found: list[bool] = []
    with forum.running():
        before = forum.dump()
        for week in range(weeks):
            times = fixed_times(BEGIN + timedelta(weeks=week), PER_WEEK + 1)
            asked = [forum.period(*pair) for pair in pairwise(times)]
            after = forum.dump()
            guesser = attacker(before, after, forum.people)
            for one in asked:
                found.append(guesser.guess(forum.target(one, after), random) == one.asker)
            before = after
    return found


def most_by_chance(trials: int, chance: float = 1 / CANDIDATES, sure: float = 0.95) -> int:
    """How often somebody who guesses is right at most, in so many of a hundred games."""
    sum_, right = 0.0, -1
    while sum_ < sure:
        right += 1
        sum_ += comb(trials, right) * chance**right * (1 - chance) ** (trials - right)
    return right
