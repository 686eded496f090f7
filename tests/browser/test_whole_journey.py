"""One post's whole way: mended, quoted, edited, removed, held, and moved to a forum elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from forum.testing.databases import PostgresTemplate
from forum.testing.factories import Person
from forum.testing.site import Site, StartSite
from tests.browser.public_pages import Answer, public_pages
from tests.browser.visitors import WIDTH, OpenVisitor, Visitor, link_in, sign_in
from tests.files.drawing import drawn
from tests.plugin_host.conftest import write_plugin

FORUM = (sys.executable, "-c", "from forum.cli import main; main()")
TITLE = "Which bowl crackles finest?"
TEXT = "I fired mine *slowly*.\n\nHow do you get the lines finer?\n\n"
ANSWER = "@amira: cool it for six hours. @mo has photographs."
BETTER = ANSWER.replace("six", "nine")
PITCH = "My kilns are at a discount, only today!"
HOLDING = """
@hookimpl
def check_post(post: PostToCheck):
    return Hold("It mentions a discount.") if "discount" in post.source else None
"""
SELECT_THE_QUESTION = """() => {
  getSelection().selectAllChildren(document.querySelector("#p1 .words p + p"));
}"""
SAFE = "It holds e-mail addresses and hidden posts: keep it as safe as the forum itself."
HOLDINGS = "4 members, 1 category, 1 thread, 3 posts, 4 revisions and 1 picture"
# What a guest must have reached; everything else that is linked is compared with it.
NEW_BROWSER = "You signed in in a new browser"
REACHED = [
    "/",
    "/latest",
    "/c/glazes",
    "/members/2",
    "/tags/crackle",
    "/t/1",
    "/t/1/2/history",
    "/feed.atom",
    "/t/1/feed.atom",
]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part, each at a browser in which they have signed in."""

    amira: Visitor
    bo: Visitor
    moderator: Visitor


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a second database, of the kind that the test asks for."""
    if request.param == "postgresql":
        template: PostgresTemplate = request.getfixturevalue("postgres_template")
        return template.fresh()
    return f"sqlite:///{tmp_path / 'elsewhere.sqlite3'}"


@pytest.mark.full
@pytest.mark.parametrize(
    ("way", "database", "elsewhere"),
    [
        ("javascript", "sqlite", "postgresql"),
        ("no-javascript", "postgresql", "sqlite"),
        ("javascript", "postgresql", "sqlite"),
        ("no-javascript", "sqlite", "sqlite"),
    ],
    indirect=["database", "elsewhere"],
)
def test_from_a_picture_without_words_to_the_same_pages_elsewhere(
    way: str,
    database: str,
    elsewhere: str,
    start_site: StartSite,
    open_visitor: OpenVisitor,
    tmp_path: Path,
) -> None:
    site = start_site(FORUM_DATABASE=database, **with_a_plugin_that_holds(tmp_path))
    cast = enter(site, open_visitor)
    write_with_a_picture(cast.amira, tmp_path / "bowl.jpg")
    mend_and_publish(cast.amira)
    quote_and_mention(cast.bo, selects=way == "javascript")
    be_told(cast, site)
    edit_and_compare(cast)
    remove_and_restore(cast)
    be_held(cast)
    publish_the_held_post(cast.moderator)
    be_told_of_the_decision(cast, site)
    archive = tmp_path / "forum.zip"
    assert forum(site, database, "export", archive) == [f"{archive} has {HOLDINGS}.", SAFE]
    new = start_site(FORUM_DATABASE=elsewhere)
    move_in(new, elsewhere, archive)
    compare(public_pages(new), public_pages(site))
    again = tmp_path / "again.zip"
    assert forum(new, elsewhere, "export", again) == [f"{again} has {HOLDINGS}.", SAFE]
    assert again.read_bytes() == archive.read_bytes()


def with_a_plugin_that_holds(folder: Path) -> dict[str, str]:
    """The settings with which a plugin runs that has a moderator read what mentions a discount."""
    plugins = folder / "plugins"
    plugins.mkdir()
    write_plugin(plugins, "pitches", HOLDING)
    return {"FORUM_PLUGINS": "pitches", "FORUM_PLUGIN_FOLDERS": str(plugins)}


def enter(site: Site, open_visitor: OpenVisitor) -> Cast:
    """A community with a category; two members and a moderator sign in."""
    make = site.factories
    make.community()
    make.category("Glazes")

    def entered(person: Person) -> Visitor:
        visitor = open_visitor(site)
        visitor.follow("Sign in", inside="nav")
        sign_in(visitor, person.email)
        assert visitor.text(".bar a[href='/me']") == person.name
        return visitor

    people = (make.member("Amira"), make.member("Bo"), make.member("Mo", role="moderator"))
    return Cast(*map(entered, people))


def write_with_a_picture(amira: Visitor, file: Path) -> None:
    """Begin a thread; add a picture through its form, which asks for its words first."""
    file.write_bytes(drawn("jpeg", 400, 300))
    amira.open("/")
    amira.follow("Start a thread", inside="main")
    amira.write("Title", TITLE)
    amira.choose("Category", "Glazes")
    amira.write("Tags", "crackle, cone 6")
    amira.write("Text", TEXT)
    amira.press("Add a picture")
    amira.tick("It says something: I describe it below")
    amira.write("What it shows", "A bowl with crackle")
    amira.page.get_by_label("File (required)", exact=True).set_input_files(file)
    amira.press("Add the picture")
    assert amira.texts(".notices .notice") == [
        "The picture is in your text. Preview shows it in its place."
    ]
    assert re.fullmatch(rf"{re.escape(TEXT)}!\[A bowl with crackle\]\(/files/\S+\)\s*", text(amira))


def text(visitor: Visitor) -> str:
    """What stands in the field for the text."""
    return visitor.page.get_by_label("Text", exact=True).input_value()


def mend_and_publish(amira: Visitor) -> None:
    """Without the picture's words the post does not go out; a button mends it."""
    amira.write("Text", text(amira).replace("A bowl with crackle", ""))
    amira.press("Publish")
    assert amira.text("#findings-heading") == "Before you publish: 1 thing to decide"
    assert "This picture has no words" in amira.text("#findings")
    amira.press("Mark it as decoration")
    assert amira.text("form .notice p") == "Done: Mark it as decoration."
    assert amira.page.locator("#findings").count() == 0
    assert "{decorative}" in text(amira)
    amira.press("Publish")
    assert (amira.text("h1"), amira.texts(".tag")) == (TITLE, ["cone-6", "crackle"])
    assert amira.texts("#p1 .words p")[:2] == [
        "I fired mine slowly.",
        "How do you get the lines finer?",
    ]
    picture = amira.page.locator("#p1 .words img")
    assert (picture.get_attribute("alt"), picture.evaluate(WIDTH)) == ("", 400)


