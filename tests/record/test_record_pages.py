"""The pages of the record: who finds what there, and undoing with a browser that runs no scripts."""

from __future__ import annotations

import csv
import io
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts.models import Grant, Group
from forum.categories.queries import Audiences
from forum.db import db, transaction
from forum.discussion import curating_actions as curating
from forum.discussion import moving_actions as moving
from forum.errors import NotFound
from forum.jobs.models import Job
from forum.moderation.measure_actions import suspend_member
from forum.notifications import sending
from forum.record.actions import undo
from forum.record.models import LogEntry
from forum.testing.application import count_statements, work
from forum.testing.factories import Person
from forum.testing.forms import send, submit
from tests.evidence import everything, form_of, links_of, words_of
from tests.record.scene import DEEDS, Scene

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LIST = "/moderation/log"


@pytest.fixture
def mo(scene: Scene) -> FlaskClient:
    """Mo's browser."""
    return scene.factories.signed_in(scene.mo)


def listed(browser: FlaskClient, query: str = "") -> list[str]:
    """The numbers that the list shows."""
    answer = browser.get(f"{LIST}{query}")
    assert answer.status_code == 200, answer.text
    return words_of(answer, "tbody th")


def group(scene: Scene, name: str) -> int:
    """A new group of nobody."""
    with scene.app.app_context(), transaction():
        made = Group(name=name)
        db.session.add(made)
        db.session.flush()
        return made.id


def curator(scene: Scene) -> Person:
    """Somebody of a group that curates Kilns and nothing else."""
    masters = group(scene, "Kiln masters")
    with scene.app.app_context(), transaction():
        place = {"group_id": masters, "category_id": scene.kilns.id}
        db.session.add(Grant(permission="thread.curate", effect="allow", **place))
    return scene.factories.member("Cy", group="Kiln masters")


def test_deed_is_told_with_a_link_that_undoes_it(scene: Scene, mo: FlaskClient) -> None:
    answer = submit(mo, "/t/1/lock", reason="Settled.")
    told = mo.get(answer.location)
    assert words_of(told, ".notices .notice") == ["The thread is locked. Undo"]
    [address] = links_of(told, ".notices a")
    page = mo.get(address)
    assert words_of(page, "h1") == ["Record of moderation, number 1: thread locked"]
    assert "Settled." in " ".join(words_of(page, "dl"))
    assert words_of(page, "tbody th") == [
        "Thread: Locked since", "Thread: Locked by", "Thread: Reason of the lock",
    ]  # fmt: skip
    assert words_of(page, "tbody tr:nth-child(2) td") == ["nothing", "Mo", "unchanged since"]
    undone = submit(mo, address, button="Undo", reason="Too soon.")
    assert (undone.status_code, undone.location) == (303, f"{LIST}/2")
    shown = mo.get(undone.location)
    assert words_of(shown, ".notices .notice") == ["Undone. Everything is as it was before."]
    assert "Too soon." in " ".join(words_of(shown, "dl"))
    assert words_of(shown, "h1") == ["Record of moderation, number 2: undone: thread locked"]
    assert scene.thread.locked_at is None
    assert links_of(mo.get(address), "dl a") == ["/t/1", f"{LIST}/2"]


def test_decision_about_a_case_is_told_with_a_link_that_undoes_it(
    scene: Scene, mo: FlaskClient
) -> None:
    address = f"/moderation/{scene.held}"
    answer = submit(mo, address, form="form.decide", button="Remove", words="It sells.")
    assert links_of(mo.get(answer.location), ".notices a") == [f"{LIST}/1"]
    assert submit(mo, f"{LIST}/1", button="Undo").status_code == 303
    waiting = links_of(mo.get("/moderation"), ".case h2 a")
    assert f"/moderation/{scene.held}" in waiting


def test_own_deed_has_nothing_to_undo(scene: Scene) -> None:
    bo = scene.factories.signed_in(scene.bo)
    answer = submit(bo, "/t/1/3/remove")
    assert links_of(bo.get(answer.location), ".notices a") == []


