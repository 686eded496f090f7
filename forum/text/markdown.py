"""The Markdown of posts: what the parser understands, and where each piece stands in the source.

CommonMark, tables, strikethrough, task lists, footnotes, bare addresses as links, and the
attributes ``{decorative}`` and ``{lang=fr}``, mentions. HTML is shown as the text it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore, text_join
from markdown_it.rules_inline import StateInline, fragments_join
from markdown_it.token import Token
from markdown_it.utils import EnvType
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_ref

from forum.text import spans
from forum.text.allowed import is_link
from forum.text.attributes import attributes_plugin
from forum.text.autolink import autolink_plugin
from forum.text.mentions import mentions_plugin
from forum.text.rendering import Labels, use_renderer
from forum.text.tasks import tasks_plugin

MAX_NESTING = 100
"""Levels of tokens; markdown-it drops text below. The caps refuse sources long before."""

NEWLINE = re.compile(r"\r\n?")
FOOTNOTE_REF = re.compile(r"\[\^[^\s\]]{1,100}\]")


class PostMarkdown(MarkdownIt):
    """markdown-it with our inline parser and our rule for addresses."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"maxNesting": MAX_NESTING, "html": False})
        rules = self.inline.ruler, self.inline.ruler2
        self.inline = spans.SpanInline()
        self.inline.ruler, self.inline.ruler2 = rules

    def validateLink(self, url: str) -> bool:  # noqa: N802
        """Whether a post may link to ``url``; what may not be linked stays text."""
        return is_link(url)


@cache
def parser() -> MarkdownIt:
    """The one parser of posts. It keeps no state between texts and is safe in threads."""
    md = PostMarkdown().enable(["table", "strikethrough"])
    footnote_plugin(md)
    md.inline.ruler.at("footnote_ref", _footnote_ref)
    attributes_plugin(md)
    autolink_plugin(md)
    mentions_plugin(md)
    tasks_plugin(md)
    _keep_spans(md)
    use_renderer(md)
    return md


def _keep_spans(md: MarkdownIt) -> None:
    """Wrap the rules of ``md`` that move text about."""
    for name, locate in (
        ("table", spans.locate_cells),
        ("heading", spans.locate_heading),
        ("lheading", spans.locate_lines),
        ("paragraph", spans.locate_lines),
    ):
        rule = next(rule for rule in md.block.ruler.__rules__ if rule.name == name)
        rule.fn = spans.noting(rule.fn, locate)
    md.core.ruler.at("inline", _inline)
    md.inline.ruler2.at("fragments_join", spans.join_texts(fragments_join))
    md.core.ruler.at("text_join", spans.join_all_texts(text_join))


def _inline(state: StateCore) -> None:
    """Parse what is inside the blocks and place it in the source."""
    for token in state.tokens:
        if token.type == "inline":
            token.children = token.children or []
            state.md.inline.parse(token.content, state.md, state.env, token.children)
            spans.place(token.children, token.meta.get("segments") or [(0, 0)], state.env)
            token.children = [t for t in token.children if t.type != "text" or t.content]


def _footnote_ref(state: StateInline, silent: bool) -> bool:
    """The plugin's rule, tried only where a reference can end: unclosed ones cost nothing."""
    if not FOOTNOTE_REF.match(state.src, state.pos, state.posMax):
        return False
    return footnote_ref(state, silent)


def normalize(source: str) -> str:
    """``source`` as it is stored and parsed: lines end with a newline, NUL becomes U+FFFD.

    Spans of tokens and findings are offsets into this text (CommonMark 0.31.2, 2.1 and 2.3).
    """
    return NEWLINE.sub("\n", source).replace("\0", "\ufffd")


def parse(source: str, env: EnvType | None = None) -> list[Token]:
    """The tokens of ``source``, which must be normalised.

    Block tokens keep ``map`` (lines). Each child of an ``inline`` token has ``meta["span"]``,
    the half-open range of characters it was made from; an opening token (link, emphasis, span)
    covers its whole element with its marks, a picture all of itself, attributes not included.

    Raises:
        Invalid: the text is too tangled to be parsed in reasonable time.
    """
    return parser().parse(source, {} if env is None else env)


def render(
    source: str,
    *,
    post_id: int,
    mentions: Mapping[str, int] | None = None,
    pictures: Mapping[str, tuple[int, int]] | None = None,
    labels: Labels | None = None,
) -> str:
    """The HTML of ``source``, not sanitised; see :func:`forum.text.pipeline.html_of`.

    Args:
        post_id: prefix of the ids in it, so that posts on one page do not share any.
        mentions: the ids of members by their handles.
        pictures: width and height of pictures by their addresses.
        labels: our own words in it, in the language of the post; by default in English.

    Raises:
        Invalid: as :func:`parse`.
    """
    env: EnvType = {
        "post_id": post_id,
        "mentions": mentions or {},
        "pictures": pictures or {},
        "labels": labels,
    }
    tokens = parse(source, env)
    return str(parser().renderer.render(tokens, parser().options, env))
