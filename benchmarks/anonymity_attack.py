"""The attacker of the guessing game: who of the candidates asked, by all that two dumps tell.

It knows how the forum works and no name of any planted fault. What it looks for: a candidate's number in
whatever hangs together with the question; moments that betray when it was asked, and who was seen just
then; and traces that only few of the candidates left while it was asked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any

from benchmarks.anonymity_dump import Dump, Row, images_of, opened

PREFIX = "anonymous_questions__"
QUESTIONS, SPENT = f"{PREFIX}questions", (f"{PREFIX}spent", f"{PREFIX}spending")
# An act fills many pages, whatever it says; few other writings do.
MANY_CHANGES = 12
NAMED, MOMENT, RARE, ORDINARY = 100.0, 10.0, 8.0, 0.5
BEFORE = timedelta(minutes=20)
# What members leave behind wherever they write, whether they ask or not.
USUAL = frozenset({"posts.created_at", "drafts.saved_at", "revisions.created_at"})
# Given at the fixed time, as the attacker knows.
GIVEN_LATER = frozenset({"post_id"})


@dataclass(frozen=True, slots=True)
class Target:
    """A question of which the attacker wants to know who asked.

    Attributes:
        row: of the table of questions, at the second dump.
        begin, end: the two fixed times between which it was asked; the case about it tells.
        candidates: the numbers of those who may have asked.
    """

    row: Row
    begin: datetime
    end: datetime
    candidates: tuple[int, ...]


class Attacker:
    """Reads two dumps once, then guesses about each question.

    Args:
        people: of each member what names them in a log or a letter: number, address.
    """

    def __init__(self, first: Dump, second: Dump, people: dict[int, tuple[str, ...]]) -> None:
        self._second = second
        self._people = people
        self._before = {(name, repr(row)) for name, rows in first.tables.items() for row in rows}

    def guess(self, target: Target, random: Random) -> int:
        """The candidate of the highest score; among equals one at random."""
        scores = self.scores(target)
        best = max(scores.values())
        return random.choice([member for member in target.candidates if scores[member] == best])

    def scores(self, target: Target) -> dict[int, float]:
        """How much speaks for each candidate."""
        scores = self.evidence(target)
        for name, series in self._series(target).items():
            if name in USUAL:
                _rare(scores, series, ORDINARY)
        return scores

    def evidence(self, target: Target) -> dict[int, float]:
        """How much speaks for each candidate in what is stored, what members ordinarily do left out."""
        scores = dict.fromkeys(target.candidates, 0.0)
        linked = list(self._linked(target.row))
        for member in _named(linked, scores):
            scores[member] += NAMED
        moments = {*self._times(linked, target), *self._places(linked, target)}
        for moment in [*moments, *self._writings(target)]:
            self._near(moment, scores, MOMENT)
        for name, series in self._series(target).items():
            if name not in USUAL:
                _rare(scores, series, RARE)
        return scores

    def _linked(self, question: Row) -> Iterator[tuple[str, Row]]:
        """Rows that name the question, its post, or its thread."""
        yield QUESTIONS, question
        post = question.get("post_id")
        threads = {r["thread_id"] for r in self._second.tables["posts"] if r["id"] == post}
        wanted: dict[str, set[Any]] = {
            "question_id": {question["id"]}, "post_id": {post} - {None}, "thread_id": threads
        }  # fmt: skip
        for name, rows in self._second.tables.items():
            for row in rows:
                if name in ("posts", "threads"):
                    is_linked = row["id"] in ({post} if name == "posts" else threads)
                else:
                    is_linked = any(row.get(c) in values for c, values in wanted.items())
                if is_linked and name != QUESTIONS:
                    yield name, row

    def _times(self, linked: list[tuple[str, Row]], target: Target) -> Iterator[datetime]:
        """Moments between the two fixed times, in whatever hangs together with the question."""
        for _, row in linked:
            for value in row.values():
                moment = time_in(value)
                if moment is not None and target.begin < moment < target.end:
                    yield moment

    def _places(self, linked: list[tuple[str, Row]], target: Target) -> Iterator[datetime]:
        """Moments at which rows came that have the next lower number: numbers are given in order."""
        values = {
            number
            for name, row in linked
            if name.startswith(PREFIX)
            for column, value in row.items()
            if column not in GIVEN_LATER and (number := number_in(value)) is not None
        }
        for number in values:
            for numbers in self._numbered.values():
                below = [n for n in numbers if n <= number]
                moment = numbers[max(below)] if below else None
                if moment and max(numbers) >= number and target.begin < moment < target.end:
                    yield moment

    @cached_property
    def _numbered(self) -> dict[str, dict[int, datetime]]:
        """Of each table of the core whose rows are numbered: when each came."""
        found: dict[str, dict[int, datetime]] = defaultdict(dict)
        for name, member, row in self._of_members():
            moment = time_in(row.get("created_at") or row.get("saved_at"))
            if member and moment is not None and isinstance(row.get("id"), int):
                found[name][row["id"]] = moment
        return found

    @cached_property
    def _log(self) -> list[datetime]:
        """Moments at which a ticket was spent, as far as the database's own log still tells."""
        found: list[datetime] = []
        known: int | None = None
        for image in images_of(self._second.main, self._second.log, MANY_CHANGES):
            with closing(opened(image)) as then:
                spent = sum(
                    then.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in SPENT
                )
                newest = _newest_moment(then)
            if known is not None and spent > known and newest is not None:
                found.append(newest)
            known = spent
        return found

    def _writings(self, target: Target) -> Iterator[datetime]:
        for moment in self._log:
            if target.begin <= moment < target.end:
                yield moment

    @cached_property
    def seen(self) -> list[tuple[datetime, int]]:
        """When each member was seen to do anything, in order."""
        return sorted((moment, member) for _, member, moment in self._traces())

    def _near(self, moment: datetime, scores: dict[int, float], weight: float) -> None:
        """Whoever was seen last before a moment is the likeliest; those before them are less so."""
        before = [
            member
            for at, member in self.seen
            if moment - BEFORE <= at <= moment and member in scores
        ]
        for place, member in enumerate(dict.fromkeys(reversed(before))):
            scores[member] += weight / (1 + place) ** 2

    def _series(self, target: Target) -> dict[str, Counter[int]]:
        """By where it stands: who left a trace between the two fixed times."""
        found: dict[str, Counter[int]] = defaultdict(Counter)
        for name, member, moment in self._traces():
            if target.begin < moment < target.end:
                found[name][member] += 1
        return found

    def _traces(self) -> Iterable[tuple[str, int, datetime]]:
        return self._all_traces

    @cached_property
    def _all_traces(self) -> list[tuple[str, int, datetime]]:
        found = [
            (f"{name}.{column}", member, moment)
            for name, member, row in self._of_members()
            if (name, repr(row)) not in self._before
            for column, value in row.items()
            if (moment := time_in(value)) is not None
        ]
        for line in self._second.lines:
            found += [("log", member, line.at) for member in self._named_in(line.words)]
        for path, at, content in self._second.files:
            words = content.decode("utf-8", "replace") if len(content) < 100_000 else ""
            found += [("files", member, at) for member in self._named_in(f"{path} {words}")]
        return found

    def _named_in(self, words: str) -> Iterator[int]:
        return (m for m, names in self._people.items() if any(name in words for name in names))

    def _of_members(self) -> Iterator[tuple[str, int, Row]]:
        """Rows that name one member as whose they are."""
        for name, rows in self._second.tables.items():
            for row in rows:
                owners = [row[c] for c in ("member_id", "author_id") if row.get(c) is not None]
                if name == "members":
                    owners = [row["id"]]
                if owners and owners[0] in self._people:
                    yield name, owners[0], row


