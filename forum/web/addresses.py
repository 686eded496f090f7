"""The forum's addresses. Lists make hundreds of them, so they are put together here by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from werkzeug.routing import BaseConverter

from forum.discussion.queries import Place
from forum.discussion.rules import page_of
from forum.errors import NotFound

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")
_CARET = re.compile(r"[0-9]{1,7}")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


class NumberConverter(BaseConverter):
    """A whole number from 1 that fits into every database; anything else is no address of ours."""

    regex = _NUMBER.pattern

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


def thread_url(thread_id: int, page: int = 1) -> str:
    """A page of a thread; the first page has no number in its address."""
    return f"/t/{thread_id}" if page == 1 else f"/t/{thread_id}?page={page}"


def post_url(thread_id: int, number: int) -> str:
    """The permanent address of a post, for every link, mail and feed."""
    return f"/t/{thread_id}/{number}"


def post_place_url(thread_id: int, number: int) -> str:
    """Where the post stands at present: its page and its place there."""
    return f"{thread_url(thread_id, page_of(number))}#p{number}"


def category_url(slug: str) -> str:
    """A category's threads."""
    return f"/c/{slug}"


def member_url(member_id: int) -> str:
    """A member's page."""
    return f"/members/{member_id}"


def tag_url(tag: str) -> str:
    """The threads filed under a tag."""
    return f"/tags/{quote(tag, safe='')}"


def place_word(at: datetime, key: int) -> str:
    """A place in a list as it stands in an address: microseconds and id."""
    return f"{(at - _EPOCH) // timedelta(microseconds=1)}-{key}"


def place_from(word: str | None) -> Place | None:
    """The place that an address names.

    Raises:
        NotFound: the word is not one that we made.
    """
    if word is None:
        return None
    found = _PLACE.fullmatch(word)
    if found is None:
        raise NotFound("")
    return Place(_EPOCH + timedelta(microseconds=int(found[1])), int(found[2]))


def number_from(word: str | None, *, default: int) -> int:
    """A whole number from 1 in an address.

    Raises:
        NotFound: it is something else.
    """
    if word is None:
        return default
    if _NUMBER.fullmatch(word) is None:
        raise NotFound("")
    return int(word)


def new_picture_url(place: str, caret: str = "") -> str:
    """Where a picture is uploaded for the draft at this place, after so many characters of it."""
    return f"/pictures/new?for={place}" + (f"&at={caret}" if _CARET.fullmatch(caret) else "")


def discard_url(place: str) -> str:
    """Where somebody is asked whether the draft at this place is to be forgotten."""
    return f"/drafts/discard?place={place}"


def safe_path(path: str) -> str:
    """``path`` if it leads to a page of this forum, else the front page."""
    # Browsers take a backslash for a slash, and leave tabs and line breaks out (WHATWG URL, 4.4).
    ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if ours and path.isprintable() else "/"


def log_url(entry_id: int) -> str:
    """The page of an entry of the moderators' record, where it can be undone."""
    return f"/moderation/log/{entry_id}"
