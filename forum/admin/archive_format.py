"""The format of an archive: which files there are, and which fields a line has. ``docs/archive.md``
says it for people.

Every file is JSON Lines. Exporting reads the columns that stand here, importing writes them, so the
two cannot drift apart; a test compares this table with all columns of the database.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from forum.accounts.models import (
    ABOUT_LENGTH,
    HANDLE_LENGTH,
    NAME_LENGTH,
    PRONOUNS_LENGTH,
    ROLES,
    UNIT_LENGTH,
    Community,
    Grant,
    Group,
    GroupMember,
    ImportedAuthor,
    Member,
    MemberRole,
)
from forum.admin import archive_values as values
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
from forum.admin.archive_fields import AT, DOTTED, REASON, Appendix, Field, File, by
from forum.admin.archive_values import key, line, lines, moment, number, one_of, optional
from forum.categories.models import TITLE_LENGTH as CATEGORY_LENGTH
from forum.categories.models import Category
from forum.community.models import FIELD_LENGTH, Setting
from forum.community.plugin_queries import OWN_MARK
from forum.discussion.models import (
    LABEL_LENGTH,
    REMOVALS,
    TAG_LENGTH,
    TITLE_LENGTH,
    ImportedPost,
    MovedNumber,
    Post,
    PostFinding,
    Revision,
    Thread,
    ThreadTag,
)
from forum.files.models import Picture, Upload

FORMAT = "folkmoot-archive"
VERSION = 1
"""Raise it with every change after which an older forum would misread or miss something."""
EXCERPT, PAGES = "folkmoot-excerpt", "folkmoot-pages"
PARTS = (EXCERPT, PAGES)
"""What has a part of a forum: some posts in the archive's format, or pages to read."""
MANIFEST = "manifest.json"
PICTURE_NAME = "files/{}.{}"
LONGEST_LINE = 4 * 1024 * 1024
MOST_PICTURES = 200_000

assert HANDLE_LENGTH == 40, "the pattern of handles ends at forty characters"


UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
LANGUAGE = r"|(?=.{2,35}$)[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"

COMMUNITY = File(
    "community",
    Community,
    (
        Field("name", Community.name, line(80)),
        Field("for_whom", Community.for_whom, REASON),
        Field("not_for_whom", Community.not_for_whom, REASON),
        Field("language", Community.language, values.language),
        Field("zone", Community.zone, values.zone),
        Field("registration", Community.registration, one_of("open", "domain", "invitation")),
        Field("email_domains", Community.email_domains, REASON),
        Field("edit_minutes", Community.edit_minutes, optional(number())),
        Field("uuid", Community.uuid, values.pattern(UUID, "a UUID in small letters")),
    ),
)
# Those of plugins that are not here, or of another version, are kept and have no effect. What has a
# colon in its name is an installation's own: which plugins run, and what they keep secret.


def _shared_name(value: Any) -> Any:
    name = line(FIELD_LENGTH)(value)
    if OWN_MARK in name:
        raise ValueError(f"has a {OWN_MARK}, as only what an installation keeps for itself has")
    return name