def _rare(scores: dict[int, float], series: Counter[int], weight: float) -> None:
    """Traces that fewer than half of the candidates left speak for those who did."""
    here = set(series) & set(scores)
    if len(here) < len(scores) // 2:
        for member in here:
            scores[member] += weight / len(here)


def _named(linked: list[tuple[str, Row]], scores: dict[int, float]) -> Iterator[int]:
    """Candidates whose number stands where a member's would."""
    for name, row in linked:
        for column, value in row.items():
            is_members = column.endswith(("member_id", "author_id", "actor_id", "_by"))
            if is_members and value in scores and not (name == "posts" and row["number"] != 1):
                yield value


def time_in(value: Any) -> datetime | None:
    """The moment that a value says, if it is one."""
    if not isinstance(value, str) or len(value) < 16 or value[4:5] != "-" or value[7:8] != "-":
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def number_in(value: Any) -> int | None:
    """The number that a value may be: also one in bytes, which begins with noughts then."""
    if isinstance(value, bytes):
        number = int.from_bytes(value, "big")
        return number if number < 2**40 else None
    return value if isinstance(value, int) and value > 1 else None


def _newest_moment(connection: Any) -> datetime | None:
    """The latest moment at which a member did anything, as the database was then."""
    asked = " UNION ALL ".join(
        f"SELECT max({column}) FROM {name}"
        for name, column in (
            ("member_sessions", "created_at"), ("drafts", "saved_at"), ("posts", "created_at"),
        )
    )  # fmt: skip
    found = [time_in(value) for (value,) in connection.execute(asked)]
    return max((moment for moment in found if moment is not None), default=None)
