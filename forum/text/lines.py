"""Single lines that people write about themselves and their threads: names and titles."""

from __future__ import annotations

# Zero width non-joiner and joiner: Persian needs the one, many emoji the other. Soft hyphen.
_JOINERS = dict.fromkeys((0x200C, 0x200D, 0xAD))


def is_readable_line(text: str) -> bool:
    """Whether everything in the line can be seen, or belongs to how a word or an emoji is written.

    Control characters, and those that turn the direction of the text around, are not readable.
    """
    return text.translate(_JOINERS).isprintable()
