"""From a flag to a decision, an appeal, and the decision undone by another moderator."""

from __future__ import annotations

import pytest

from forum.testing.application import work
from tests.browser.stage import Stage
from tests.browser.visitors import Enter


@pytest.mark.parametrize(
    "way",
    [
        "javascript",
        pytest.param("no-javascript", marks=pytest.mark.full),
        pytest.param("keyboard", marks=pytest.mark.full),
    ],
)
def test_flag_is_decided_told_appealed_against_and_undone(own_stage: Stage, enter: Enter) -> None:
    with own_stage.served():
        make = own_stage.factories
        make.community()
        ada, bo = make.member("Ada"), make.member("Bo")
        thread = f"/t/{make.thread(ada, title='Crackle', source='Buy my book!').thread_id}"
        author, reader = enter(ada), enter(bo)
        mo, other = (enter(make.member(name, role="moderator")) for name in ("Mo", "Max"))

        reader.open(thread)
        reader.follow("Flag", inside="article")
        reader.write("What is wrong with it?", "It sells a book.")
        reader.press("Send it to the moderators", inside="main")
        assert reader.texts(".flag .label") == ["waits for a moderator"]

        mo.open("/moderation")
        mo.follow("Crackle", inside=".case")
        mo.press("Take it for 30 minutes", inside="main")
        mo.write("New note", "The third book this week.")
        mo.press("Note it", inside="main")
        mo.write("Words to the author", "Books go to the list of books.")
        mo.press("Remove", inside="form.decide")
        work(own_stage.app)

        reader.open("/notifications")
        assert "The post that you flagged is removed." in reader.text("main")
        author.open("/notifications")
        author.follow("What you can do", inside="main")
        assert "Books go to the list of books." in author.text("main")
        author.follow("Ask another moderator to look at it", inside="main")
        author.write("Why should it be decided otherwise?", "It is the book of this community.")
        author.press("Send the appeal", inside="main")
        assert author.texts("main .label") == ["waits for a moderator"]

        mo.open("/moderation?kind=appeal")
        mo.follow("Crackle", inside=".case")
        assert "Somebody else looks at the appeal." in mo.text("main")
        assert mo.page.locator("form.decide").count() == 0
        other.open("/moderation?kind=appeal")
        other.follow("Crackle", inside=".case")
        other.write("Words to the author", "Indeed it is.")
        other.press("Undo what was decided", inside="form.decide")
        work(own_stage.app)

        author.open("/notifications")
        assert "Indeed it is." in author.text("main")
        author.open("/decided/1")
        assert "Another moderator has undone what was decided" in author.text("main")
        reader.open(thread)
        assert "Buy my book!" in reader.text("article")
        reader.open("/flags")
        assert "another moderator has undone what was decided" in reader.text(".flag")