def quote_and_mention(bo: Visitor, *, selects: bool) -> None:
    """Bo quotes the question that he has selected, or else the whole post, and mentions two."""
    bo.open("/")
    bo.follow(TITLE)
    if selects:
        bo.page.evaluate(SELECT_THE_QUESTION)
    bo.follow("Quote post 1")
    quoted = ["How do you get the lines finer?"]
    if not selects:
        quoted.insert(0, "I fired mine slowly.")
    bo.write("Text", f"{text(bo)}{ANSWER}\n")
    bo.press("Publish")
    assert bo.texts("#p2 blockquote p")[: len(quoted) + 1] == ["Amira wrote in #1:", *quoted]
    assert bo.page.locator("#p2 blockquote img").count() == (0 if selects else 1)
    assert bo.texts("#p2 .words > p") == [ANSWER]
    assert bo.texts("#p2 .words > p a") == ["@amira", "@mo"]
    bo.follow("Amira wrote in #1", inside="#p2")
    assert bo.page.url.endswith("/t/1#p1")


def letters_about_posts(site: Site, at_least: int) -> list[EmailMessage]:
    """What was written to people besides that each signed in, in a browser new to them."""
    greeted = len(Cast.__dataclass_fields__)
    letters = site.mail(greeted + at_least)
    return [letter for letter in letters if letter["Subject"] != NEW_BROWSER]


def be_told(cast: Cast, site: Site) -> None:
    """Amira is told once, who is replied to, quoted and mentioned; Mo, who is mentioned."""
    told = {letter["To"]: letter for letter in letters_about_posts(site, 2)}
    assert {to: letter["Subject"] for to, letter in told.items()} == {
        "member1@example.org": f"Bo replied: {TITLE}",
        "member3@example.org": f"Bo mentioned you: {TITLE}",
    }
    is_told_of_the_reply(cast.amira, told["member1@example.org"], "Bo replied")
    is_told_of_the_reply(cast.moderator, told["member3@example.org"], "Bo mentioned you")


def is_told_of_the_reply(visitor: Visitor, letter: EmailMessage, words: str) -> None:
    """One line among the notifications and one letter, both leading to the reply."""
    visitor.open("/")
    visitor.follow("Notifications 1 new")
    assert visitor.texts(".rows h2") == [TITLE]
    assert visitor.text(".rows .about").startswith(words)
    visitor.follow(TITLE, inside=".rows")
    assert visitor.page.url.endswith("/t/1#p2")
    visitor.open(link_in(letter))
    assert visitor.page.url.endswith("/t/1#p2")
    assert visitor.texts("#p2 .words > p") == [ANSWER]


