"""The words of links: what can stand as a link's name, and which places a name leads to already."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property, lru_cache

from forum.accessibility.addresses import file_type, is_address, is_long_address
from forum.accessibility.document import Document, Link
from forum.accessibility.phrases import is_vague
from forum.accessibility.shouting import shouted_runs
from forum.text.lines import is_readable_line, is_visible


@lru_cache(maxsize=256)  # Neighbours are asked for in pairs, and each link is one of two.
def is_name(words: str, language: str) -> bool:
    """Whether ``words`` can stand as those of a link without a new finding about them."""
    return (
        is_visible(words)
        and is_readable_line(" ".join(words.split()))
        and not is_vague(words, language)
        and not is_long_address(words)
        and not shouted_runs(words)
    )


def has_words(document: Document, link: Link) -> bool:
    """Whether the words of ``link`` name something, be it well or not."""
    words = link.text
    return (
        is_visible(words) and not is_vague(words, document.language) and not is_long_address(words)
    )


def is_own(document: Document, link: Link) -> bool:
    """Whether the author wrote it, and does not only quote it."""
    return not document.passages[link.passage].quoted


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


class LinkNames:
    """Where each name leads to in one document.

    Letters that pose as others, marks and the type of a file make no name different: the repairs of
    other rules change those, and must not change what is found here.
    """

    def __init__(self, document: Document) -> None:
        self.document = document

    @cached_property
    def _places(self) -> dict[str, set[str]]:
        places: dict[str, set[str]] = defaultdict(set)
        for link in filter(self._counts, self.document.links):
            places[_key(link.text, link)].add(_place(link))
        return places

    def _counts(self, link: Link) -> bool:
        """Whether it has a name; an address is none, and says where it leads."""
        named = has_words(self.document, link) and not is_address(link.text)
        return named and is_own(self.document, link)

    def is_free(self, words: str, link: Link) -> bool:
        """Whether no link to another place has these ``words``."""
        return self._places.get(_key(words, link), set()) <= {_place(link)}

    def ambiguous(self) -> Iterator[Link]:
        """The links whose name an earlier one has for another place, each place once."""
        known: dict[str, set[str]] = defaultdict(set)
        for link in self.document.links:
            places = self._places.get(key := _key(link.text, link), set())
            if len(places) > 1 and self._counts(link):
                if known[key] and _place(link) not in known[key]:
                    yield link
                known[key].add(_place(link))


def _key(words: str, link: Link) -> str:
    folded = unicodedata.normalize("NFKC", words).casefold()
    seen = "".join(char for char in folded if unicodedata.category(char) not in _UNSAID)
    name = " ".join(seen.split()).strip(" .,:;!?…")
    kind = file_type(link.href)
    if kind:
        name = re.sub(rf"\W*{re.escape(kind.casefold())}\W*\Z", "", name)
    return f"{name} / {kind}" if name else f"/ {_place(link)}"


_UNSAID = frozenset({"So", "Cf", "Mn", "Cs"})
"""Emoji, and what joins and colours them."""


def _place(link: Link) -> str:
    return link.href.rstrip("/")
