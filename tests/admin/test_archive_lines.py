"""Archives whose hashes fit and whose lines do not: file, line and field are named, nothing comes in."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask

from forum.app import create_app
from forum.clock import utcnow
from forum.errors import Invalid
from forum.testing.application import close
from tests.admin.archives import Lines, bring_in, changed, exported, lines_in, with_bytes, written
from tests.admin.small_archive import AT, HASH, PICTURE, PNG, png, small_archive, small_lines
from tests.evidence import everything

Change = Callable[[Lines], object]
ARCHIVE = small_archive()


@pytest.fixture(scope="module")
def empty(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An empty forum for all these tests, as none of them may change it."""
    folder = tmp_path_factory.mktemp("empty")
    shutil.copyfile(sqlite_template, folder / "forum.sqlite3")
    app = create_app(folder)
    before = (everything(app), files_of(app))
    yield app
    assert (everything(app), files_of(app)) == before
    close(app)


def files_of(app: Flask) -> list[Path]:
    """The pictures' files."""
    folder = app.extensions["forum_settings"].instance / "files"
    return sorted(path for path in folder.rglob("*") if path.is_file())


def refusal(app: Flask, archive: bytes) -> str:
    """Why it is refused."""
    with pytest.raises(Invalid) as refused:
        bring_in(app, archive)
    message = refused.value.message.removeprefix("Nothing was imported: ")
    return message.partition(" Take the archive as")[0]


def put(file: str, at: int, /, **fields: Any) -> Change:
    """Give a line other values."""
    return lambda lines: lines[file][at].update(fields)


def add(file: str, /, **fields: Any) -> Change:
    """Add a line like the last one, with other values."""
    return lambda lines: lines[file].append({**lines[file][-1], **fields})


def drop(file: str, at: int = -1) -> Change:
    """Leave a line out."""
    return lambda lines: lines[file].pop(at)


def test_small_archive_itself_comes_in(app: Flask, tmp_path: Path) -> None:
    bring_in(app, ARCHIVE)
    assert lines_in(exported(app, tmp_path / "a")) == small_lines()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_archive_of_before_findings_were_kept_comes_in(app: Flask, tmp_path: Path) -> None:
    older = small_lines()
    for name in ("kept_at", "kept_by"):
        older["findings"][0].pop(name)
    bring_in(app, written(older, {PICTURE: PNG}))
    [finding] = lines_in(exported(app, tmp_path / "a"))["findings"]
    assert finding == {**small_lines()["findings"][0], "kept_at": None, "kept_by": None}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_archive_of_before_there_was_a_record_comes_in(app: Flask, tmp_path: Path) -> None:
    names = ("moderation_log", "moderation_log_reasons", "moderation_log_steps")
    bring_in(app, without(ARCHIVE, *(f"{name}.jsonl" for name in names)))
    assert lines_in(exported(app, tmp_path / "a")) == small_lines() | {name: [] for name in names}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_archive_of_before_there_were_measures_lets_moderators_decide(
    app: Flask, tmp_path: Path
) -> None:
    bring_in(app, without(ARCHIVE, "measures.jsonl"))
    lines = lines_in(exported(app, tmp_path / "a"))
    given = [g["role"] for g in lines["grants"] if g["permission"] == "member.moderate"]
    assert (given, lines["measures"]) == (["admin", "moderator"], [])


def test_lines_that_the_manifest_does_not_name_are_refused(empty: Flask) -> None:
    archive = without(ARCHIVE, "moderation_log.jsonl", only_in_manifest=True)
    assert refusal(empty, archive) == "its manifest does not name moderation_log.jsonl."


def without(archive: bytes, *names: str, only_in_manifest: bool = False) -> bytes:
    """The archive without these files."""
    target = io.BytesIO()
    with ZipFile(io.BytesIO(archive)) as source, ZipFile(target, "w") as new:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "manifest.json":
                manifest = json.loads(content)
                for name in names:
                    manifest["files"].pop(name)
                content = json.dumps(manifest).encode()
            if entry.filename not in names or only_in_manifest:
                new.writestr(entry.filename, content)
    return target.getvalue()


