"""A bad morning: the forum of last night is brought back, and everybody finds it as it was."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request

import pytest

from forum.testing.databases import PostgresServer
from forum.testing.site import Site, StartSite
from tests.admin.full_forum import FullForum
from tests.browser.visitors import WIDTH, OpenVisitor, Visitor, sign_in

FORUM = (sys.executable, "-c", "from forum.cli import main; main()")
DATABASE = "forum_bad_morning"


@pytest.mark.full
@pytest.mark.parametrize("way", ["javascript", "no-javascript", "keyboard"])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_forum_of_last_night_comes_back(
    way: str,
    kind: str,
    request: pytest.FixtureRequest,
    start_site: StartSite,
    open_visitor: OpenVisitor,
) -> None:
    environment = empty_database(kind, request)
    site = start_site(**environment)
    forum = FullForum(site.app)
    forum.fill_with_picture()
    author = forum.factories.member("Ada")
    assert "It was read back." in run(site, environment, "backup")
    before = pages_of(site, forum)
    assert all(len(page) > 50 for page in before.values())

    site.kill()
    aside = site.instance.rename(site.instance.with_name("aside"))
    environment = empty_database(kind, request)
    (file,) = (aside / "backups").glob("*.folkmoot-backup")
    assert "is whole: " in run(site, environment, "backup", "check", str(file))
    assert " is as it was at " in run(site, environment, "restore", str(file))
    site.start()

    assert pages_of(site, forum) == before
    reply_to_it(open_visitor(site), site, forum, author.email)


def empty_database(kind: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """The setting that names an empty database; the same each time."""
    if kind == "sqlite":
        return {}
    postgres: PostgresServer = request.getfixturevalue("postgres")
    return {"FORUM_DATABASE": postgres.recreate(DATABASE)}


def run(site: Site, environment: dict[str, str], *words: str) -> str:
    """What a command for this instance says."""
    done = subprocess.run(
        [*FORUM, "--instance", str(site.instance), *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def pages_of(site: Site, forum: FullForum) -> dict[str, bytes]:
    """What guests are given, byte for byte."""
    thread = forum.first.thread_id
    paths = ("/", f"/t/{thread}", f"/t/{thread}/feed.atom", "/latest", picture(forum))
    found = {}
    for path in paths:
        with urllib.request.urlopen(site.url + path) as answer:
            found[path] = answer.read()
    return found


def picture(forum: FullForum) -> str:
    """The address of the picture in the thread."""
    return forum.picture.partition("](")[2].rstrip(")")


def reply_to_it(ada: Visitor, site: Site, forum: FullForum, email: str) -> None:
    """Sign in with the password of last night, read the thread, and write."""
    ada.open(f"{site.url}/sign-in")
    sign_in(ada, email)
    ada.open(f"{site.url}/t/{forum.first.thread_id}")
    assert ada.page.locator("#p2 img").evaluate(WIDTH) == 3
    ada.follow("Reply to", inside="#p2")
    ada.write("Text", "It is all there.")
    ada.press("Publish")
    assert ada.text("#p3 .words") == "It is all there."
