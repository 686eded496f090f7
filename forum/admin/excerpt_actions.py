"""Writing a part of the forum into one file, in the archive's format where it can be."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, Connection, text

from forum import __version__
from forum.admin.archive_fields import File
from forum.admin.archive_format import (
    CATEGORIES,
    COMMUNITY,
    EXCERPT,
    IMPORTED_POSTS,
    MEMBERS,
    MOVED_NUMBERS,
    PICTURE_NAME,
    PICTURES,
    POSTS,
    REVISIONS,
    TAGS,
    THREADS,
)
from forum.admin.archive_queries import Line, lines_of
from forum.admin.excerpt_container import VERSION, Packet, packed_into
from forum.admin.excerpt_extent import Extent, Wish, bytes_needed, extent_of
from forum.admin.excerpt_queries import LeftOut, authors_in, left_out
from forum.categories.models import Category
from forum.clock import utcnow
from forum.config import current_settings
from forum.db import snapshot
from forum.discussion.models import ImportedPost, MovedNumber, Post, Revision, Thread, ThreadTag
from forum.errors import Invalid
from forum.files.pictures import MOST_STORED
from forum.files.storage import path_of
from forum.permissions import Actor, require
from forum.text.pictures import hashes_in

MIB = 1024 * 1024
# What a forum is set up with, and what people say of themselves, is nobody's who gets a part of it.
_COMMUNITY = ("name", "for_whom", "not_for_whom", "language", "zone", "uuid")
_MEMBERS = ("id", "name", "handle", "email")


@dataclass
class Excerpted:
    """What an export wrote: numbers by kind, pictures whose files are not as they should be, and the
    SHA-256 of its list of hashes, which tells it from every other."""

    counts: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    seal: str = ""


def export_excerpt(
    actor: Actor,
    path: Path,
    wish: Wish,
    *,
    force: bool = False,
    progress: Callable[[], object] = lambda: None,
) -> Excerpted:
    """Write a part of the forum of one moment into a ZIP file, while people go on using it.

    Args:
        force: replace what is there.
        progress: called with each line.

    Raises:
        Invalid: there is nothing of this wish, or it cannot be written there.
    """
    require(actor, "community.manage")
    made_at = utcnow()
    with snapshot() as connection:
        without_haste(connection)
        extent = extent_of(connection, wish)
        require_room(connection, extent, path.parent)
        with packed_into(path, made_at, force=force) as packet:
            excerpt = _Excerpt(connection, extent, packet, progress)
            done = excerpt.run()
            packet.close(manifest_of(EXCERPT, actor, extent, made_at, done, packet))
    return replace(done, seal=packet.seal)


def without_haste(connection: Connection) -> None:
    """Let a read take its time: a page may not take long, an export may."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def require_room(connection: Connection, extent: Extent, folder: Path) -> None:
    """Refuse to begin what may not fit.

    Raises:
        Invalid: the disk has less room than it may take.
    """
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        message = gettext("There is no folder %(folder)s. Make it, or name another.", folder=folder)
        raise Invalid("file", message) from error
    needed = bytes_needed(connection, extent)
    if needed > free:
        raise Invalid(
            "file",
            gettext(
                "It may take %(needed)s MiB, and %(folder)s has %(free)s MiB left. Nothing was "
                "written. Make room, or choose less.",
                needed=needed // MIB + 1,
                folder=folder,
                free=free // MIB,
            ),
        )


def manifest_of(
    kind: str, actor: Actor, extent: Extent, made_at: datetime, done: Excerpted, packet: Packet
) -> dict[str, Any]:
    """What an export says of itself."""
    wish = extent.wish
    return {
        "format": kind,
        "version": VERSION,
        "software": f"Folkmoot {__version__}",
        "made_at": made_at,
        # Who it was stands in the log of changes; here it would be a name more than is needed.
        "by": "operator" if actor.id is None else "administrator",
        "address": current_settings().base_url,
        "categories": [
            {"id": one.id, "slug": one.slug, "title": one.title} for one in extent.categories
        ],
        "all_categories": not wish.categories,
        "since": wish.since and wish.since.isoformat(),
        "until": wish.until and wish.until.isoformat(),
        "zone": extent.zone,
        "with_removed": wish.with_removed,
        "with_addresses": wish.with_addresses,
        "counts": done.counts,
        "files": packet.files,
    }


