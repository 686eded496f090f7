"""HTML of others as a tree of the few elements that Markdown can say something of."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import nh3

from forum.errors import Invalid
from forum.phrases import Phrase as _
from forum.text import caps

# fmt: off
BLOCKS = frozenset({
    "address", "article", "aside", "caption", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "legend", "li", "main",
    "nav", "p", "section", "summary", "td", "th", "tr",
})
# fmt: on
HEADINGS = {f"h{level}": level for level in range(1, 7)}
CODE = frozenset({"code", "kbd", "samp", "tt"})
MARKS = {
    **dict.fromkeys(("em", "i", "cite", "dfn", "var"), "em"),
    **dict.fromkeys(("strong", "b"), "strong"),
    **dict.fromkeys(("s", "strike", "del"), "strike"),
}
STRUCTURE = frozenset({"pre", "blockquote", "ul", "ol", "table", "hr", *HEADINGS})
_VOID = frozenset({"br", "hr", "img"})
_TAGS = {
    *BLOCKS,
    *HEADINGS,
    *CODE,
    *MARKS,
    *STRUCTURE,
    *_VOID,
    *("a", "q", "sup", "thead", "tbody", "tfoot"),
}
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "pre": {"class"},
    "code": {"class"},
    "td": {"align", "style"},
    "th": {"align", "style"},
}
_SILENT = {"script", "style", "template", "title", "textarea", "select"}
_SCHEMES = {"http", "https", "mailto", "ftp", "ftps", "sftp", "tel", "sip", "xmpp", "irc", "news"}
"""Addresses that are kept: as links where a post may link to them, else behind their words."""
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    clean_content_tags=_SILENT,
    url_schemes=_SCHEMES,
    link_rel=None,
)


def cleaned(html: str) -> str:
    """``html`` as a browser reads it, well-formed, of the elements and attributes named above.

    A parser opens emphasis again in each paragraph that cuts it, so a short text of many unclosed
    elements grows; closing what was left open at most doubles the tags.
    """
    try:
        caps.check_html(html)
    except Invalid as error:
        raise Invalid("body", error.message) from error
    clean = _CLEANER.clean(html)
    if clean.count("<") > 2 * caps.MAX_HTML_TAGS:
        raise Invalid("body", _("Too many elements are left open in this HTML. Close each one."))
    return clean


@dataclass(slots=True)
class Node:
    """An element; the root's tag is empty."""

    tag: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list)


class _Tree(HTMLParser):
    """Builds the tree of what ``nh3`` wrote, in which every element is closed in its place."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1].tag == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def tree_of(clean: str) -> Node:
    """The tree of what :func:`cleaned` gave."""
    builder = _Tree()
    builder.feed(clean)
    builder.close()
    return builder.open[0]


def text_of(node: Node) -> str:
    """All text inside ``node``, a line for each block, a line break for each ``<br>``."""
    parts = []
    for child in node.children:
        if isinstance(child, str):
            parts.append(child)
        else:
            ends_line = child.tag == "br" or child.tag in BLOCKS
            parts.append(text_of(child) + "\n" * ends_line)
    return "".join(parts)
