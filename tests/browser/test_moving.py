"""A moderator splits posts off, merges threads and undoes it; links lead right all the while."""

from __future__ import annotations

import pytest

from tests.browser.stage import Stage
from tests.browser.visitors import Enter, Visitor
from tests.browser.watching import axe_findings

WAYS = pytest.mark.parametrize(
    "way",
    [
        "no-javascript",
        pytest.param("keyboard", marks=pytest.mark.full),
        pytest.param("javascript", marks=pytest.mark.full),
    ],
)


def stands_at(reader: Visitor, address: str, *, words: str, place: str) -> None:
    """Whoever follows the address comes to this place, where these words stand."""
    reader.open(address)
    assert reader.page.url.endswith(place)
    assert reader.text(f"{place[place.index('#') :]} .words") == words


def barriers(visitor: Visitor, way: str) -> list[str]:
    """What axe finds; it needs the scripts that one way does without, and waits for them for good."""
    return [] if way == "no-javascript" else axe_findings(visitor.page, as_written=True)


@WAYS
def test_posts_are_split_merged_and_brought_back(way: str, own_stage: Stage, enter: Enter) -> None:
    with own_stage.served():
        make = own_stage.factories
        make.community()
        first = make.thread(title="Crackle")
        for source in ("Cool it slowly.", "And who sieves the ash?", "I do, twice."):
            make.reply(first, source=source)
        make.thread(title="Ash glazes")
        moderator, reader = enter(make.member("Mo", role="moderator")), enter(make.member("Bo"))

        moderator.open("/t/1")
        moderator.follow("Split", inside="main")
        moderator.page.locator("input[value='3']").press("Space")
        moderator.write("Further posts", "4")
        moderator.write("Title of the new thread", "Sieving ash")
        moderator.press("Look what would happen", inside="main")
        assert moderator.text("h1") == "Move 2 posts?"
        assert barriers(moderator, way) == []
        moderator.press("Move the posts", inside="main")
        assert moderator.text("h1") == "Sieving ash"
        stands_at(reader, "/t/1/4", words="I do, twice.", place="/t/3#p2")
        reader.open("/t/1")
        assert [line.split(",")[0] for line in reader.texts(".moved")] == [
            "#3 was moved to Sieving ash #1",
            "#4 was moved to Sieving ash #2",
        ]
        reader.follow("Sieving ash #1", inside="#p3")
        assert reader.page.url.endswith("/t/3#p1")

        moderator.open("/t/3")
        moderator.follow("Merge", inside="main")
        moderator.write("Thread", "/t/2")
        moderator.press("Look what would happen", inside="main")
        assert barriers(moderator, way) == []
        moderator.press("Move the posts", inside="main")
        assert moderator.text("h1") == "Ash glazes"
        for address in ("/t/1/4", "/t/3/2"):
            stands_at(reader, address, words="I do, twice.", place="/t/2#p3")

        for entry in ("2", "1"):
            moderator.open("/moderation/log?state=stands")
            moderator.follow(entry, inside="main tbody th")
            moderator.press("Undo", inside="main")
        for address in ("/t/1/4", "/t/3/2", "/t/2/3"):
            stands_at(reader, address, words="I do, twice.", place="/t/1#p4")
        reader.open("/t/1")
        assert reader.texts(".moved") == []
