"""A publication that is undone: the post waits again, in its place, and everybody reads what is true."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from forum.accounts.closing_actions import close_account
from forum.db import db, rows, transaction
from forum.discussion import curating_actions as curating
from forum.discussion import moving_actions as moving
from forum.discussion.actions import Posting, edit_post, start_thread
from forum.discussion.draft_actions import DraftText, save_draft
from forum.discussion.models import Post, Thread, ThreadTag
from forum.discussion.personal_queries import written_data
from forum.discussion.trust_queries import deeds_of
from forum.errors import Conflict
from forum.moderation import actions as moderation
from forum.moderation import decision_actions as flagged
from forum.moderation.flag_actions import flag_post
from forum.moderation.models import Case
from forum.notifications.models import Notification
from forum.permissions import Actor
from forum.record.actions import undo
from forum.testing.forms import fields_of, submit
from tests.admin.excerpts import files_in, pages, soup
from tests.evidence import form_of, links_of, text_given_back, words_of
from tests.record.scene import Scene

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WAITS = "This post waits for a moderator"
Worker = Callable[[], int]


class Undone:
    """Bo's reply was published in thread 1, and that was undone: ``number`` is its own."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        with scene.app.app_context():
            self.post_id = db.session.get_one(Case, scene.held).post_id
        scene.by(scene.mo, moderation.publish_held, scene.held, words="Fine.")
        self.number = self.post.number or 0
        scene.by(scene.max, undo_entry, scene.newest)
        self.held = f"/held/{self.post_id}"
        self.place = f"/t/1/{self.number}"

    @property
    def post(self) -> Post:
        """As it is now."""
        with self.scene.app.app_context():
            return db.session.get_one(Post, self.post_id)

    def browser(self, name: str) -> FlaskClient:
        """Of Ada, Bo, Mo or Max."""
        return self.scene.factories.signed_in(getattr(self.scene, name))

    def headings(self, browser: FlaskClient) -> list[str]:
        """What stands in its place in the thread."""
        return words_of(browser.get("/t/1"), f"#p{self.number} h2")


def undo_entry(actor: Actor, entry: int) -> None:
    """Undo an entry, with a word."""
    undo(actor, entry, reason="Too early.")


@pytest.fixture
def undone(scene: Scene) -> Undone:
    """It waits again."""
    return Undone(scene)


def told(scene: Scene, post_id: int) -> list[tuple[str | None, str]]:
    """What its author was told by moderators."""
    found = select(Notification.decision, Notification.words).where(
        Notification.kind == "decision", Notification.post_id == post_id
    )
    with scene.app.app_context():
        return [tuple(row) for row in rows(found)]


@ONE_DATABASE
def test_everybody_reads_in_its_place_that_it_waits(undone: Undone, worker: Worker) -> None:
    worker()
    bo, mo, ada = (undone.browser(name) for name in ("bo", "mo", "ada"))
    guest = undone.scene.app.test_client()
    assert undone.headings(bo) == ["Your post waits for a moderator"]
    assert [undone.headings(b) for b in (mo, ada, guest)] == [[WAITS]] * 3
    words = f"#p{undone.number} .words"
    assert words_of(bo.get("/t/1"), words) == ["SALE of kilns!"]
    assert [words_of(b.get("/t/1"), words) for b in (mo, ada, guest)] == [[], [], []]
    assert "SALE of kilns!" not in ada.get("/t/1").text
    assert undone.held in links_of(bo.get("/t/1"), f"#p{undone.number} a")
    assert f"{undone.place}/restore" not in links_of(mo.get("/t/1"), "main a")
    case = mo.get(f"/moderation/{undone.scene.held}")
    assert "It was published before, and waits again." in case.text
    assert ("has removed this post" in case.text, "0 removed by moderators" in case.text) == (
        False,
        True,
    )
    assert told(undone.scene, undone.post_id) == [("waiting", "Too early.")]
    assert undone.held in links_of(bo.get("/notifications"), ".rows a")


