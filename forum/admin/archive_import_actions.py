"""Reading an archive into an empty forum: all of it, or nothing.

Ids stay as they are, so that every address leads to the same page. HTML is made anew from the
sources; nothing of it comes from the archive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import IO, Any

from sqlalchemy import Table, delete, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from forum.accounts.models import (
    Community,
    Grant,
    Group,
    Measure,
    MeasureAppeal,
    Member,
    MemberRole,
    TrustStep,
)
from forum.accounts.passwords import hash_password
from forum.accounts.role_actions import GIVEN_ROLES
from forum.accounts.tokens import new_token
from forum.admin.archive_container import ArchiveReader, unfit
from forum.admin.archive_desk_files import (
    CASE_NOTES,
    CASES,
    FLAGS,
    LOG,
    LOG_REASONS,
    LOG_STEPS,
    MEASURE_APPEALS,
    MEASURES,
    TRUST_LEVELS,
    TRUST_STEPS,
)
from forum.admin.archive_fields import File
from forum.admin.archive_format import (
    CATEGORIES,
    COMMUNITY,
    FINDINGS,
    GRANTS,
    GROUP_MEMBERS,
    GROUPS,
    IMPORTED_AUTHORS,
    IMPORTED_POSTS,
    MEMBERS,
    MOVED_NUMBERS,
    PICTURE_NAME,
    PICTURES,
    POSTS,
    REVISIONS,
    ROLES_OF_MEMBERS,
    SETTINGS,
    TAGS,
    THREADS,
    UPLOADS,
)
from forum.admin.archive_numbers import Numbers
from forum.admin.archive_plugin_actions import PluginRows
from forum.admin.archive_records import ArchiveRecords, Record, wrong
from forum.categories.models import Category
from forum.community.models import Setting
from forum.community.plugin_queries import OWN_MARK
from forum.db import Base, db, transaction
from forum.discussion.languages import labels_in
from forum.discussion.models import EMPTIED, EXCERPT_LENGTH, Post, PostPicture, Thread
from forum.errors import Conflict, Invalid
from forum.files.models import Picture
from forum.files.pictures import MOST_STORED, shape_of
from forum.files.storage import path_of, store_bytes
from forum.moderation.models import Case
from forum.permissions import Actor, require
from forum.record.models import LogEntry, LogStep
from forum.text.pictures import hashes_in, picture_address, pictures_shown
from forum.text.pipeline import PIPELINE_VERSION, excerpt_of, html_of
from forum.text.rendering import Labels

BATCH = 1_000
BATCH_CHARACTERS = 4_000_000
MOST_BESIDE = 20_000
"""Versions, or findings, of one post: they are in memory together."""

_WHAT_A_FORUM_HAS: tuple[tuple[type[Base], str], ...] = (
    (Community, "a name"),
    (Member, "members"),
    (Group, "groups"),
    (Category, "categories"),
    (Thread, "threads"),
    (Picture, "pictures"),
)
_NUMBERED = (
    *(Group, Category, Member, Thread, Post, Case, Measure, MeasureAppeal),
    *(TrustStep, LogEntry, LogStep),
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in: lines by file, and how many administrators there are who can sign in."""

    counts: dict[str, int]
    software: str
    administrators: int


def import_archive(
    actor: Actor,
    handle: IO[bytes],
    *,
    without_plugins: bool = False,
    progress: Callable[[], object] = lambda: None,
) -> Imported:
    """Read an archive into this forum, which must be empty.

    Nobody can sign in before they have asked for a new password.

    Args:
        without_plugins: leave out what plugins kept.
        progress: called with each line.

    Raises:
        Conflict: the forum is not empty, or plugins that the archive has rows of do not run here.
        Invalid: the archive is not whole, or something in it cannot be; nothing was imported.
    """
    require(actor, "community.manage")
    _require_empty()
    archive = ArchiveReader(handle)
    archive.check_hashes()
    plugins = None if without_plugins else PluginRows(archive)
    stored: list[Picture] = []
    try:
        with transaction():
            # Somebody may have registered since.
            _require_empty()
            _Import(archive, stored, progress).run()
            if plugins is not None:
                plugins.add(progress)
    except BaseException as error:
        _forget_files(stored)
        if isinstance(error, IntegrityError):
            raise unfit("two things in it have the same name or number.") from error
        raise
    return Imported(archive.counts, archive.software, _administrators())


def _require_empty() -> None:
    there = [words for table, words in _WHAT_A_FORUM_HAS if _has_rows(table)]
    if there:
        raise Conflict(
            f"Nothing was imported: this forum has {', '.join(there)} already. An archive comes "
            "into an empty one. Start a new forum with `forum --instance FOLDER serve`, do not "
            "open its setup link, and import there."
        )


def _has_rows(table: type[Base]) -> bool:
    return db.session.scalar(select(select(table).exists())) is True


def _forget_files(stored: list[Picture]) -> None:
    for picture in stored:
        path_of(picture.hash, picture.format).unlink(missing_ok=True)


