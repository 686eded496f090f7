"""The one table of what HTML a post may have; both sanitisers are set up from it."""

from __future__ import annotations

import re

LINK = re.compile(r"(?:https?://[^\s/?#]|mailto:.|/(?![/\\])|#)", re.IGNORECASE)
"""Beginnings of addresses a post may link to: web, mail, this site's own paths and fragments."""

OWN_PICTURE = re.compile(r"/files/(?!.*(?:\.\.|%2e))[^\s\\?#<>\"']+", re.IGNORECASE)
LANGUAGE_NAME = re.compile(r"[A-Za-z0-9_+#.-]{1,40}")
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
NUMBER = re.compile(r"[0-9]{1,9}")
FOOTNOTE_ID = re.compile(r"fn(?:ref)?-[0-9]+(?:-[0-9]+){1,2}")
ANYTHING = re.compile(r".*", re.DOTALL)

REL = "nofollow ugc noopener"
"""For each link: no reward for spam, marked as written by a user, no handle on our window."""


def _one_of(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in words))


_ALIGNMENT = {"class": _one_of("align-left", "align-center", "align-right")}

ALLOWED: dict[str, dict[str, re.Pattern[str]]] = {
    **{tag: {} for tag in ("br", "em", "hr", "label", "s", "strong", "tbody", "thead", "tr")},
    **{tag: {} for tag in ("blockquote", "h3", "h4", "h5", "h6", "p", "pre", "span", "table")},
    "a": {
        "aria-label": ANYTHING,
        "class": _one_of("footnote-backref"),
        "href": re.compile(LINK.pattern + r".*", re.IGNORECASE | re.DOTALL),
        "id": FOOTNOTE_ID,
        "title": ANYTHING,
    },
    "code": {"class": re.compile("language-" + LANGUAGE_NAME.pattern)},
    "div": {
        "aria-label": ANYTHING,
        "class": _one_of("table-region", "footnotes"),
        "role": _one_of("group"),
        "tabindex": _one_of("0"),
    },
    "img": {
        "alt": ANYTHING,
        "height": NUMBER,
        "loading": _one_of("lazy"),
        "src": OWN_PICTURE,
        "title": ANYTHING,
        "width": NUMBER,
    },
    "input": {"checked": _one_of("", "checked")},
    "li": {"class": _one_of("task", "footnote-item"), "id": FOOTNOTE_ID},
    "ol": {"class": _one_of("footnotes-list"), "start": NUMBER},
    "sup": {"class": _one_of("footnote-ref")},
    "td": _ALIGNMENT,
    "th": {**_ALIGNMENT, "scope": _one_of("col")},
    "ul": {},
}
"""For each element its attributes, for each attribute what its whole value must match.

``lang`` stands on all elements. ``rel`` on links and ``type`` and ``disabled`` on boxes are set
by the sanitiser, whatever was written.
"""

for _attributes in {id(value): value for value in ALLOWED.values()}.values():
    _attributes["lang"] = LANGUAGE_TAG

SET: dict[str, dict[str, str]] = {"input": {"type": "checkbox", "disabled": ""}}


def is_own_picture(address: str) -> bool:
    """Whether ``address`` is one of our uploads, and can be nothing else once a browser read it."""
    return bool(OWN_PICTURE.fullmatch(address))


def is_link(address: str) -> bool:
    """Whether a post may link to ``address``."""
    return bool(LINK.match(address))
