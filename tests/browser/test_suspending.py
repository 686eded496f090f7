"""A suspension hits an open session: the moderator's way to it, and what the member meets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from forum.clock import utcnow
from tests.browser.stage import Stage
from tests.browser.visitors import Enter

REASON = "You called others fools, again."
TEXT = "A long answer that nobody should have to write twice."


@pytest.mark.parametrize(
    "way",
    [
        "javascript",
        pytest.param("no-javascript", marks=pytest.mark.full),
        pytest.param("keyboard", marks=pytest.mark.full),
    ],
)
def test_suspension_hits_an_open_session_and_is_undone(own_stage: Stage, enter: Enter) -> None:
    with own_stage.served():
        make = own_stage.factories
        make.community()
        ada = make.member("Ada")
        thread = f"/t/{make.thread(ada, title='Crackle').thread_id}"
        author, moderator = enter(ada), enter(make.member("Mo", role="moderator"))
        author.open(f"{thread}/reply")
        author.write("Text", TEXT)

        moderator.open(thread)
        moderator.follow("Ada", inside="article")
        moderator.follow("Moderate", inside="main")
        moderator.follow("Suspend", inside="main")
        moderator.write("Until", f"{utcnow() - timedelta(days=2):%Y-%m-%dT%H:%M}")
        moderator.write("Reason", REASON)
        moderator.press("Suspend them", inside="main")
        assert "This is over already." in moderator.text("#error-summary")
        moderator.write("Until", f"{utcnow() + timedelta(days=2):%Y-%m-%dT%H:%M}")
        moderator.press("Suspend them", inside="main")
        assert moderator.text("main li .label") == "in force"

        author.press("Publish", inside="main")
        assert author.text("h1") == "Moderators have decided about your account"
        assert REASON in author.text("main header")
        assert TEXT in author.page.locator("main textarea").first.input_value()
        author.open(thread)
        assert author.page.get_by_role("link", name="Sign in").count()

        author.open("/sign-in")
        author.write("E-mail address (required)", ada.email)
        author.write("Password (required)", ada.password)
        author.press("Sign in", inside="main")
        assert REASON in author.text("main header")

        moderator.follow("Undo", inside=".notice")
        moderator.press("Undo", inside="main")
        author.open("/sign-in")
        author.write("E-mail address (required)", ada.email)
        author.write("Password (required)", ada.password)
        author.press("Sign in", inside="main")
        author.open(thread)
        assert author.page.get_by_role("link", name="Sign out").count()
