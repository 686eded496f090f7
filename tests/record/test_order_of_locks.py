"""Rows are held in one order, cases before threads before posts, so that nobody waits for each other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from forum.clock import utcnow
from forum.db import db, transaction
from forum.moderation import decision_actions as flagged
from forum.moderation.actions import claim_case, draft_anew, withdraw_held
from forum.moderation.appeal_actions import appeal, overturn
from forum.moderation.claim_actions import free_claims, give_back_all
from forum.moderation.clock_actions import publish_unreviewed
from forum.moderation.measure_appeal_actions import claim_appeal
from forum.moderation.models import Case
from forum.record.actions import undo
from tests.record.scene import Scene

# SQLite lets one write at a time.
pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def meet(scene: Scene, held: str, wanted: str, act: Callable[[], object]) -> None:
    """Somebody holds a row and, while ``act`` waits for it, takes another one that comes later in the
    order; then ``act`` goes on. PostgreSQL ends one of two that wait for each other."""
    with scene.app.app_context():
        engine = db.engine
    with ThreadPoolExecutor(1) as pool, engine.connect() as other:
        with other.begin():
            other.execute(text(f"SELECT 1 FROM {held} FOR UPDATE"))
            acting = pool.submit(act)
            _until_it_waits(engine, acting)
            other.execute(text(f"SELECT 1 FROM {wanted} FOR UPDATE"))
        acting.result()


def _until_it_waits(engine: Engine, acting: Future[object]) -> None:
    end = monotonic() + 10
    with engine.connect() as third:
        while not third.execute(WAITING).scalar():
            assert not acting.done(), "it did not need what somebody else had"
            assert monotonic() < end, "it neither waits nor ends"
            third.rollback()
            sleep(0.01)


def test_freeing_claims_waits_for_who_closes_their_account(scene: Scene) -> None:
    # Of Bo, whose appeal whoever closes that account deletes, before taking the cases about his posts.
    case = scene.flagged[0]
    with scene.app.test_request_context(), transaction():
        number = scene.appeal_about_measure("Loud.")
    scene.by(scene.mo, claim_appeal, number)
    scene.by(scene.mo, claim_case, case)
    held, wanted = f"measure_appeals WHERE id = {number}", f"cases WHERE id = {case}"
    meet(scene, held, wanted, lambda: scene.do(lambda _s, _a: free_claims(None)))
    meet(scene, held, wanted, lambda: scene.do(lambda s, _a: give_back_all(s.mo.id)))
    with scene.app.app_context():
        assert db.session.get_one(Case, case).claimed_by is None


def case_of(scene: Scene, post_id: int) -> int:
    """The newest case about a post."""
    with scene.app.app_context():
        newest = select(Case.id).where(Case.post_id == post_id).order_by(Case.id.desc())
        return db.session.scalars(newest.limit(1)).one()


def test_overturning_waits_for_who_undoes_what_was_decided(scene: Scene) -> None:
    case = scene.flagged[0]
    scene.by(scene.mo, flagged.remove_flagged, case, words="Loud.")
    scene.by(scene.bo, appeal, scene.newest, words="It is not.")
    with scene.app.app_context():
        first = db.session.get_one(Case, case)
        appealed = case_of(scene, first.post_id)
    words: dict[str, Any] = {"words": "It was not."}
    held, wanted = f"cases WHERE id = {case}", "threads WHERE title = 'Slip'"
    meet(scene, held, wanted, lambda: scene.by(scene.max, overturn, appealed, **words))
    with scene.app.app_context():
        assert db.session.get_one(Case, appealed).decision == "overturned"


@pytest.mark.parametrize("taking", [withdraw_held, draft_anew])
def test_author_waits_for_who_curates_the_thread(
    scene: Scene, taking: Callable[..., object]
) -> None:
    with scene.app.app_context():
        post = db.session.get_one(Case, scene.held).post_id
    if taking is draft_anew:
        scene.by(scene.bo, withdraw_held, post)
    held, wanted = "threads WHERE id = 1", f"posts WHERE id = {post}"
    meet(scene, held, wanted, lambda: scene.by(scene.bo, taking, post))
    with scene.app.app_context():
        assert db.session.get_one(Case, scene.held).decision == "withdrawn"


def test_undoing_the_clock_waits_for_who_decides_afterwards(scene: Scene) -> None:
    case = scene.overdue()
    scene.do(lambda _scene, _actor: publish_unreviewed(case))
    with scene.app.app_context():
        post = db.session.get_one(Case, case).post_id
    later, entry = case_of(scene, post), scene.newest
    assert later != case
    held, wanted = f"cases WHERE id = {later}", "threads WHERE id = 1"
    meet(scene, held, wanted, lambda: scene.by(scene.mo, undo, entry))
    with scene.app.app_context():
        assert db.session.get_one(Case, later).decision == "withdrawn"
        assert db.session.get_one(Case, case).closed_at is None
        assert db.session.get_one(Case, later).closed_at <= utcnow()
