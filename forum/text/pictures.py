"""Uploaded pictures in a text: how they are addressed, written and found again."""

from __future__ import annotations

import html
import re

ADDRESS = re.compile(r"/files/(?P<hash>[0-9a-f]{64})\.(?P<format>png|jpeg|webp|gif)")
"""Where a picture is served: by the SHA-256 of its bytes, so that it never changes."""

_SHOWN = re.compile(r'<img(?: [a-z-]+="[^"]*")*? src="([^"]*)"')
_MARKUP = re.compile(r"[\\`*_~^\[\]{}<>&|@!:/#$]")


def picture_address(hash_: str, format_: str) -> str:
    """The address of an uploaded picture."""
    return f"/files/{hash_}.{format_}"


def picture_markdown(address: str, alternative: str) -> str:
    """The Markdown of a picture; without an alternative it is a decoration (WCAG 1.1.1)."""
    words = picture_label(alternative)
    return f"![{words}]({address})" if words else f"![]({address}){{decorative}}"


def picture_label(alternative: str) -> str:
    """An alternative as it is written between the square brackets: nothing in it is markup."""
    return _MARKUP.sub(r"\\\g<0>", " ".join(alternative.split()))


def short_addresses(text: str) -> str:
    """A text in which the addresses of pictures are short enough to be read."""
    return ADDRESS.sub(lambda found: f"/files/{found['hash'][:8]}….{found['format']}", text)


def pictures_shown(rendered: str) -> frozenset[str]:
    """The addresses of all pictures in a post's sanitised HTML."""
    return frozenset(html.unescape(source) for source in _SHOWN.findall(rendered))


def hashes_in(source: str) -> frozenset[str]:
    """The hashes of all pictures that ``source`` may show; some may stand in code."""
    return frozenset(found["hash"] for found in ADDRESS.finditer(source))
