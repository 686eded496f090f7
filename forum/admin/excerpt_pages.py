"""A forum, or a part of it, as pages that every browser shows from a disk, without us."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from flask import current_app
from flask_babel import force_locale, gettext
from markupsafe import Markup
from sqlalchemy import Connection

from forum.admin.archive_format import MANIFEST, PAGES
from forum.admin.excerpt_actions import (
    Excerpted,
    manifest_of,
    picture_content,
    require_room,
    without_haste,
)
from forum.admin.excerpt_container import SUMS, Packet, laid_into, packed_into
from forum.admin.excerpt_extent import Chosen, Extent, Wish, extent_of
from forum.admin.excerpt_links import (
    PEOPLE_A_PAGE,
    POSTS_A_PAGE,
    Guide,
    Links,
    category_page,
    page_of,
    people_page,
    post_place,
    thread_page,
)
from forum.admin.excerpt_page_queries import (
    Heading,
    Words,
    entries_of,
    facts_of,
    headings,
    numbers_in,
    people_in,
    sizes_of,
    tags_of,
    unnumbered_in,
    words_in,
)
from forum.admin.excerpt_queries import (
    MOVED,
    LeftOut,
    authors_in,
    left_out,
    moved_away,
    stand_ins_in,
)
from forum.admin.excerpt_site import Site, ways_between
from forum.clock import utcnow
from forum.config import current_settings
from forum.db import snapshot
from forum.errors import Invalid
from forum.files.storage import path_of
from forum.permissions import Actor, require
from forum.web.addresses import thread_url
from forum.web.themes import read_theme, token_blocks

THREADS_A_PAGE = 200
ZIP = ".zip"

Item = TypeVar("Item")


def export_pages(
    actor: Actor,
    path: Path,
    wish: Wish,
    *,
    force: bool = False,
    progress: Callable[[], object] = lambda: None,
) -> Excerpted:
    """Write the forum of one moment as pages, into a ZIP file if ``path`` ends so, else a new folder.

    Args:
        force: replace a ZIP file that is there.
        progress: called with each post.

    Raises:
        Invalid: there is nothing of this wish, or it cannot be written there.
    """
    require(actor, "community.manage")
    if wish.with_addresses:
        raise Invalid(
            "with_addresses",
            gettext("Pages name people by their names only. Leave the addresses out."),
        )
    made_at = utcnow()
    with snapshot() as connection:
        without_haste(connection)
        extent = extent_of(connection, wish)
        require_room(connection, extent, path.parent)
        with _packet(path, made_at, force=force) as packet:
            with force_locale(facts_of(connection).language.replace("-", "_")):
                done = _Pages(connection, extent, packet, made_at, progress).run()
            packet.close(manifest_of(PAGES, actor, extent, made_at, done, packet))
    return replace(done, seal=packet.seal)


def _packet(path: Path, made_at: datetime, *, force: bool) -> AbstractContextManager[Packet]:
    if path.suffix.lower() == ZIP:
        return packed_into(path, made_at, force=force)
    return laid_into(path)


class _Pages:
    def __init__(
        self,
        connection: Connection,
        extent: Extent,
        packet: Packet,
        made_at: datetime,
        progress: Callable[[], object],
    ) -> None:
        self._connection = connection
        self._extent = extent
        self._packet = packet
        self._progress = progress
        self._site = Site.of(facts_of(connection), made_at)
        self._pictures: dict[str, str | None] = {}
        self._authors = sorted(authors_in(connection, extent) - stand_ins_in(connection))
        self._categories = {category.id: category for category in extent.categories}
        self._guide = Guide(
            self._site.address,
            {one: place // PEOPLE_A_PAGE + 1 for place, one in enumerate(self._authors)},
            {category.slug: category.id for category in extent.categories},
            self._picture,
        )
        self._sizes = sizes_of(connection, extent)
        self._done = Excerpted(counts=defaultdict(int))

    def run(self) -> Excerpted:
        theme = read_theme(current_settings().theme)
        self._packet.add("style.css", (token_blocks(theme) + theme.css).encode())
        for heading in headings(self._connection, self._extent):
            self._add_thread(heading)
        for category in self._extent.categories:
            self._add_category(category)
        self._add_people()
        self._add_index()
        self._done.counts["pictures"] = sum(p is not None for p in self._pictures.values())
        self._done.counts = dict(self._done.counts)
        return self._done

    def _add(self, name: str, template: str, **facts: Any) -> None:
        up = "../" if "/" in name else ""
        made = current_app.jinja_env.get_template(f"export/{template}.html")
        page = made.render(site=self._site, up=up, **facts)
        self._packet.add(name, page.encode())
        self._done.counts["pages"] += 1

    def _add_thread(self, heading: Heading) -> None:
        self._done.counts["threads"] += 1
        found = numbers_in(self._connection, self._extent, heading.id)
        numbers = [number for number, _ in found if number is not None]
        last = page_of(heading.last_number or 1)
        pages = sorted({*map(page_of, numbers), *([last] if len(numbers) < len(found) else [])})
        missing = [*left_out(self._connection, self._extent, heading.id)]
        missing += moved_away(self._connection, heading.id)
        gaps = _gaps_by_page(missing, pages)
        replies = _replies(found)
        for page in pages:
            posts = words_in(self._connection, self._extent, heading.id, *_numbers_on(page))
            if page == pages[-1] and len(numbers) < len(found):
                posts += unnumbered_in(self._connection, self._extent, heading.id)
            self._add_page(heading, page, pages, _mixed(gaps[page], posts), set(numbers), replies)

    def _add_page(
        self,
        heading: Heading,
        page: int,
        pages: list[int],
        items: list[LeftOut | Words],
        numbers: set[int],
        replies: dict[int, list[int]],
    ) -> None:
        posts = [item for item in items if isinstance(item, Words)]
        links = Links(self._guide, self._connection, self._extent, (post.html for post in posts))
        self._done.counts["posts"] += len(posts)
        self._done.counts["left_out"] += sum(
            item.last - item.first + 1
            for item in items
            if isinstance(item, LeftOut) and item.why != MOVED
        )
        self._add(
            thread_page(heading.id, page),
            "thread",
            thread=heading,
            number=page,
            address=f"{self._site.address}{thread_url(heading.id)}",
            category=self._of_category(self._categories[heading.category_id]),
            tags=tags_of(self._connection, heading.id),
            starter=self._person_page(heading.author_id),
            ways=ways_between(page, pages, lambda one: f"../{thread_page(heading.id, one)}"),
            items=[
                (item, None)
                if isinstance(item, LeftOut)
                else (None, self._post(heading.id, item, links, numbers, replies))
                for item in items
            ],
        )

    def _post(
        self,
        thread_id: int,
        post: Words,
        links: Links,
        numbers: set[int],
        replies: dict[int, list[int]],
    ) -> dict[str, Any]:
        self._progress()
        to = post.in_reply_to
        return {
            "facts": post,
            "author_page": self._person_page(post.author_id),
            "words": links.led(post.html),
            # An archive may have brought any address.
            "original": url if (url := post.url or "").startswith(("http://", "https://")) else "",
            "replied_to": f"../{post_place(thread_id, to)}" if to in numbers and to else None,
            "replies": [
                (reply, f"../{post_place(thread_id, reply)}")
                for reply in replies.get(post.number or 0, [])
            ],
        }

    def _person_page(self, member_id: int) -> str:
        page = self._guide.people.get(member_id)
        return "" if page is None else people_page(page)

    def _picture(self, hash_: str, format_: str) -> str | None:
        if hash_ not in self._pictures:
            content = picture_content(hash_, format_)
            name = f"pictures/{hash_}.{format_}"
            if content is None:
                self._done.missing.append(str(path_of(hash_, format_)))
            else:
                self._packet.add(name, content)
            self._pictures[hash_] = None if content is None else name
        return self._pictures[hash_]

    def _add_category(self, category: Chosen) -> None:
        self._done.counts["categories"] += 1
        entries = entries_of(self._connection, self._extent, category.id)
        threads, _ = self._sizes.get(category.id, (0, 0))
        pages = list(range(1, max(1, -(-threads // THREADS_A_PAGE)) + 1))
        for page in pages:
            some = [self._entry(entry) for entry in islice(entries, THREADS_A_PAGE)]
            self._add(
                category_page(category.id, page),
                "category",
                category=category,
                number=page,
                entries=some,
                ways=ways_between(page, pages, lambda one: f"../{category_page(category.id, one)}"),
            )

    def _entry(self, entry: Any) -> dict[str, Any]:
        first = page_of(entry.first or entry.last_number or 1)
        return {
            "title": entry.title,
            "posts": entry.posts,
            "begun": entry.begun,
            "ended": entry.ended,
            "address": thread_page(entry.id, first),
        }

    def _of_category(self, category: Chosen) -> dict[str, Any]:
        threads, posts = self._sizes.get(category.id, (0, 0))
        return {
            "title": category.title,
            "description": category.description,
            "address": category_page(category.id),
            "threads": threads,
            "posts": posts,
        }

    def _add_people(self) -> None:
        people = people_in(self._connection, self._extent, set(self._authors))
        self._done.counts["members"] = len(self._authors)
        pages = list(range(1, -(-len(self._authors) // PEOPLE_A_PAGE) + 1))
        for page in pages:
            self._add(
                people_page(page),
                "people",
                number=page,
                people=list(islice(people, PEOPLE_A_PAGE)),
                ways=ways_between(page, pages, people_page),
            )

    def _add_index(self) -> None:
        counts = {"pictures": sum(p is not None for p in self._pictures.values())}
        self._add(
            "index.html",
            "index",
            wish=self._extent.wish,
            counts={**self._done.counts, **counts},
            categories=[self._of_category(category) for category in self._extent.categories],
            sums_link=Markup('<a href="{0}">{0}</a>').format(SUMS),
            manifest_link=Markup('<a href="{0}">{0}</a>').format(MANIFEST),
        )


def _numbers_on(page: int) -> tuple[int, int]:
    return (page - 1) * POSTS_A_PAGE + 1, page * POSTS_A_PAGE


def _replies(found: Iterable[tuple[int | None, int | None]]) -> dict[int, list[int]]:
    replies: dict[int, list[int]] = defaultdict(list)
    for number, to in found:
        if number is not None and to is not None:
            replies[to].append(number)
    return replies


def _gaps_by_page(gaps: Iterable[LeftOut], pages: Sequence[int]) -> dict[int, list[LeftOut]]:
    """What is left out, by the page on which it is said: where it begins, or the next there is."""
    found: dict[int, list[LeftOut]] = defaultdict(list)
    for gap in gaps:
        page = next((page for page in pages if page >= page_of(gap.first)), pages[-1])
        found[page].append(gap)
    return found


def _mixed(gaps: Iterable[LeftOut], posts: Iterable[Words]) -> list[LeftOut | Words]:
    return sorted([*gaps, *posts], key=_place)


def _place(item: LeftOut | Words) -> tuple[bool, int]:
    if isinstance(item, LeftOut):
        return False, item.first
    return item.number is None, item.number or item.id
