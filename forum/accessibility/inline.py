"""What a stretch of tokens inside a block says, and where it stands in the source."""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it.token import Token

from forum.review import Span

OBJECT = "\ufffc"
"""Stands in a passage's text for what is not prose: code, a picture, a bare address."""

BREAKS = frozenset({"softbreak", "hardbreak"})
_SAID = frozenset({"text", "text_special", "code_inline", "image"})


def span_of(token: Token) -> Span:
    """The characters of the source that ``token`` was made from."""
    start, end = token.meta["span"]
    return Span(start, end)


def words(tokens: Sequence[Token]) -> str:
    """What a screen reader says for ``tokens``."""
    return "".join(
        " " if token.type in BREAKS else token.content if token.type in _SAID else ""
        for token in tokens
    )


def objects(tokens: Sequence[Token]) -> str:
    """One :data:`OBJECT` for each picture, box, link among ``tokens``: more than words is there."""
    return OBJECT * sum(map(_is_object, tokens))


def _is_object(token: Token) -> bool:
    if token.type == "link_open":
        return token.attrs.get("href") != "#"
    silent = {"text", "text_special", "code_inline", *BREAKS}
    return token.nesting == 0 and token.type not in silent