TOMORROW = (utcnow() + timedelta(days=2)).isoformat()
WRONG_VALUES: list[tuple[str, Change, str]] = [
    ("number as text", put("groups", 0, id="1"), "groups.jsonl, line 1: id is not a whole number"),
    ("number as true", put("groups", 0, id=True), "groups.jsonl, line 1: id is not a whole number"),
    ("number as fraction", put("groups", 0, id=1.0), "groups.jsonl, line 1: id is not a whole"),
    ("number 0", put("groups", 0, id=0), "groups.jsonl, line 1: id is not a number from 1 to"),
    ("huge id", put("members", 1, id=2**63 - 1), "members.jsonl, line 2: id is not a number from 1"),
    ("huge number", put("threads", 0, answer=2**31), "threads.jsonl, line 1: answer is not a number"),
    ("position", put("categories", 0, position=-(2**31)), "categories.jsonl, line 1: position is"),
    ("text as number", put("groups", 0, name=7), "groups.jsonl, line 1: name is not a text"),
    ("text as list", put("tags", 0, tag=["a"]), "tags.jsonl, line 1: tag is not a text"),
    ("null", put("members", 0, name=None), "members.jsonl, line 1: name is not a text"),
    ("long name", put("members", 0, name="n" * 61), "members.jsonl, line 1: name does not have 1"),
    ("empty name", put("members", 0, name=""), "members.jsonl, line 1: name does not have 1 to 60"),
    ("blank name", put("members", 0, name=" "), "members.jsonl, line 1: name does not have 1 to 60"),
    ("NUL in name", put("members", 0, name="a\0b"), "members.jsonl, line 1: name has characters"),
    ("line in name", put("members", 0, name="a\nb"), "members.jsonl, line 1: name has characters"),
    ("turned name", put("members", 0, name="a\u202eb"), "members.jsonl, line 1: name has characters"),
    ("long tag", put("tags", 0, tag="t" * 200), "tags.jsonl, line 1: tag does not have 1 to 40"),
    ("long about", put("members", 0, about="a" * 1001), "members.jsonl, line 1: about has more than"),
    ("NUL in about", put("members", 0, about="\0"), "members.jsonl, line 1: about has characters"),
    ("address", put("members", 0, email="nobody"), "members.jsonl, line 1: email is no e-mail"),
    ("two addresses", put("members", 0, email="a@b.example\nBcc: c@d.example"), "email is no e-mail"),
    ("handle", put("members", 0, handle="Ada"), "members.jsonl, line 1: handle is not a handle"),
    ("zone", put("members", 0, zone="../../etc/passwd"), "zone is no time zone that this machine"),
    ("language", put("members", 0, language="x" * 30), "members.jsonl, line 1: language is no"),
    ("slug", put("categories", 0, slug="a/b"), "categories.jsonl, line 1: slug is not a word of"),
    ("role", put("roles", 0, role="owner"), "roles.jsonl, line 1: role is none of moderator, admin"),
    ("role of a list", put("roles", 0, role=["admin"]), "roles.jsonl, line 1: role is none of"),
    ("effect", put("grants", 0, effect="maybe"), "grants.jsonl, line 1: effect is none of allow, deny"),
    ("permission", put("grants", 0, permission="a:b c"), "grants.jsonl, line 1: permission is not"),
    ("role of a grant", put("grants", 0, role="root"), "grants.jsonl, line 1: role is none of guest"),
    ("registration", put("community", 0, registration="shut"), "registration is none of open, domain"),
    ("uuid", put("community", 0, uuid="../x"), "community.jsonl, line 1: uuid is not a UUID"),
    ("minutes", put("community", 0, edit_minutes=0), "community.jsonl, line 1: edit_minutes is not"),
    ("kind", put("posts", 0, kind="poll"), "posts.jsonl, line 1: kind is none of post, comment"),
    ("removal", put("posts", 0, removal="fire", removed_at=AT), "removal is none of author, moderator"),
    ("decision", put("cases", 0, decision="perhaps"), "cases.jsonl, line 1: decision is none of"),
    ("severity", put("findings", 0, severity="fatal"), "findings.jsonl, line 1: severity is none of"),
    ("fingerprint", put("findings", 0, fingerprint="x"), "findings.jsonl, line 1: fingerprint is not"),
    ("format", put("pictures", 0, format="svg"), "pictures.jsonl, line 1: format is none of png"),
    ("hash", put("pictures", 0, hash="../" * 20), "pictures.jsonl, line 1: hash is not a SHA-256"),
    ("no zone", put("posts", 0, created_at="2026-02-01T10:00:00"), "created_at is not a time with its"),
    ("no time", put("posts", 0, created_at="2026-02-30T10:00:00Z"), "created_at is not a time"),
    ("time as number", put("posts", 0, created_at=7), "posts.jsonl, line 1: created_at is not a text"),
    ("before 1970", put("posts", 0, created_at="1969-12-31T23:59:59Z"), "is a time before 1970"),
    ("year 1", put("posts", 0, created_at="0001-01-01T00:00:00+14:00"), "created_at is"),
    ("tomorrow", put("posts", 0, created_at=TOMORROW), "one that has not come yet"),
    ("end of time", put("posts", 0, edited_at="9999-12-31T23:59:59-14:00"), "edited_at is"),
    ("other digits", put("posts", 0, created_at="2026-٠2-01T10:00:00Z"), "created_at is not a time"),
    ("large source", put("revisions", 2, source="ä" * 16385), "revisions.jsonl, line 3: source has more"),
    ("NUL in source", put("revisions", 2, source="a\0"), "revisions.jsonl, line 3: source has more"),
    ("line ends", put("revisions", 2, source="a\r\nb"), "revisions.jsonl, line 3: source has"),
    ("tangled source", put("revisions", 2, source="[x](y) " * 300), "line 3: the text cannot be shown."),
    ("deep source", put("revisions", 2, source="> " * 100 + "x"), "line 3: the text cannot be shown."),
]  # fmt: skip