@ONE_DATABASE
def test_nothing_but_deciding_its_case_can_be_done_with_it(undone: Undone) -> None:
    scene, number = undone.scene, undone.number
    before = scene.state()
    tries: list[tuple[Any, ...]] = [
        (scene.max, curating.restore_post, 1, number),
        (scene.bo, curating.restore_post, 1, number),
        (scene.max, curating.remove_post, 1, number),
        (scene.bo, curating.remove_post, 1, number),
        (scene.ada, flag_post, 1, number),
        (scene.bo, edit_post, undone.post_id),
    ]
    options: dict[Any, dict[str, Any]] = {
        curating.remove_post: {"reason": "It sells."},
        flag_post: {"words": "It sells."},
        edit_post: {"text": scene.better, "based_on": 1},
    }
    for person, action, *values in tries:
        with pytest.raises(Conflict, match=WAITS):
            scene.by(person, action, *values, **options.get(action, {}))
    assert scene.state() == before
    page = undone.browser("ada").get(f"{undone.place}/flag")
    assert (page.status_code, words_of(page, "h1")) == (409, [WAITS])
    scene.by(scene.mo, moderation.publish_held, scene.held, words="Fine.")
    post = undone.post
    assert (post.number, post.removal, post.removed_at) == (number, None, None)
    assert undone.headings(undone.browser("ada")) == ["Bo"]


def test_what_waits_again_is_not_counted_as_removed_by_moderators(undone: Undone) -> None:
    scene = undone.scene
    with scene.app.test_request_context():
        waiting = deeds_of([scene.bo.id])[scene.bo.id]
    scene.by(scene.mo, moderation.publish_held, scene.held, words="Fine.")
    with scene.app.test_request_context():
        published = deeds_of([scene.bo.id])[scene.bo.id]
    assert (waiting.removed, published.removed) == (0, 0)
    assert published.posts == waiting.posts + 1


@ONE_DATABASE
def test_author_takes_it_back_and_nobody_restores_what_was_never_let_through(
    undone: Undone,
) -> None:
    bo, scene = undone.browser("bo"), undone.scene
    page = bo.get(undone.held)
    assert (page.status_code, words_of(page, ".label")) == (200, ["waits for a moderator"])
    assert submit(bo, undone.held, button="Take it back").location == undone.held
    assert words_of(bo.get(undone.held), ".label, main button") == ["taken back", "Write it anew"]
    assert undone.headings(undone.browser("ada")) == ["Removed by its author"]
    assert undone.held in links_of(bo.get("/t/1"), f"#p{undone.number} a")
    assert f"{undone.place}/restore" not in links_of(bo.get("/t/1"), "main a")
    for person in (scene.bo, scene.mo):
        with pytest.raises(Conflict, match="taken back while it waited"):
            scene.by(person, curating.restore_post, 1, undone.number)
    assert submit(bo, undone.held, button="Write it anew").location == "/t/1/reply"
    assert text_given_back(bo.get("/t/1/reply")) == "SALE of kilns!"


@ONE_DATABASE
def test_whoever_leaves_takes_it_back(undone: Undone) -> None:
    bo = undone.scene.factories.actor(undone.scene.bo)
    with undone.scene.app.test_request_context():
        close_account(bo, password=undone.scene.bo.password, empty_posts=False)
    assert (undone.post.removal, undone.post.number) == ("withdrawn", undone.number)
    with undone.scene.app.app_context():
        assert db.session.get_one(Case, undone.scene.held).decision == "withdrawn"


