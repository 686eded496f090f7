"""Bare addresses in posts become links where ``http://`` or ``https://`` is written.

What ends an address follows GitHub Flavored Markdown, section 6.9: closing punctuation and a
closing parenthesis that has no partner inside the address stay outside.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

SCHEME = re.compile(r"(?<![^\W_])https?\Z", re.IGNORECASE)
REST = re.compile(r"://[^\s<>\[\]`|\x00-\x1f]{1,2000}")
TRAILING = "?!.,:;*_~'\""


def autolink_plugin(md: MarkdownIt) -> None:
    """Teach ``md`` to make links of bare ``http://`` and ``https://`` addresses."""
    md.inline.ruler.push("bare_address", _bare_address)


def _bare_address(state: StateInline, silent: bool) -> bool:
    if silent or state.linkLevel or state.src[state.pos] != ":":
        return False
    scheme = SCHEME.search(state.pending[-6:])
    rest = REST.match(state.src, state.pos, state.posMax)
    if not scheme or not rest:
        return False
    return _push_link(state, scheme.group(), _without_trailing(rest.group()))


def _push_link(state: StateInline, scheme: str, rest: str) -> bool:
    href = state.md.normalizeLink(scheme + rest)
    if len(rest) <= len("://") or not state.md.validateLink(href):
        return False
    state.pending = state.pending[: -len(scheme)]
    opening = state.push("link_open", "a", 1)
    opening.attrs, opening.markup, opening.info = {"href": href}, "linkify", "auto"
    state.push("text", "", 0).content = scheme + rest
    closing = state.push("link_close", "a", -1)
    closing.markup, closing.info = "linkify", "auto"
    state.pos += len(rest)
    return True


def _without_trailing(rest: str) -> str:
    """``rest`` without the punctuation that belongs to the sentence around it."""
    surplus = rest.count(")") - rest.count("(")
    end = len(rest)
    while end:
        if rest[end - 1] == ")" and surplus > 0:
            surplus -= 1
        elif rest[end - 1] not in TRAILING:
            break
        end -= 1
    return rest[:end]
