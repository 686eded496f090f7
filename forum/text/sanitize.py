"""HTML from a post, cleaned twice: nh3, then bleach, two parsers that share no code.

bleach alone stalls on hostile input and is no longer maintained; nh3 alone would be a single
point of failure. What one misreads, the other has to misread in the same way.
"""

from __future__ import annotations

import threading
from functools import cache

import nh3
from bleach.sanitizer import Cleaner

from forum.text.allowed import ALLOWED, REL, SET

SCHEMES = {"http", "https", "mailto"}
_per_thread = threading.local()


def sanitize(html: str) -> str:
    """``html`` with only what posts may have; doing it twice is doing it once.

    Links get ``rel``, so their ``rel`` need not be trusted. No inline style, script or form.
    Call :func:`forum.text.caps.check_html` first where the text is not the renderer's own.
    """
    once = _nh3().clean(html)
    return str(_bleach().clean(once))


def is_allowed(tag: str, name: str, value: str) -> bool:
    """Whether an element may carry this attribute with this value."""
    pattern = ALLOWED.get(tag, {}).get(name)
    return bool(pattern and pattern.fullmatch(value))


@cache
def _nh3() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(ALLOWED),
        attributes={tag: set(attributes) for tag, attributes in ALLOWED.items()},
        attribute_filter=_filtered,
        set_tag_attribute_values=SET,
        url_schemes=SCHEMES,
        link_rel=REL,
    )


def _filtered(tag: str, name: str, value: str) -> str | None:
    return value if is_allowed(tag, name, value) or _is_set(tag, name, value) else None


def _is_set(tag: str, name: str, value: str) -> bool:
    """What the first sanitiser sets itself."""
    return SET.get(tag, {}).get(name) == value or (tag, name, value) == ("a", "rel", REL)


def _bleach() -> Cleaner:
    """bleach's cleaner keeps state while it works, so each thread has its own."""
    cleaner: Cleaner | None = getattr(_per_thread, "cleaner", None)
    if cleaner is None:
        cleaner = _per_thread.cleaner = Cleaner(
            tags=frozenset(ALLOWED),
            attributes=lambda *attribute: _filtered(*attribute) is not None,
            protocols=SCHEMES,
            strip=True,
        )
        # nh3 adds what it sets before or after what was there; in order, twice gives the same.
        cleaner.serializer.alphabetical_attributes = True
    return cleaner
