"""From the source of a post to the HTML that is stored beside it and shown."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from forum.text import caps, markdown
from forum.text.lines import is_visible
from forum.text.mentions import members_in
from forum.text.rendering import Labels
from forum.text.sanitize import sanitize

PIPELINE_VERSION = 3
"""Raise it with every change of the HTML that the same source gives; old HTML is then rebuilt."""

OVERRIDES = dict.fromkeys((0x202D, 0x202E))
"""Left-to-right and right-to-left override: they show letters in an order they are not in."""
BIDI = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""All characters that set a direction for what follows (Unicode UAX #9, 2)."""

TAG = re.compile(r'<(/?)([a-z0-9]+)(?:[^>"]|"[^"]*")*>')
NOTES = '<div class="footnotes">'
INLINE = frozenset({"a", "code", "em", "label", "s", "span", "strong", "sup"})


def html_of(
    source: str,
    *,
    post_id: int,
    mentions: Mapping[str, int] | None = None,
    pictures: Mapping[str, tuple[int, int]] | None = None,
    labels: Labels | None = None,
) -> str:
    """The sanitised HTML of ``source``, which must be normalised.

    Overrides of the writing direction are left out: they can make a link or code read as
    something else, and no language needs them. Embeddings and isolates stay, since authors who
    mix scripts do need them; both end with their paragraph, and the page isolates each post
    (``dir="auto"``), so nothing leaks into what stands beside.

    Args:
        post_id: any number that no other post on the same page has; ids in the post carry it.
        mentions: the members that the text may mention, by handle: see ``handles_in``.
        pictures: width and height of pictures that the text may show, by address.
        labels: our own words in it, in the language of the post; by default in English.

    Raises:
        Invalid: the text is over a cap, or too tangled to be rendered in reasonable time.
    """
    caps.check(source)
    rendered = markdown.render(
        source, post_id=post_id, mentions=mentions, pictures=pictures, labels=labels
    )
    caps.check_html(rendered)
    return sanitize(rendered).translate(OVERRIDES)


def plain_html_of(source: str) -> str:
    """The HTML of a text whose marks cannot be read any more: its words as they were typed."""
    escaped = html.escape(source.strip("\n").translate(OVERRIDES), quote=False)
    paragraphs = (words.replace("\n", "<br>") for words in re.split(r"\n{2,}", escaped))
    return "".join(f"<p>{words}</p>\n" for words in paragraphs)


def mentioned_in(source: str, mentions: Mapping[str, int]) -> frozenset[int]:
    """The members whom a text mentions in its author's own words, of those in ``mentions``.

    Raises:
        Invalid: as :func:`html_of`.
    """
    if not mentions:
        return frozenset()
    caps.check(source)
    return members_in(markdown.parse(source, {"mentions": mentions}))


def excerpt_of(rendered: str, length: int) -> str:
    """The words of a post's HTML on one line, at most ``length`` characters, without footnotes.

    It ends at a word, with an ellipsis, where it is cut. Characters that set the writing direction
    are left out, as an excerpt has no paragraph of its own to end them.
    """
    shown = TAG.sub(_space, rendered.partition(NOTES)[0])
    words = " ".join(html.unescape(shown).translate(BIDI).split())
    if len(words) <= length:
        return words
    cut = words[: length - 1].rsplit(" ", 1)[0] if " " in words[: length - 1] else words[:length]
    return cut[: length - 1] + "…"


def shows_something(rendered: str) -> bool:
    """Whether a post's HTML has words that can be seen or heard, or a picture."""
    return "<img " in rendered or is_visible(excerpt_of(rendered, len(rendered)))


def _space(tag: re.Match[str]) -> str:
    """Blocks stand apart, marks inside a line do not; a picture says its alternative."""
    return "" if tag.group(2) in INLINE else " "
