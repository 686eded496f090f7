"""Levels of trust: what a level asks for, and what of it a member does not have yet. No queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

REMOVED_DAYS = 90
"""For so long a post that moderators removed counts."""
MOST_DAYS = 3650
MOST_POSTS = 100_000

DAYS, POSTS, ANSWERS, REMOVED, BARRED = "days", "posts", "answers", "removed", "barred"
CHANGED = "changed"
"""Beside these: that the level asks for something else now."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a level asks for: days as a member, posts that stand, answers that somebody else asked
    for, and how many posts moderators may have removed in 90 days at most."""

    days: int = 0
    posts: int = 0
    answers: int = 0
    most_removed: int = 0

    def as_values(self) -> dict[str, int]:
        """The same by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Deeds:
    """What counts of a member, at one moment. ``is_barred``: muted or suspended."""

    days: int = 0
    posts: int = 0
    answers: int = 0
    removed: int = 0
    is_barred: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that keeps a member from a level: ``number`` is how many more it takes; of removed
    posts how many there are, of which ``most`` may be."""

    what: str
    number: int = 0
    most: int = 0


def missing_for(asked: Thresholds, deeds: Deeds) -> tuple[Missing, ...]:
    """What keeps a member from a level; nothing, when they have reached it."""
    short = ((name, getattr(asked, name) - getattr(deeds, name)) for name in (DAYS, POSTS, ANSWERS))
    found = [Missing(name, number) for name, number in short if number > 0]
    if deeds.removed > asked.most_removed:
        found.append(Missing(REMOVED, deeds.removed, asked.most_removed))
    if deeds.is_barred:
        found.append(Missing(BARRED))
    return tuple(found)


def has_reached(asked: Thresholds, deeds: Deeds) -> bool:
    """Whether these deeds are enough for this level."""
    return not missing_for(asked, deeds)


def reasons_of(missing: Iterable[Missing]) -> str:
    """The names of what is missing, as a step of a member keeps them."""
    return " ".join(one.what for one in missing)
