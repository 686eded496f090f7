"""Edits that give a link other words, and keep everything else of it."""

from __future__ import annotations

import re
from functools import lru_cache

from forum.accessibility.addresses import file_type, is_long_address, shortened
from forum.accessibility.document import Document, Link
from forum.accessibility.phrases import is_vague
from forum.accessibility.shouting import shouted_runs
from forum.phrases import Phrase as _
from forum.review import Repair, Span
from forum.text.from_html.running import destination
from forum.text.lines import is_readable_line, is_visible

_MARKUP = re.compile(r"[\\`*_~^\[\]{}<>&|]")
_TITLED = re.compile(
    r"""\]\([ \t\n]*(?P<address><[^<>\n]*>|[^\s<]\S*)[ \t\n]+("[^"]*"|'[^']*')[ \t\n]*\)""",
)


@lru_cache(maxsize=256)  # Neighbours are asked for in pairs, and each link is one of two.
def is_name(words: str, language: str) -> bool:
    """Whether ``words`` can stand as those of a link without a new finding."""
    return (
        is_visible(words)
        and is_readable_line(" ".join(words.split()))
        and not is_vague(words, language)
        and not is_long_address(words)
        and not shouted_runs(words)
    )


def title_of_target(document: Document, link: Link) -> str:
    """What the page of this forum is called that ``link`` leads to; empty where that is unknown."""
    title = document.titles.get(link.href, "")
    return title if is_name(title, document.language) else ""


def named_after_target(document: Document, link: Link, label: Span) -> Repair | None:
    """The link with the title of the thread or page it leads to as its words."""
    title = title_of_target(document, link)
    if not title:
        return None
    target = target_of(document.source, link, label)
    return Repair(
        Span(label.start, link.span.end),
        escaped(title) + target,
        _("Use the title of that page as the link’s words"),
    )


def named_by_title(source: str, link: Link, label: Span) -> Repair:
    """The title becomes the words; where it stands beside them it goes, not to be said twice."""
    beside = _TITLED.fullmatch(source, label.end, link.span.end)
    target = f"]({beside['address']})" if beside else target_of(source, link, label)
    span = Span(label.start, link.span.end)
    words = escaped(with_type(link.title, link))
    return Repair(span, words + target, _("Use the link’s title as its words"))


def named_by_address(document: Document, link: Link, address: str) -> Repair | None:
    """The link with the title of its page as its words, or with ``address``, a long one cut."""
    if link.label is not None and (named := named_after_target(document, link, link.label)):
        return named
    title = title_of_target(document, link)
    words = title or with_type(shortened(address) if is_long_address(address) else address, link)
    if not is_name(words.removesuffix("…"), document.language):
        return None
    said = _("Use the title of that page as the link’s words") if title else _SHOW_ADDRESS
    if link.label is None:
        return Repair(link.span, f"[{escaped(words)}]({_bare_target(document, link)})", said)
    target = target_of(document.source, link, link.label)
    return Repair(Span(link.label.start, link.span.end), escaped(words) + target, said)


_SHOW_ADDRESS = _("Show the address as the link’s words")


def _bare_target(document: Document, link: Link) -> str:
    """As it was written, where the parser took that letter by letter."""
    is_literal = link.span.of(document.source) == link.text
    return destination(link.text if is_literal else link.href)


def with_type(words: str, link: Link) -> str:
    """``words``, with the type of the file that ``link`` leads to, unless they say it."""
    kind = file_type(link.href)
    return words if says_type(words, link.href) else f"{words} ({kind})"


def says_type(words: str, address: str) -> bool:
    """Whether ``words`` say what kind of file ``address`` leads to; true for those that are none."""
    kind = file_type(address)
    if not kind:
        return True
    ending = address.rpartition(".")[2].strip("/")
    return any(said in words.casefold() for said in (kind.casefold(), ending.casefold()))


def target_of(source: str, link: Link, label: Span) -> str:
    """What follows the words; those of ``[words]`` or ``[words][]`` also name the address."""
    target = source[label.end : link.span.end]
    return f"][{label.of(source)}]" if target in ("]", "][]") else target


def escaped(text: str) -> str:
    """``text`` as words of a link, with nothing in it that Markdown reads as markup."""
    return _MARKUP.sub(r"\\\g<0>", " ".join(text.split()))
