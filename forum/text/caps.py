"""Limits on a text, looked at before any parser sees it, in time linear in its length.

Without them 64 KiB of links take 1.2 seconds and 13,000 footnote references 9 seconds. The scan
does not parse: where it cannot be sure it counts too much rather than too little, and what it
cannot see the parser stops (:mod:`forum.text.spans`).
"""

from __future__ import annotations

import re
from collections import Counter

from forum.errors import Invalid
from forum.phrases import Phrase
from forum.phrases import Phrase as _

MAX_BYTES = 32 * 1024
MAX_LINES = 5_000
MAX_LINKS = 200
MAX_FOOTNOTES = 100
MAX_CELLS = 2_000
MAX_UNMATCHED = 500
MAX_DEPTH = 20
MAX_HTML_BYTES = 256 * 1024
MAX_HTML_DEPTH = 100
MAX_HTML_TAGS = 10_000
# What a review takes of HTML from elsewhere in less than a second; real posts have 500 at most.
MAX_REVIEWED_TAGS = 3_000
MAX_HTML_REOPENED = 20_000
MAX_HTML_SIGNS = 40_000
"""Characters written as a reference (``&amp;``): bleach needs 8 seconds for 200,000 of them."""

# What is said, where the limit and what was found are filled in.
TOO_LONG = _(
    "There may be %(limit)s bytes of text; this text has %(found)s. Cut it, or write two posts."
)
TOO_MANY_LINES = _(
    "There may be %(limit)s lines; this text has %(found)s. Join some, or write two posts."
)
TOO_MANY_LINKS = _(
    "There may be %(limit)s links and pictures; this text has %(found)s. Leave some out."
)
TOO_MANY_FOOTNOTES = _(
    "There may be %(limit)s footnote references; this text has %(found)s. Leave some out."
)
TOO_MANY_CELLS = _(
    "There may be %(limit)s table cells; this text has %(found)s. Share a file instead, or a "
    "smaller table."
)
TOO_MANY_UNMATCHED = _(
    "There may be %(limit)s square brackets without a partner; this text has %(found)s. Close them, "
    "or put a backslash before each."
)
TOO_DEEP = _(
    "There may be %(limit)s quotes and lists inside each other; this text has %(found)s. Flatten "
    "some."
)
TOO_MUCH_HTML = _(
    "There may be %(limit)s bytes of HTML; this text has %(found)s. Cut it, or write two posts."
)
TOO_MANY_TAGS = _(
    "There may be %(limit)s HTML tags; this text has %(found)s. Cut it, or write two posts."
)
TOO_MANY_SIGNS = _(
    "There may be %(limit)s signs such as & and >; this text has %(found)s. Leave some out."
)
TOO_DEEP_HTML = _(
    "There may be %(limit)s elements inside each other; this text has %(found)s. Flatten some."
)
TOO_MANY_OPEN = _(
    "There may be %(limit)s marks left open across elements; this text has %(found)s. Close each."
)
HALVES = _("The text has characters that are only halves. Take them out.")

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
SURROGATE = re.compile(r"[\ud800-\udfff]")
LINK = re.compile(r"\]\(|\]\[|<[A-Za-z][A-Za-z0-9+.-]{1,31}:|<[^\s<>@]{1,64}@|https?://", re.I)
DEFINITION = re.compile(r"\[[^\[\]^][^\[\]]{0,998}\]:")
WORD_END = re.compile(r"\](?![(\[])")
FOOTNOTE = re.compile(r"\[\^|\^\[")
FOOTNOTE_DEFINITION = re.compile(r"^ {0,3}\[\^[^\[\]\s]{1,100}\]:", re.MULTILINE)
BRACKETS = re.compile(r"\\.|[\[\]]")
RULER = re.compile(r"[ \t>]*[|:-][|: \t-]*")
CONTAINER = re.compile(r"[ \t]*(>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$))")
BREAK = re.compile(r"[ \t>]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,})")
"""``* * *`` is a line across the page, not three lists."""
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
"""Not up to its ``>``: an attribute may hide one."""

# fmt: off
FLAT = frozenset({
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta",
    "option", "p", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
})
"""Elements that close by themselves where the next one begins, or never hold anything."""
MARKS = frozenset({
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
})
"""Elements that a parser opens again in the next block (HTML, 13.2.4.3)."""
# fmt: on


def check(source: str) -> None:
    """Refuse a text that would be unreasonable to render.

    ``source`` is what :func:`forum.text.markdown.normalize` gives.

    Raises:
        Invalid: ``"source"``; the message says the limit and what was found.
    """
    _check_characters(source)
    _limit(len(source.encode()), MAX_BYTES, TOO_LONG)
    _limit(source.count("\n") + 1, MAX_LINES, TOO_MANY_LINES)
    _limit(most_links(source), MAX_LINKS, TOO_MANY_LINKS)
    _limit(_footnotes(source), MAX_FOOTNOTES, TOO_MANY_FOOTNOTES)
    _limit(_cells(source), MAX_CELLS, TOO_MANY_CELLS)
    _limit(_unmatched(source), MAX_UNMATCHED, TOO_MANY_UNMATCHED)
    _limit(_depth(source), MAX_DEPTH, TOO_DEEP)