def test_preview_counts_the_letters_that_left(
    scene: Scene, mo: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(scene.app)
    scene.do(DEEDS["actions.remove_held"])
    scene.by(scene.max, suspend_member, scene.bo.id, reason="Loud.")
    waits = "No letter about it has left since."
    assert letters(mo) == [waits, waits]
    with monkeypatch.context() as patch:
        # The mail server is away: all but sending is done.
        patch.setattr(sending, "rest", sending.Rest(until=time.monotonic() + 3600))
        work(scene.app)
    assert letters(mo) == [waits, waits]
    with scene.app.test_request_context(), transaction():
        assert db.session.scalars(select(Job.name)).all() == ["mail", "mail"]
        db.session.execute(update(Job).values(run_at=Job.created_at))
    work(scene.app)
    left = "1 letter about it has left since. It cannot be called back."
    assert letters(mo) == [left, left]


def letters(mo: FlaskClient) -> list[str]:
    """What the first two entries say of letters."""
    pages = [mo.get(f"{LIST}/{entry}") for entry in (1, 2)]
    return [said for page in pages for said in words_of(page, "#undo ~ p") if "letter" in said]


def test_every_deed_has_a_page(scene: Scene, mo: FlaskClient) -> None:
    for deed in DEEDS.values():
        scene.do(deed)
    pages = [mo.get(f"{LIST}/{n}") for n in range(1, scene.newest + 1)]
    assert {page.status_code for page in pages} == {200}
    assert [len(words_of(page, "tbody th")) == 0 for page in pages].count(True) == 4


def test_conflict_is_shown_and_the_words_are_kept(scene: Scene, mo: FlaskClient) -> None:
    scene.do(DEEDS["curating_actions.file_thread"])
    page = mo.get(f"{LIST}/1")
    scene.by(scene.ada, curating.file_thread, 1, title="Ada's own", tags="kiln")
    answer = send(mo, f"{LIST}/1", form_of(page), reason="I was wrong.")
    assert answer.status_code == 409
    assert "Something of this was changed since" in words_of(answer, ".summary")[0]
    assert words_of(answer, "textarea") == ["I was wrong."]
    assert words_of(answer, "tbody tr:nth-child(1) td") == ["Crackle", "Crackle, fine", "Ada's own"]
    assert scene.thread.title == "Ada's own"
    # Whoever opens the page now finds no button.
    assert words_of(mo.get(f"{LIST}/1"), "main form") == []


def test_reason_that_is_too_long_is_given_back(scene: Scene, mo: FlaskClient) -> None:
    scene.do(DEEDS["curating_actions.lock_thread"])
    answer = submit(mo, f"{LIST}/1", button="Undo", reason="x" * 501)
    assert answer.status_code == 422
    assert "Shorten the reason to 500 characters" in answer.text
    assert f'value="{"x" * 501}"' in answer.text
    assert scene.thread.locked_at is not None


def test_forged_form_undoes_nothing_and_keeps_the_reason(scene: Scene, mo: FlaskClient) -> None:
    scene.do(DEEDS["curating_actions.lock_thread"])
    answer = mo.post(f"{LIST}/1", data={"csrf_token": "forged", "reason": "Mine."})
    assert (answer.status_code, 'value="Mine."' in answer.text) == (400, True)
    assert scene.thread.locked_at is not None


def test_undo_is_offered_only_where_it_would_be_done(scene: Scene, mo: FlaskClient) -> None:
    scene.do(DEEDS["curating_actions.lock_thread"])
    scene.do(DEEDS["curating_actions.remove_thread"])
    page = mo.get(f"{LIST}/1")
    assert "Restore it first, then undo this." in page.text
    assert words_of(page, "main button") == []
    scene.undo(2)
    assert words_of(mo.get(f"{LIST}/1"), "main button") == ["Undo"]


def test_final_deeds_say_what_to_do_instead(scene: Scene, mo: FlaskClient) -> None:
    scene.do(DEEDS["curating_actions.empty_version"])
    page = mo.get(f"{LIST}/1")
    assert "gone for good" in words_of(page, "section")[-1]
    assert words_of(page, "main form") == []


def test_who_curates_one_category_sees_and_undoes_what_was_done_there(
    scene: Scene, mo: FlaskClient, client: FlaskClient
) -> None:
    kilns = scene.factories.thread(scene.ada, scene.kilns, title="Cone 10")
    scene.do(DEEDS["curating_actions.lock_thread"])
    scene.by(scene.mo, curating.lock_thread, kilns.thread_id)
    scene.do(DEEDS["actions.remove_held"])
    cy, ada = (scene.factories.signed_in(p) for p in (curator(scene), scene.ada))
    assert (listed(mo), listed(cy)) == (["3", "2", "1"], ["2"])
    got = [[b.get(f"{LIST}/{n}").status_code for n in (1, 2, 3)] for b in (cy, ada, client)]
    assert got == [[404, 200, 404], [403] * 3, [403] * 3]
    assert [b.get(LIST).status_code for b in (ada, client)] == [403, 403]
    assert submit(cy, f"{LIST}/2", button="Undo").status_code == 303
    assert words_of(cy.get(LIST), "td select, #filter-who option") == ["all", "Cy", "Mo"]


def test_what_was_moved_out_of_sight_is_not_in_the_list(scene: Scene) -> None:
    scene.do(DEEDS["curating_actions.lock_thread"])
    closed = scene.factories.category(
        "Closed", audiences=Audiences(see=str(group(scene, "Others")))
    )
    cy = scene.factories.signed_in(curator(scene))
    scene.by(scene.mo, curating.move_thread, 1, scene.kilns.id)
    assert listed(cy) == ["2", "1"]
    scene.by(scene.mo, curating.move_thread, 1, closed.id)
    assert listed(cy) == []


def test_what_a_moved_post_is_about_is_for_those_who_curate_where_it_stands(
    scene: Scene, mo: FlaskClient
) -> None:
    kilns = scene.factories.thread(scene.ada, scene.kilns, title="Cone 10")
    loud = scene.factories.reply(kilns, scene.bo, source="Loud words.")
    person = curator(scene)
    scene.by(person, curating.remove_post, kilns.thread_id, loud.number, reason="Loud.")
    others = Audiences(see=str(group(scene, "Others")))
    closed = scene.factories.category("Closed", audiences=others)
    secret = scene.factories.thread(scene.mo, closed, title="A secret")
    scene.by(scene.mo, moving.move_posts, kilns.thread_id, [2], into=secret.thread_id)
    cy = scene.factories.signed_in(person)
    page = cy.get(f"{LIST}/1")
    assert (page.status_code, words_of(page, "main form"), words_of(page, "tbody th")) == (
        200,
        [],
        [],
    )
    assert "The post was moved meanwhile to where you may not do this." in page.text
    assert f"/t/{secret.thread_id}" not in page.text
    before = everything(scene.app)
    token = form_of(mo.get(f"{LIST}/1"))
    assert send(cy, f"{LIST}/1", form_of(cy.get(f"/t/{kilns.thread_id}/lock"))).status_code == 409
    with pytest.raises(NotFound):
        scene.by(person, undo, 1)
    assert everything(scene.app) == before
    # Where it stands now, a number is its own.
    assert f"/t/{secret.thread_id}/2" in links_of(mo.get(f"{LIST}/1"), "dl a")
    content = mo.get(f"{LIST}?as=csv").get_data(as_text=True).removeprefix("\ufeff")
    assert [row["post"] for row in csv.DictReader(io.StringIO(content))] == ["", ""]
    assert send(mo, f"{LIST}/1", token).status_code == 303


def test_names_of_categories_that_are_not_open_stay_unknown(scene: Scene, mo: FlaskClient) -> None:
    others = Audiences(see=str(group(scene, "Others")))
    closed = scene.factories.category("Closed", audiences=others)
    secret = scene.factories.thread(scene.mo, closed, title="Glaze")
    scene.by(scene.mo, curating.move_thread, secret.thread_id, scene.kilns.id)
    cy = scene.factories.signed_in(curator(scene))
    shown = [words_of(b.get(f"{LIST}/1"), "tbody td")[:2] for b in (mo, cy)]
    assert shown == [["Closed", "Kilns"], ["a category that is gone, or not open to you", "Kilns"]]
    assert "Closed" not in cy.get(f"{LIST}/1").text


def test_list_is_narrowed_by_kind_person_thread_time_and_state(
    scene: Scene, mo: FlaskClient
) -> None:
    other = scene.factories.thread(scene.ada, scene.glazes, title="Slip")
    scene.do(DEEDS["curating_actions.lock_thread"])
    scene.by(scene.max, curating.lock_thread, other.thread_id, reason="Ended.")
    scene.do(DEEDS["curating_actions.pin_thread"])
    scene.undo(3)
    queries = {
        "?kind=thread.lock": ["2", "1"],
        f"?who={scene.max.id}": ["2"],
        f"?thread={other.thread_id}": ["2"],
        "?search=Slip": ["2"],
        "?search=ended": ["2"],
        "?when=day": ["4", "3", "2", "1"],
        "?state=undone": ["3"],
        "?state=undoing": ["4"],
        "?state=stands&kind=thread.pin": [],
    }
    assert {query: listed(mo, query) for query in queries} == queries
    old = ["?kind=none", "?who=nobody", f"?who={scene.ada.id}", "?thread=77", "?when=x", "?state=x"]
    assert [mo.get(f"{LIST}{query}").status_code for query in old] == [404] * len(old)


def test_list_comes_as_a_file(scene: Scene, mo: FlaskClient) -> None:
    scene.do(DEEDS["curating_actions.remove_post"])
    content = mo.get(f"{LIST}?as=csv").get_data(as_text=True).removeprefix("\ufeff")
    [row] = csv.DictReader(io.StringIO(content))
    assert {name: row[name] for name in ("number", "actor", "kind", "thread", "post", "reason")} == {
        "number": "1", "actor": "Mo", "kind": "post.remove", "thread": "Crackle", "post": "3",
        "reason": "Loud.",
    }  # fmt: skip


def test_list_costs_the_same_for_one_and_for_many(scene: Scene, mo: FlaskClient) -> None:
    def statements() -> int:
        with count_statements(scene.app) as found:
            assert mo.get(LIST).status_code == 200
        return len(found)

    scene.do(DEEDS["curating_actions.lock_thread"])
    one = statements()
    for _ in range(10):
        scene.do(DEEDS["curating_actions.unlock_thread"], scene.colleague)
        scene.do(DEEDS["curating_actions.lock_thread"])
    assert statements() == one


def test_the_page_of_a_deed_costs_the_same_for_few_posts_and_for_many(
    scene: Scene, mo: FlaskClient
) -> None:
    long = scene.factories.thread(scene.ada, scene.glazes, title="Long")
    for number in range(12):
        scene.factories.reply(long, scene.bo, source=f"Words {number}.")
    mo.get(LIST)
    counts = []
    for numbers in ([2], list(range(3, 14))):
        scene.by(scene.mo, moving.move_posts, long.thread_id, numbers, into=1)
        with count_statements(scene.app) as statements:
            page = mo.get(f"{LIST}/{scene.newest}")
        assert len(words_of(page, "tbody tr")) >= 2 * len(numbers)
        counts.append(len(statements))
    assert counts[0] == counts[1] < 20


def test_the_ways_to_the_record(scene: Scene, mo: FlaskClient) -> None:
    ada = scene.factories.signed_in(scene.ada)
    assert LIST in links_of(mo.get("/moderation"), "main a")
    assert f"{LIST}?thread=1" in links_of(mo.get("/t/1"), ".curating a")
    assert f"{LIST}?thread=1" not in links_of(ada.get("/t/1"), ".curating a")


def test_deed_of_a_later_version_is_nowhere(app: Flask, scene: Scene, mo: FlaskClient) -> None:
    with app.app_context(), transaction():
        db.session.add(LogEntry(kind="thread.of_tomorrow", thread_id=1))
    assert (listed(mo), mo.get(f"{LIST}/1").status_code) == ([], 404)
