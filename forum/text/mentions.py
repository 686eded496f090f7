"""Members named in a text: ``@ada`` becomes a link to who has that handle.

Who that is, the text does not know: ``env["mentions"]`` gives the member's id for each known
handle. A name that is nobody's stays the text it is, and so does what only looks like a mention:
in code, in the words of a link, in an address such as ``ada@example.org``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from forum.text.handles import HANDLE

MENTION = re.compile(
    # Not inside a word, an address or a path; an underscore may be the mark of emphasis.
    r"(?<![^\W_])(?<![^\W_]_)(?<![.+/@-])"
    rf"@({HANDLE.replace('a-z', 'A-Za-z')})"
    # Not the beginning of a longer word, nor of an address.
    r"(?![_.-]*[^\W_]|@)"
)
MARKUP = "mention"


def mentions_plugin(md: MarkdownIt) -> None:
    """Teach ``md`` to make links of the handles in ``env["mentions"]``."""
    md.inline.ruler.push(MARKUP, _mention)


def _mention(state: StateInline, silent: bool) -> bool:
    known: Mapping[str, int] = state.env.get("mentions", {})
    if silent or not known or state.linkLevel or state.src[state.pos] != "@":
        return False
    found = MENTION.match(state.src, state.pos, state.posMax)
    member = known.get(found[1].lower()) if found else None
    if found is None or member is None:
        return False
    opening = state.push("link_open", "a", 1)
    opening.attrs, opening.markup, opening.info = {"href": f"/members/{member}"}, MARKUP, "auto"
    state.push("text", "", 0).content = found[0]
    closing = state.push("link_close", "a", -1)
    closing.markup, closing.info = MARKUP, "auto"
    state.pos = found.end()
    return True


def handles_in(source: str) -> frozenset[str]:
    """Every handle that ``source`` may mention, in small letters; some may stand in code."""
    return frozenset(found[1].lower() for found in MENTION.finditer(source))


def members_in(tokens: Sequence[Token]) -> frozenset[int]:
    """The members whom a parsed text speaks to: what it only quotes, somebody else has said."""
    return frozenset(_members_in(tokens))


def _members_in(tokens: Sequence[Token]) -> Iterator[int]:
    quotes = 0
    for token in tokens:
        quotes += token.nesting if token.type.startswith("blockquote") else 0
        for child in [] if quotes else token.children or []:
            if child.type == "link_open" and child.markup == MARKUP:
                yield int(str(child.attrs["href"]).rpartition("/")[2])
