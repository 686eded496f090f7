"""What changed between two versions of a text, word by word.

Eugene W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, with limits: difflib's
time has none that a post could be held to. Where two texts have too little in common, lines are
compared instead of words, and in the end the whole texts stand one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

MOST_CHANGES = 500
"""Words added and removed between two versions; beyond it a reader gets more from whole lines."""
MOST_STEPS = 300_000
"""Comparisons of a word with a word: about a tenth of a second."""
CONTEXT = 80
"""Characters that stay on each side of a change, the least that shows where it stands."""
WORD_LENGTH = 3

# Scripts without spaces are compared sign by sign. Marks that combine belong to the letter before
# them, so whatever is not ASCII and no punctuation holds on to its neighbours.
_SINGLE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(
    rf"[{_SINGLE}]|(?:(?![{_SINGLE}])(?:\w|[^\x00-\x7f\s\u2010-\u2027\u3000-\u303f]))+"
    r"|\n|[^\S\n]+|.",
    re.DOTALL,
)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of text: in both versions (of a ``gap``, not worth reading again) or in one."""

    kind: Literal["same", "gap", "removed", "added"]
    text: str

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())


class _Hunk(NamedTuple):
    """What both versions have in common up to a change, and the change."""

    same: str
    removed: str
    added: str


def changes(earlier: str, later: str) -> tuple[Change, ...]:
    """What becomes of ``earlier`` in ``later``, in order; nothing when they are the same.

    Takes a limited time for any two texts.
    """
    if earlier == later:
        return ()
    hunks = (
        _hunks(_WORD.findall(earlier), _WORD.findall(later))
        or _hunks(_LINE.findall(earlier), _LINE.findall(later))
        or [_Hunk("", earlier, later)]
    )
    return tuple(_told(_joined(hunks)))


def _hunks(before: Sequence[str], after: Sequence[str]) -> list[_Hunk] | None:
    """The changes, or ``None`` when they are too many."""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    left, right = before[start : len(before) - end], after[start : len(after) - end]
    pairs = _pairs(left, right)
    if pairs is None:
        return None
    found, same, x, y = list[_Hunk](), [*before[:start]], 0, 0
    for next_x, next_y in [*pairs, (len(left), len(right))]:
        if next_x > x or next_y > y:
            found.append(_Hunk("".join(same), "".join(left[x:next_x]), "".join(right[y:next_y])))
            same = []
        same += left[next_x : next_x + 1]
        x, y = next_x + 1, next_y + 1
    rest = "".join([*same, *before[len(before) - end :]])
    return [*found, _Hunk(rest, "", "")]


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """How many of the first are the same."""
    return next(
        (n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )


def _pairs(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]] | None:
    """Where the longest common part stands in both, or ``None`` beyond the limits."""
    furthest, trace, steps = {1: 0}, list[dict[int, int]](), 0
    for d in range(min(len(a) + len(b), MOST_CHANGES) + 1):
        trace.append(furthest.copy())
        for k in range(-d, d + 1, 2):
            down = k == -d or (k != d and furthest[k - 1] < furthest[k + 1])
            start = x = furthest[k + 1] if down else furthest[k - 1] + 1
            while x < len(a) and x - k < len(b) and a[x] == b[x - k]:
                x += 1
            furthest[k] = x
            steps += x - start + 1
            if steps > MOST_STEPS:
                return None
            if x >= len(a) and x - k >= len(b):
                return _way_back(trace, len(a), len(b))
    return None


def _way_back(trace: Sequence[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for d in range(len(trace) - 1, -1, -1):
        furthest, k = trace[d], x - y
        down = k == -d or (k != d and furthest[k - 1] < furthest[k + 1])
        before = k + 1 if down else k - 1
        from_x = furthest[before]
        from_y = from_x - before
        while x > max(from_x, 0) and y > max(from_y, 0):
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = from_x, from_y
    return pairs[::-1]


def _joined(hunks: Sequence[_Hunk]) -> list[_Hunk]:
    """Replacements that only a space or a short word keeps apart read better as one."""
    joined = list(hunks[:1])
    for hunk in hunks[1:]:
        last = joined[-1]
        replaced = all((last.removed, last.added, hunk.removed, hunk.added))
        if replaced and len(hunk.same.strip()) <= WORD_LENGTH and "\n" not in hunk.same:
            joined[-1] = _Hunk(
                last.same,
                last.removed + hunk.same + hunk.removed,
                last.added + hunk.same + hunk.added,
            )
        else:
            joined.append(hunk)
    return joined


def _told(hunks: Sequence[_Hunk]) -> Iterator[Change]:
    for place, hunk in enumerate(hunks):
        ends = hunk.removed or hunk.added
        yield from _folded(hunk.same, head=place > 0, tail=bool(ends))
        if hunk.removed:
            yield Change("removed", hunk.removed)
        if hunk.added:
            yield Change("added", hunk.added)


def _folded(text: str, *, head: bool, tail: bool) -> Iterator[Change]:
    """Unchanged text, its middle as a gap; ``head`` and ``tail`` stand next to a change."""
    start = _word_end(text, CONTEXT) if head else 0
    end = len(text) - _word_end(text[::-1], CONTEXT) if tail else len(text)
    if end - start < CONTEXT:
        start = end = len(text)
    parts = (("same", text[:start]), ("gap", text[start:end]), ("same", text[end:]))
    for kind, part in parts:
        if part:
            yield Change(kind, part)  # type: ignore[arg-type]


def _word_end(text: str, length: int) -> int:
    """Where the word that ``length`` characters reach into begins, or ``length`` in a long one."""
    if len(text) <= length:
        return len(text)
    return max(text.rfind(" ", 0, length), text.rfind("\n", 0, length)) + 1 or length