def _administrators() -> int:
    statement = (
        select(func.count())
        .select_from(MemberRole)
        .join(Member, Member.id == MemberRole.member_id)
        .where(MemberRole.role == "admin", Member.email.is_not(None))
    )
    return db.session.scalar(statement) or 0


class _Import:
    def __init__(
        self, archive: ArchiveReader, stored: list[Picture], progress: Callable[[], object]
    ) -> None:
        self._archive = archive
        self._records = ArchiveRecords(archive, progress=progress)
        self._stored = stored
        self._numbers = Numbers(archive.counts["posts"] + archive.counts.get(MOVED_NUMBERS.name, 0))
        self._pictures: dict[str, tuple[int, int]] = {}
        self._mentions: dict[str, int] = {}
        self._known_labels: dict[str, Labels] = {}

    def run(self) -> None:
        self._copy(COMMUNITY, self._one_community())
        # Somebody may have decided about some before anything else was here.
        _execute(delete(Setting).where(~Setting.name.contains(OWN_MARK)))
        for file in (SETTINGS, GROUPS, CATEGORIES):
            self._copy(file)
        self._copy(MEMBERS, self._members())
        for file in (ROLES_OF_MEMBERS, GROUP_MEMBERS, IMPORTED_AUTHORS):
            self._copy(file)
        _execute(delete(Grant))
        self._copy(GRANTS)
        if not self._archive.has(MEASURES):
            # As the migration does it for a forum that comes to this version in place.
            _insert(Grant, ({"permission": "member.moderate", "role": r} for r in GIVEN_ROLES))
        self._copy(PICTURES, self._stored_pictures())
        self._copy(UPLOADS)
        self._copy(THREADS, self._threads())
        self._copy(TAGS)
        self._add_posts()
        for file in (FLAGS, CASE_NOTES, MEASURES, MEASURE_APPEALS, TRUST_LEVELS, TRUST_STEPS):
            self._copy(file)
        for file in (LOG, LOG_REASONS, LOG_STEPS):
            self._copy(file)
        _count_on()

    def _copy(self, file: File, rows: Iterable[Record] | None = None) -> None:
        _insert(file.table, rows or (_row(file, r) for _, r in self._records.of(file)))

    def _one_community(self) -> Iterator[Record]:
        for number, record in self._records.of(COMMUNITY):
            if number > 1:
                raise wrong(COMMUNITY, number, "there is only one community")
            yield {"id": 1, **_row(COMMUNITY, record)}

    def _members(self) -> Iterator[Record]:
        for _, record in self._records.of(MEMBERS):
            row = _row(MEMBERS, record)
            if row["handle"] is not None and row["closed_at"] is None:
                self._mentions[row["handle"]] = row["id"]
            yield {**row, "password_hash": None if row["email"] is None else _nobodys()}

    def _stored_pictures(self) -> Iterator[Record]:
        for number, record in self._records.of(PICTURES):
            self._store(number, record)
            address = picture_address(record["hash"], record["format"])
            self._pictures[address] = (record["width"], record["height"])
            yield _row(PICTURES, record)
        if len(self._pictures) != len(self._archive.pictures):
            raise unfit("it has pictures that are not in pictures.jsonl.")

    def _store(self, number: int, record: Record) -> None:
        content = self._archive.picture(
            PICTURE_NAME.format(record["hash"], record["format"]), most=MOST_STORED
        )
        if hashlib.sha256(content).hexdigest() != record["hash"]:
            raise wrong(PICTURES, number, "hash is not that of the picture")
        try:
            shape = shape_of(content)
        except Invalid as error:
            raise wrong(
                PICTURES, number, f"the picture cannot be shown. {error.message}"
            ) from error
        found = (shape.format, shape.width, shape.height, len(content))
        if found != (record["format"], record["width"], record["height"], record["size"]):
            raise wrong(PICTURES, number, "format or size are not those of the picture")
        if not path_of(record["hash"], record["format"]).exists():
            self._stored.append(Picture(hash=record["hash"], format=record["format"]))
        store_bytes(content, record["format"])

    def _threads(self) -> Iterator[Record]:
        for number, record in self._records.of(THREADS):
            self._numbers.expect(number, record)
            yield _row(THREADS, record)

    def _add_posts(self) -> None:
        pending = _Pending()
        beside = {f.name: _Beside(self._records, f) for f in _OF_POSTS}
        for number, record in self._records.of(POSTS):
            self._numbers.take(number, record)
            found = {name: lines.of(record["id"]) for name, lines in beside.items()}
            self._add_post(pending, number, record, found)
        pending.flush()
        for lines in beside.values():
            lines.require_end()
        self._copy(MOVED_NUMBERS, self._moved())
        self._numbers.require_all()

    def _moved(self) -> Iterator[Record]:
        for number, record in self._records.of(MOVED_NUMBERS):
            if db.session.scalar(select(Post.id).where(Post.id == record["post"])) is None:
                raise wrong(MOVED_NUMBERS, number, "post names what is not in posts.jsonl")
            self._numbers.leave(number, record)
            yield _row(MOVED_NUMBERS, record)

    def _add_post(
        self, pending: _Pending, number: int, record: Record, found: dict[str, list[_Line]]
    ) -> None:
        revisions = found[REVISIONS.name]
        if [line["version"] for _, line in revisions] != list(range(1, len(revisions) + 1)):
            raise wrong(POSTS, number, "its versions in revisions.jsonl are not 1, 2, 3 …")
        if not revisions:
            raise wrong(POSTS, number, "it has no version in revisions.jsonl")
        # An @ in what was written elsewhere, and not changed here, means nobody here.
        is_foreign = bool(found[IMPORTED_POSTS.name]) and len(revisions) == 1
        for at, finding in found[FINDINGS.name]:
            if finding["version"] > len(revisions):
                raise wrong(FINDINGS, at, "the post has no such version")
        html = self._rendered(*revisions[-1], is_ours=not is_foreign)
        pending.add(
            Post,
            {
                **_row(POSTS, record),
                "version": len(revisions),
                "pipeline": EMPTIED if revisions[-1][1]["emptied_at"] else PIPELINE_VERSION,
                "html": html,
                "excerpt": excerpt_of(html, EXCERPT_LENGTH),
            },
        )
        for file in _OF_POSTS:
            for _, line in found[file.name]:
                pending.add(file.table, _row(file, line))
        shown = hashes_in(" ".join(pictures_shown(html) & self._pictures.keys()))
        for picture in sorted(shown):
            pending.add(PostPicture, {"post_id": record["id"], "picture": picture})

    def _rendered(self, number: int, revision: Record, *, is_ours: bool) -> str:
        if revision["emptied_at"] is not None:
            return ""
        mentions = self._mentions if is_ours else {}
        try:
            return html_of(
                revision["source"],
                post_id=revision["post"],
                mentions=mentions,
                pictures=self._pictures,
                labels=self._labels(revision["language"]),
            )
        except Invalid as error:
            raise wrong(REVISIONS, number, f"the text cannot be shown. {error.message}") from error

    def _labels(self, language: str) -> Labels:
        if language not in self._known_labels:
            community = db.session.scalar(select(Community.language)) or "en"
            self._known_labels[language] = labels_in(language or community, community)
        return self._known_labels[language]


