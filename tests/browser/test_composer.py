"""The composer when something goes wrong: no text is lost, and no post is made twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from forum.testing.factories import Person
from tests.browser.stage import Stage
from tests.browser.visitors import KeyboardVisitor, Visitor

TEXT = "First line.\n\nSecond line, with a < b & c.\n"


@dataclass(frozen=True, slots=True)
class Scene:
    """A member at the composer of a thread with one post."""

    stage: Stage
    thread: str
    member: Person
    page: Page
    runs_scripts: bool

    def posts(self) -> list[str]:
        """The words of the thread's posts, as everybody sees them."""
        visitor = Visitor(self.page)
        visitor.open(self.thread)
        return visitor.texts("article .words")


OpenAs = Callable[[Stage, Person, bool], Page]


@pytest.fixture
def open_as(open_page: Callable[..., Page]) -> OpenAs:
    """Call it with a stage, a person, and whether scripts run: a page where they are signed in."""

    def open_(stage: Stage, person: Person, scripts: bool) -> Page:
        page = open_page(stage.url, java_script_enabled=scripts)
        page.context.add_cookies(stage.cookies(person))  # type: ignore[arg-type]
        return page

    return open_


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def scene(
    request: pytest.FixtureRequest, open_as: OpenAs, tmp_path: Path, sqlite_template: Path
) -> Iterator[Scene]:
    """A text has been written and not been sent."""
    with Stage(tmp_path / "instance", sqlite_template).served() as stage:
        stage.factories.community()
        thread, member = stage.factories.thread(), stage.factories.member("Amira")
        page = open_as(stage, member, request.param)
        scene = Scene(stage, f"/t/{thread.thread_id}", member, page, request.param)
        page.goto(f"{scene.thread}/reply")
        page.get_by_label("Text").fill(TEXT)
        yield scene


def test_text_comes_back_when_the_session_is_gone(scene: Scene) -> None:
    visitor = Visitor(scene.page)
    scene.page.context.clear_cookies(name="forum")
    visitor.press("Publish")
    assert visitor.text("h1") == "Sign in to go on"
    assert scene.page.get_by_label("Your text").input_value() == TEXT
    visitor.write("E-mail address", scene.member.email)
    visitor.write("Password", scene.member.password)
    visitor.press("Sign in and keep my text")
    assert visitor.texts(".notice") == [
        "Welcome back. Your text is kept as a draft; publish it when you are ready."
    ]
    assert scene.page.get_by_label("Text").input_value() == TEXT
    visitor.press("Publish")
    assert scene.posts()[1:] == ["First line. Second line, with a < b & c."]


def test_wrong_password_on_that_page_gives_the_text_back_again(scene: Scene) -> None:
    visitor = Visitor(scene.page)
    scene.page.context.clear_cookies(name="forum")
    visitor.press("Publish")
    visitor.write("E-mail address", scene.member.email)
    visitor.write("Password", "not mine")
    visitor.press("Sign in and keep my text")
    assert visitor.texts(".summary li") == [
        "Address and password do not belong together. Try again."
    ]
    assert scene.page.get_by_label("Your text").input_value() == TEXT


def test_pressing_twice_makes_one_post(scene: Scene) -> None:
    fields = scene.page.locator("form").evaluate("form => Object.fromEntries(new FormData(form))")
    scene.page.get_by_role("button", name="Publish").dblclick()
    # The second press may end the way that the first had begun, which is no failure.
    expect(scene.page).to_have_url(f"{scene.stage.url}{scene.thread}#p2", timeout=30_000)
    # The same form once more, as when somebody reloads and sends again.
    again = scene.page.context.request.post(
        f"{scene.stage.url}{scene.thread}/reply", form={**fields, "action": "publish"}
    )
    assert (again.status, again.url) == (200, f"{scene.stage.url}{scene.thread}#p2")
    assert scene.posts()[1:] == ["First line. Second line, with a < b & c."]


def test_form_with_an_old_token_gives_the_text_back(scene: Scene) -> None:
    visitor = Visitor(scene.page)
    scene.page.evaluate("document.querySelector('[name=csrf_token]').value = 'old'")
    visitor.press("Publish")
    assert visitor.texts(".summary li") == [
        "You were away for long, or signed in anew. Nothing is lost: send the form again."
    ]
    assert scene.page.get_by_label("Text").input_value() == TEXT
    visitor.press("Publish")
    assert scene.posts()[1:] == ["First line. Second line, with a < b & c."]


def test_text_over_a_limit_comes_back_whole(scene: Scene) -> None:
    visitor = Visitor(scene.page)
    long = "word " * 8_000
    visitor.write("Text", long)
    visitor.press("Publish")
    assert len(visitor.texts(".summary li")) == 1
    assert scene.page.get_by_label("Text").input_value() == long


def test_held_post_is_shown_to_its_author_until_a_moderator_publishes_it(
    scene: Scene, open_as: OpenAs
) -> None:
    visitor = Visitor(scene.page)
    visitor.write("Text", "A discount, only today!")
    visitor.press("Publish")
    assert visitor.texts(".notice") == [
        "Your post waits for a moderator. You find it below; the others do not yet."
    ]
    assert visitor.texts(".waiting .label") == ["waits for a moderator"]
    bo = scene.stage.factories.member("Bo", role="moderator")
    moderator = Visitor(open_as(scene.stage, bo, True))
    moderator.open(scene.thread)
    assert len(moderator.texts("article")) == 1
    moderator.follow("Moderation")
    moderator.follow("Crackle on stoneware", inside="main")
    assert moderator.text(".reason") == "It mentions a discount."
    moderator.press("Publish")
    assert scene.posts()[1:] == ["A discount, only today!"]


def test_leaving_with_unsent_words_asks_first(scene: Scene) -> None:
    asked: list[str] = []
    scene.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    scene.page.route("**/drafts", lambda route: route.abort())
    scene.page.get_by_label("Text").fill(f"{TEXT}And more, which could not be saved.")
    scene.page.get_by_role("link", name="Back without publishing").click()
    scene.page.wait_for_url(f"**{scene.thread}")
    assert asked == (["beforeunload"] if scene.runs_scripts else [])


def test_keyboard_meets_everything_in_the_order_of_the_page(
    open_page: Callable[..., Page], tmp_path: Path, sqlite_template: Path
) -> None:
    with Stage(tmp_path / "instance", sqlite_template).served() as stage:
        stage.factories.community()
        make = stage.factories
        thread = make.thread(make.member("Amira"))
        make.reply(thread, make.member("Bo"), in_reply_to=1)
        visitor = KeyboardVisitor(open_page(stage.url))
        visitor.open(f"/t/{thread.thread_id}")
        assert visitor.stops() == [
            "Skip to the thread",
            "Potters",
            "Threads",
            "Latest posts",
            "Sign in",
            "Register",
            "Threads",
            "Glazes",
            "Amira",
            "Amira",
            "Permanent address of post #1",
            "#2",
            "Bo",
            "Permanent address of post #2",
            "#1",
            "Sign in to reply",
            "New posts as a feed",
            "About",
            "Appearance",
            "Accessibility",
            "Check a palette",
        ]


def test_skip_link_leads_past_the_head(
    open_page: Callable[..., Page], tmp_path: Path, sqlite_template: Path
) -> None:
    with Stage(tmp_path / "instance", sqlite_template).served() as stage:
        stage.factories.community()
        visitor = KeyboardVisitor(open_page(stage.url))
        visitor.open("/register")
        assert visitor.next_stop() == "Skip to the form"
        visitor.page.keyboard.press("Enter")
        assert visitor.next_stop() == "Name (required)"
