"""An attacker by somebody who read only the threat model: it knows no table and no fault by name."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

from benchmarks.anonymity_attack import Target
from benchmarks.anonymity_dump import Dump, Row, images_of, tables_in

DIRECT, NEAR, RARE = 1000.0, 100.0, 1.0
Found = tuple[str, Row]


def moment_of(value: object) -> datetime | None:
    """The moment that a value of a column means, if it means one."""
    if isinstance(value, (int, float)) and 1.7e9 < value < 2e9:
        return datetime.fromtimestamp(value, UTC)
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d", value):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC)


def moments_of(row: Row) -> list[datetime]:
    """All moments in a row."""
    return [found for value in row.values() if (found := moment_of(value)) is not None]


def owners_of(row: Row) -> set[int]:
    """The members that a row names, by columns that may hold a member's number."""
    wanted = ("_id", "_by", "member", "author", "user")
    return {v for k, v in row.items() if isinstance(v, int) and k.endswith(wanted)}


def shape_of(words: str) -> str:
    """A line without what differs each time."""
    return re.sub(r"\S*[\d@]\S*", "#", words)


class SecondAttacker:
    """Gathers clues of any kind and names the candidate that the strongest point at.

    Args:
        people: of each member the words that name them.
    """

    def __init__(self, first: Dump, second: Dump, people: dict[int, tuple[str, ...]]) -> None:
        self._second, self._people = second, people
        self._old = {(name, repr(row)) for name, rows in first.tables.items() for row in rows}
        self._rows: list[Found] = [(n, row) for n, rows in second.tables.items() for row in rows]
        self._rows += self._ghosts(first) + self._ghosts(second)
        self._by_owner: dict[int, list[Found]] = defaultdict(list)
        for name, row in self._rows:
            for owner in owners_of(row) if "member_id" in row else ():
                self._by_owner[owner].append((name, row))
        self._shapes = Counter(shape_of(line.words) for line in second.lines)
        self._steps = self._transactions()
        self._shared = Counter(v for _, row in self._rows for v in self._tokens(row))

    def _ghosts(self, dump: Dump) -> list[Found]:
        """Rows that only an earlier state in the log holds, or that were there a week ago."""
        now = {(name, repr(row)) for name, rows in self._second.tables.items() for row in rows}
        found: dict[tuple[str, str], Found] = {}
        for image in images_of(dump.main, dump.log, 1):
            try:
                tables = tables_in(image)
            except sqlite3.DatabaseError:  # A state between two others need not be whole.
                continue
            for name, rows in tables.items():
                for row in rows:
                    if (name, repr(row)) not in now:
                        found[name, repr(row)] = (name, row)
        return list(found.values())

    @staticmethod
    def _tokens(row: Row) -> list[str]:
        """Values long enough to be nobody else's."""
        texts = (v.hex() if isinstance(v, bytes) else str(v) for v in row.values())
        return [t for t in texts if len(t) >= 16 and not t.startswith("20")]

    def _linked(self, row: Row) -> list[Found]:
        """Rows that share a rare value, or the number of the post, with the question."""
        marks = {t for t in self._tokens(row) if self._shared[t] < 6}
        post = row.get("post_id")
        return [
            (name, other)
            for name, other in self._rows
            if marks & set(self._tokens(other))
            or (post is not None and other.get("post_id") == post)
            or (name == "posts" and other.get("id") == post)
        ]

    def guess(self, target: Target, random: Random) -> int:
        """The candidate with the highest score, at random among equals."""
        scores: Counter[int] = Counter()
        points: Counter[int] = Counter()
        linked = self._linked(target.row)
        clues = (
            self._direct,
            self._words,
            self._near,
            self._rare,
            self._lines,
            self._order,
            self._numbers,
        )
        for clue in clues:
            for member, weight in clue(target, linked):
                points[member] += int(weight * 1000)
        for member in target.candidates:
            scores[member] = points[member]
        best = max(scores.values())
        return random.choice([m for m in target.candidates if scores[m] == best])

    def _direct(self, target: Target, linked: list[Found]) -> Iterator[tuple[int, float]]:
        """Numbers of candidates in rows that hang together with the question."""
        rows = [("", target.row), *linked]
        for name, row in rows:
            told = {
                member
                for column, value in row.items()
                if column not in {"rowid", "id", "post_id", "thread_id", "case_id", "number"}
                for member in target.candidates
                if type(value) in {int, str} and str(value) == str(member)
            }
            for member in told:
                yield member, DIRECT / (len(told) * (10 if name == "notifications" else 1))

    def _words(self, target: Target, linked: list[Found]) -> Iterator[tuple[int, float]]:
        """Names beside a mark of the question in files, lines and raw pages."""
        marks = [v for v in target.row.values() if isinstance(v, bytes) and len(v) >= 8]
        blobs = [content for _, _, content in self._second.files]
        blobs += [line.words.encode() for line in self._second.lines]
        blobs += [row_text.encode() for _, row in linked for row_text in map(str, row.values())]
        for blob in blobs:
            if linked and any(m in blob or m.hex().encode() in blob for m in marks):
                for member in target.candidates:
                    if any(w.encode() in blob for w in self._people.get(member, ())):
                        yield member, DIRECT

    def _times(self, member: int, target: Target) -> list[datetime]:
        """When a candidate did anything between the two fixed times."""
        found = [at for _, row in self._by_owner[member] for at in moments_of(row)]
        return [at for at in found if target.begin < at < target.end]

    def _near(self, target: Target, linked: list[Found]) -> Iterator[tuple[int, float]]:
        """Moments of the question, or of nobody, against the moments of the candidates."""
        rows = [row for name, row in linked if name != "notifications"]
        asked = [at for row in (target.row, *rows) for at in moments_of(row)]
        asked = [at for at in asked if target.begin < at < target.end]
        nobody = [at for _, at, _ in self._second.files]
        nobody += [at for _, r in self._rows if "member_id" not in r for at in moments_of(r)]
        nobody = [at for at in nobody if target.begin < at < target.end]
        for moments, weight in ((asked, NEAR), (nobody, NEAR / 10)):
            for at in set(moments):
                gaps = {
                    member: min(abs((at - t).total_seconds()) for t in times)
                    for member in target.candidates
                    if (times := self._times(member, target))
                }
                if gaps:
                    nearest = min(gaps, key=lambda m: gaps[m])
                    yield nearest, weight / (1 + gaps[nearest] / 600)

    def _rare(self, target: Target, linked: list[Found]) -> Iterator[tuple[int, float]]:
        """Kinds of rows that few candidates have of that half day, or that changed for few."""
        having: dict[str, set[int]] = defaultdict(set)
        for member in target.candidates:
            for name, row in self._by_owner[member]:
                if any(target.begin < at < target.end for at in moments_of(row)):
                    having[name].add(member)
                    for column, value in row.items():
                        if isinstance(value, str) and len(value) < 24 and not moment_of(value):
                            having[f"{name}.{column}={value}"].add(member)
                if not moments_of(row) and (name, repr(row)) not in self._old:
                    having[f"{name} changed"].add(member)
        questions = self._size_with(target)
        for name, members in having.items():
            size = self._new_in(name.split(".")[0].split(" ")[0])
            like = min(size, questions) / max(size, questions, 1)
            if len(members) <= 3:
                for member in members:
                    yield member, 20 * RARE * like**2 / len(members)

    def _size_with(self, target: Target) -> int:
        """How many rows the table has in which the question is."""
        tables = self._second.tables.values()
        return next((len(rows) for rows in tables if target.row in rows), 1)

    def _new_in(self, name: str) -> int:
        """How many rows of a table are new since the first dump."""
        rows = self._second.tables.get(name, [])
        return sum((name, repr(row)) not in self._old for row in rows)

    def _transactions(self) -> list[list[Found]]:
        """What appeared in each transaction of the log, in the order of their writing."""
        steps: list[list[Found]] = []
        seen: set[tuple[str, str]] | None = None
        for image in images_of(self._second.main, self._second.log, 1):
            try:
                tables = tables_in(image)
            except sqlite3.DatabaseError:
                continue
            now = {(n, repr(row)): (n, row) for n, rows in tables.items() for row in rows}
            if seen is not None:
                steps.append([found for key, found in now.items() if key not in seen])
            seen = set(now)
        return steps

    def _order(self, target: Target, linked: list[Found]) -> Iterator[tuple[int, float]]:
        """Who wrote just before and after a transaction that is nobody's and has no moment."""
        whose: list[set[int]] = []
        for step in self._steps:
            inside = [r for _, r in step if self._inside(r, target)]
            whose.append({m for r in inside for m in owners_of(r)} & set(target.candidates))
        for place, step in enumerate(self._steps):
            if not step or any("member_id" in row or moments_of(row) for _, row in step):
                continue
            before = next((w for w in reversed(whose[max(0, place - 2) : place]) if w), set())
            after = next((w for w in whose[place + 1 : place + 3] if w), set())
            for member in before:
                yield member, NEAR / 2 / len(before)
            for member in after:
                yield member, NEAR / 4 / len(after)

    @staticmethod
    def _inside(row: Row, target: Target) -> bool:
        """Whether a row has a moment between the two fixed times."""
        return any(target.begin < at < target.end for at in moments_of(row))

    def _numbers(self, target: Target, linked: list[Found]) -> Iterator[tuple[int, float]]:
        """Numbers of the question that fill gaps in the numbers of what candidates did."""
        for name, rows in self._second.tables.items():
            mine = [r for r in (target.row, *(o for n, o in linked if n == name)) if r in rows]
            for column, value in (pair for row in mine[:1] for pair in row.items()):
                if type(value) is int:
                    yield from self._gaps({r[column] for r in rows}, value, target)

    def _gaps(self, taken: set[object], value: int, target: Target) -> Iterator[tuple[int, float]]:
        """Whose row of that half day has the number next to one of the question's."""
        for rows in self._second.tables.values():
            for column in rows[0] if rows and "member_id" in rows[0] else ():
                others = {r[column] for r in rows}
                if column == "member_id" or others & taken or len(taken) < 4:
                    continue
                near = [
                    (abs(r[column] - value), r["member_id"])
                    for r in rows
                    if type(r[column]) is int and self._inside(r, target)
                ]
                if near and min(near)[0] <= 3:
                    yield min(near)[1], NEAR

    def _lines(self, target: Target, linked: list[Found]) -> Iterator[tuple[int, float]]:
        """Lines of the log of that half day: whom they name, or who was there just then."""
        inside = [li for li in self._second.lines if target.begin < li.at < target.end]
        shapes = Counter(shape_of(line.words) for line in inside)
        for line in inside:
            named = [
                member
                for member in target.candidates
                if any(word in f"{line.words} " for word in self._people.get(member, ()))
            ]
            rare = 1 / shapes[shape_of(line.words)]
            for member in named:
                yield member, 10 * RARE * rare / len(named)
            for member in () if named else target.candidates:
                times = self._times(member, target)
                if times and min(abs((line.at - t).total_seconds()) for t in times) < 120:
                    yield member, 10 * RARE * rare