_Line = tuple[int, Record]
_OF_POSTS = (REVISIONS, FINDINGS, IMPORTED_POSTS, CASES)


@cache
def _nobodys() -> str:
    """A real hash of what nobody knows: trying to sign in takes as long as with any other."""
    return hash_password(new_token())


class _Beside:
    """The lines of a file that belong to posts, handed out in the order of the posts."""

    def __init__(self, records: ArchiveRecords, file: File) -> None:
        self._file = file
        self._lines = records.of(file)
        self._next = next(self._lines, None)

    def of(self, post_id: int) -> list[_Line]:
        """The lines of this post, which comes after those that were asked for before.

        Raises:
            Invalid: there are lines of posts between these, which do not exist.
        """
        found: list[_Line] = []
        while self._next is not None and self._next[1]["post"] <= post_id:
            number, record = self._next
            if record["post"] < post_id:
                raise self._of_nothing(number)
            if len(found) == MOST_BESIDE:
                raise wrong(self._file, number, f"a post has more than {MOST_BESIDE} of these")
            found.append((number, record))
            self._next = next(self._lines, None)
        return found

    def require_end(self) -> None:
        """Refuse lines of posts behind the last one."""
        if self._next is not None:
            raise self._of_nothing(self._next[0])

    def _of_nothing(self, number: int) -> Exception:
        return wrong(self._file, number, "post names what is not in posts.jsonl")


class _Pending:
    """Rows of posts and of what belongs to them, written together, posts first."""

    def __init__(self) -> None:
        self._rows: dict[type[Base], list[Record]] = {}
        self._characters = 0

    def add(self, table: type[Base], row: Record) -> None:
        """Write this row before long. A post begins a new batch when the last one is full."""
        if table is Post and self._is_full():
            self.flush()
        self._rows.setdefault(table, []).append(row)
        self._characters += len(row.get("source", ""))

    def _is_full(self) -> bool:
        is_long = self._characters >= BATCH_CHARACTERS
        return is_long or any(len(rows) >= BATCH for rows in self._rows.values())

    def flush(self) -> None:
        """Write what is pending."""
        for table, rows in self._rows.items():
            _insert(table, rows)
        self._rows, self._characters = {}, 0


def _row(file: File, record: Record) -> Record:
    return {field.column.key: record[field.name] for field in file.fields}


def _insert(table: type[Base], rows: Iterable[Record]) -> None:
    statement = insert(_table(table))
    batch: list[Record] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            _execute(statement, batch)
            batch = []
    if batch:
        _execute(statement, batch)


def _execute(statement: Any, rows: list[Record] | None = None) -> None:
    db.session.connection().execute(statement, rows)


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _count_on() -> None:
    """PostgreSQL goes on counting behind the highest ids, as SQLite does by itself."""
    if db.engine.dialect.name != "postgresql":
        return
    for model in _NUMBERED:
        name = _table(model).name
        _execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"  # noqa: S608
                " HAVING max(id) IS NOT NULL"
            )
        )
