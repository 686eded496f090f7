"""A member takes what is stored about them and leaves; nobody finds a trace of them afterwards."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import update

from forum.accounts.profile_actions import ProfileText, change_profile
from forum.clock import utcnow
from forum.db import db, transaction
from forum.discussion.draft_actions import DraftText, save_draft
from forum.files.actions import add_picture, receive
from forum.jobs.models import Job
from forum.testing.factories import Person
from forum.testing.site import Site, StartSite
from forum.text.pictures import picture_address
from tests.browser.commands import Shell
from tests.browser.public_pages import Answer, public_pages
from tests.browser.visitors import OpenVisitor, Visitor, in_pairs
from tests.files.drawing import drawn

# It stands in everything that is theirs, and nowhere else.
MARK = "zanzibar"
NAME, WORDS = "Zanzibar Ada", "In zanzibar we fire slowly."


class Town:
    """A forum with a member of whom there is something in most places."""

    def __init__(self, site: Site, open_visitor: OpenVisitor) -> None:
        self.site, self._open, make = site, open_visitor, site.factories
        self.olga = make.community()
        self.ada, self.bo = make.member(NAME), make.member("Bo")
        profile = ProfileText(NAME, "zanzibar-ada", "Africa/Nairobi", about=f"{MARK} potter")
        with site.app.test_request_context():
            actor = make.actor(self.ada)
            received = receive(actor, drawn("png"))
            with transaction():
                add_picture(actor, received)
                change_profile(actor, profile)
        picture = f"![A {MARK} bowl]({picture_address(received.hash, 'png')})"
        thread = make.thread(self.ada, make.category(), title="How slowly?", source=WORDS)
        make.reply(thread, self.ada, source=picture)
        with site.app.test_request_context(), transaction():
            save_draft(make.actor(self.ada), "reply:1", DraftText(source=f"Some day in {MARK}"))
        quote = "> [Zanzibar Ada wrote in #1](/t/1/1):\n>\n> Slowly.\n\nYes."
        make.reply(thread, self.bo, source=quote, in_reply_to=1)

    def cookie(self, person: Person) -> str:
        """What this person's browser holds once signed in."""
        found = self.site.factories.signed_in(person).get_cookie("forum")
        assert found is not None
        return str(found.value)

    def let_time_pass(self) -> None:
        """Have done at once what is to be done later."""
        with self.site.app.app_context(), transaction():
            db.session.execute(update(Job).values(run_at=utcnow()))

    def visitor(self, person: Person) -> Visitor:
        """The person at a browser of their own, signed in."""
        visitor = self._open(self.site)
        kept = {"name": "forum", "value": self.cookie(person), "url": self.site.url}
        visitor.page.context.add_cookies([kept])
        visitor.open("/me")
        return visitor


@pytest.mark.full
@pytest.mark.parametrize(("way", "by", "database"), in_pairs(), indirect=["database"])
def test_member_takes_their_data_and_leaves_no_trace(
    by: str, database: str, start_site: StartSite, open_visitor: OpenVisitor, tmp_path: Path
) -> None:
    site = start_site(FORUM_DATABASE=database)
    shell = Shell(site.instance, {"FORUM_DATABASE": database})
    town, file = Town(site, open_visitor), tmp_path / "hers.zip"
    olga = f"forum={town.cookie(town.olga)}"
    site.mail(1)
    assert len(traces(public_pages(site, cookie=olga))) > 5
    assert MARK in listed(shell)
    if by == "page":
        ada = town.visitor(town.ada)
        download(ada, town.ada, file)
        close(ada, town.ada)
    else:
        said = shell.runs("members", "export", town.ada.email, file)
        assert "It is nobody else's" in said
        assert shell.runs("members", "erase", town.ada.email, "--yes").startswith("Erased.")
    is_complete_and_readable(file)
    is_gone_within_minutes(town, olga, shell)
    finds_the_thread_without_her(town.visitor(town.olga))


def download(ada: Visitor, person: Person, file: Path) -> None:
    """Take it from the page, with her password."""
    ada.follow("What is stored about you", inside="main")
    ada.write("Password (required)", person.password)
    with ada.page.expect_download() as download:
        ada.send("Download my data")
    download.value.save_as(file)


def close(ada: Visitor, person: Person) -> None:
    """Close the account; the words of her posts go, too."""
    ada.follow("Close your account", inside="main")
    ada.tick("Their words go, too, in every version. Numbers and times stay.")
    ada.write("Password (required)", person.password)
    ada.press("Close my account")
    assert ada.texts(".notices .notice") == [
        "Your account is closed. Thank you for having been here."
    ]
    ada.open("/me")
    assert ada.text("h1") == "Sign in"


def is_complete_and_readable(file: Path) -> None:
    """Every file opens, is named on the page that explains them, and all she wrote is there."""
    with zipfile.ZipFile(file) as taken:
        assert taken.testzip() is None
        explained = taken.read("README.txt").decode()
        names = taken.namelist()
        tables = {name: json.loads(taken.read(name)) for name in names if name.endswith(".json")}
        texts = [taken.read(name).decode() for name in names if name.endswith((".md", ".txt"))]
        for name in names:
            if name.endswith(".png"):
                with taken.open(name) as picture:
                    assert Image.open(picture).convert("RGB").size == (40, 20)
        assert [name for name in tables if f"{name}\n" not in explained] == []
        assert [name for name in names if name.endswith(".png")] != []
    [account] = tables["accounts/account.json"]
    assert (account["name"], account["handle"]) == (NAME, "zanzibar-ada")
    assert [text for text in texts if WORDS in text] != []
    assert f"Some day in {MARK}" in json.dumps(tables) + "".join(texts)


def is_gone_within_minutes(town: Town, cookie: str, shell: Shell) -> None:
    """What an administrator reaches, the lists of the commands and the letters say nothing of her."""
    until = time.monotonic() + 30
    # The worker takes her name out of quotations, and her letters off the disk: the last, which says
    # that the account is closed, after a while.
    while found := left(town, cookie):
        town.let_time_pass()
        assert time.monotonic() < until, found
        time.sleep(0.5)
    assert MARK not in listed(shell)


def left(town: Town, cookie: str) -> list[str]:
    """Where there is still something of her."""
    letters = (town.site.instance / "mail").glob("*.eml")
    hers = [path.name for path in letters if MARK in path.read_text("utf-8").lower()]
    return hers or traces(public_pages(town.site, cookie=cookie))


def traces(pages: dict[str, Answer]) -> list[str]:
    """The paths of the pages that say something of her."""
    return [path for path, answer in pages.items() if MARK.encode() in answer[2].lower()]


def listed(shell: Shell) -> str:
    """What the lists of the commands say."""
    names = ("members", "mail", "changes", "jobs")
    return "".join(shell.runs(name, "list", "--csv") for name in names).lower()


def finds_the_thread_without_her(olga: Visitor) -> None:
    """The conversation stands; her posts are empty, and the quotation names a former member."""
    olga.open("/t/1")
    assert olga.texts("#p3 blockquote p") == ["Former member wrote in #1:", "Slowly."]
    assert olga.page.locator("#p2 img").count() == 0