def edit_and_compare(cast: Cast) -> None:
    """Bo changes a word; everybody sees which."""
    cast.bo.follow("Edit post 2")
    cast.bo.write("Text", text(cast.bo).replace(ANSWER, BETTER))
    cast.bo.press("Publish")
    assert cast.bo.texts("#p2 .words > p") == [BETTER]
    cast.amira.open("/t/1")
    cast.amira.follow("edited", inside="#p2")
    assert cast.amira.texts("h2") == ["Version 2", "Version 1"]
    assert cast.amira.texts(".changes :is(del, ins)") == [
        "[removed: six end of removed]",
        "[added: nine end of added]",
    ]


def remove_and_restore(cast: Cast) -> None:
    """Bo takes his reply back and brings it again; its place says so meanwhile."""
    cast.bo.follow("Remove post 2")
    assert cast.bo.text("h1") == "Remove your post #2?"
    cast.bo.press("Remove")
    assert cast.bo.texts(".notices .notice") == [
        "Your post is removed. You can restore it where it stood."
    ]
    cast.amira.open("/t/1")
    assert cast.amira.text("#p2 h2") == "Removed by its author"
    assert BETTER not in cast.amira.text("main")
    cast.bo.follow("Restore post 2")
    cast.bo.press("Restore")
    assert cast.bo.texts(".notices .notice") == ["The post is restored."]
    cast.amira.open("/t/1")
    assert cast.amira.texts("#p2 .words > p") == [BETTER]


def be_held(cast: Cast) -> None:
    """What the plugin holds is seen by its author, with the reason to wait, and by nobody else."""
    cast.bo.follow("Reply to Amira, post 1")
    cast.bo.write("Text", PITCH)
    cast.bo.press("Publish")
    assert cast.bo.text(".waiting .label") == "waits for a moderator"
    assert PITCH in cast.bo.text(".waiting")
    cast.amira.open("/t/1")
    assert PITCH not in cast.amira.text("main")


def publish_the_held_post(moderator: Visitor) -> None:
    """Mo takes the case and publishes it with a word to its author."""
    moderator.open("/")
    moderator.follow("Moderation", inside="nav")
    assert moderator.texts(".rows :is(h2, .label, .reason, .excerpt)") == [
        TITLE,
        "held",
        "It mentions a discount.",
        PITCH,
    ]
    moderator.follow(TITLE, inside="main")
    moderator.press("Take it for 30 minutes", inside="main")
    assert moderator.text(".claim p").startswith("You have this case until")
    moderator.write("Words to the author", "A fair offer for once.")
    moderator.press("Publish", inside="main")
    assert moderator.text(".empty") == "Nothing waits."


def be_told_of_the_decision(cast: Cast, site: Site) -> None:
    """Bo reads what Mo said, in a letter and on a page; now Amira has the post, too."""
    letters = letters_about_posts(site, 4)
    assert sorted((letter["To"], letter["Subject"]) for letter in letters) == [
        ("member1@example.org", f"Bo replied: {TITLE}"),
        ("member1@example.org", f"Bo replied: {TITLE}"),
        ("member2@example.org", f"Your post in “{TITLE}”"),
        ("member3@example.org", f"Bo mentioned you: {TITLE}"),
    ]
    [decision] = [letter for letter in letters if letter["To"] == "member2@example.org"]
    assert "A fair offer for once." in decision.get_content()
    cast.bo.open("/")
    cast.bo.follow("Notifications 1 new")
    assert cast.bo.texts(".rows :is(.about, .excerpt)")[:2] == [
        "A moderator published your post.",
        "A fair offer for once.",
    ]
    cast.bo.open(link_in(decision))
    cast.amira.open("/t/1")
    for reader in (cast.bo, cast.amira):
        assert reader.text("#p3 .words") == PITCH


def move_in(new: Site, database: str, archive: Path) -> None:
    """As docs/archive.md says: start it once, end it, import, start it again."""
    new.stop()
    said = forum(new, database, "import", "archive", archive)
    assert said[0].startswith(f"In came {HOLDINGS}, from ")
    new.start()


def compare(new: dict[str, Answer], old: dict[str, Answer]) -> None:
    """A guest finds the same at the same addresses, and finds what there is to find."""
    assert [path for path in REACHED if old[path][0] != 200] == []
    assert [kind for _, kind, _ in old.values()].count("image/jpeg") == 1
    assert PITCH.encode() in old["/t/1"][2]
    assert new == old


def forum(site: Site, database: str, *words: object) -> list[str]:
    """Run the command with success: the lines it prints."""
    command = [*FORUM, "--instance", str(site.instance), *map(str, words)]
    environment = {**os.environ, "FORUM_DATABASE": database}
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()
