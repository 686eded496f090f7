"""A year in which askers come before and after they ask: does what is stored tell more than that?

Two attackers guess about every question. One knows what members ordinarily do, and when questions appear.
The other knows that, too, and has in addition all that the forum stores. If storing tells nothing, the second
is right as often as the first.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from pathlib import Path
from random import Random
from statistics import mean, median, stdev
from typing import Any

from benchmarks import machine
from benchmarks.anonymity_attack import Attacker, Target
from benchmarks.anonymity_dump import Dump
from benchmarks.anonymity_forum import BEGIN, Asked, Build, Played, fixed_times
from benchmarks.anonymity_plants import PLANTED, REAL
from benchmarks.report import Report, table
from forum.testing.databases import migrate

WEEKS, PER_WEEK = 52, 14
# Fewer are enough to see that the second attacker wins.
PLANTED_WEEKS = 4
# A forum that has become large takes long to copy.
WEEKS_OF_A_FORUM = 13
MOST_POINTS = 2.0
# So many questions come between two fixed times.
ASKED = (0, 0, 1, 1, 2)
CAME, CAME_BACK = 20.0, 10.0
READS = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Guessed:
    """Whether each attacker was right about a question, and how many were there when it was asked."""

    with_all: bool
    without: bool
    crowd: int


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this subject."""
    parser.add_argument("--weeks", type=int, default=WEEKS, help="how long it goes on")
    parser.add_argument("--seed", type=int, default=1, help="another one plays another year")


def measure(options: argparse.Namespace) -> Report:
    """Play a year, and a while with a planted fault, so that it is seen that it would be found."""
    random = Random(options.seed)
    planted = next(build for build in PLANTED if build.name == "exact time kept")
    with tempfile.TemporaryDirectory(prefix="forum-benchmark-") as folder:
        real = year_of(REAL, options.weeks, Path(folder) / "real", random)
        fault = year_of(
            planted, min(PLANTED_WEEKS, options.weeks), Path(folder) / "planted", random
        )
    difference = interval([one.with_all - one.without for one in real])
    of_fault = interval([one.with_all - one.without for one in fault])
    crowds = [one.crowd for one in real]
    facts: dict[str, Any] = {
        "questions": len(real), "crowd": [min(crowds), median(crowds), max(crowds)],
        "right": rates(real), "right_planted": rates(fault), "difference": [*difference],
    }  # fmt: skip
    text, holds = _text(facts, len(fault)), tells_nothing(difference, of_fault)
    return Report(text, machine.machine_facts() | facts, holds)


def tells_nothing(difference: tuple[float, float], of_fault: tuple[float, float]) -> bool:
    """Whether what is stored tells nothing, and it is known as well as is wanted: nothing lies in the
    interval, which is narrow, and not in that of a planted fault, so that one would have been seen."""
    low, high = difference
    return low <= 0 <= high and high - low < MOST_POINTS and of_fault[0] > 0


def _text(facts: dict[str, Any], planted: int) -> str:
    low, high = facts["difference"]
    least, middle, most = facts["crowd"]
    heads = ("build", "questions", "with all that is stored", "without")
    lines = [
        (name, str(count), *(f"{share:.1f} %" for share in facts[key]))
        for name, count, key in (
            (REAL.name, facts["questions"], "right"), ("exact time kept", planted, "right_planted"),
        )
    ]  # fmt: skip
    return (
        f"{table(heads, lines)}\n\nThe difference is between {low:.2f} and {high:.2f} points (95 %).\n"
        f"Seen in the forum while a question was asked: {least} to {most} members, mostly {middle:g}."
    )


def rates(found: list[Guessed]) -> tuple[float, float]:
    """How often each attacker was right, in percent."""
    return (
        100 * mean(one.with_all for one in found),
        100 * mean(one.without for one in found),
    )


def interval(differences: Iterable[int]) -> tuple[float, float]:
    """Where the mean difference lies with 95 %, in points of a hundred.

    It is never narrower than what stays unseen in so many: that none of ten differs says little of the next.
    """
    found = list(differences)
    middle, count = mean(found), len(found)
    around = 1.96 * stdev(found) / sqrt(count) if count > 1 else 1.0
    # What comes to nothing in so many with 2.5 % (Clopper and Pearson 1934).
    around = max(around, 1 - 0.025 ** (1 / count))
    return 100 * (middle - around), 100 * (middle + around)