CONTRADICTIONS: list[tuple[str, Change, str]] = [
    ("missing field", lambda x: x["groups"][0].pop("name"), "line 1: must have these fields: id, name."),
    ("unknown field", put("groups", 0, password_hash="x"), "line 1: must have these fields: id, name."),
    ("same id", add("groups", name="b"), "groups.jsonl, line 2: stands twice, or before the line above"),
    ("wrong order", lambda x: x["members"].reverse(), "members.jsonl, line 2: stands twice, or before"),
    ("wrong order of texts", lambda x: x["grants"].reverse(), "grants.jsonl, line 2: stands twice, or"),
    ("same group", add("groups", id=5), "groups.jsonl, line 2: name stands in an earlier line already."),
    ("same slug", add("categories", id=5), "categories.jsonl, line 2: slug stands in an earlier line"),
    ("same handle", put("members", 1, handle="ada"), "members.jsonl, line 2: handle stands in an earlier"),
    ("same address", put("members", 1, email="ADA@example.org"), "email stands in an earlier line"),
    ("same grant", lambda x: x["grants"].append(x["grants"][-1]), "grants.jsonl, line 3: stands twice"),
    ("same tag", add("tags"), "tags.jsonl, line 2: stands twice"),
    ("same case", add("cases", kind="hold"), "cases.jsonl, line 2: stands twice"),
    ("open case", add("cases", id=31), "line 2: post and kind stand in an earlier line that is open"),
    ("case id", lambda x: x["cases"].insert(0, {**x["cases"][0], "kind": "help"}), "line 2: id stands in"),
    ("two communities", add("community", name="Z"), "community.jsonl, line 2: there is only one"),
    ("closed with address", put("members", 0, closed_at=AT), "an account that was closed has no email"),
    ("grant to nobody", put("grants", 0, role=None), "line 1: either role or group must be there"),
    ("grant to two", put("grants", 0, group=1), "line 1: either role or group must be there"),
    ("empty thread", put("threads", 0, last_number=0, answer=None), "last_posted_at must be there when"),
    ("answer", put("threads", 0, answer=3), "threads.jsonl, line 1: answer is no number of a post"),
    ("waits without a number", put("posts", 0, number=None, removal="waiting", removed_at=AT),
     "removal is waiting, and there is no number"),
    ("removed half", put("posts", 0, removed_at=AT), "removal and removed_at must both be there"),
    ("replies to itself", put("posts", 1, in_reply_to=2), "line 2: in_reply_to is not the number of an"),
    ("held reply to later", put("posts", 2, in_reply_to=3), "line 3: number or in_reply_to is larger"),
    ("number too large", put("posts", 1, number=3), "line 2: number or in_reply_to is larger than"),
    ("number twice", put("posts", 1, number=1, in_reply_to=None), "line 2: another post of the thread"),
    ("moved and there", put("moved_numbers", 0, number=2), "moved_numbers.jsonl, line 1: another post"),
    ("moved from nowhere", put("moved_numbers", 0, thread=8), "moved_numbers.jsonl, line 1: thread names"),
    ("moved nowhere", put("moved_numbers", 0, post=99), "moved_numbers.jsonl, line 1: post names what"),
    ("a line, perhaps", put("moved_numbers", 0, is_line=1), "is_line is neither true nor false"),
    ("half a reply", put("posts", 1, reply_thread=9), "reply_thread and reply_number must both"),
    ("gap", put("posts", 1, number=None), "posts.jsonl: thread 9 has no post with number 2."),
    ("large last number", put("threads", 0, last_number=2**31 - 1), "last_number is larger than there"),
    ("emptied with words", put("revisions", 0, emptied_at=AT), "a version that was emptied has no source"),
    ("no version", drop("revisions"), "posts.jsonl, line 3: it has no version in revisions.jsonl."),
    ("gap in versions", put("revisions", 1, version=3), "posts.jsonl, line 1: its versions in revisions"),
    ("no version 1", drop("revisions", 0), "posts.jsonl, line 1: its versions in revisions.jsonl are"),
    ("finding of no version", put("findings", 0, version=3), "line 1: the post has no such version."),
    ("measure of no kind", put("measures", 0, kind="ban"), "measures.jsonl, line 1: kind is none of"),
    ("mute without end", put("measures", 0, until=None), "measures.jsonl, line 1: a mute has an end."),
    ("end before all", put("measures", 0, until="1960-01-01T00:00:00Z"), "until is a time before 1970"),
    ("undone twice", add("moderation_log", id=42), "moderation_log.jsonl, line 3: undo_of stands in an"),
    ("row of no table", put("moderation_log_steps", 0, relation="a b"), "relation is not a table's name"),
    ("row of two parts", put("moderation_log_steps", 0, row="1:2"), "row is not a row's number"),
    ("row of half a number", put("moderation_log_steps", 0, row="1-"), "row is not a row's number"),
    ("values no JSON", put("moderation_log_steps", 0, before="{"), "line 1: before is not JSON"),
    ("values a list", put("moderation_log_steps", 0, before="[]"), "line 1: before is not a JSON object"),
    ("values of objects", put("moderation_log_steps", 0, after='{"a": {}}'), "after is not a JSON object"),
    ("values with NUL", put("moderation_log_steps", 0, after='{"a": "\\u0000"}'), "after has characters"),
    ("same import", lambda x: x["imported_posts"].insert(0, {**x["imported_posts"][0], "post": 20}),
     "two things in it have the same name or number."),
]  # fmt: skip

