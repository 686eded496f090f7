"""Revealing oneself: the one way from a member to a question, and only by the claim code."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select, update

from forum.accounts.queries import guest_visit
from forum.db import db, transaction
from forum.discussion.models import Post
from forum.errors import Conflict, NotAllowed, NotFound
from forum.testing.forms import submit
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions import limits, models
from forum_anonymous_questions.models import QUESTIONS, REVEALED
from forum_anonymous_questions.revealing_actions import reveal
from forum_anonymous_questions.tests.asking import words_in
from forum_anonymous_questions.tests.test_asking import ask, dump, settle_question

REVEAL = "/anonymous-questions/reveal"
BUTTON = "Reveal yourself"
WRONG = "abacus " * 9 + "abdomen"


@pytest.fixture
def code(begun: PluginForum) -> str:
    """The claim code of a question that is published."""
    code = ask(begun)
    settle_question(code, models.PUBLISHED, begun.thread.id)
    return code


def revealed() -> list[tuple[int, int]]:
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(REVEALED))]


def revealing(forum: PluginForum, who: str, code: str) -> None:
    with transaction():
        reveal(forum.make.actor(forum.people[who]), code)


def remove_question(forum: PluginForum) -> None:
    with transaction():
        post = db.session.get_one(Post, forum.thread.id)
        post.removed_at, post.removed_by = post.created_at, forum.people["moderator"].id
        post.removal, post.removal_reason = "moderator", "Not here."


def test_revealing_writes_one_row_and_nothing_else(begun: PluginForum, code: str) -> None:
    actor, before = begun.make.actor(begun.people["member"]), dump()
    with transaction():
        reveal(actor, code)
    after = dump()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {REVEALED.name}
    assert revealed() == [(begun.thread.id, begun.people["member"].id)]


def test_revealing_again_changes_nothing_and_nobody_else_can(begun: PluginForum, code: str) -> None:
    revealing(begun, "member", code)
    revealing(begun, "member", code)
    with pytest.raises(Conflict):
        revealing(begun, "moderator", code)
    assert revealed() == [(begun.thread.id, begun.people["member"].id)]


def test_of_two_at_once_one_is_revealed(begun: PluginForum, code: str) -> None:
    together, told = Barrier(2), list[str]()
    actors = [begun.make.actor(begun.people[who]) for who in ("member", "moderator")]

    def run(number: int) -> None:
        with begun.app.test_request_context():
            together.wait()
            try:
                with transaction():
                    reveal(actors[number], code)
                told.append("revealed")
            except Conflict:
                told.append("refused")

    threads = [Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["refused", "revealed"]
    assert len(revealed()) == 1


def test_nobody_reveals_what_is_not_theirs_to_reveal(begun: PluginForum, code: str) -> None:
    with pytest.raises(NotFound):
        revealing(begun, "member", WRONG)
    with pytest.raises(NotFound):
        revealing(begun, "member", "")
    with pytest.raises(NotAllowed), transaction():
        reveal(guest_visit().actor, code)
    assert revealed() == []


@pytest.mark.parametrize("state", [state for state in models.STATES if state != models.PUBLISHED])
def test_only_a_published_question_is_revealed(begun: PluginForum, code: str, state: str) -> None:
    with transaction():
        db.session.execute(update(QUESTIONS).values(state=state))
    with pytest.raises(Conflict):
        revealing(begun, "member", code)
    assert revealed() == []


def test_a_removed_question_is_not_revealed(begun: PluginForum, code: str) -> None:
    remove_question(begun)
    with pytest.raises(Conflict):
        revealing(begun, "member", code)
    assert revealed() == []


def test_the_page_asks_who_is_signed_in_for_the_code(begun: PluginForum, code: str) -> None:
    browser = begun.browser("member")
    answer = submit(browser, REVEAL, button=BUTTON, code="  ".join(code.upper().split()))
    assert answer.status_code == 303
    assert answer.location.startswith(f"/t/{begun.thread.thread_id}")
    assert revealed() == [(begun.thread.id, begun.people["member"].id)]
    page = begun.browser("guest").get(f"/t/{begun.thread.thread_id}")
    name = begun.people["member"].name
    said = words_in(page, "aside[aria-label='Around the thread']")
    assert f"Asked by {name}, who revealed themselves." in said
    link = BeautifulSoup(page.text, "html.parser").select_one("aside[aria-label] p a")
    assert link is not None
    assert link.get_text() == name
    assert code not in answer.location


def test_the_page_tells_nothing_of_wrong_codes(begun: PluginForum, code: str) -> None:
    browser = begun.browser("member")
    said = set()
    for wrong in (WRONG, "no code at all", code.rsplit(" ", 1)[0]):
        answer = submit(browser, REVEAL, button=BUTTON, code=wrong)
        assert answer.status_code == 404
        said.add(words_in(answer, "p.error"))
    assert len(said) == 1
    assert revealed() == []


def test_wrong_codes_are_limited(begun: PluginForum, code: str) -> None:
    browser = begun.browser("member")
    for _ in range(limits.REVEALING.times):
        submit(browser, REVEAL, button=BUTTON, code=WRONG)
    answer = submit(browser, REVEAL, button=BUTTON, code=code)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert revealed() == []


def test_the_page_takes_its_own_forms_alone(begun: PluginForum, code: str) -> None:
    empty = submit(begun.browser("member"), REVEAL, button=BUTTON, code="")
    assert empty.status_code == 422
    assert begun.browser("member").post(REVEAL, data={"code": code}).status_code == 400
    assert revealed() == []


def test_the_page_is_for_members(forum: PluginForum) -> None:
    assert forum.browser("guest").get(REVEAL).status_code == 403
    assert forum.browser("member").get(REVEAL).status_code == 200


def test_a_question_that_is_removed_later_names_nobody(begun: PluginForum, code: str) -> None:
    revealing(begun, "member", code)
    remove_question(begun)
    page = begun.browser("guest").get(f"/t/{begun.thread.thread_id}")
    assert "revealed themselves" not in page.text
