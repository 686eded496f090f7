"""HTML and plain text from elsewhere, turned into the Markdown that posts keep as their source.

The promise is a round trip: rendered by this forum's own Markdown, the source shows the same text,
the same links, the same code and the same quotes. What Markdown cannot say (sizes, colours, link
titles, links inside a code block) is left out; what it could misread is escaped.

The way: ``nh3`` parses as a browser does, so broken markup means what its readers saw, and hands
back well-formed HTML (``tree``). That becomes blocks: paragraph, list and so on (``blocks``), whose
running text is a flat row of *atoms*, each with the emphasis and the link it stands in; the row is
written so that CommonMark's flanking rules read it back (``running``). Comments are a row of atoms
from the start (``comments``).
"""

from __future__ import annotations

from dataclasses import dataclass

from forum.text.from_html.blocks import Picture, Walk, stacked
from forum.text.from_html.comments import markdown_from_comment, markdown_from_text
from forum.text.from_html.running import PLAIN, escape
from forum.text.from_html.tree import cleaned, tree_of

__all__ = [
    "Converted",
    "Picture",
    "escape",
    "markdown_from_comment",
    "markdown_from_html",
    "markdown_from_text",
]


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a body.

    Attributes:
        source: Markdown, without a newline at the end; empty when nothing was to be seen.
        pictures: the pictures that became links or words, in the order of the text. The
            alternative is empty where the author gave none; the address is empty where the
            picture was part of the page itself (``data:``), so only its words are left.
    """

    source: str
    pictures: tuple[Picture, ...] = ()


def markdown_from_html(html: str, *, base: str = "") -> Converted:
    """Markdown that renders to the text, links, code and quotes of ``html``.

    Args:
        html: a fragment, well-formed or not.
        base: address of the page it comes from; relative links and pictures are resolved
            against it and left as they are without it.

    Raises:
        Invalid: on ``body``, when it is longer or nested deeper than
            :func:`forum.text.caps.check_html` allows, or has more lists and quotes inside each
            other than a post may. Whether the Markdown keeps to the other caps is not looked at.
    """
    walk = Walk(base)
    blocks = walk.flow([tree_of(cleaned(html))], PLAIN, 0)
    return Converted(stacked(blocks), tuple(walk.pictures))