@ONE_DATABASE
def test_author_of_a_thread_is_asked_for_changes_and_writes_it_anew_as_a_whole(
    scene: Scene, worker: Worker, instance: Path
) -> None:
    bo = scene.factories.actor(scene.bo)
    with scene.app.test_request_context(), transaction():
        post = start_thread(
            bo, scene.glazes, title="Sale", text=scene.sale, tags="trade", posting=Posting()
        )
        case = db.session.scalars(select(Case.id).where(Case.post_id == post.id)).one()
    scene.by(scene.mo, moderation.publish_held, case, words="Fine.")
    scene.by(scene.max, undo_entry, scene.newest)
    scene.by(
        scene.mo, moderation.remove_held, case, reason="Leave out the price.", asks_for_changes=True
    )
    worker()
    assert told(scene, post.id) == [("h_changes", "Leave out the price.")]
    browser, held = scene.factories.signed_in(scene.bo), f"/held/{post.id}"
    page = browser.get("/notifications")
    assert words_of(page, ".rows p.about")[0] == (
        "A moderator has read your post in “Sale” and asks you to change it first. What to change:"
    )
    assert (held in links_of(page, ".rows h2 a"), "#1" in page.text) == (True, False)
    letter = max((instance / "mail").glob("*-decision-*.eml"), key=lambda p: p.stat().st_mtime_ns)
    assert f"http://127.0.0.1:8000{held}" in letter.read_text("utf-8")
    decided = browser.get(f"/decided/{post.id}")
    assert "asks you to change it first" in decided.text
    links = links_of(decided, "main a")
    assert (held in links, f"/t/{post.thread_id}/1/edit" in links) == (True, False)
    assert words_of(browser.get(held), ".label") == ["not published"]
    assert submit(browser, held, button="Write it anew").location == "/new"
    assert {name: fields_of(form_of(browser.get("/new")))[name] for name in ("title", "tags")} == {
        "title": "Sale",
        "tags": "trade",
    }


@ONE_DATABASE
def test_thread_published_elsewhere_waits_again_where_its_author_started_it(scene: Scene) -> None:
    with scene.app.test_request_context(), transaction():
        case = scene.starting()
    scene.by(
        scene.mo, moderation.publish_elsewhere, case, category_id=scene.kilns.id, words="It fits."
    )
    scene.by(scene.max, undo_entry, scene.newest)
    with scene.app.app_context():
        post = db.session.get_one(Post, db.session.get_one(Case, case).post_id)
        thread = db.session.get_one(Thread, post.thread_id)
    assert (post.removal, post.number, thread.category_id) == ("waiting", 1, scene.glazes.id)
    bo = scene.factories.signed_in(scene.bo)
    assert words_of(bo.get(f"/held/{post.id}"), ".label") == ["waits for a moderator"]
    scene.by(scene.mo, moderation.publish_held, case, words="Fine.")
    with scene.app.app_context():
        again = db.session.get_one(Post, post.id)
    assert (again.removal, again.number) == (None, 1)


@ONE_DATABASE
def test_flag_on_it_is_closed_without_removing_it(scene: Scene) -> None:
    scene.by(scene.mo, moderation.publish_held, scene.held, words="Fine.")
    published = scene.newest
    with scene.app.app_context():
        post = db.session.get_one(Post, db.session.get_one(Case, scene.held).post_id)
    scene.by(scene.ada, flag_post, 1, post.number, words="It sells.")
    with scene.app.app_context():
        flag = db.session.scalars(select(func.max(Case.id)).where(Case.kind == "flag")).one()
    scene.by(scene.max, undo_entry, published)
    page = scene.factories.signed_in(scene.mo).get(f"/moderation/{flag}")
    assert words_of(page, "form.decide button") == ["Nothing wrong"]
    with pytest.raises(Conflict, match=WAITS):
        scene.by(scene.mo, flagged.remove_flagged, flag, words="It sells.")
    scene.by(scene.mo, flagged.find_nothing_wrong, flag, words="It waits already.")


