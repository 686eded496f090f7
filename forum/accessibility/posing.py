"""Lines in bold that stand where a heading would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from forum.accessibility.blocks import Block, Group, Line
from forum.accessibility.titles import can_be_title
from forum.accessibility.typed_lists import mark_of

_HEADED = frozenset({"paragraph", "list", "quote", "indented", "fence", "table"})


@dataclass(frozen=True, slots=True)
class Posing:
    """A line in bold, and the line right ``below`` it in the same paragraph, if there is one."""

    line: Line
    below: Line | None


def posing_lines(groups: Iterable[Group]) -> Iterator[Posing]:
    """The lines of the post itself that look like headings of what comes below them.

    Not in lists and quotes, where a heading would tear apart what belongs together; not above
    another line in bold, for then both are stressed and neither is the heading of anything; and not
    for one that opens the post and is the only one: that is mostly the answer in short.
    """
    for group in groups:
        if group.holder == "post":
            found = list(_in_group(group.shown))
            yield from () if _is_short_answer(found, group.shown) else found


def _in_group(blocks: Sequence[Block]) -> Iterator[Posing]:
    for at, block in enumerate(blocks):
        if block.kind != "paragraph" or not block.lines or not _can_pose(block.lines[0]):
            continue
        line, *rest = block.lines
        after = blocks[at + 1] if at + 1 < len(blocks) else None
        if rest and _is_apart(rest[0]):
            yield Posing(line, rest[0])
        elif not rest and after and after.kind in _HEADED and not _is_bold(after):
            yield Posing(line, None)


def _is_apart(line: Line) -> bool:
    """Whether ``line``, below one in bold, is seen as a line of its own: also as that of a list."""
    parted = line.hard or mark_of(line.text) is not None
    return line.whole and parted and not line.bold


def _is_short_answer(found: Sequence[Posing], blocks: Sequence[Block]) -> bool:
    if len(found) != 1 or any(block.kind == "heading" for block in blocks):
        return False
    return found[0].line in blocks[0].lines


def _can_pose(line: Line) -> bool:
    return line.bold and can_be_title(line.text)


def _is_bold(block: Block) -> bool:
    return bool(block.lines) and block.lines[0].bold
