"""Feeds in the Atom Syndication Format (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

MEDIA_TYPE = "application/atom+xml"
CONTENT_TYPE = f"{MEDIA_TYPE}; charset=utf-8"

# Characters that no XML 1.0 document may have, not even written as a reference (XML 1.0, 2.2).
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_VALUE = r"""(?:"[^"]*"|'[^']*')"""
_TAG = re.compile(rf"<[a-z][a-z0-9]*(?:\s+[a-z-]+(?:={_VALUE})?)+\s*/?>")
_ADDRESS = re.compile(rf"""(\s[a-z-]+=)({_VALUE})""")


@dataclass(frozen=True, slots=True)
class Entry:
    """One post of a feed.

    Attributes:
        id: an IRI that stays the same for ever.
        url: its permanent address; ``author_url`` that of its author, empty where they have no page.
        category: what it is filed under: (term, label).
        html: its words; every address in them is absolute.
        language: BCP 47 tag of their language, where it is not that of the feed.
    """

    id: str
    url: str
    title: str
    author: str
    author_url: str
    published_at: datetime
    updated_at: datetime
    category: tuple[str, str]
    html: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """The newest posts of some place.

    Attributes:
        id: an IRI that stays the same for ever.
        url: its own address; ``page_url`` that of the page it follows.
        language: BCP 47 tag of the language most of it is written in.
    """

    id: str
    url: str
    page_url: str
    title: str
    language: str
    updated_at: datetime
    entries: Sequence[Entry]


def written(feed: Feed) -> str:
    """The feed as an XML document."""
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>\n',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={_quoted(feed.language)}>\n',
        _element("id", feed.id),
        _element("title", feed.title),
        _element("updated", _moment(feed.updated_at)),
        f'<link rel="self" type={_quoted(MEDIA_TYPE)} href={_quoted(feed.url)}/>\n',
        f'<link rel="alternate" type="text/html" href={_quoted(feed.page_url)}/>\n',
        _element("generator", "Folkmoot"),
        *(_entry(entry) for entry in feed.entries),
        "</feed>\n",
    ]
    return "".join(parts)


def _entry(entry: Entry) -> str:
    term, label = entry.category
    language = f" xml:lang={_quoted(entry.language)}" if entry.language else ""
    author = _element("name", entry.author)
    if entry.author_url:
        author += _element("uri", entry.author_url)
    return "".join(
        [
            "<entry>\n",
            _element("id", entry.id),
            _element("title", entry.title),
            _element("published", _moment(entry.published_at)),
            _element("updated", _moment(entry.updated_at)),
            f'<link rel="alternate" type="text/html" href={_quoted(entry.url)}/>\n',
            f"<author>\n{author}</author>\n",
            f"<category term={_quoted(term)} label={_quoted(label)}/>\n",
            f'<content type="html"{language}>{escape(_legal(entry.html))}</content>\n',
            "</entry>\n",
        ]
    )


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(_legal(text))}</{name}>\n"


def _quoted(text: str) -> str:
    return quoteattr(_legal(text))


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)


def _moment(at: datetime) -> str:
    # RFC 3339, as RFC 4287, 3.3 asks.
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def with_absolute_addresses(html: str, base: str, page: str) -> str:
    """Sanitised HTML in which paths begin with ``base`` and fragments with ``base`` and ``page``."""

    def in_tag(tag: re.Match[str]) -> str:
        return _ADDRESS.sub(in_attribute, tag[0])

    def in_attribute(attribute: re.Match[str]) -> str:
        name, value = attribute[1], attribute[2]
        if name.strip() not in ("href=", "src="):
            return attribute[0]
        quote, address = value[0], value[1:-1]
        if address.startswith("/"):
            return f"{name}{quote}{base}{address}{quote}"
        if address.startswith("#"):
            return f"{name}{quote}{base}{page}{address}{quote}"
        return attribute[0]

    return _TAG.sub(in_tag, html)