@ONE_DATABASE
def test_copies_and_the_authors_own_file_say_that_it_waits(undone: Undone, tmp_path: Path) -> None:
    with undone.scene.app.test_request_context():
        parts = {part.name: part for part in written_data(undone.scene.bo.id)}
    [row] = [row for row in parts["posts"].rows if row["post"] == undone.post_id]
    assert (row["removed_at"], row["removed_by"], row["waits_again"]) == (None, None, True)
    app, number = undone.scene.app, undone.number
    pages(app, tmp_path / "open")
    gaps = soup(files_in(tmp_path / "open"), "t/1.html").get_text()
    assert f"#{number} waits for a moderator, and is not in this copy." in gaps
    pages(app, tmp_path / "all", with_removed=True)
    [post] = soup(files_in(tmp_path / "all"), "t/1.html").select(f"#p{number}")
    assert [part.get_text() for part in post.select(".notice")] == ["It waits for a moderator."]


def test_thread_where_a_post_stands_now_says_who_wrote_last_after_undoing(scene: Scene) -> None:
    newest = scene.factories.reply(scene.first, scene.bo, source="The newest words.")
    scene.by(scene.mo, curating.remove_post, 1, newest.number, reason="Loud.")
    entry = scene.newest
    scene.by(scene.mo, moving.move_posts, 1, [newest.number], into=scene.kiln)
    scene.undo(entry)
    with scene.app.app_context():
        target = db.session.get_one(Thread, scene.kiln)
        post = db.session.get_one(Post, newest.id)
    assert post.thread_id == target.id
    assert (target.last_posted_at, target.last_author_id) == (post.created_at, scene.bo.id)
    assert target.last_number == post.number


@ONE_DATABASE
def test_answer_of_the_thread_where_it_stands_now_is_not_taken_away_by_undoing(
    scene: Scene,
) -> None:
    scene.by(scene.mo, curating.remove_post, 1, 3, reason="Loud.")
    scene.by(scene.mo, curating.restore_post, 1, 3)
    restored = scene.newest
    scene.by(scene.mo, moving.move_posts, 1, [3], into=scene.kiln)
    scene.by(scene.mo, curating.mark_answer, scene.kiln, 2)
    before = scene.state()
    with pytest.raises(Conflict, match="was the answer cannot be read"):
        scene.undo(restored)
    assert scene.state() == before


@ONE_DATABASE
def test_answer_that_was_moved_since_is_named_as_the_reason(scene: Scene) -> None:
    scene.by(scene.mo, curating.mark_answer, 1, 3)
    scene.by(scene.mo, curating.remove_post, 1, 3, reason="Loud.")
    removed = scene.newest
    scene.by(scene.mo, moving.move_posts, 1, [3], into=scene.kiln)
    moved = scene.newest
    with pytest.raises(Conflict, match="stands in another thread now"):
        scene.undo(removed)
    scene.undo(moved)
    scene.undo(removed)
    assert scene.thread.answer_number == 3


def test_title_of_a_thread_whose_only_post_waits_again_is_read_by_its_author_and_moderators_alone(
    scene: Scene,
) -> None:
    with scene.app.test_request_context(), transaction():
        case = scene.starting()
        post = db.session.get_one(Post, db.session.get_one(Case, case).post_id)
        thread = db.session.get_one(Thread, post.thread_id)
        number, title = thread.id, thread.title
    guest, bo, mo = (
        scene.app.test_client(),
        scene.factories.signed_in(scene.bo),
        scene.factories.signed_in(scene.mo),
    )
    lists = ("/", "/latest", "/threads", f"/c/{scene.glazes.slug}")
    pages = (f"/t/{number}", f"/t/{number}/feed.atom", f"/t/{number}/1")
    scene.by(scene.mo, moderation.publish_held, case, words="Fine.")
    published = scene.newest
    scene.by(scene.mo, curating.feature_thread, number)
    there = [title in guest.get(address).text for address in lists]
    assert there[0]
    assert title in guest.get(pages[0]).text
    scene.by(scene.max, undo_entry, published)
    assert [title in guest.get(address).text for address in lists] == [False] * len(lists)
    assert [guest.get(address).status_code for address in pages] == [404] * len(pages)
    assert [b.get(pages[0]).status_code for b in (bo, mo)] == [200, 200]
    assert title not in scene.factories.signed_in(scene.ada).get(pages[0]).text
    scene.by(scene.mo, moderation.publish_held, case, words="Fine.")
    assert [title in guest.get(address).text for address in lists] == there


