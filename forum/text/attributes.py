"""The two attributes an author may set: ``{decorative}`` on pictures, ``{lang=fr}`` on words.

``![](/files/1/line.png){decorative}`` says that a picture carries no meaning (WCAG 1.1.1);
``[bonjour]{lang=fr}``, or a line ``{lang=fr}`` before a block, names a language (WCAG 3.1.2).
Anything else in braces stays text, so that nobody's words disappear.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_TAG = r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}"
_LANG = rf'lang=(?:"{_TAG}"|{_TAG})'
LANG = re.compile(rf"\{{ ?({_LANG}) ?\}}")
"""A language tag as in BCP 47: a language, then script, region and variants."""
PICTURE = re.compile(rf"\{{ ?((?:decorative|{_LANG})(?: (?:decorative|{_LANG}))?) ?\}}")


def attributes_plugin(md: MarkdownIt) -> None:
    """Teach ``md`` the attributes ``decorative`` and ``lang``."""
    md.inline.ruler.after("link", "span", _span)
    md.inline.ruler.push("attributes", _inline)
    md.block.ruler.before("fence", "attributes", _block)
    md.core.ruler.after("block", "attributes", _resolve)


def _parsed(words: str) -> dict[str, str | int | float]:
    pairs = (word.partition("=") for word in words.split(" "))
    return {name: value.strip('"') for name, _, value in pairs}


def _inline(state: StateInline, silent: bool) -> bool:
    """Attributes right after a picture or a link."""
    if state.src[state.pos] != "{" or silent or state.pending or not state.tokens:
        return False
    last = state.tokens[-1]
    pattern = {"image": PICTURE, "link_close": LANG}.get(last.type)
    found = pattern.match(state.src, state.pos, state.posMax) if pattern else None
    if not found:
        return False
    element = last if last.type == "image" else _opening(state.tokens)
    element.attrs.update(_parsed(found.group(1)))
    state.pos = found.end()
    return True


def _opening(tokens: list[Token]) -> Token:
    """The opening token of the link that the last token closes; links never nest."""
    return next(token for token in reversed(tokens) if token.type == "link_open")


def _span(state: StateInline, silent: bool) -> bool:
    """``[words]{lang=fr}``."""
    if state.src[state.pos] != "[":
        return False
    start, limit = state.pos, state.posMax
    end = state.md.helpers.parseLinkLabel(state, start)
    found = LANG.match(state.src, end + 1, limit) if end > 0 else None
    if not found:
        return False
    if not silent:
        _push_span(state, start + 1, end, _parsed(found.group(1)))
    state.pos, state.posMax = found.end(), limit
    return True


def _push_span(
    state: StateInline, start: int, end: int, attrs: dict[str, str | int | float]
) -> None:
    state.pos, state.posMax = start, end
    state.push("span_open", "span", 1).attrs = attrs
    state.md.inline.tokenize(state)
    state.push("span_close", "span", -1)


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A line of its own, with a block right below it."""
    if state.is_code_block(start) or start + 1 >= end or state.isEmpty(start + 1):
        return False
    at = state.bMarks[start] + state.tShift[start]
    found = LANG.fullmatch(state.src[at : state.eMarks[start]].rstrip(" \t"))
    if not found or state.sCount[start + 1] < state.blkIndent:
        return False
    if not silent:
        token = state.push("attributes", "", 0)
        token.attrs, token.map = _parsed(found.group(1)), [start, start + 1]
        state.line = start + 1
    return True


def _resolve(state: StateCore) -> None:
    """Move the attributes of a line to the block below it."""
    waiting: dict[str, str | int | float] = {}
    kept: list[Token] = []
    for at, token in enumerate(state.tokens):
        if token.type == "attributes":
            waiting.update(token.attrs)
            continue
        kept.append(token)
        if waiting and token.nesting >= 0:
            _show(state.tokens, at)
            token.attrs.update(waiting)
        waiting = {}
    state.tokens = kept


def _show(tokens: list[Token], at: int) -> None:
    """A paragraph of a tight list is written without its own element, unless it has a language."""
    if tokens[at].hidden:
        tokens[at].hidden = tokens[at + 2].hidden = False