REFERENCES: list[tuple[str, Change, str]] = [
    (
        f"{file}.{field}",
        put(file, 0, **{field: value}),
        f"{field} names what is not in {target}.jsonl.",
    )
    for file, field, value, target in [
        ("roles", "member", 77, "members"),
        ("group_members", "group", 77, "groups"),
        ("group_members", "member", 77, "members"),
        ("imported_authors", "member", 77, "members"),
        ("grants", "category", 77, "categories"),
        ("uploads", "picture", "0" * 64, "pictures"),
        ("uploads", "member", 77, "members"),
        ("threads", "category", 77, "categories"),
        ("threads", "author", 77, "members"),
        ("threads", "last_author", 77, "members"),
        ("threads", "locked_by", 77, "members"),
        ("findings", "kept_by", 77, "members"),
        ("tags", "thread", 77, "threads"),
        ("posts", "thread", 77, "threads"),
        ("posts", "author", 77, "members"),
        ("revisions", "editor", 77, "members"),
        ("revisions", "emptied_by", 77, "members"),
        ("revisions", "post", 7, "posts"),
        ("findings", "post", 77, "posts"),
        ("imported_posts", "post", 77, "posts"),
        ("cases", "post", 77, "posts"),
        ("cases", "closed_by", 77, "members"),
        ("measures", "member", 77, "members"),
        ("measures", "placed_by", 77, "members"),
        ("measures", "lifted_by", 77, "members"),
        ("flags", "case", 77, "cases"),
        ("flags", "member", 77, "members"),
        ("case_notes", "case", 77, "cases"),
        ("case_notes", "member", 77, "members"),
        ("moderation_log", "actor", 77, "members"),
        ("moderation_log", "undo_of", 77, "moderation_log"),
        ("moderation_log_reasons", "entry", 77, "moderation_log"),
        ("moderation_log_reasons", "member", 77, "members"),
        ("moderation_log_steps", "entry", 77, "moderation_log"),
        ("moderation_log_steps", "member", 77, "members"),
    ]
] + [
    ("grants.group", put("grants", 1, group=77), "group names what is not in groups.jsonl."),
    ("behind the last post", add("revisions", post=99), "post names what is not in posts.jsonl."),
]

CASES = WRONG_VALUES + CONTRADICTIONS + REFERENCES


