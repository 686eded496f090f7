"""Members flag posts, learn what became of it, and take it back; its author never learns who it was."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select

from forum.accounts.limits import FLAGS_BY_MEMBER
from forum.accounts.models import Member
from forum.db import db, rows, transaction
from forum.discussion.curating_actions import remove_post
from forum.moderation.flag_actions import flag_post, withdraw_flag
from forum.moderation.models import Case, Flag
from forum.permissions import Actor
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import everything, links_of, page_of, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
FLAG = "/t/1/1/flag"


@dataclass
class Cast:
    """Ada wrote post 1 of thread 1; Bo reads it, and Mo moderates."""

    app: Flask
    make: Factories
    ada: Person
    bo: Person
    mo: Person

    def cases(self) -> list[tuple[int, str, str | None]]:
        """All cases: (post, kind, decision)."""
        with self.app.app_context():
            found = rows(select(Case.post_id, Case.kind, Case.decision).order_by(Case.id))
            return [tuple(row) for row in found]

    def flags(self) -> list[tuple[int, str, bool]]:
        """All flags: (member, words, whether it was taken back)."""
        columns = (Flag.member_id, Flag.words, Flag.withdrawn_at.is_not(None))
        with self.app.app_context():
            return [tuple(row) for row in rows(select(*columns).order_by(Flag.id))]

    def decide(self, decision: str, words: str = "It is old.") -> None:
        """Mo decides about the newest case."""
        with self.app.app_context():
            newest = db.session.scalar(select(func.max(Case.id)))
        browser = self.make.signed_in(self.mo)
        address = f"/moderation/{newest}"
        answer = submit(browser, address, form="form.decide", button=decision, words=words)
        assert answer.status_code == 303, answer.text


@pytest.fixture
def cast(app: Flask, factories: Factories) -> Cast:
    """A forum with a post."""
    factories.community()
    ada, bo = factories.member("Ada"), factories.member("Bo")
    factories.thread(ada, title="Crackle", source="Buy my book!")
    return Cast(app, factories, ada, bo, factories.member("Mo", role="moderator"))


def test_member_flags_a_post_and_is_told_what_became_of_it(
    cast: Cast, worker: Callable[[], int]
) -> None:
    bo = cast.make.signed_in(cast.bo)
    assert FLAG in links_of(bo.get("/t/1"), "article footer a")
    answer = submit(bo, FLAG, words="It sells a book.")
    assert (answer.status_code, answer.location) == (303, "/flags")
    assert cast.cases() == [(1, "flag", None)]
    mine = bo.get("/flags")
    assert words_of(mine, ".flag h2, .flag .label, .flag blockquote") == [
        *("Crackle", "waits for a moderator", "It sells a book."),
    ]
    case = cast.make.signed_in(cast.mo).get("/moderation/1")
    assert "Bo" in case.text
    assert "It sells a book." in case.text
    cast.decide("Nothing wrong", "It is a free book.")
    worker()
    told = bo.get("/notifications")
    assert words_of(told, "ul.rows .about, ul.rows blockquote")[:2] == [
        "A moderator has read the post that you flagged and found nothing wrong with it.",
        "It is a free book.",
    ]
    assert words_of(bo.get("/flags"), ".flag .label, .flag blockquote") == [
        *("decided", "It sells a book.", "It is a free book."),
    ]


def test_author_learns_what_was_decided_and_never_who_flagged(
    cast: Cast, worker: Callable[[], int]
) -> None:
    submit(cast.make.signed_in(cast.bo), FLAG, words="It sells a book.")
    cast.decide("Remove", "No books, please.")
    worker()
    ada = cast.make.signed_in(cast.ada)
    pages = [ada.get(path) for path in ("/notifications", "/t/1", "/decided/1", "/t/1/1/history")]
    assert [page.status_code for page in pages] == [200] * 4
    assert "No books, please." in pages[0].text
    for page in pages:
        assert "Bo" not in page_of(page).get_text().split()
        assert "It sells a book." not in page.text
    assert [ada.get(path).status_code for path in ("/moderation/1", "/moderation")] == [403, 403]


@ONE_DATABASE
def test_moderator_who_wrote_the_post_does_not_find_the_case(cast: Cast) -> None:
    cast.make.thread(cast.mo, title="Slip")
    submit(cast.make.signed_in(cast.bo), "/t/2/1/flag", words="It is rude.")
    mo, max_ = (
        cast.make.signed_in(p) for p in (cast.mo, cast.make.member("Max", role="moderator"))
    )
    assert words_of(mo.get("/moderation"), ".case h2") == []
    token = {
        "csrf_token": _token(mo.get("/t/1/1/remove").text),
        "decision": "nothing",
        "words": "x",
    }
    assert mo.get("/moderation/1").status_code == 404
    for verb in ("", "/claim", "/release", "/notes"):
        answer = mo.post(f"/moderation/1{verb}", data=token | {"note": "x"})
        assert answer.status_code == 404
    assert words_of(max_.get("/moderation"), ".case h2") == ["Slip"]
    assert cast.cases() == [(2, "flag", None)]


def _token(text: str) -> str:
    return text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]


@ONE_DATABASE
def test_what_cannot_be_flagged_says_why_and_keeps_the_words(cast: Cast) -> None:
    bo, ada = cast.make.signed_in(cast.bo), cast.make.signed_in(cast.ada)
    refused = ada.get(FLAG)
    assert words_of(refused, "h1") == ["You cannot flag your own post"]
    assert [ada.get(path).status_code for path in (FLAG, "/t/1/9/flag", "/t/9/1/flag")] == [
        *(409, 404, 404),
    ]
    empty = submit(bo, FLAG, words="  ")
    assert (empty.status_code, words_of(empty, ".error")) == (
        *(422, ["To mend: Say what is wrong with it; moderators read this."]),
    )
    long = submit(bo, FLAG, words="x" * 1001)
    assert (long.status_code, words_of(long, "textarea")) == (422, ["x" * 1001])
    page = bo.get(FLAG)
    assert submit(bo, FLAG, words="It sells.").status_code == 303
    sent = {"csrf_token": _token(page.text), "words": "It sells, I say."}
    twice = bo.post(FLAG, data=sent)
    assert (twice.status_code, words_of(twice, "textarea")) == (422, ["It sells, I say."])
    assert "You have flagged this post already." in twice.text
    assert cast.flags() == [(cast.bo.id, "It sells.", False)]
    with cast.app.test_request_context(), transaction():
        remove_post(cast.make.actor(cast.mo), 1, 1, reason="Books.")
    gone = cast.make.signed_in(cast.make.member("Cy")).get(FLAG)
    assert (gone.status_code, "was removed already" in gone.text) == (409, True)
    assert cast.app.test_client().get(FLAG).status_code == 403


@ONE_DATABASE
def test_flag_that_was_taken_back_can_be_given_again(cast: Cast) -> None:
    bo = cast.make.signed_in(cast.bo)
    submit(bo, FLAG, words="It sells.")
    assert submit(bo, "/flags/1/withdraw").location == "/flags"
    assert (cast.flags(), cast.cases()) == (
        *([(cast.bo.id, "It sells.", True)], [(1, "flag", "withdrawn")]),
    )
    assert words_of(bo.get("/flags"), ".flag .label") == ["taken back"]
    submit(bo, FLAG, words="It does sell.")
    submit(cast.make.signed_in(cast.make.member("Cy")), FLAG, words="I agree.")
    submit(bo, "/flags/2/withdraw")
    assert cast.cases() == [(1, "flag", "withdrawn"), (1, "flag", None)], "Cy's flag stands"
    submit(bo, FLAG, words="It sells after all.")
    assert cast.flags()[1] == (cast.bo.id, "It sells after all.", False)
    cast.decide("Nothing wrong")
    late = submit(bo, "/flags/2/withdraw")
    assert (late.status_code, "has decided about this post" in late.text) == (409, True)
    others = cast.make.signed_in(cast.ada)
    assert others.get("/flags/2/withdraw").status_code == 404


@ONE_DATABASE
def test_who_took_it_back_is_told_nothing(cast: Cast, worker: Callable[[], int]) -> None:
    bo, cy = cast.make.signed_in(cast.bo), cast.make.signed_in(cast.make.member("Cy"))
    for browser in (bo, cy):
        submit(browser, FLAG, words="It sells.")
    submit(bo, "/flags/1/withdraw")
    cast.decide("Remove")
    worker()
    told = [words_of(browser.get("/notifications"), "ul.rows h2") for browser in (bo, cy)]
    assert told == [[], ["Crackle"]]


@ONE_DATABASE
def test_member_flags_only_so_often(cast: Cast) -> None:
    bo = cast.make.signed_in(cast.bo)
    for _attempt in range(FLAGS_BY_MEMBER.times):
        submit(bo, FLAG, words="")
    late = submit(bo, FLAG, words="It sells.")
    assert (late.status_code, words_of(late, "textarea")) == (429, ["It sells."])
    assert cast.flags() == []


@ONE_DATABASE
def test_pages_of_flags_cost_the_same_however_many_there_are(cast: Cast) -> None:
    bo, mo = cast.make.signed_in(cast.bo), cast.make.signed_in(cast.mo)

    def statements() -> tuple[int, int, int]:
        counts = []
        for browser, path in ((bo, "/flags"), (mo, "/moderation"), (mo, "/moderation/1")):
            with count_statements(cast.app) as counted:
                assert browser.get(path).status_code == 200
            counts.append(len(counted))
        return counts[0], counts[1], counts[2]

    submit(bo, FLAG, words="It sells.")
    once = statements()
    posts = [cast.make.thread(cast.ada, source="Another book!") for _post in range(5)]
    people = [cast.make.actor(cast.make.member()) for _person in range(4)]
    actor = cast.make.actor(cast.bo)
    flagged = [(actor, post.thread_id) for post in posts] + [(person, 1) for person in people]
    with cast.app.test_request_context():
        for whoever, thread_id in flagged:
            with transaction():
                flag_post(whoever, thread_id, 1, words="It sells, too.")
    assert statements() == once


def storm(cast: Cast, count: int) -> int:
    """So many members flag one post at once; each second of them takes it back and flags it again. The number
    of the case: the first one ends where its only flag is taken back before anybody else has flagged."""
    with cast.app.test_request_context(), transaction():
        people = [
            {
                "name": f"M{n}",
                "email": f"m{n}@storm.example.org",
                "password_hash": "",
                "zone": "UTC",
            }
            for n in range(count)
        ]
        db.session.execute(insert(Member), people)
        ids = list(db.session.scalars(select(Member.id).where(Member.name.like("M%"))))
    actor = cast.make.actor(cast.bo)

    def flag(member_id: int) -> None:
        whoever = Actor(id=member_id, name="M", roles=actor.roles, scopes=actor.scopes)
        with cast.app.test_request_context():
            with transaction():
                flag_post(whoever, 1, 1, words="It sells.")
            if member_id % 2:
                mine = db.session.scalars(select(Flag.id).where(Flag.member_id == member_id)).one()
                with transaction():
                    withdraw_flag(whoever, mine)
                with transaction():
                    flag_post(whoever, 1, 1, words="It sells.")

    theirs = [one for one in ids if one != cast.mo.id][:count]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(flag, theirs))
    with cast.app.app_context():
        [open_] = db.session.scalars(select(Case.id).where(Case.closed_at.is_(None)))
        standing = select(func.count()).select_from(Flag).join(Case).where(Case.closed_at.is_(None))
        found = db.session.scalar(standing.where(Flag.withdrawn_at.is_(None)))
    assert found == count
    return open_


def test_many_flags_at_once_make_one_case(cast: Cast) -> None:
    storm(cast, 30)


@pytest.mark.full
def test_a_thousand_flags_at_once_make_one_case(cast: Cast) -> None:
    number = storm(cast, 1000)
    page = cast.make.signed_in(cast.mo).get(f"/moderation/{number}")
    assert "and 950 more" in page.text


@ONE_DATABASE
def test_who_may_not_flag_changes_nothing(cast: Cast, client: FlaskClient) -> None:
    token = {"csrf_token": _token(client.get("/sign-in").text), "words": "It sells."}
    before = everything(cast.app)
    assert [client.post(path, data=token).status_code for path in (FLAG, "/flags/1/withdraw")] == [
        *(403, 403),
    ]
    assert [client.get(path).status_code for path in (FLAG, "/flags")] == [403, 403]
    assert everything(cast.app) == before
