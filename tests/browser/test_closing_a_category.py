"""A category is closed to all but a group while people read it: for the others it never was."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable
from urllib.parse import quote

import pytest
from sqlalchemy import select, update

from forum.categories.models import Category
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.discussion.curating_actions import file_thread
from forum.discussion.models import Post
from forum.files.actions import add_picture, receive
from forum.jobs.models import Job
from forum.permissions import OPERATOR
from forum.testing.factories import Person
from forum.testing.site import Site, StartSite
from forum.text.pictures import picture_address
from tests.browser.commands import Shell
from tests.browser.public_pages import Answer, answer_of, public_pages
from tests.browser.visitors import WIDTH, OpenVisitor, Visitor, in_pairs
from tests.files.drawing import drawn
from tests.notifications.mail_server import MailServer

# It stands in everything that is said in the category, and nowhere else.
MARK = "zanzibar"
PLACE, THREAD = "/c/zanzibar-glazes", "/t/2"
HALF = "Before it cools, I would"


class Town:
    """A forum with an open category that is to be closed, and who is there."""

    def __init__(self, site: Site, open_visitor: OpenVisitor) -> None:
        self.site, self._open, make = site, open_visitor, site.factories
        self.olga = make.community()
        self.ada, self.bo = make.member("Ada", group="Kiln masters"), make.member("Bo")
        make.thread(self.bo, make.category("Kilns"), title="Which kiln?", source="A small one.")

    def cookie(self, person: Person) -> str:
        """What this person's browser sends."""
        found = self.site.factories.signed_in(person).get_cookie("forum")
        assert found is not None
        return f"forum={found.value}"

    def visitor(self, person: Person) -> Visitor:
        """The person at a browser of their own, signed in."""
        visitor = self._open(self.site)
        value = self.cookie(person).removeprefix("forum=")
        visitor.page.context.add_cookies([{"name": "forum", "value": value, "url": self.site.url}])
        visitor.open("/")
        return visitor

    def talk(self) -> str:
        """Ada starts a thread with a picture, and Bo replies: the picture's address."""
        make = self.site.factories
        with self.site.app.test_request_context():
            received = receive(make.actor(self.ada), drawn("png"))
            with transaction():
                add_picture(make.actor(self.ada), received)
        address = picture_address(received.hash, "png")
        category = make.category("Zanzibar glazes")
        source = f"The zanzibar crackle. ![A zanzibar bowl]({address})"
        make.thread(self.ada, category, title="Zanzibar crackle", source=source)
        with self.site.app.test_request_context():
            slug = select(Category.slug).where(Category.title == "Zanzibar glazes")
            assert f"/c/{db.session.scalar(slug)}" == PLACE
            with transaction():
                file_thread(OPERATOR, 2, title=None, tags=MARK)
        make.reply(Post(thread_id=2), self.bo, source="Zanzibar or not, cool it slowly.")
        return address

    def answer_bo(self) -> None:
        """Ada replies to Bo."""
        words = "@bo: how slowly in zanzibar?"
        self.site.factories.reply(Post(thread_id=2), self.ada, source=words, in_reply_to=2)

    def waiting_letters(self) -> list[int]:
        """The jobs that try to send one, and did so at least once."""
        with self.site.app.app_context():
            tried = rows(select(Job.id).where(Job.name == "mail", Job.attempts > 0))
            return [row.id for row in tried]

    def hurry(self) -> None:
        """Let the pauses between the tries be over."""
        with self.site.app.app_context(), transaction():
            db.session.execute(update(Job).values(run_at=utcnow()))

    def letters_left(self) -> int:
        """How many jobs still have one to send."""
        with self.site.app.app_context():
            return len(rows(select(Job.id).where(Job.name == "mail")))


@pytest.mark.full
@pytest.mark.parametrize(("way", "by", "database"), in_pairs(), indirect=["database"])
def test_closed_category_leaves_no_trace_with_those_who_read_it(
    by: str, database: str, start_site: StartSite, open_visitor: OpenVisitor
) -> None:
    with MailServer().running() as server:
        server.answers["RCPT"] = "450 later"
        environment = {"FORUM_DATABASE": database, **mailed_through(server)}
        site = start_site(**environment)
        shell, town = Shell(site.instance, environment), Town(site, open_visitor)
        never_was = public_pages(site)
        picture = town.talk()
        reader, writer = town.visitor(town.bo), town.visitor(town.bo)
        begin_a_reply(reader, writer)
        cookies = {"guest": "", "bo": town.cookie(town.bo)}
        seen = {who: public_pages(site, cookie=cookie) for who, cookie in cookies.items()}
        etags = {path: etag_of(site, path) for path in seen["guest"] if path.endswith(".atom")}
        for pages in seen.values():
            assert {
                "/",
                "/latest",
                PLACE,
                THREAD,
                f"{THREAD}/feed.atom",
                "/feed.atom",
            } <= pages.keys()
            assert len(traces(pages)) > 10, traces(pages)
        assert seen["guest"][picture][0] == 200
        # Whoever reads a post needs no notification of it any more, so this one comes last.
        town.answer_bo()
        wait(lambda: len(town.waiting_letters()) == 2)
        told = {"/notifications": answer_of(site, "/notifications", Cookie=cookies["bo"])}
        assert traces(told) == ["/notifications"]

        close(by, shell, town)

        assert public_pages(site) == never_was
        for who, cookie in cookies.items():
            again = {path: answer_of(site, path, Cookie=cookie) for path in seen[who]}
            assert traces(again) == []
            assert {again[path][0] for path in again if is_inside(path, picture)} == {404}
        fed = {path: answer_of(site, path, If_None_Match=etag) for path, etag in etags.items()}
        assert traces(fed) == []
        unchanged = {path for path, answer in fed.items() if answer[0] == 304}
        assert unchanged == {"/t/1/feed.atom", "/c/kilns/feed.atom"}
        loses_the_page_and_keeps_the_words(reader, writer)
        gets_through_to_ada_alone(server, town)
        reads_on(town.visitor(town.ada))
        # In the words that the command takes.
        assert {one["address"]: one["see"] for one in shell.lists("categories", "list")} == {
            "kilns": "everyone",
            "zanzibar-glazes": "group: Kiln masters",
        }


