"""Several cases decided at once with the keyboard, and all of it undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from forum.db import transaction
from forum.moderation.flag_actions import flag_post
from tests.browser.stage import Stage
from tests.browser.visitors import KeyboardVisitor
from tests.browser.watching import axe_findings


@pytest.fixture
def stage(tmp_path: Path, sqlite_template: Path) -> Stage:
    return Stage(tmp_path / "instance", sqlite_template)


def test_several_are_decided_with_the_keyboard_and_undone(
    stage: Stage, open_page: Callable[..., Page]
) -> None:
    with stage.served():
        make = stage.factories
        make.community()
        ada, bo = make.member("Ada"), make.member("Bo")
        first = make.thread(ada, title="Crackle", source="Buy my book!")
        with stage.app.test_request_context(), transaction():
            flag_post(make.actor(bo), first.thread_id, 1, words="It sells.")
        stage.replies(first.thread_id, ada, ["Buy two books!"])
        with stage.app.test_request_context(), transaction():
            flag_post(make.actor(bo), first.thread_id, 2, words="It sells, too.")
        page = open_page(stage.url)
        page.context.add_cookies(stage.cookies(make.member("Mo", role="moderator")))  # type: ignore[arg-type]
        mo = KeyboardVisitor(page)
        mo.open("/moderation")
        mo.follow("Choose all on this page", inside="main")
        mo.press("Decide about those chosen", inside="main")
        mo.tick("Ask for changes (2 of 2)")
        mo.write("Words to the author", "Tell us what is in it.")
        mo.press("See what would happen", inside="main")
        assert mo.texts(".effect") == ["It stays for now; the author is asked to change it."] * 2
        assert axe_findings(page, as_written=True) == []
        mo.press("Decide about 2 cases", inside="main")
        assert mo.texts(".notice, .empty") == ["2 cases are decided. Undo", "Nothing waits."]
        mo.follow("Undo", inside=".notices")
        assert axe_findings(page, as_written=True) == []
        mo.press("Undo all of it", inside="main")
        assert mo.texts(".notice") == ["2 decisions are undone."]
        mo.open("/moderation")
        assert len(mo.texts(".case")) == 2