def year_of(build: Build, weeks: int, folder: Path, random: Random) -> list[Guessed]:
    """So many weeks with questions, in forums of a quarter each."""
    folder.mkdir(parents=True)
    template = folder / "template.sqlite3"
    migrate(f"sqlite:///{template}")
    found: list[Guessed] = []
    with build.around() if build.around else nullcontext():
        for begin in range(0, weeks, WEEKS_OF_A_FORUM):
            forum = Played(folder / f"forum-{begin}", template, build, random)
            found += _quarter(forum, min(WEEKS_OF_A_FORUM, weeks - begin), random)
    return found


def _quarter(forum: Played, weeks: int, random: Random) -> list[Guessed]:
    found: list[Guessed] = []
    back: list[tuple[datetime, int]] = []
    with forum.running():
        before = forum.dump()
        for week in range(weeks):
            asked: list[Asked] = []
            times = fixed_times(BEGIN + timedelta(weeks=week), PER_WEEK + 1)
            for begin, end in itertools.pairwise(times):
                asked += _half_day(forum, begin, end, back, random)
            after = forum.dump()
            found += _guessed(forum, before, after, asked, random)
            before = after
    return found


def _half_day(
    forum: Played, begin: datetime, end: datetime, back: list[tuple[datetime, int]], random: Random
) -> list[Asked]:
    """Members come, some of whom ask; those who asked come again when their question may be there."""
    here = forum.some_members(random.randint(10, 30))
    askers = [person.id for person in here[: random.choice(ASKED)]]
    length = (end - begin).total_seconds()
    visits = [(begin + timedelta(seconds=random.uniform(60, length - 300)), p.id) for p in here]
    visits += [visit for visit in back if begin < visit[0] < end - timedelta(minutes=5)]
    back[:] = [visit for visit in back if visit[0] >= end - timedelta(minutes=5)]
    seen = {member for _, member in visits}
    codes: dict[int, str] = {}
    for moment, member in sorted(visits):
        forum.set(moment)
        forum.visit(member)
        if member in askers and member not in codes:
            forum.set(moment + timedelta(seconds=20))
            codes[member] = forum.ask_as(member)
    forum.pass_time(end)
    for member in codes:
        back.append((end + timedelta(hours=24) + READS * random.random(), member))
    return [Asked(code, who, begin, end, tuple(sorted(seen))) for who, code in codes.items()]


def _guessed(
    forum: Played, before: Dump, after: Dump, asked: list[Asked], random: Random
) -> list[Guessed]:
    attacker = Attacker(before, after, forum.people)
    found = []
    for one in asked:
        target = forum.target(one, after)
        known = ordinary(attacker, target, after)
        # Both decide in the same way among equals, so that they differ by what they know alone.
        chance = {member: random.random() for member in target.candidates}
        stored = attacker.evidence(target)
        more = {member: known[member] + stored[member] for member in target.candidates}
        guesses = [
            max(target.candidates, key=lambda m, s=scores: (s[m], chance[m]))  # type: ignore[misc]
            for scores in (more, known)
        ]
        found.append(Guessed(guesses[0] == one.asker, guesses[1] == one.asker, len(one.candidates)))
    return found


def ordinary(attacker: Attacker, target: Target, dump: Dump) -> dict[int, float]:
    """What members ordinarily do, and when the question appears, speaks for each of those who were there:
    who came again soon after it was published is likelier."""
    published = next(
        (row["created_at"] for row in dump.tables["posts"] if row["id"] == target.row["post_id"]),
        None,
    )
    scores = dict.fromkeys(target.candidates, CAME)
    if published is not None:
        begin = datetime.fromisoformat(published).replace(tzinfo=target.end.tzinfo)
        again = {member for at, member in attacker.seen if begin < at < begin + timedelta(hours=36)}
        for member in again & set(scores):
            scores[member] += CAME_BACK
    return scores