def mailed_through(server: MailServer) -> dict[str, str]:
    """The settings with which letters go to this server."""
    host, port = server.server_address[:2]
    return {"FORUM_SMTP_HOST": str(host), "FORUM_SMTP_PORT": str(port), "FORUM_SMTP_TLS": "none"}


def wait(is_so: Callable[[], bool], seconds: float = 30) -> None:
    """Until it is so."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, is_so
        time.sleep(0.1)


def begin_a_reply(reader: Visitor, writer: Visitor) -> None:
    """Bo has the thread before him, and half a reply beside it."""
    reader.follow("Zanzibar crackle", inside="main")
    assert reader.page.locator("#p1 img").evaluate(WIDTH) == 40
    writer.follow("Zanzibar crackle", inside="main")
    writer.follow("Reply to Ada, post 1")
    writer.write("Text", HALF)


def etag_of(site: Site, path: str) -> str:
    """What a feed reader keeps to ask whether there is anything new."""
    with urllib.request.urlopen(site.url + path) as answer:
        return str(answer.headers["ETag"])


def traces(pages: dict[str, Answer]) -> list[str]:
    """The paths whose pages tell of the category, beyond the path itself that was asked for."""
    found = []
    for path, (_, _, content) in pages.items():
        words = content.decode("utf-8", "replace").lower()
        for asked in (path, quote(path), quote(path, safe="")):
            words = words.replace(asked.lower(), "")
        if MARK in words:
            found.append(path)
    return found


def is_inside(path: str, picture: str) -> bool:
    """Whether it leads into the category."""
    places = (PLACE, THREAD, f"/tags/{MARK}", picture)
    return any(path == place or path.startswith((f"{place}/", f"{place}?")) for place in places)


def close(by: str, shell: Shell, town: Town) -> None:
    """Let nobody but the group see the category."""
    if by == "command":
        audiences = [
            word for may in ("see", "start", "reply") for word in (f"--{may}", "Kiln masters")
        ]
        shell.runs("categories", "change", "zanzibar-glazes", *audiences)
        return
    olga = town.visitor(town.olga)
    olga.follow("Administration", inside="nav")
    olga.follow("Categories", inside="main")
    olga.follow("Zanzibar glazes", inside="main")
    for may in ("Who may see its threads", "Who may start threads", "Who may reply"):
        olga.choose(may, "Group: Kiln masters")
    olga.press("Save")
    assert olga.texts(".notices .notice") == ["Saved."]


def loses_the_page_and_keeps_the_words(reader: Visitor, writer: Visitor) -> None:
    """For Bo there is no such page; what he was writing is given back to him."""
    reader.page.reload()
    assert reader.text("h1") == "There is no such page"
    assert reader.text(".bar a[href='/notifications']") == "Notifications"
    reader.open("/notifications")
    assert MARK not in reader.text("main").lower()
    writer.press("Publish")
    assert writer.page.locator("#kept-1").input_value().strip() == HALF
    assert MARK not in writer.text("main").lower()


def gets_through_to_ada_alone(server: MailServer, town: Town) -> None:
    """The mail server is well again: of the two letters that waited, one goes out."""
    server.answers.clear()
    town.hurry()
    wait(lambda: town.letters_left() == 0)
    assert [(str(letter["To"]), str(letter["Subject"])) for _, letter in server.received] == [
        (town.ada.email, "Bo replied: Zanzibar crackle")
    ]


def reads_on(ada: Visitor) -> None:
    """Who is in the group finds all as it was."""
    ada.follow("Zanzibar crackle", inside="main")
    assert ada.page.locator("#p1 img").evaluate(WIDTH) == 40
    assert ada.texts("#p3 .words p") == ["@bo: how slowly in zanzibar?"]
