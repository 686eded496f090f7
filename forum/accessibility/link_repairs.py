"""Edits that give a link other words, and keep everything else of it."""

from __future__ import annotations

import re
from bisect import bisect_left

from forum.accessibility.addresses import is_long_address, shortened, undressed
from forum.accessibility.document import Document, Link
from forum.accessibility.inline import OBJECT
from forum.accessibility.link_names import LinkNames, is_name, with_type
from forum.accessibility.repair import escaped, replaced
from forum.phrases import Phrase as _
from forum.review import Repair, Span
from forum.text.from_html.running import destination
from forum.text.lines import is_visible

_CLOSING, _OPENING = r"""[.,;:!?…)\]"'”’»«]""", r"""["'“‘«„»(\[¡¿]"""
_NEAR = 40
# Words, and emoji, which may not come to stand inside of one.
_SEEN = rf"(?:\w|[^\x00-\x7f\s{OBJECT}…”’»«“‘„¡¿])"
_LAST, _FIRST = re.compile(rf"{_SEEN}{_CLOSING}*\Z"), re.compile(rf"{_OPENING}*{_SEEN}")
# What cannot be the mark of an emphasis that begins or ends here.
_PARTS_BEFORE = re.compile(rf"[^\W_]|[^\x00-\x7f]|{_CLOSING}")
_PARTS_AFTER = re.compile(rf"[^\W_]|[^\x00-\x7f]|{_OPENING}")
_TITLED = re.compile(
    r"""\]\([ \t\n]*(?P<address><[^<>\n]*>|[^\s<]\S*)[ \t\n]+("[^"]*"|'[^']*')[ \t\n]*\)""",
)


def title_of_target(names: LinkNames, link: Link) -> str:
    """What the page of this forum is called that ``link`` leads to; empty where that is unknown."""
    title = names.document.titles.get(link.href, "")
    return title if is_name_for(names, title, link) else ""


def is_name_for(names: LinkNames, words: str, link: Link) -> bool:
    """Whether ``words`` can become those of ``link``, and nothing is found because of it."""
    return is_name(words, names.document.language) and names.is_free(words, link)


def named_after_target(names: LinkNames, link: Link, label: Span) -> Repair | None:
    """The link with the title of the thread or page it leads to as its words."""
    title = title_of_target(names, link)
    if not title:
        return None
    words = escaped(title) + target_of(names.document.source, link, label)
    return Repair(Span(label.start, link.span.end), words, _TAKE_TITLE)


def named_by_title(source: str, link: Link, label: Span) -> Repair:
    """The title becomes the words; where it stands beside them it goes, not to be said twice."""
    beside = _TITLED.fullmatch(source, label.end, link.span.end)
    target = f"]({beside['address']})" if beside else target_of(source, link, label)
    span = Span(label.start, link.span.end)
    words = escaped(with_type(link.title, link))
    return Repair(span, words + target, _("Use the link’s title as its words"))


def named_by_address(names: LinkNames, link: Link, address: str) -> Repair | None:
    """The link with the title of its page as its words, or with ``address``, a long one cut."""
    if words := title_of_target(names, link):
        return _named(names.document, link, words, _TAKE_TITLE)
    shown = (shortened(address), undressed(address)) if is_long_address(address) else (address,)
    for words in (with_type(words, link) for words in shown):
        if is_name_for(names, words.removesuffix("…"), link):
            return _named(names.document, link, words, _SHOW_ADDRESS)
    return None


def kept_apart(document: Document, link: Link, repair: Repair | None) -> Repair | None:
    """``repair``, which gives words to a link that had none of its own, with a space where these
    would run into what is beside the link; ``None`` where the space could tear markup apart."""
    source = document.source
    before, after = _beside(document, link)
    had_words = link.label is not None and is_visible(link.text)
    if repair is None or had_words or not (before or after):
        return repair
    can_part_before = not before or _PARTS_BEFORE.match(source[link.span.start - 1])
    can_part_after = not after or _PARTS_AFTER.match(source[link.span.end])
    if not (can_part_before and can_part_after):
        return None
    words = replaced(source, link.span, [(repair.span, repair.replacement)])
    return Repair(link.span, " " * before + words + " " * after, repair.label)


def _beside(document: Document, link: Link) -> tuple[bool, bool]:
    """Whether words stand right before and right after a link, without a space between."""
    runs = document.passages[link.passage].runs
    at = bisect_left(runs, link.span.start, key=lambda run: run.span.start)
    before = "".join(run.text[-_NEAR:] for run in runs[max(0, at - 1) : at])
    after = "".join(run.text[:_NEAR] for run in runs[at + 1 : at + 2])
    return _LAST.search(before) is not None, _FIRST.match(after) is not None


def _named(document: Document, link: Link, words: str, label: str) -> Repair:
    if link.label is None:
        return Repair(link.span, f"[{escaped(words)}]({_bare_target(document, link)})", label)
    target = target_of(document.source, link, link.label)
    return Repair(Span(link.label.start, link.span.end), escaped(words) + target, label)


_TAKE_TITLE = _("Use the title of that page as the link’s words")
_SHOW_ADDRESS = _("Show the address as the link’s words")


def _bare_target(document: Document, link: Link) -> str:
    """As it was written, where the parser took that letter by letter."""
    is_literal = link.span.of(document.source) == link.text
    return destination(link.text if is_literal else link.href)


def target_of(source: str, link: Link, label: Span) -> str:
    """What follows the words; those of ``[words]`` or ``[words][]`` also name the address."""
    target = source[label.end : link.span.end]
    return f"][{label.of(source)}]" if target in ("]", "][]") else target