class _Excerpt:
    def __init__(
        self,
        connection: Connection,
        extent: Extent,
        packet: Packet,
        progress: Callable[[], object],
    ) -> None:
        self._connection = connection
        self._extent = extent
        self._packet = packet
        self._progress = progress
        self._authors = authors_in(connection, extent)
        self._named: set[str] = set()
        self._done = Excerpted()

    def run(self) -> Excerpted:
        posts, threads = self._extent.select(Post.id), self._extent.select(Post.thread_id)
        categories = [category.id for category in self._extent.categories]
        self._add(_part(COMMUNITY, _COMMUNITY))
        self._add(CATEGORIES, Category.id.in_(categories))
        self._add_members()
        self._add(THREADS, Thread.id.in_(threads))
        self._add(TAGS, ThreadTag.thread_id.in_(threads))
        self._add(POSTS, Post.id.in_(posts))
        self._add(REVISIONS, Revision.post_id.in_(posts))
        self._add(IMPORTED_POSTS, ImportedPost.post_id.in_(posts))
        moved = MovedNumber.thread_id.in_(threads), MovedNumber.post_id.in_(posts)
        self._add(MOVED_NUMBERS, *moved)
        self._add_left_out()
        self._add_pictures()
        return self._done

    def _add(self, file: File, *conditions: ColumnElement[bool]) -> None:
        lines = lines_of(self._connection, file, *conditions)
        self._write(file.name, self._of_authors(file, lines))

    def _write(self, name: str, lines: Iterator[Line]) -> None:
        self._done.counts[name] = self._packet.add_lines(f"{name}.jsonl", self._counted(lines))

    def _counted(self, lines: Iterator[Line]) -> Iterator[Line]:
        for line in lines:
            self._progress()
            yield line

    def _of_authors(self, file: File, lines: Iterator[Line]) -> Iterator[Line]:
        """The lines without anybody who wrote nothing of this: a moderator, who began a thread."""
        people = [field.name for field in file.fields if field.refers == "members"]
        for line in lines:
            for name in people:
                if line[name] not in self._authors:
                    line[name] = None
            if file is REVISIONS:
                self._named.update(hashes_in(line["source"]))
            yield line

    def _add_members(self) -> None:
        # So many ids in one statement are too many.
        everybody = lines_of(self._connection, _part(MEMBERS, _MEMBERS))
        shown = (line for line in everybody if line["id"] in self._authors)
        if not self._extent.wish.with_addresses:
            shown = ({**line, "email": None} for line in shown)
        self._write("members", shown)

    def _add_left_out(self) -> None:
        self._write("left_out", (_line(part) for part in left_out(self._connection, self._extent)))

    def _add_pictures(self) -> None:
        # A ZIP file takes one entry after the other, so their lines wait until they are in it.
        found = (p for p in lines_of(self._connection, PICTURES) if p["hash"] in self._named)
        self._write("pictures", iter([line for line in found if self._add_picture(line)]))

    def _add_picture(self, picture: Line) -> bool:
        content = picture_content(picture["hash"], picture["format"])
        if content is None:
            self._done.missing.append(str(path_of(picture["hash"], picture["format"])))
            return False
        self._packet.add(PICTURE_NAME.format(picture["hash"], picture["format"]), content)
        return True


def picture_content(hash_: str, format_: str) -> bytes | None:
    """The bytes of a picture; ``None`` when its file is missing or is not what it was."""
    path = path_of(hash_, format_)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_STORED + 1)
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == hash_ else None


def _part(file: File, names: tuple[str, ...]) -> File:
    return replace(file, fields=tuple(field for field in file.fields if field.name in names))


def _line(part: LeftOut) -> Line:
    return {"thread": part.thread_id, "first": part.first, "last": part.last, "why": part.why}
