"""Threads from elsewhere come in whole, once, and line by line."""

from __future__ import annotations

import gzip
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from forum.accounts.models import Member
from forum.admin.import_actions import LONGEST_LINE, Report, import_threads
from forum.app import create_app
from forum.categories.models import Category
from forum.db import rows
from forum.discussion.finding_queries import finding_counts
from forum.discussion.models import ImportedPost, Post, PostFinding, Revision, Thread
from forum.permissions import OPERATOR
from forum.testing.application import close
from tests.evidence import everything, links_of, page_of, words_of
from tests.text.test_from_html import found_in

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Line = dict[str, Any]


def comment(text: str = "Which clay?", **changed: Any) -> Line:
    return {"author": "u-5", "author_name": "Cy", "created": "2012-01-03", "text": text} | changed


def reply(number: int = 2, **changed: Any) -> Line:
    line = {"id": f"pots-{number}", "author": "user-pots-7", "created": "2012-01-02T10:00:00"}
    return (
        line | {"body_html": "<p>Slowly.</p>", "url": f"https://pots.example/a/{number}"} | changed
    )


def thread(number: int = 1, **changed: Any) -> Line:
    """A line as the corpus has them."""
    line = {
        "site": "pots",
        "id": f"pots-{number}",
        "title": "How do I fire this?",
        "tags": ["kiln", "slow cooling"],
        "author": "user-pots-3",
        "author_name": "Ada",
        "created": "2012-01-01T12:00:00.5+02:00",
        "edited": "2012-02-01T00:00:00",
        "body_html": "<p>It <em>cracks</em>.</p>",
        "url": f"https://pots.example/q/{number}",
        "licence": "CC-BY-SA-3.0",
        "accepted_answer": None,
        "replies": [],
    }
    return line | changed


def written(*lines: Line | bytes) -> bytes:
    return b"".join(
        line + b"\n" if isinstance(line, bytes) else json.dumps(line).encode() + b"\n"
        for line in lines
    )


def take(app: Flask, file: bytes | IO[bytes], **options: Any) -> Report:
    """Import a file as the operator."""
    stream = io.BytesIO(file) if isinstance(file, bytes) else file
    with app.test_request_context():
        return import_threads(OPERATOR, stream, **options)


def all_of(app: Flask, *columns: Any, by: Any) -> list[tuple[Any, ...]]:
    with app.app_context():
        return [tuple(row) for row in rows(select(*columns).order_by(by))]


