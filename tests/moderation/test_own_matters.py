"""What a moderator wrote or flagged themselves another decides, unless there is no other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, select

from forum.accounts.models import Grant, Group, GroupMember, MemberRole
from forum.clock import utcnow
from forum.db import db, transaction
from forum.discussion.curating_actions import remove_post
from forum.discussion.models import Thread
from forum.errors import NotAllowed
from forum.hookspecs import CaseNeeded
from forum.moderation.actions import claim_case, finish_help, open_case, publish_held
from forum.moderation.appeal_actions import appeal, uphold
from forum.moderation.decision_actions import find_it_right, find_nothing_wrong
from forum.moderation.flag_actions import flag_post
from forum.moderation.measure_actions import suspend_member
from forum.moderation.models import Flag
from forum.record.actions import undo
from forum.testing.factories import Factories, Person
from tests.evidence import words_of
from tests.moderation.judging import Town

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
OWN = "This is about your own words. Another moderator decides."
FLAGGED = "You flagged this post yourself. Another moderator decides."
HELD, WELCOME, FLAG, HELP, OTHER = range(1, 6)


class Village(Town):
    """Cases about Mo's posts 2 to 4: one is held, one is a first post, one asks for help; case 3 is about
    Ada's post 1, which Mo has flagged, and case 5 about Ada's post 5, which waits for nobody special."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        super().__init__(app, factories)
        written = [factories.reply(self.first, self.mo, source=f"Words {n}") for n in range(3)]
        self._open(written[0].id, "hold")
        self._open(written[1].id, "welcome")
        self.by(self.mo, flag_post, 1, 1, words="Odd.")
        self._open(written[2].id, "help")
        self._open(factories.reply(self.first, self.ada).id, "welcome")

    def _open(self, post_id: int, kind: str) -> None:
        with self.app.test_request_context(), transaction():
            open_case(CaseNeeded(post_id=post_id, kind=kind, reason="Read it."))

    def leave_alone(self, *people: Person) -> None:
        """Nobody but these moderates or administers any more."""
        kept = [person.id for person in people]
        with self.app.test_request_context(), transaction():
            db.session.execute(delete(MemberRole).where(MemberRole.member_id.not_in(kept)))

    def reads(self, person: Person, case: int) -> tuple[list[str], int]:
        """What the page says about who has the case, and how many buttons decide."""
        page = self.make.signed_in(person).get(f"/moderation/{case}")
        assert page.status_code == 200
        return words_of(page, ".claim p"), len(words_of(page, "form.decide button"))


@pytest.fixture
def village(app: Flask, factories: Factories) -> Village:
    """Five cases."""
    return Village(app, factories)


@ONE_DATABASE
@pytest.mark.parametrize(("case", "why"), [(HELD, OWN), (WELCOME, OWN), (FLAG, FLAGGED)])
def test_another_moderator_decides(village: Village, case: int, why: str) -> None:
    decide = {HELD: publish_held, WELCOME: find_it_right, FLAG: find_nothing_wrong}[case]
    for action in (decide, claim_case):
        words = {"words": "Fine."} if action is not claim_case else {}
        with pytest.raises(NotAllowed) as refused:
            village.by(village.mo, action, case, **words)
        assert refused.value.message == why
    assert village.reads(village.mo, case) == ([why], 0)
    said, buttons = village.reads(village.max, case)
    assert (said[0].startswith("Nobody has this case."), buttons > 1) == (True, True)
    village.by(village.max, decide, case, words="Fine.")


@ONE_DATABASE
def test_own_request_for_help_is_ended_by_oneself(village: Village) -> None:
    assert village.reads(village.mo, HELP)[1] == 1
    village.by(village.mo, finish_help, HELP, words="Thank you.")


