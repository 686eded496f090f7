"""A held post's journeys: removed with a reason that its author reads, and published."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.db import db, transaction
from forum.moderation.models import Case
from forum.testing.application import work
from tests.browser.stage import Stage
from tests.browser.visitors import Enter, Visitor

PITCH = "Kilns at a discount, only today!"
REASON = "This sells. Tell us what you learned with yours."
ANEW = "What my kiln taught me: cool it slowly."

WAYS = pytest.mark.parametrize(
    "way",
    [
        "no-javascript",
        pytest.param("keyboard", marks=pytest.mark.full),
        pytest.param("javascript", marks=pytest.mark.full),
    ],
)


def pitch(author: Visitor, thread: str) -> None:
    author.open(f"{thread}/reply")
    author.write("Text", PITCH)
    author.press("Publish", inside="main")
    assert author.text(".waiting .label") == "waits for a moderator"


@WAYS
def test_post_is_held_taken_removed_read_and_written_anew(own_stage: Stage, enter: Enter) -> None:
    with own_stage.served():
        make = own_stage.factories
        make.community()
        thread = f"/t/{make.thread(title='Crackle').thread_id}"
        author, moderator = enter(make.member("Ada")), enter(make.member("Mo", role="moderator"))
        pitch(author, thread)

        moderator.open("/moderation")
        moderator.follow("Crackle", inside="main")
        moderator.press("Take it for 30 minutes", inside="main")
        assert moderator.text(".claim p").startswith("You have this case until")
        # A refusal is shown where one is; with JavaScript no page is left for it.
        moderator.send("Remove")
        assert "Say why; the author reads it." in moderator.text("#error-summary")
        assert REASON not in moderator.text("main")
        moderator.write("Words to the author", REASON)
        moderator.press("Remove", inside="main")
        assert moderator.texts(".notice, .empty") == [
            "Removed. The author is told, with your reason. Undo",
            "Nothing waits.",
        ]

        author.open(thread)
        assert author.text(".waiting blockquote") == REASON
        author.follow("Read it, or write it anew", inside=".waiting")
        assert author.text(".reason") == REASON
        author.press("Write it anew", inside="main")
        assert author.page.get_by_label("Text", exact=True).input_value() == PITCH
        author.write("Text", ANEW)
        author.press("Publish", inside="main")
        assert author.texts("article .words")[-1] == ANEW


@WAYS
def test_post_is_held_and_published_with_a_word_to_its_author(
    own_stage: Stage, enter: Enter
) -> None:
    with own_stage.served():
        make = own_stage.factories
        make.community()
        thread = f"/t/{make.thread(title='Crackle').thread_id}"
        author, moderator = enter(make.member("Ada")), enter(make.member("Mo", role="moderator"))
        reader = enter(make.member("Bo"))
        pitch(author, thread)
        reader.open(thread)
        assert PITCH not in reader.text("main")

        moderator.open("/moderation")
        moderator.follow("Crackle", inside="main")
        moderator.write("Words to the author", "A fair offer for once.")
        moderator.press("Publish", inside="main")

        reader.open(thread)
        assert reader.texts("article .words")[-1] == PITCH
        work(own_stage.app)
        author.open("/notifications")
        assert author.text("ul.rows blockquote") == "A fair offer for once."
        author.follow("Crackle", inside="main")
        assert author.texts("article .words")[-1] == PITCH


@WAYS
def test_label_of_a_published_post_is_appealed_against_and_taken_away(
    own_stage: Stage, enter: Enter
) -> None:
    with own_stage.served():
        make = own_stage.factories
        make.community()
        thread = f"/t/{make.thread(title='Crackle').thread_id}"
        author = enter(make.member("Ada"))
        mo, other = (enter(make.member(name, role="moderator")) for name in ("Mo", "Max"))
        pitch(author, thread)
        mo.open("/moderation")
        mo.follow("Crackle", inside="main")
        mo.write("Label for readers", "An advertisement")
        mo.press("Publish with a label", inside="main")
        work(own_stage.app)

        author.open("/notifications")
        author.follow("What you can do", inside="main")
        author.follow("Ask another moderator to look at it", inside="main")
        author.write("Why should it be decided otherwise?", "I give them away.")
        author.press("Send the appeal", inside="main")
        assert author.texts("main .label") == ["waits for a moderator"]

        other.open("/moderation?kind=appeal")
        other.follow("Crackle", inside=".case")
        other.write("Words to the author", "So it is.")
        other.press("Undo what was decided", inside="form.decide")
        work(own_stage.app)
        author.open("/notifications")
        assert "undone what was decided" in author.text("main")
        author.open(thread)
        assert author.texts("article .words")[-1] == PITCH
        assert "An advertisement" not in author.text("main")


@WAYS
def test_author_takes_a_held_post_back(own_stage: Stage, enter: Enter) -> None:
    with own_stage.served():
        make = own_stage.factories
        make.community()
        thread = f"/t/{make.thread(title='Crackle').thread_id}"
        author, moderator = enter(make.member("Ada")), enter(make.member("Mo", role="moderator"))
        pitch(author, thread)
        author.follow("Read it, or take it back", inside=".waiting")
        author.press("Take it back", inside="main")
        assert author.text("main .label") == "taken back"
        moderator.open("/moderation")
        assert moderator.text(".empty") == "Nothing waits."


@WAYS
def test_post_that_nobody_decides_about_is_published_and_looked_at_afterwards(
    own_stage: Stage, enter: Enter
) -> None:
    with own_stage.served():
        make = own_stage.factories
        make.community()
        thread = f"/t/{make.thread(title='Crackle').thread_id}"
        author, moderator = enter(make.member("Ada")), enter(make.member("Mo", role="moderator"))
        pitch(author, thread)
        with own_stage.app.test_request_context(), transaction():
            db.session.scalars(select(Case)).one().opened_at -= timedelta(days=3)

        moderator.open("/moderation")
        assert moderator.text(".case .label") == "not yet reviewed"
        author.open(thread)
        assert author.texts("article .notice")[-1] == "Not yet reviewed by a moderator."
        assert author.texts("article .words")[-1] == PITCH
        moderator.follow("Crackle", inside="main")
        moderator.press("Nothing wrong: take the line above it away", inside="main")
        assert moderator.texts(".notice, .empty") == [
            "Closed: the post is as it should be. Undo",
            "Nothing waits.",
        ]
        author.open(thread)
        assert author.texts("article .notice") == []
