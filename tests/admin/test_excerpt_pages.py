"""A forum as pages: they read without it, every link leads somewhere, nobody's HTML runs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from stat import S_IMODE

import pytest
from flask import Flask
from sqlalchemy import update

from forum.app import create_app
from forum.db import db, transaction
from forum.discussion.curating_actions import file_thread
from forum.discussion.models import Revision
from forum.errors import Invalid
from forum.testing.application import close
from forum.testing.factories import Factories
from tests.admin.excerpts import files_in, in_zone, loose_ends, noon, pages, soup, written_on
from tests.admin.full_forum import FullForum, NoSales

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HOSTILE = '../../<script>alert(1)</script>"\u202e'


@pytest.fixture
def app(instance: Path, database: str) -> Iterator[Flask]:
    """A forum whose moderators do not like sales."""
    app = create_app(instance, database=database, plugins=[("no_sales", NoSales())])
    yield app
    close(app)


@pytest.fixture
def full(app: Flask) -> FullForum:
    """A forum that has everything."""
    forum = FullForum(app)
    forum.fill()
    return forum


def test_pages_of_a_full_forum_lead_only_to_each_other(full: FullForum, tmp_path: Path) -> None:
    done = pages(full.app, tmp_path / "out", with_removed=True)
    files = files_in(tmp_path / "out")
    assert loose_ends(files) == []
    assert (done.counts["threads"], done.counts["pictures"], done.missing) == (3, 1, [])
    # Everything that was not let through, too: they have no numbers.
    thread = soup(files, "t/1.html")
    marks = [part["id"][0] for part in thread.select("article.post")]  # type: ignore[index]
    assert marks == ["p"] * 7 + ["h"] * 2
    assert thread.select_one("#p4 img") is not None
    assert not re.search(rb"@example\.org|<script|javascript:", b"".join(files.values()))
    assert {S_IMODE(path.stat().st_mode) for path in (tmp_path / "out").rglob("*.html")} == {0o600}


@ONE_DATABASE
def test_broken_links_would_be_named(full: FullForum, tmp_path: Path) -> None:
    pages(full.app, tmp_path / "out")
    files = files_in(tmp_path / "out")
    assert loose_ends(files) == []
    del files["people.html"]
    files["t/1.html"] = files["t/1.html"].replace(b'id="p4"', b'id="p44"')
    faults = loose_ends(files)
    assert "t/1.html: #p4" in faults
    assert any(fault.startswith("t/1.html: ../people.html#m") for fault in faults)


def test_links_lead_to_the_copy_or_else_to_the_forum(
    app: Flask, factories: Factories, tmp_path: Path
) -> None:
    factories.community()
    ada = factories.member("Ada")
    here, elsewhere = factories.category("Glazes"), factories.category("Kilns")
    old = factories.thread(ada, elsewhere, title="Old")
    first = factories.thread(ada, here, title="First")
    source = (
        f"[post](/t/{first.thread_id}/1) [whole](/t/{first.thread_id}?page=9)"
        f" [ours](http://127.0.0.1:8000/t/{first.thread_id}/1) [place](/t/{first.thread_id}#p1)"
        f" [other](/t/{old.thread_id}/1) [gone](/t/{first.thread_id}/77) [kilns](/c/kilns)"
        f' [away](https://a.example/?a=1&b=2) @ada [tag](/tags/x) `<a href="/t/1/1">`'
    )
    second = factories.thread(ada, here, title="Second", source=source)
    pages(app, tmp_path / "out", categories=(here.slug,))
    page = soup(files_in(tmp_path / "out"), f"t/{second.thread_id}.html")
    found = [str(link["href"]) for link in page.select(".words a")]
    at = f"../t/{first.thread_id}.html"
    base = "http://127.0.0.1:8000"
    assert found == [
        f"{at}#p1", at, f"{at}#p1", f"{at}#p1", f"{base}/t/{old.thread_id}/1",
        f"{base}/t/{first.thread_id}/77", f"{base}/c/kilns", "https://a.example/?a=1&b=2",
        f"../people.html#m{ada.id}", f"{base}/tags/x",
    ]  # fmt: skip
    words = page.select_one(".words")
    assert words is not None
    assert words.get_text().count("(not in this copy)") == 4
    assert '<a href="/t/1/1">' in words.get_text()
    assert loose_ends(files_in(tmp_path / "out")) == []


@ONE_DATABASE
def test_post_stands_at_the_same_place_in_every_copy(
    app: Flask, factories: Factories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forum.admin.excerpt_links.POSTS_A_PAGE", 2)
    monkeypatch.setattr("forum.admin.excerpt_pages.POSTS_A_PAGE", 2)
    factories.community()
    thread = factories.thread()
    posts = [thread, *(factories.reply(thread, in_reply_to=1) for _ in range(8))]
    written_on(app, *posts[:5], posts[8], at=noon(1))
    pages(app, tmp_path / "all")
    pages(app, tmp_path / "part", since=date(2026, 6, 1))
    places = {
        name: [str(post["id"]) for post in soup(files, name).select("article")]
        for files in (files_in(tmp_path / "all"),)
        for name in files
        if name.startswith("t/")
    }
    assert places == {
        "t/1.html": ["p1", "p2"], "t/1-2.html": ["p3", "p4"], "t/1-3.html": ["p5", "p6"],
        "t/1-4.html": ["p7", "p8"], "t/1-5.html": ["p9"],
    }  # fmt: skip
    part = files_in(tmp_path / "part")
    assert {name for name in part if name.startswith("t/")} == {"t/1-3.html", "t/1-4.html"}
    left = [
        " ".join(box.get_text().split())
        for name in ("t/1-3.html", "t/1-4.html")
        for box in soup(part, name).select(".left-out")
    ]
    assert left == [
        "#1 to #5 were written at another time than this copy covers.",
        "#9 was written at another time than this copy covers.",
    ]
    # What it replies to is not in it, so it is named and leads nowhere.
    assert [str(p) for p in soup(part, "t/1-3.html").select(".reply-to a")] == []
    assert (loose_ends(part), loose_ends(files_in(tmp_path / "all"))) == ([], [])
    assert str(soup(part, "c/1.html").select_one(".rows a")).count("../t/1-3.html") == 1


@ONE_DATABASE
def test_hostile_titles_stay_words(app: Flask, factories: Factories, tmp_path: Path) -> None:
    admin = factories.actor(factories.community("<b>Potters</b>"))
    category = factories.category(HOSTILE.replace("\u202e", ""))
    author = factories.member('Eve"><img src=x onerror=alert(1)>')
    thread = factories.thread(author, category, source="<script>alert(1)</script>")
    with app.test_request_context(), transaction():
        file_thread(admin, thread.thread_id, title="</title><script>x</script>", tags='"><i>')
    pages(app, tmp_path / "out")
    files = files_in(tmp_path / "out")
    assert sorted(n for n in files if n.endswith(".html")) == [
        "c/1.html", "index.html", "people.html", "t/1.html",
    ]  # fmt: skip
    for name in files:
        if name.endswith(".html"):
            assert soup(files, name).select("script, main img, i, h1 b") == [], name
            assert "default-src 'none'" in str(soup(files, name).select_one("meta[http-equiv]"))


@ONE_DATABASE
def test_languages_times_and_edits_are_marked(
    app: Flask, factories: Factories, tmp_path: Path
) -> None:
    factories.community()
    in_zone(app, "Europe/Berlin", language="de")
    thread = factories.thread()
    written_on(app, thread, at=noon(3))
    with app.app_context(), transaction():
        db.session.execute(update(Revision).values(language="fr"))
    pages(app, tmp_path / "out")
    page = soup(files_in(tmp_path / "out"), "t/1.html")
    assert page.html is not None
    assert (page.html["lang"], page.html["dir"]) == ("de", "ltr")
    assert [str(words["lang"]) for words in page.select(".words")] == ["fr"]
    (time,) = page.select(".post > header time")
    assert (time["datetime"], time.get_text()) == ("2026-05-03T12:00Z", "3. Mai 2026, 14:00")


@ONE_DATABASE
def test_picture_that_is_missing_is_named_and_its_words_stand_in(
    full: FullForum, instance: Path, tmp_path: Path
) -> None:
    path = instance / "files" / full.hash[:2] / f"{full.hash}.png"
    path.write_bytes(b"flipped")
    done = pages(full.app, tmp_path / "out")
    assert done.missing == [str(path)]
    files = files_in(tmp_path / "out")
    assert loose_ends(files) == []
    assert "[Teal]" in soup(files, "t/1.html").get_text()


@ONE_DATABASE
def test_pages_do_not_go_where_something_is(
    app: Flask, factories: Factories, tmp_path: Path
) -> None:
    factories.community()
    factories.thread()
    target = tmp_path / "out"
    target.mkdir()
    pages(app, target)
    before = files_in(target)
    with pytest.raises(Invalid, match="is there already and not an empty folder"):
        pages(app, target)
    assert files_in(target) == before
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Invalid, match="is there already"):
        pages(app, tmp_path / "link")
    with pytest.raises(Invalid, match="There is no folder"):
        pages(app, tmp_path / "no" / "where")
    with pytest.raises(Invalid, match="by their names only"):
        pages(app, tmp_path / "new", with_addresses=True)
    left = {path.name for path in tmp_path.iterdir() if not path.name.startswith("forum.sqlite3")}
    assert left == {"instance", "link", "out"}


@ONE_DATABASE
def test_nothing_begins_without_room(
    app: Flask, factories: Factories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.community()
    factories.thread()
    little = shutil.disk_usage(tmp_path)._replace(free=1_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: little)
    with pytest.raises(Invalid, match=r"It may take 1 MiB, and .* has 0 MiB left"):
        pages(app, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@ONE_DATABASE
def test_pages_cost_the_same_however_many_posts_they_have(
    app: Flask, factories: Factories, tmp_path: Path
) -> None:
    from forum.testing.application import count_statements

    factories.community()
    category = factories.category()
    thread = factories.thread(category=category, source="See [it](/t/1/1) and [it](/t/1).")
    with count_statements(app) as one:
        pages(app, tmp_path / "one")
    for _ in range(9):
        factories.reply(thread, source="See [it](/t/1/1) and [it](/t/1).")
    with count_statements(app) as many:
        pages(app, tmp_path / "many")
    assert len(many) == len(one)