def lasting(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the database but when its members were made, which is now, and the log of
    changes, which has a line for each run."""
    found = everything(app, less=("members", "changes", "change_values"))
    found["members"] = all_of(app, Member.id, Member.name, Member.email, by=Member.id)
    return found


def test_thread_comes_in_with_all_that_belongs_to_it(app: Flask, client: FlaskClient) -> None:
    first = reply(2, comments=[comment(), comment("Red.", author="user-pots-3", author_name="Ada")])
    second = reply(3, created="2012-01-02T09:00:00", author_name="Bo", author="user-pots-9")
    report = take(app, written(thread(replies=[first, second], accepted_answer="pots-2")))
    assert (report.threads, report.posts, report.comments, report.refused) == (1, 3, 2, [])

    page = client.get("/t/1")
    assert words_of(page, "h1") == ["How do I fire this?"]
    assert words_of(page, "article h2") == ["Ada", "Bo", "member 7 of pots", "Cy", "Ada"]
    assert words_of(page, "article .words") == [
        "It cracks.",
        "Slowly.",
        "Slowly.",
        "Which clay?",
        "Red.",
    ]
    assert words_of(page, ".reply-to") == ["Comment on #3", "Comment on #3"]
    assert links_of(page, "#p3 .replies a") == ["/t/1/4", "/t/1/5"]
    assert words_of(page, ".tag") == ["kiln", "slow-cooling"]
    assert words_of(page, "header .meta a")[1:2] == ["Answered in #3"]
    assert words_of(page, "#p3 .label") == ["answer"]
    assert links_of(page, ".attribution a") == [
        "https://pots.example/q/1",
        "https://pots.example/a/3",
        "https://pots.example/a/2",
    ]
    assert words_of(page, "#p1 .attribution") == [
        "From pots.example, the original of post 1, CC-BY-SA-3.0"
    ]
    times = [element["datetime"] for element in page_of(page).select("#p1 time")]
    assert times == ["2012-01-01T10:00Z", "2012-02-01T00:00Z"]
    assert words_of(client.get("/"), ".rows h3") == ["How do I fire this?"]


def test_tags_of_another_site_become_tags_whose_pages_are_there(
    app: Flask, client: FlaskClient
) -> None:
    long = "word " * 20
    take(app, written(thread(tags=["C/C++", "Kiln", "kiln", "a, b", "---", " / ", long])))
    page = client.get("/t/1")
    assert words_of(page, ".tag") == ["a-b", "c-c++", "kiln", "-".join(["word"] * 8)]
    assert {client.get(url).status_code for url in links_of(page, "a.tag")} == {200}


@ONE_DATABASE
def test_question_that_is_said_to_be_its_own_answer_has_none(app: Flask) -> None:
    accepted = [("pots-2", "pots-2"), ("pots-3", "pots-9"), ("pots-4", "pots-5")]
    lines = [
        thread(int(id_[-1]), accepted_answer=answer, replies=[reply(5)] if id_ == "pots-4" else [])
        for id_, answer in accepted
    ]
    take(app, written(*lines))
    assert all_of(app, Thread.answer_number, by=Thread.id) == [(None,), (None,), (2,)]


def test_same_author_is_one_member_on_a_site_and_another_on_the_next(app: Flask) -> None:
    take(app, written(thread(1), thread(2), thread(3, site="kilns")))
    assert all_of(app, Member.name, by=Member.id) == [("Ada",), ("Ada",)]
    assert all_of(app, Thread.author_id, by=Thread.id) == [(1,), (1,), (2,)]
    assert all_of(app, Category.title, by=Category.id) == [("pots",), ("kilns",)]


def test_site_keeps_one_category_whatever_its_spaces(app: Flask) -> None:
    take(app, written(thread(1, site="pots  and pans "), thread(2, site="pots and pans")))
    assert all_of(app, Category.title, by=Category.id) == [("pots and pans",)]


def test_imported_author_cannot_sign_in_and_nobody_is_told(
    app: Flask, client: FlaskClient, worker: Callable[[], int]
) -> None:
    take(app, written(thread(replies=[reply()])))
    assert set(all_of(app, Member.email, Member.password_hash, by=Member.id)) == {(None, None)}
    assert worker() == 0


def test_picture_from_elsewhere_becomes_a_link_and_a_finding(
    app: Flask, client: FlaskClient
) -> None:
    body = '<p>Look: <img src="/a.png" alt="A red pot"></p>'
    report = take(app, written(thread(body_html=body)))
    page = client.get("/t/1")
    assert links_of(page, ".words a") == ["https://pots.example/a.png"]
    assert words_of(page, ".words") == ["Look: A red pot"]
    assert report.findings == Counter({"picture-elsewhere": 1})
    with app.app_context():
        assert finding_counts() == [("picture-elsewhere", "warn", 1)]


def test_imported_post_is_reviewed_but_never_blocked(app: Flask) -> None:
    body = '<p><a href="https://pots.example/b"></a> and <a href="https://c.example">here</a></p>'
    report = take(app, written(thread(body_html=body)))
    assert (report.threads, report.refused) == (1, [])
    with app.app_context():
        found = {(rule, severity) for rule, severity, _ in finding_counts()}
    assert ("link-empty", "block") in found
    assert sum(report.findings.values()) == len(found) > 1


HALF = b'{"site": "pots", "id": "pots-5", "title": "Half", "body_html": "a\\ud800b", "created": "2012-01-01"}'
BROKEN: dict[str, tuple[Line | bytes, str]] = {
    "not JSON": (b"{oops", "it is not JSON"),
    "not UTF-8": (b'{"site": "\xff"}', "it is not JSON"),
    "not an object": (b"[1, 2]", "it is not a JSON object"),
    "only a number": (b"7", "it is not a JSON object"),
    "nested without end": (b"[" * 100_000, "it is not JSON"),
    "a number without end": (b"9" * 10_000, "it is not JSON"),
    "no site": (thread(9, site=None), "site is missing"),
    "site is a number": (thread(9, site=9), "site is missing or not a text"),
    "long site": (thread(9, site="s" * 81), "site has more than 80 characters"),
    "NUL in the site": (thread(9, site="a\0b"), "site has"),
    "no id": ({**thread(9), "id": ""}, "id is missing"),
    "long id": (thread(9, id="i" * 81), "id has more than 80 characters"),
    "NUL in the id": (thread(9, id="i\0"), "id has"),
    "half a character in the id": (thread(9, id="i\ud800"), "id has"),
    "no title": (thread(9, title="  "), "title is missing"),
    "long title": (thread(9, title="t" * 161), "Shorten the title"),
    "NUL in the title": (thread(9, title="a\0b"), "invisible characters"),
    "half a character in the title": (thread(9, title="a\ud800"), "invisible characters"),
    "no body": (thread(9, body_html=None), "body_html is missing"),
    "body is a list": (thread(9, body_html=["a"]), "body_html is missing or not a text"),
    "empty body": (thread(9, body_html="<p> </p>"), "post pots-9: Write something first."),
    "half a character in the body": (HALF, "halves"),
    "long body": (thread(9, body_html="word " * 9_000), "post pots-9: There may be 32,768 bytes"),
    "monstrous body": (thread(9, body_html="<div>" * 50_000), "HTML tags"),
    "no date": (thread(9, created=None), "created is missing"),
    "bad date": (thread(9, created="yesterday"), "'yesterday' is not a date of ISO 8601"),
    "date before all dates": (thread(9, created="0001-01-01T00:00:00+14:00"), "not a date"),
    "date before 1970": (thread(9, created="1969-12-31T23:59:59"), "before 1970"),
    "date in the future": (thread(9, created="2999-01-01"), "has not come yet"),
    "bad edit": (thread(9, edited="x"), "is not a date"),
    "edit is a number": (thread(9, edited=5), "edited is not a text"),
    "tags are a word": (thread(9, tags="kiln"), "tags is not a list of words"),
    "NUL in a tag": (thread(9, tags=["a\0b"]), "tags is not a list of words"),
    "half a character in a tag": (thread(9, tags=["\udfff"]), "tags is not a list of words"),
    "replies are words": (thread(9, replies=["a"]), "replies is not a list of objects"),
    "comments are a number": (thread(9, comments=3), "comments is not a list of objects"),
    "comment without text": (thread(9, comments=[comment("")]), "text is missing"),
    "reply without date": (thread(9, replies=[reply(8, created=None)]), "created is missing"),
    "one id twice": (thread(9, replies=[reply(9)]), "two of its posts have the same id"),
    "id of another thread": (thread(9, replies=[reply(2)]), "pots-2 came in already with another"),
    "author is a number": (thread(9, author=9), "author is not a text"),
    "long author": (thread(9, author="a" * 81), "author has more than 80 characters"),
    "NUL in the licence": (thread(9, licence="\0"), "licence has"),
    "accepted answer is a number": (thread(9, accepted_answer=9), "accepted_answer is not a text"),
}


def test_each_line_that_cannot_be_taken_is_named_and_the_others_come_in(app: Flask) -> None:
    lines = [line for line, _ in BROKEN.values()]
    report = take(app, written(thread(1, replies=[reply(2)]), *lines, thread(3)))
    assert [number for number, _ in report.refused] == list(range(2, len(lines) + 2))
    unclear = {
        name: reason
        for (name, (_, wanted)), (_, reason) in zip(BROKEN.items(), report.refused, strict=True)
        if wanted not in reason
    }
    assert unclear == {}
    assert all_of(app, ImportedPost.external_id, by=ImportedPost.post_id) == [
        ("pots-1",),
        ("pots-2",),
        ("pots-3",),
    ]
    assert all_of(app, Category.title, by=Category.id) == [("pots",)]
    assert list(report.lines())[1] == "Line 2 was not taken: it is not JSON: JSONDecodeError"


def test_what_is_missing_but_not_needed_is_left_out(app: Flask, client: FlaskClient) -> None:
    odd = thread(
        url="https://[", licence=None, author=None, author_name="\u202eadA", tags=None, replies=None
    )
    report = take(app, written(odd))
    assert (report.threads, report.refused) == (1, [])
    page = client.get("/t/1")
    assert words_of(page, "article h2") == ["somebody of pots"]
    assert words_of(page, ".attribution") == []


def test_characters_that_cannot_be_shown_are_left_out_of_words(
    app: Flask, client: FlaskClient
) -> None:
    take(app, written(thread(body_html="<p>a\0b\x07c</p>", comments=[comment("d\0e")])))
    assert words_of(client.get("/t/1"), ".words") == ["abc", "de"]


def test_overlong_line_counts_as_one_and_does_not_fill_the_memory(app: Flask) -> None:
    long = b'{"site": "' + b"a" * (2 * LONGEST_LINE) + b'"}'
    report = take(app, written(long, thread(1), b"oops"))
    assert [number for number, _ in report.refused] == [1, 3]
    assert report.refused[0] == (1, f"it is longer than {LONGEST_LINE} bytes")
    assert report.threads == 1


@ONE_DATABASE
def test_file_may_be_gzipped_empty_or_have_empty_lines(app: Flask) -> None:
    lines = written(thread(1), b"", b"  ", thread(2))
    assert take(app, gzip.compress(lines)).threads == 2
    assert take(app, b"") == Report()
    assert take(app, lines) == Report(already_here=2)


@ONE_DATABASE
def test_thread_that_is_here_is_left_alone_before_anything_is_made_of_it(app: Flask) -> None:
    take(app, written(thread(1)))
    before = everything(app)
    assert take(app, written(thread(1, body_html=None))) == Report(already_here=1)
    assert everything(app) == before


def cut(file: bytes) -> bytes:
    return file[: len(file) // 2]


def spoilt(file: bytes) -> bytes:
    middle = len(file) // 2
    return file[:middle] + bytes(100) + file[middle + 100 :]


@ONE_DATABASE
@pytest.mark.parametrize("spoil", [cut, spoilt])
def test_broken_gzip_is_reported_and_what_came_before_is_in(
    app: Flask, corpora: Path, spoil: Callable[[bytes], bytes]
) -> None:
    lines = gzip.decompress((corpora / "forum_threads.jsonl.gz").read_bytes()).splitlines()[:12]
    report = take(app, spoil(gzip.compress(b"\n".join(lines))))
    [*others, (number, reason)] = report.refused
    assert "the file ends or breaks here" in reason
    assert number == 1 + report.threads + len(others)
    assert 0 < report.threads < 12


@ONE_DATABASE
def test_file_that_only_begins_like_gzip_is_reported(app: Flask) -> None:
    report = take(app, b"\x1f\x8bnot at all")
    assert [(number, "breaks here" in reason) for number, reason in report.refused] == [(1, True)]


@pytest.fixture
def sample(corpora: Path) -> bytes:
    """Every fortieth thread of the corpus."""
    with gzip.open(corpora / "forum_threads.jsonl.gz") as lines:
        return b"".join(list(lines)[::40])


def bodies(lines: bytes) -> dict[str, tuple[str, str]]:
    """HTML and address of each post, by id."""
    threads = [json.loads(line) for line in lines.splitlines()]
    posts = [post for line in threads for post in (line, *line["replies"])]
    return {post["id"]: (post["body_html"], post["url"]) for post in posts}


def changed_bodies(app: Flask, lines: bytes) -> list[str]:
    """Ids of the posts whose text, links, code or quotes are not what they were."""
    columns = (ImportedPost.external_id, Post.html)
    with app.app_context():
        shown = dict(
            rows(select(*columns).join(Post).where(Post.kind == "post"))  # type: ignore[arg-type]
        )
    wanted = bodies(lines)
    assert set(shown) == set(wanted)
    return [key for key, body in wanted.items() if found_in(shown[key]) != found_in(*body)]


@ONE_DATABASE
def test_sample_of_real_threads_comes_in_whole(
    app: Flask, client: FlaskClient, sample: bytes
) -> None:
    report = take(app, sample)
    lines = [json.loads(line) for line in sample.splitlines()]
    posts = [post for line in lines for post in (line, *line["replies"])]
    comments = sum(len(post.get("comments", ())) for post in posts)
    assert (report.threads, report.posts, report.comments, report.refused) == (
        53,
        len(posts),
        comments,
        [],
    )
    assert changed_bodies(app, sample) == []
    with app.app_context():
        kept = dict(rows(select(PostFinding.rule, func.count()).group_by(PostFinding.rule)))  # type: ignore[arg-type]
    assert report.findings == Counter(kept)
    before = everything(app)
    assert take(app, sample) == Report(already_here=53)
    assert everything(app) == before
    assert {client.get(f"/t/{number}").status_code for number in range(1, 54)} == {200}


@ONE_DATABASE
def test_import_that_was_stopped_and_run_again_ends_like_one_run(
    app: Flask, sample: bytes, tmp_path: Path, sqlite_template: Path
) -> None:
    def stop_at(number: int) -> None:
        if number == 20:
            raise KeyboardInterrupt

    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "forum.sqlite3").write_bytes(sqlite_template.read_bytes())
    other = create_app(tmp_path / "other")
    take(other, sample)
    with pytest.raises(KeyboardInterrupt):
        take(app, sample, progress=stop_at)
    report = take(app, sample)
    assert (report.already_here, report.threads, report.refused) == (20, 33, [])
    assert lasting(app) == lasting(other)
    close(other)


@ONE_DATABASE
@pytest.mark.full
def test_whole_corpus_comes_in(app: Flask, corpora: Path) -> None:
    file = corpora / "forum_threads.jsonl.gz"
    with file.open("rb") as lines:
        report = take(app, lines)
    assert (report.threads, report.posts, report.comments) == (2_098, 6_940, 3_454)
    assert report.refused == []
    assert changed_bodies(app, gzip.decompress(file.read_bytes())) == []
    before = everything(app)
    with file.open("rb") as lines:
        assert take(app, lines) == Report(already_here=2_098)
    assert everything(app) == before
    with app.app_context():
        [(posts, revisions)] = rows(
            select(
                select(func.count()).select_from(Post).scalar_subquery(),
                select(func.count()).select_from(Revision).scalar_subquery(),
            )
        )
    assert posts == revisions == 6_940 + 3_454
