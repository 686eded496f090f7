"""Links of a post: where those of its Markdown lead, and those of its HTML led elsewhere for a copy."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from forum.text.markdown import parse

# Sanitised HTML has no other ``<`` than those of its tags, and its attributes stand in quotes.
_ATTRIBUTES = r'(?: [a-z-]+="[^"]*")*'
_LINK = re.compile(rf"<a({_ATTRIBUTES})>(.*?)</a>", re.DOTALL)
_PICTURE = re.compile(rf"<img({_ATTRIBUTES}) ?/?>")
_HREF = re.compile(r' href="([^"]*)"')
_SOURCE = re.compile(r' src="([^"]*)"')
_ALTERNATIVE = re.compile(r' alt="([^"]*)"')

Leads = Callable[[str], tuple[str, str]]
"""From an address to another, and HTML to stand after the link."""
Shows = Callable[[str], str | None]
"""From the address of a picture to another; ``None`` when there is none to show."""


def links_away(source: str, base: str) -> int:
    """How many links of a normalised text lead away from the forum whose address is ``base``."""
    inline = (child for token in parse(source) for child in token.children or [])
    links = (str(child.attrs["href"]) for child in inline if child.type == "link_open")
    return sum(_is_away(address, base) for address in links)


def _is_away(address: str, base: str) -> bool:
    if address == base or address.startswith((f"{base}/", f"{base}?", f"{base}#")):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return True
    return bool(parts.scheme or parts.netloc)


def links_in(sanitised: str) -> Iterator[str]:
    """The address of every link, in order."""
    for link in _LINK.finditer(sanitised):
        if found := _HREF.search(link[1]):
            yield html.unescape(found[1])


def relinked(sanitised: str, leads: Leads, shows: Shows) -> str:
    """The same words whose links and pictures have other addresses. In place of a picture that
    cannot be shown stands its alternative."""

    def link(found: re.Match[str]) -> str:
        href = _HREF.search(found[1])
        if href is None:
            return found[0]
        address, after = leads(html.unescape(href[1]))
        attributes = found[1].replace(href[0], f' href="{html.escape(address)}"', 1)
        return f"<a{attributes}>{found[2]}</a>{after}"

    def picture(found: re.Match[str]) -> str:
        source = _SOURCE.search(found[1])
        address = shows(html.unescape(source[1])) if source else None
        if source is None or address is None:
            alternative = _ALTERNATIVE.search(found[1])
            return f"[{alternative[1] if alternative else ''}]"
        attributes = found[1].replace(source[0], f' src="{html.escape(address)}"', 1)
        return f"<img{attributes}>"

    return _PICTURE.sub(picture, _LINK.sub(link, sanitised))
