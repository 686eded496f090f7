"""Whole journeys through the real server and worker: by pointing, without JavaScript, by keyboard."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from forum.testing.factories import PASSWORD
from forum.testing.site import Site, StartSite
from tests.browser.visitors import OpenVisitor, Visitor, link_in, sign_in
from tests.conftest import CORPORA

FORUM = (sys.executable, "-c", "from forum.cli import main; main()")
TITLE = "Which clay for a first pot?"
TEXT = """\
## My kiln

#### Its damper

PLEASE DO NOT OPEN IT before noon. See [](https://example.org/guide) and
[here](https://example.org/cooling "Cooling schedules").

| | |
|---|---|
| Hour | Damper |
| 1 | open |
"""
MENDED = """\
## My kiln

### Its damper

PLEASE DO NOT OPEN IT before noon. See [https://example.org/guide](https://example.org/guide) and
[Cooling schedules](https://example.org/cooling).

| Hour | Damper |
|---|---|
| 1 | open |
"""
REPAIRS = [
    "Show the address as the link’s words",
    "Make the first row the header",
    "Use the next heading level",
    "Use the link’s title as its words",
]
AMIRA, BO = "amira@example.org", "bo@example.org"


@pytest.mark.parametrize(
    ("way", "database"),
    [
        ("keyboard", "sqlite"),
        ("no-javascript", "postgresql"),
        pytest.param("javascript", "sqlite", marks=pytest.mark.full),
        pytest.param("javascript", "postgresql", marks=pytest.mark.full),
        pytest.param("no-javascript", "sqlite", marks=pytest.mark.full),
        pytest.param("keyboard", "postgresql", marks=pytest.mark.full),
    ],
    indirect=["database"],
)
def test_from_the_set_up_link_to_the_answer(
    database: str, start_site: StartSite, open_visitor: OpenVisitor, tmp_path: Path, way: str
) -> None:
    site = start_site(FORUM_DATABASE=database)
    set_up_the_community(open_visitor(site), site.setup_link)
    if way == "no-javascript":
        # Else a first post waits for a moderator, as tests/accounts/test_proof.py shows.
        run(site, "settings", "set", "proof_of_work", "no", FORUM_DATABASE=database)
    import_threads(site, tmp_path / "threads.jsonl.gz", FORUM_DATABASE=database)
    amira, bo = open_visitor(site), open_visitor(site)
    register(amira, site, "Amira", AMIRA)
    reply_and_mend(amira)
    change_the_reply(amira)
    register(bo, site, "Bo", BO)
    answer(bo)
    be_told(amira, site)


def set_up_the_community(olga: Visitor, link: str) -> None:
    """The first administrator names the community and adds a category."""
    olga.open(link)
    olga.write("Name of the community (required)", "Potters")
    olga.write("Who it is for (required)", "People who throw pots.")
    olga.write("Who or what it is not for", "Sellers of pots.")
    olga.write("Your name (required)", "Olga")
    olga.write("Your e-mail address (required)", "olga@example.org")
    olga.write("Your password (required)", PASSWORD)
    olga.press("Set up")
    olga.follow("Add a category")
    olga.write("Title (required)", "Glazes")
    olga.choose("Who may start threads", "All members")
    olga.press("Add")
    assert olga.texts(".rows h2") == ["Glazes"]
    olga.open("/about")
    assert olga.texts("main p")[:2] == ["People who throw pots.", "Sellers of pots."]


def import_threads(site: Site, file: Path, **environment: str) -> None:
    """Bring in a thread of two pages and, where they are, some of a real community."""
    lines = [json.dumps(imported_thread()).encode()]
    if CORPORA.is_dir():
        with gzip.open(CORPORA / "forum_threads.jsonl.gz") as real:
            lines = [real.readline().rstrip(b"\n") for _ in range(3)] + lines
    file.write_bytes(gzip.compress(b"\n".join(lines)))
    said = run(site, "import", "threads", str(file), **environment)
    assert said.split(",")[0] == f"{len(lines)} threads came in"


def run(site: Site, *arguments: str, **environment: str) -> str:
    """What a command of the forum says; it must succeed."""
    command = [*FORUM, "--instance", str(site.instance), *arguments]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def imported_thread() -> dict[str, Any]:
    """A thread of 23 posts by people who are not members here."""
    source = {"created": "2021-03-04T10:11:12Z", "url": "https://pottery.example.org/q/1"}
    first = {"id": "q", "author": "user-1", "body_html": "<p>I have <em>never</em> thrown.</p>"}
    replies = [
        {**source, "id": f"a{n}", "author": f"user-{n}", "body_html": f"<p>Take number {n}.</p>"}
        for n in range(2, 24)
    ]
    about = {"site": "pottery", "title": TITLE, "licence": "CC BY-SA 4.0", "tags": ["clay"]}
    return {**about, **source, **first, "replies": replies}


def register(visitor: Visitor, site: Site, name: str, email: str) -> None:
    """Ask for an account, follow the link in the letter, and enter the password again."""
    sent = len(site.mail())
    visitor.open("/")
    visitor.follow("Register", inside="nav")
    visitor.write("Name (required)", name)
    visitor.write("E-mail address (required)", email)
    visitor.write("Password (required)", PASSWORD)
    visitor.press("Register")
    assert visitor.text("h1") == "Look into your mail"
    visitor.open(link_in(site.mail(sent + 1)[-1]))
    visitor.write("Password (required)", PASSWORD)
    visitor.press("Confirm")
    assert visitor.text(".bar a[href='/me']") == name


def reply_and_mend(amira: Visitor) -> None:
    """Reply to a post of an imported thread; repair what can be, keep the rest, publish."""
    amira.open("/")
    amira.follow(TITLE)
    amira.follow("Reply to member 3 of pottery, post 3")
    assert amira.text(".replied-to") == "In reply to #3, member 3 of pottery Take number 3."
    amira.write("Text", TEXT)
    amira.press("Preview")
    assert amira.text("#findings-heading") == (
        "Before you publish: 2 things to decide, 3 to consider"
    )
    for done, repair in enumerate(REPAIRS, start=1):
        amira.press(repair)
        assert amira.text("form .notice p") == f"Done: {repair}."
        assert amira.page.locator("#findings li").count() == 5 - done
    assert amira.texts("#findings q") == ["PLEASE DO NOT OPEN IT"]
    amira.press("Keep")
    assert amira.page.locator("#findings ol").count() == 0
    assert amira.text("#findings-heading") == "Nothing is left to decide or to consider"
    assert amira.page.get_by_label("Text").input_value() == MENDED
    amira.press("Preview")
    assert amira.texts("#preview :is(h3, h4, h5, th)") == [
        "My kiln",
        "Its damper",
        "Hour",
        "Damper",
    ]
    amira.press("Publish")
    is_at(amira, 24)
    assert amira.text("#p24 .reply-to") == "In reply to #3"
    assert amira.texts("#p24 :is(th, td)") == ["Hour", "Damper", "1", "open"]


def is_at(visitor: Visitor, number: int) -> None:
    """The address leads to this post of the second page, and the post is on the screen."""
    path = visitor.page.url.partition("/t/")[2].partition("?")
    assert path[2] == f"page=2#p{number}"
    box = visitor.page.locator(f"#p{number}").bounding_box()
    size = visitor.page.viewport_size
    assert box is not None
    assert size is not None
    # A page that was scrolled stands at whole pixels, its boxes need not.
    assert -1 < box["y"] < size["height"]


def change_the_reply(amira: Visitor) -> None:
    """Edit it; both versions stay to be read. What was kept is shown once more."""
    amira.follow("Edit post 24")
    amira.write("Text", "Open it at noon.\n")
    amira.press("Publish")
    is_at(amira, 24)
    assert amira.text("#p24 .words") == "Open it at noon."
    amira.follow("edited", inside="#p24")
    assert amira.texts("h2") == ["Version 2", "Version 1"]
    assert amira.page.locator("pre").all_text_contents() == ["Open it at noon.\n", MENDED]


def answer(bo: Visitor) -> None:
    """A second member replies to the first."""
    bo.open("/")
    bo.follow(TITLE)
    bo.follow("Next")
    bo.follow("Reply to Amira, post 24")
    bo.write("Text", "Why not at eleven?")
    bo.press("Publish")
    is_at(bo, 25)
    assert bo.text("#p24 .replies") == "Reply: #25"


def be_told(amira: Visitor, site: Site) -> None:
    """One line in the list and one letter, both leading to the reply."""
    letters = [letter for letter in site.mail(3) if letter["To"] == AMIRA]
    assert [letter["Subject"] for letter in letters] == [
        "Confirm your address",
        f"Bo replied: {TITLE}",
    ]
    amira.open("/")
    amira.follow("Notifications 1 new")
    assert amira.texts(".rows .excerpt") == ["Why not at eleven?"]
    amira.follow(TITLE, inside=".rows")
    is_at(amira, 25)
    amira.open("/latest")
    amira.open(link_in(letters[1]))
    is_at(amira, 25)
    assert amira.text(".bar a[href='/notifications']") == "Notifications"


@pytest.mark.parametrize(
    "way",
    [
        "keyboard",
        pytest.param("no-javascript", marks=pytest.mark.full),
        pytest.param("javascript", marks=pytest.mark.full),
    ],
)
def test_forgotten_password_signing_out_and_colours(
    live_site: Site, open_visitor: OpenVisitor, way: str
) -> None:
    live_site.factories.community()
    amira = live_site.factories.member("Amira")
    visitor = open_visitor(live_site)
    visitor.follow("Sign in", inside="nav")
    visitor.follow("I forgot my password")
    visitor.write("E-mail address (required)", amira.email)
    visitor.press("Send me a link")
    visitor.open(link_in(live_site.mail(1)[0]))
    visitor.write("New password (required)", "seven wheels turning slowly")
    visitor.press("Set password")
    sign_in(visitor, amira.email)
    assert visitor.texts(".summary li") == [
        "Password: Address and password do not belong together. Try again."
    ]
    sign_in(visitor, amira.email, "seven wheels turning slowly")
    visitor.follow("Appearance")
    visitor.tick("High contrast")
    visitor.press("Save")
    visitor.open("/latest")
    assert visitor.page.get_attribute("html", "data-mode") == "contrast"
    visitor.follow("Sign out")
    visitor.press("Sign out")
    assert visitor.texts(".notice") == ["You are signed out."]
    assert visitor.page.get_attribute("html", "data-mode") == "contrast"
    visitor.open("/me")
    assert visitor.text("h1") == "Sign in"
