"""The level that a new heading has among those that are there."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from forum.accessibility.document import Heading

FIRST = 2
"""The level of the only heading of a post."""
DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Levels:
    """The headings of a post: where each begins, its level, and the highest one up to it."""

    starts: tuple[int, ...]
    levels: tuple[int, ...]
    highest: tuple[int, ...]

    @classmethod
    def of(cls, headings: Sequence[Heading]) -> Levels:
        """Those of ``headings``, which are in the order of the source."""
        levels = tuple(heading.level for heading in headings)
        starts = tuple(heading.span.start for heading in headings)
        return cls(starts, levels, tuple(accumulate(levels, min)))

    def fitting(self, start: int) -> int:
        """The level of a heading at ``start``.

        One below the heading above, or beside it if that is inside a part already. So lines that
        become headings one after the other end up beside each other, and no hole opens or closes.
        """
        at = bisect_left(self.starts, start)
        below = self.levels[at] if at < len(self.levels) else None
        if at == 0:
            return below or FIRST
        above = self.levels[at - 1]
        inside = self.highest[at - 1] < above or above == DEEPEST
        skips = below is not None and below > above + 1
        return above + (not inside and not skips)