@ONE_DATABASE
def test_who_is_alone_decides_and_the_record_says_that_it_was_their_own(village: Village) -> None:
    village.leave_alone(village.mo)
    for case in (HELD, WELCOME, FLAG):
        said, buttons = village.reads(village.mo, case)
        assert (said[0].startswith("Nobody has this case."), buttons > 1) == (True, True)
    village.by(village.mo, claim_case, HELD)
    village.by(village.mo, publish_held, HELD, words="Fine.")
    village.by(village.mo, find_it_right, WELCOME, words="Fine.")
    village.by(village.mo, find_nothing_wrong, FLAG, words="Fine.")
    mo = village.make.signed_in(village.mo)
    pages = [mo.get(f"/moderation/log/{n}").text for n in (1, 2, 3)]
    assert ["their own words" in page for page in pages] == [True, True, False]
    assert ["whoever decided, too" in page for page in pages] == [False, False, True]


@ONE_DATABASE
def test_author_does_not_read_that_whoever_decided_had_flagged_the_post(village: Village) -> None:
    number = village.make.reply(village.first, village.max).number
    village.by(village.mo, flag_post, 1, number, words="Odd.")
    village.leave_alone(village.mo, village.max)
    village.by(village.mo, find_nothing_wrong, 6, words="Fine.")
    for person, is_told in ((village.mo, True), (village.max, False)):
        page = village.make.signed_in(person).get("/moderation/log/1")
        assert (page.status_code, "whoever decided, too" in page.text) == (200, is_told)
    # Of who had taken that back before, or said it later, nothing is said.
    with village.app.test_request_context(), transaction():
        db.session.scalars(select(Flag).where(Flag.case_id == 6)).one().flagged_at = utcnow()
    page = village.make.signed_in(village.mo).get("/moderation/log/1")
    assert "whoever decided, too" not in page.text


def _suspend(village: Village) -> None:
    village.leave_alone(village.mo, village.olga, village.max)
    village.by(village.olga, suspend_member, village.max.id, reason="Loud.")
    with village.app.test_request_context(), transaction():
        db.session.execute(delete(MemberRole).where(MemberRole.member_id == village.olga.id))


def _hide(village: Village) -> None:
    """Mo alone of all moderators sees the category."""
    with village.app.test_request_context(), transaction():
        group = Group(name="Makers")
        db.session.add(group)
        db.session.flush()
        category = db.session.get_one(Thread, 1).category_id
        db.session.add(GroupMember(group_id=group.id, member_id=village.mo.id))
        db.session.execute(delete(Grant).where(Grant.permission == "thread.see"))
        place = {"permission": "thread.see", "category_id": category}
        db.session.add(Grant(effect="allow", group_id=group.id, **place))


@ONE_DATABASE
@pytest.mark.parametrize("others_go", [_suspend, _hide])
def test_who_cannot_decide_is_no_other(
    village: Village, others_go: Callable[[Village], None]
) -> None:
    others_go(village)
    village.by(village.mo, find_nothing_wrong, FLAG, words="Fine.")
    village.by(village.mo, find_it_right, WELCOME, words="Fine.")


def test_where_all_have_flagged_each_may_decide(village: Village) -> None:
    village.by(village.max, flag_post, 1, 1, words="I agree.")
    # Olga has not.
    assert village.reads(village.max, FLAG) == ([FLAGGED], 0)
    village.by(village.olga, flag_post, 1, 1, words="I agree.")
    village.by(village.max, find_nothing_wrong, FLAG, words="Fine.")


@ONE_DATABASE
def test_who_decided_first_does_not_undo_that_it_was_upheld(village: Village) -> None:
    village.by(village.mo, remove_post, 1, 1, reason="Loud.")
    case = village.by(village.ada, appeal, 1, words="It is not.").id
    village.by(village.max, uphold, case, words="Rightly.")
    with pytest.raises(NotAllowed, match="decided this yourself"):
        village.by(village.mo, undo, 2)
    for person, is_offered in ((village.mo, False), (village.olga, True)):
        page = village.make.signed_in(person).get("/moderation/log/2")
        assert ("Undo</button>" in page.text) == is_offered
    village.by(village.olga, undo, 2)