def test_flags_and_tags_do_not_name_a_thread_whose_only_post_waits_again(
    scene: Scene, worker: Worker
) -> None:
    title, cy = "Salt kilns at half price", scene.factories.member("Cy")
    with scene.app.test_request_context(), transaction():
        case = scene.starting()
        number = db.session.get_one(Post, db.session.get_one(Case, case).post_id).thread_id
        db.session.get_one(Thread, number).title = title
        db.session.add(ThreadTag(thread_id=number, tag="salt"))
    scene.by(scene.mo, moderation.publish_held, case, words="Fine.")
    published = scene.newest
    for person in (scene.ada, cy):
        scene.by(person, flag_post, number, 1, words="It sells.")
        if person is scene.ada:
            scene.by(scene.mo, flagged.find_nothing_wrong, scene.newest_case, words="Fine.")
    worker()
    ada, browser = scene.factories.signed_in(scene.ada), scene.factories.signed_in(cy)
    withdraw = links_of(browser.get("/flags"), "main a[href$=withdraw]")[0]

    def named() -> list[bool]:
        there = [ada.get("/notifications"), ada.get("/flags"), browser.get("/flags")]
        there.append(browser.get(withdraw))
        tags = "salt" in words_of(ada.get("/tags"), "a.tag")
        assert all((title in p.text) != ("readers do not find at present" in p.text) for p in there)
        return [title in page.text for page in there] + [tags]

    assert named() == [True] * 5
    scene.by(scene.max, undo_entry, published)
    assert named() == [False] * 5
    assert f"/t/{number}/1" not in links_of(ada.get("/notifications"), "main a")
    scene.by(scene.mo, moderation.publish_held, case, words="Fine.")
    assert named() == [True] * 5


@ONE_DATABASE
def test_line_about_a_moved_post_does_not_name_the_thread_where_it_waits_again(
    scene: Scene,
) -> None:
    scene.by(scene.mo, moderation.publish_held, scene.held, words="Fine.")
    published, title = scene.newest, "Salt kilns at half price"
    scene.by(scene.mo, moving.split_thread, 1, [4], title=title, category_id=scene.kilns.id)
    ada, mo = (scene.factories.signed_in(person) for person in (scene.ada, scene.mo))
    assert [title in browser.get("/t/1").text for browser in (ada, mo)] == [True, True]
    scene.by(scene.max, undo_entry, published)
    assert [title in browser.get("/t/1").text for browser in (ada, mo)] == [False, True]
    assert ada.get("/t/1/4").location == "/t/1#p4"


@ONE_DATABASE
def test_draft_of_a_reply_does_not_name_a_thread_whose_only_post_waits_again(scene: Scene) -> None:
    with scene.app.test_request_context(), transaction():
        case = scene.starting()
        number = db.session.get_one(Post, db.session.get_one(Case, case).post_id).thread_id
        db.session.get_one(Thread, number).title = "Salt kilns at half price"
    scene.by(scene.mo, moderation.publish_held, case, words="Fine.")
    published = scene.newest
    with scene.app.test_request_context(), transaction():
        actor = scene.factories.actor(scene.ada)
        save_draft(actor, f"reply:{number}", DraftText(source="How much?"))
    ada = scene.factories.signed_in(scene.ada)
    assert "Salt kilns at half price" in ada.get("/drafts").text
    scene.by(scene.max, undo_entry, published)
    drafts = ada.get("/drafts").text
    assert ("Salt kilns" in drafts, "How much?" in drafts) == (False, True)
    assert "not open to you any more" in drafts
