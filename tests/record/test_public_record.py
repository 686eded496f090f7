"""What everybody may read of the record, where the community wants that: days, kinds and categories."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from forum.categories.queries import Audiences
from forum.community.setting_actions import change_settings
from forum.db import db, transaction
from forum.discussion import curating_actions as curating
from forum.permissions import OPERATOR
from forum.record.models import LogEntry
from forum.record.settings import PUBLIC_LOG
from forum.testing.application import count_statements
from tests.evidence import links_of, words_of
from tests.record.scene import DEEDS, Scene

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PAGE = "/about/moderation"


def show(scene: Scene) -> None:
    """Decide that everybody may read it."""
    with scene.app.test_request_context(), transaction():
        change_settings(OPERATOR, {PUBLIC_LOG.name: "yes"})


def test_nothing_is_shown_unless_the_community_wants_it(scene: Scene, client: FlaskClient) -> None:
    scene.do(DEEDS["curating_actions.lock_thread"])
    answer = client.get(PAGE)
    assert (answer.status_code, "does not show" in answer.text) == (404, True)
    assert PAGE not in links_of(client.get("/about"), "main a")
    show(scene)
    assert client.get(PAGE).status_code == 200
    assert PAGE in links_of(client.get("/about"), "main a")


def test_days_kinds_and_categories_are_told_and_nothing_else(
    scene: Scene, client: FlaskClient
) -> None:
    show(scene)
    scene.do(DEEDS["curating_actions.lock_thread"])
    scene.undo(1, reason="Too soon.")
    scene.do(DEEDS["curating_actions.remove_post"])
    page = client.get(PAGE)
    assert words_of(page, "tbody tr td:nth-child(2)") == [
        "post removed", "undone: thread locked", "thread locked undone since",
    ]  # fmt: skip
    assert words_of(page, "tbody tr td:nth-child(3)") == ["Glazes"] * 3
    at = words_of(page, "tbody time")
    assert (len(at), {":" in day for day in at}) == (3, {False})
    main = str(words_of(page, "main"))
    for secret in ("Mo", "Bo", "Ada", "Crackle", "Settled.", "Loud.", "Too soon."):
        assert f" {secret} " not in f" {main} ", secret
    assert links_of(page, "main td a") == []


def test_what_guests_may_not_read_and_what_is_about_people_is_not_there(
    scene: Scene, client: FlaskClient
) -> None:
    show(scene)
    scene.do(DEEDS["curating_actions.lock_thread"])
    members = scene.factories.category("Inner", audiences=Audiences(see="members"))
    scene.by(scene.mo, curating.move_thread, 1, members.id)
    with scene.app.app_context(), transaction():
        db.session.add(LogEntry(kind="thread.lock"))
    for browser in (client, scene.factories.signed_in(scene.mo)):
        assert words_of(browser.get(PAGE), ".empty") == ["No moderator has done anything yet."]


def test_it_is_paged_and_costs_the_same_for_many(scene: Scene, client: FlaskClient) -> None:
    def statements() -> int:
        with count_statements(scene.app) as found:
            assert client.get(PAGE).status_code == 200
        return len(found)

    show(scene)
    scene.do(DEEDS["curating_actions.lock_thread"])
    client.get(PAGE)
    one = statements()
    with scene.app.app_context(), transaction():
        db.session.add_all([LogEntry(kind="thread.pin", thread_id=1) for _ in range(51)])
    assert statements() == one
    first = client.get(PAGE)
    [older] = links_of(first, "main nav.pages a")
    second = client.get(older)
    counts = [len(words_of(page, "tbody tr")) for page in (first, second)]
    assert (counts, links_of(second, "main nav.pages a")) == ([50, 2], [PAGE])
    assert client.get(f"{PAGE}?before=x").status_code == 404