SETTINGS = File(
    "settings",
    Setting,
    (
        Field("name", Setting.name, _shared_name),
        Field("value", Setting.value, values.simple),
    ),
)
GROUPS = File(
    "groups",
    Group,
    (Field("id", Group.id, key), Field("name", Group.name, line(80))),
    unique=("name",),
)
CATEGORIES = File(
    "categories",
    Category,
    (
        Field("id", Category.id, key),
        Field(
            "slug",
            Category.slug,
            values.pattern(f"[a-z0-9-]{{1,{CATEGORY_LENGTH}}}", "a word of a-z, 0-9 and -"),
        ),
        Field("title", Category.title, line(CATEGORY_LENGTH)),
        Field("description", Category.description, REASON),
        Field("position", Category.position, number(least=-values.LARGEST)),
    ),
    unique=("slug",),
)
MEMBERS = File(
    "members",
    Member,
    (
        Field("id", Member.id, key),
        Field("name", Member.name, line(NAME_LENGTH)),
        Field("email", Member.email, optional(values.mailbox)),
        Field("handle", Member.handle, optional(values.handle)),
        Field("pronouns", Member.pronouns, line(PRONOUNS_LENGTH, least=0)),
        Field("unit", Member.unit, line(UNIT_LENGTH, least=0)),
        Field("employer", Member.employer, line(UNIT_LENGTH, least=0)),
        Field("about", Member.about, lines(ABOUT_LENGTH)),
        Field("zone", Member.zone, values.zone),
        Field("language", Member.language, values.language),
        Field("created_at", Member.created_at, moment),
        Field("closed_at", Member.closed_at, AT),
        Field("unproven_at", Member.unproven_at, AT, later=True),
    ),
    unique=("email", "handle"),
)
ROLES_OF_MEMBERS = File(
    "roles",
    MemberRole,
    (
        Field("member", MemberRole.member_id, key, "members"),
        Field("role", MemberRole.role, one_of("moderator", "admin")),
    ),
    order=2,
)
GROUP_MEMBERS = File(
    "group_members",
    GroupMember,
    (
        Field("group", GroupMember.group_id, key, "groups"),
        Field("member", GroupMember.member_id, key, "members"),
    ),
    order=2,
)
IMPORTED_AUTHORS = File(
    "imported_authors",
    ImportedAuthor,
    (
        Field("site", ImportedAuthor.site, line(100)),
        Field("external_id", ImportedAuthor.external_id, line(100)),
        Field("member", ImportedAuthor.member_id, key, "members"),
    ),
    order=2,
)
GRANTS = File(
    "grants",
    Grant,
    (
        Field(
            "permission",
            Grant.permission,
            values.pattern(DOTTED, "a permission"),
        ),
        Field("effect", Grant.effect, one_of("allow", "deny")),
        Field("role", Grant.role, optional(one_of(*ROLES))),
        Field("group", Grant.group_id, optional(key), "groups"),
        Field("category", Grant.category_id, optional(key), "categories"),
    ),
    order=5,
)
PICTURES = File(
    "pictures",
    Picture,
    (
        Field("hash", Picture.hash, values.sha256),
        Field("format", Picture.format, one_of("png", "jpeg", "webp", "gif")),
        Field("width", Picture.width, number()),
        Field("height", Picture.height, number()),
        Field("size", Picture.size, number()),
        Field("created_at", Picture.created_at, moment),
    ),
)
UPLOADS = File(
    "uploads",
    Upload,
    (
        Field("picture", Upload.picture, values.sha256, "pictures"),
        Field("member", Upload.member_id, key, "members"),
        Field("created_at", Upload.created_at, moment),
    ),
    order=2,
)
THREADS = File(
    "threads",
    Thread,
    (
        Field("id", Thread.id, key),
        Field("category", Thread.category_id, key, "categories"),
        Field("title", Thread.title, line(TITLE_LENGTH)),
        Field("author", Thread.author_id, key, "members"),
        Field("created_at", Thread.created_at, moment),
        Field("last_number", Thread.last_number, number(least=0)),
        Field("last_posted_at", Thread.last_posted_at, AT),
        by("last_author", Thread.last_author_id),
        Field("answer", Thread.answer_number, optional(number())),
        Field("pinned_at", Thread.pinned_at, AT),
        Field("locked_at", Thread.locked_at, AT),
        by("locked_by", Thread.locked_by),
        Field("lock_reason", Thread.lock_reason, REASON),
        Field("locked_until", Thread.locked_until, optional(values.any_moment), later=True),
        Field("slow_minutes", Thread.slow_minutes, optional(number()), later=True),
        Field("featured_at", Thread.featured_at, AT, later=True),
        Field("removed_at", Thread.removed_at, AT),
        by("removed_by", Thread.removed_by),
        Field("removal_reason", Thread.removal_reason, REASON),
    ),
)
TAGS = File(
    "tags",
    ThreadTag,
    (
        Field("thread", ThreadTag.thread_id, key, "threads"),
        Field("tag", ThreadTag.tag, line(TAG_LENGTH)),
    ),
    order=2,
)
POSTS = File(
    "posts",
    Post,
    (
        Field("id", Post.id, key),
        Field("thread", Post.thread_id, key, "threads"),
        Field("number", Post.number, optional(number())),
        Field("author", Post.author_id, key, "members"),
        Field("in_reply_to", Post.in_reply_to, optional(number())),
        Field("reply_thread", Post.reply_thread, optional(key), "threads", later=True),
        Field("reply_number", Post.reply_number, optional(number()), later=True),
        Field("kind", Post.kind, one_of("post", "comment")),
        Field("created_at", Post.created_at, moment),
        Field("edited_at", Post.edited_at, AT),
        Field("removed_at", Post.removed_at, AT),
        by("removed_by", Post.removed_by),
        Field("removal", Post.removal, optional(one_of(*REMOVALS))),
        Field("removal_reason", Post.removal_reason, REASON),
        Field("label", Post.label, optional(line(LABEL_LENGTH)), later=True),
    ),
)
MOVED_NUMBERS = File(
    "moved_numbers",
    MovedNumber,
    (
        Field("thread", MovedNumber.thread_id, key, "threads"),
        Field("number", MovedNumber.number, number()),
        Field("post", MovedNumber.post_id, key, "posts"),
        Field("moved_at", MovedNumber.moved_at, moment),
        Field("is_line", MovedNumber.is_line, values.yes_or_no),
    ),
    order=2,
    later=True,
)
REVISIONS = File(
    "revisions",
    Revision,
    (
        Field("post", Revision.post_id, key, "posts"),
        Field("version", Revision.version, number()),
        Field("source", Revision.source, values.source),
        Field("editor", Revision.editor_id, key, "members"),
        Field("created_at", Revision.created_at, moment),
        Field("emptied_at", Revision.emptied_at, AT),
        by("emptied_by", Revision.emptied_by),
        Field("language", Revision.language, values.pattern(LANGUAGE, "a language tag, or empty")),
    ),
    order=2,
)
FINDINGS = File(
    "findings",
    PostFinding,
    (
        Field("post", PostFinding.post_id, key, "posts"),
        Field("version", PostFinding.version, number()),
        Field("start", PostFinding.start, optional(number(least=0))),
        Field("end", PostFinding.end, optional(number(least=0))),
        Field("rule", PostFinding.rule, line(60)),
        Field("severity", PostFinding.severity, one_of("block", "hold", "warn", "hint")),
        Field(
            "fingerprint",
            PostFinding.fingerprint,
            values.pattern("[0-9a-f]{16}", "sixteen hexadecimal digits"),
        ),
        Field("kept_at", PostFinding.kept_at, AT, later=True),
        Field("kept_by", PostFinding.kept_by, optional(key), "members", later=True),
    ),
    order=7,
    repeats=True,
)
IMPORTED_POSTS = File(
    "imported_posts",
    ImportedPost,
    (
        Field("post", ImportedPost.post_id, key, "posts"),
        Field("site", ImportedPost.site, line(100)),
        Field("external_id", ImportedPost.external_id, line(100)),
        Field("url", ImportedPost.url, line(10_000, least=0)),
        Field("licence", ImportedPost.licence, line(100, least=0)),
    ),
)
FILES = (
    *(COMMUNITY, SETTINGS, GROUPS, CATEGORIES, MEMBERS),
    *(ROLES_OF_MEMBERS, GROUP_MEMBERS, IMPORTED_AUTHORS, GRANTS, PICTURES),
    *(UPLOADS, THREADS, TAGS, POSTS, REVISIONS),
    *(FINDINGS, IMPORTED_POSTS, CASES, FLAGS, CASE_NOTES),
    *(MEASURES, MEASURE_APPEALS, TRUST_LEVELS, TRUST_STEPS, MOVED_NUMBERS),
    *(LOG, LOG_REASONS, LOG_STEPS),
)

# The rows of plugins' tables.
PLUGINS = Appendix("plugins")


def canonical(thing: Any) -> bytes:
    """The one way to write ``thing`` as JSON: UTF-8, sorted keys, no spaces, no end of line."""
    text = json.dumps(
        thing, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_moment
    )
    return text.encode()


def _moment(value: object) -> str:
    assert isinstance(value, datetime), value
    return values.moment_text(value)