def check_html(html: str, *, most_tags: int = MAX_HTML_TAGS) -> None:
    """Refuse HTML that would stall a sanitiser, or whoever else reads it and takes fewer tags.

    Raises:
        Invalid: ``"source"``; the message says the limit and what was found.
    """
    if SURROGATE.search(html):
        raise Invalid("source", HALVES)
    _limit(len(html.encode()), MAX_HTML_BYTES, TOO_MUCH_HTML)
    _limit(html.count("<"), most_tags, TOO_MANY_TAGS)
    signs = html.count("&") + html.count("\xa0") + max(0, html.count(">") - html.count("<"))
    _limit(signs, MAX_HTML_SIGNS, TOO_MANY_SIGNS)
    depth, reopened = _html_nesting(html)
    _limit(depth, MAX_HTML_DEPTH, TOO_DEEP_HTML)
    _limit(reopened, MAX_HTML_REOPENED, TOO_MANY_OPEN)


def _limit(found: int, limit: int, sentence: str) -> None:
    if found > limit:
        raise Invalid("source", Phrase(sentence, limit=limit, found=found))


def _check_characters(source: str) -> None:
    if SURROGATE.search(source):
        raise Invalid("source", HALVES)
    if found := CONTROL.search(source):
        message = Phrase(
            "Line %(line)s has a control character (%(code)s), which cannot be shown. Take it out.",
            line=source.count("\n", 0, found.start()) + 1,
            code=f"U+{ord(found.group()):04X}",
        )
        raise Invalid("source", message)


def most_links(source: str) -> int:
    """How much could become a link or a picture; there are never more.

    ``[word]`` alone counts only where words are defined. What looks like a definition counts too:
    inside a paragraph it is a link and a colon.
    """
    written = len(LINK.findall(source))
    return written + (len(WORD_END.findall(source)) if DEFINITION.search(source) else 0)


def _footnotes(source: str) -> int:
    return len(FOOTNOTE.findall(source)) - len(FOOTNOTE_DEFINITION.findall(source))


def _cells(source: str) -> int:
    """Cells of all tables. Rows are filled up to the width of the header, however short."""
    cells, width, above = 0, 0, ""
    for line in source.split("\n"):
        width = width if line.strip(" \t>") else 0
        cells += width
        if "|" in above and RULER.fullmatch(line):
            columns = len(line.strip(" \t>").strip("|").split("|"))
            cells, width = cells + columns, max(width, columns)
        above = line
    return cells


def _unmatched(source: str) -> int:
    """Square brackets that have no partner on their own line."""
    count = 0
    for line in source.split("\n"):
        depth = 0
        for found in BRACKETS.findall(line):
            if found == "[":
                depth += 1
            elif found == "]" and depth:
                depth -= 1
            elif found == "]":
                count += 1
        count += depth
    return count


def _depth(source: str) -> int:
    """How deep quotes and lists stand inside each other."""
    deepest, after_blank = 0, True
    lists: list[int] = []
    for line in source.split("\n"):
        if not line.strip():
            after_blank = True
            continue
        quotes, markers = _containers(line)
        if after_blank and not quotes and not markers and not line[0].isspace():
            lists = []
        after_blank = False
        for column in markers:
            while lists and lists[-1] >= column:
                lists.pop()
            lists.append(column)
        deepest = max(deepest, quotes + len(lists))
    return deepest


def _containers(line: str) -> tuple[int, list[int]]:
    """How many quote signs open ``line``, and at which columns list markers stand."""
    quotes, at = 0, 0
    markers: list[int] = []
    if BREAK.fullmatch(line):
        return quotes, markers
    while found := CONTAINER.match(line, at):
        if found.group(1) == ">":
            quotes += 1
        else:
            markers.append(found.start(1))
        at = found.end()
    return quotes, markers


def _html_nesting(html: str) -> tuple[int, int]:
    """The most elements open at once, and how many a parser may open again in later blocks.

    Both count too much where tags do not pair.
    """
    depth = deepest = marks = reopened = 0
    opened: Counter[str] = Counter()
    for closing, tag in TAG.findall(html):
        name = tag.lower()
        is_mark = name in MARKS
        reopened += 0 if is_mark else marks
        if name in FLAT or (closing and not opened[name]):
            continue
        step = -1 if closing else 1
        opened[name] += step
        depth += step
        marks += step if is_mark else 0
        deepest = max(deepest, depth)
    return deepest, reopened