@pytest.mark.parametrize(("change", "reason"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_wrong_line(empty: Flask, change: Change, reason: str) -> None:
    assert reason in refusal(empty, changed(ARCHIVE, change))


NOT_LINES = {
    "not JSON": b"{oops}\n",
    "not UTF-8": b'{"id":1,"name":"\xff"}\n',
    "a list": b"[]\n",
    "a number": b"7\n",
    "empty": b"\n",
    "nested without end": b"[" * 100_000 + b"\n",
    "nested objects": b'{"id":' * 50_000 + b"\n",
    "a number without end": b'{"id":' + b"9" * 100_000 + b',"name":"a"}\n',
    "a field twice": b'{"id":1,"id":2,"name":"a"}\n',
    "not a number": b'{"id":NaN,"name":"a"}\n',
    "infinity": b'{"id":1e999,"name":"a"}\n',
    "half a character": b'{"id":1,"name":"\\ud800"}\n',
    "byte order mark": b'\xef\xbb\xbf{"id":1,"name":"a"}\n',
    "two on a line": b'{"id":1,"name":"a"}{"id":2,"name":"b"}\n',
}  # fmt: skip


@pytest.mark.parametrize("content", NOT_LINES.values(), ids=NOT_LINES)
def test_line_that_is_none(empty: Flask, content: bytes) -> None:
    assert refusal(empty, with_bytes(ARCHIVE, "groups.jsonl", content)).startswith(
        "groups.jsonl, line 1: "
    )


@pytest.mark.parametrize("count", [0, 2])
def test_other_number_of_lines_than_the_manifest_says(empty: Flask, count: int) -> None:
    content = b'{"id":1,"name":"Masters"}\n'
    other = with_bytes(ARCHIVE, "groups.jsonl", content, lines=count)
    assert refusal(empty, other) == "groups.jsonl has 1 lines, but its manifest says otherwise."


def with_picture(content: bytes, **fields: Any) -> bytes:
    """The archive with other bytes where its picture is."""
    lines, hash_ = small_lines(), hashlib.sha256(content).hexdigest()
    lines["pictures"][0].update({"hash": hash_, "size": len(content), **fields})
    lines["uploads"][0]["picture"] = hash_
    return written(lines, {f"files/{hash_}.png": content})


PICTURES = {
    "not a picture": (with_picture(b"<svg onload=alert(1)>"), "the picture cannot be shown."),
    "empty": (with_picture(b""), "size is not a number from 1 to"),
    "another picture": (written(small_lines(), {PICTURE: png("red")}), "hash is not that of the"),
    "other size": (with_picture(PNG, width=4), "format or size are not those of the picture."),
    "other length": (with_picture(PNG, size=1), "format or size are not those of the picture."),
    "something behind it": (with_picture(PNG + b"<x>", size=len(PNG)), "format or size"),
}  # fmt: skip


@pytest.mark.parametrize(("archive", "reason"), PICTURES.values(), ids=PICTURES)
def test_wrong_picture(empty: Flask, archive: bytes, reason: str) -> None:
    said = refusal(empty, archive)
    assert said.startswith("pictures.jsonl, line 1: ")
    assert reason in said


def test_picture_of_another_format_than_it_says(empty: Flask) -> None:
    lines = small_lines()
    lines["pictures"][0]["format"] = "jpeg"
    said = refusal(empty, written(lines, {f"files/{HASH}.jpeg": PNG}))
    assert said.startswith("pictures.jsonl, line 1: format or size are not those of the picture.")


def test_picture_that_is_not_there(empty: Flask) -> None:
    lines = small_lines()
    lines["pictures"][0]["format"] = "gif"
    assert refusal(empty, written(lines, {PICTURE: PNG})) == f"files/{HASH}.gif is not in it."


def test_picture_that_nobody_lists(empty: Flask) -> None:
    lines = small_lines()
    lines["pictures"], lines["uploads"] = [], []
    said = refusal(empty, written(lines, {PICTURE: PNG}))
    assert said == "it has pictures that are not in pictures.jsonl."


def test_picture_with_a_huge_header(empty: Flask) -> None:
    huge = PNG[:16] + (100_000).to_bytes(4, "big") * 2 + PNG[24:]
    assert "the picture cannot be shown." in refusal(empty, with_picture(huge))


def test_stored_pictures_are_taken_away_again(empty: Flask) -> None:
    # The last thing that is looked at is wrong; the pictures came in long before.
    assert refusal(empty, changed(ARCHIVE, put("cases", 0, post=99)))
    assert files_of(empty) == []


def test_every_field_is_looked_at(empty: Flask) -> None:
    """Something else than text, number or null is refused in every field of every file."""
    for file, lines in small_lines().items():
        for field in lines[0]:
            said = refusal(empty, changed(ARCHIVE, put(file, 0, **{field: {"x": 1}})))
            assert re.match(rf"{file}.jsonl, line 1: {field} is ", said), (file, field, said)
