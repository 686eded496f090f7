"""Where the lines of a source stand, and the blocks made from them."""

from __future__ import annotations

import re
from itertools import accumulate

from forum.review import Span

_CONTAINERS = re.compile(r"(?:[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*")


class Places:
    """The lines of ``source``; ``starts`` has the offset of each, and that of the end."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.starts = [0, *accumulate(len(line) + 1 for line in source.split("\n"))]

    def block(self, first: int, after: int) -> Span:
        """Lines ``first`` up to ``after`` without the marks of lists and quotes before them."""
        start, end = self.starts[first], self.starts[first + 1] - 1
        opening = _CONTAINERS.match(self.source, start, end)
        return Span(opening.end() if opening else start, self.starts[after] - 1)

    def line(self, number: int) -> Span:
        """A line that goes on with a block, without indentation and marks of quotes."""
        start, end = self.starts[number], self.starts[number + 1] - 1
        return Span(end - len(self.source[start:end].lstrip(" \t>")), end)
