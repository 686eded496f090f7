"""Where links of posts lead in an export: to what is in it, else to the forum itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import Connection

from forum.admin.excerpt_extent import Extent
from forum.admin.excerpt_page_queries import exported_numbers, first_numbers
from forum.text.links import links_in, relinked
from forum.text.pictures import ADDRESS

POSTS_A_PAGE = 100
PEOPLE_A_PAGE = 500

_POST = re.compile(r"/t/([1-9]\d{0,17})/([1-9]\d{0,8})(?:[?#].*)?")
_PLACE = re.compile(r"/t/([1-9]\d{0,17})(?:\?page=\d+)?#p([1-9]\d{0,8})")
_THREAD = re.compile(r"/t/([1-9]\d{0,17})(?:[?#].*)?")
_MEMBER = re.compile(r"/members/([1-9]\d{0,17})")
_CATEGORY = re.compile(r"/c/([a-z0-9-]+)")

Pair = tuple[int, int]


def page_of(number: int) -> int:
    """The page of a thread on which its post of this number stands, in every export."""
    return (number - 1) // POSTS_A_PAGE + 1


def thread_page(thread_id: int, page: int) -> str:
    """The file of a page of a thread."""
    return f"t/{thread_id}.html" if page == 1 else f"t/{thread_id}-{page}.html"


def post_place(thread_id: int, number: int) -> str:
    """Where a post stands: the same in every export."""
    return f"{thread_page(thread_id, page_of(number))}#p{number}"


def category_page(category_id: int, page: int = 1) -> str:
    """The file of a page of a category's list. Its number is safe in every file system; slugs such as
    ``con`` are not in all."""
    return f"c/{category_id}.html" if page == 1 else f"c/{category_id}-{page}.html"


def people_page(page: int) -> str:
    """The file of a page of the list of people."""
    return "people.html" if page == 1 else f"people-{page}.html"


@dataclass(frozen=True, slots=True)
class Guide:
    """What of everything that links may lead to is in the export.

    Attributes:
        address: the forum's own, without a slash at its end.
        people: the page on which each author is named.
        categories: the number of each slug.
        picture: copies the picture of this hash and format: its file, or ``None``.
    """

    address: str
    people: Mapping[int, int]
    categories: Mapping[str, int]
    picture: Callable[[str, str], str | None]


class Links:
    """Leads the links of some posts, which are looked up together.

    Args:
        words: the sanitised HTML of the posts.
    """

    def __init__(
        self, guide: Guide, connection: Connection, extent: Extent, words: Iterable[str]
    ) -> None:
        self._guide = guide
        paths = {path for html in words for link in links_in(html) if (path := self._path(link))}
        posts = {pair for path in paths if (pair := _post_in(path))}
        threads = {int(found[1]) for path in paths if (found := _THREAD.fullmatch(path))}
        self._posts = exported_numbers(connection, extent, posts) if posts else set[Pair]()
        self._threads = first_numbers(connection, extent, threads) if threads else {}

    def led(self, html: str) -> Markup:
        """The post's words, with their links and pictures as a page in a folder of the export has
        them."""
        return Markup(relinked(html, self._leads, self._shows))  # noqa: S704 - sanitised, and escaped there

    def _leads(self, address: str) -> tuple[str, str]:
        path = self._path(address)
        if path is None:
            return address, ""
        place = self._place(path)
        if place is not None:
            return f"../{place}", ""
        note = Markup(' <span class="quiet small">({})</span>').format(gettext("not in this copy"))
        return self._guide.address + path, str(note)

    def _shows(self, source: str) -> str | None:
        place = self._picture(source)
        return None if place is None else f"../{place}"

    def _path(self, address: str) -> str | None:
        """The path of what is in the forum; ``None`` for everything elsewhere."""
        if address.startswith(f"{self._guide.address}/"):
            return address.removeprefix(self._guide.address)
        return address if address.startswith("/") else None

    def _place(self, path: str) -> str | None:
        pair = _post_in(path)
        if pair is not None:
            return post_place(*pair) if pair in self._posts else None
        if found := _THREAD.fullmatch(path):
            thread = int(found[1])
            first = self._threads.get(thread)
            return None if first is None else thread_page(thread, page_of(first))
        if found := _MEMBER.fullmatch(path):
            page = self._guide.people.get(int(found[1]))
            return None if page is None else f"{people_page(page)}#m{found[1]}"
        if found := _CATEGORY.fullmatch(path):
            number = self._guide.categories.get(found[1])
            return None if number is None else category_page(number)
        return self._picture(path)

    def _picture(self, path: str) -> str | None:
        found = ADDRESS.fullmatch(path)
        return None if found is None else self._guide.picture(found["hash"], found["format"])


def _post_in(path: str) -> Pair | None:
    found = _POST.fullmatch(path) or _PLACE.fullmatch(path)
    return None if found is None else (int(found[1]), int(found[2]))
