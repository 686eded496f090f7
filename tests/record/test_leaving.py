"""What others wrote about somebody who has left is emptied, and nothing new is kept."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts.closing_actions import close_account
from forum.db import db, transaction, wipe_deleted
from forum.discussion import curating_actions as curating
from forum.discussion import moving_actions as moving
from forum.jobs.models import Job
from forum.moderation import decision_actions as flagged
from forum.moderation.flag_actions import flag_post
from forum.moderation.measure_actions import warn_member
from forum.moderation.models import Case
from forum.moderation.note_actions import note_about_case
from forum.record.actions import undo
from forum.record.models import LogReason
from forum.testing.application import work
from forum.testing.forms import send, submit
from tests.evidence import form_of, words_of
from tests.full_member import traces
from tests.record.scene import Scene

ABOUT_BO = "Zanzibar is rude"
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def leave(scene: Scene) -> None:
    """Bo leaves, his posts stay, and the worker does what was promised."""
    with scene.app.test_request_context():
        close_account(
            scene.factories.actor(scene.bo), password=scene.bo.password, empty_posts=False
        )
    do_all(scene)


def do_all(scene: Scene) -> None:
    """Do what was promised, also for later."""
    while True:
        with scene.app.test_request_context(), transaction():
            db.session.execute(update(Job).values(run_at=Job.created_at))
        if not work(scene.app):
            return


def said_of_bo(scene: Scene) -> None:
    """Others write about Bo wherever they can; of most of it nothing is decided yet."""
    scene.by(scene.ada, flag_post, 1, 2, words=f"{ABOUT_BO}.")
    for case in (scene.flagged[0], scene.help, newest_case(scene)):
        scene.by(scene.mo, note_about_case, case, words=f"{ABOUT_BO}, they say.")
    scene.by(
        scene.mo, flagged.find_nothing_wrong, scene.flagged[1], words=f"{ABOUT_BO}, but right."
    )
    scene.by(scene.mo, flagged.remove_flagged, scene.flagged[2], words=f"{ABOUT_BO}.")
    scene.by(scene.mo, warn_member, scene.bo.id, reason=f"{ABOUT_BO}.")
    scene.by(scene.mo, curating.remove_post, 1, 3, reason=f"{ABOUT_BO}.")
    # An entry of which Ada, who started the thread, counts as whom it is about.
    split = {"title": "Cooling", "category_id": scene.glazes.id, "reason": f"{ABOUT_BO} to Ada."}
    scene.by(scene.mo, moving.split_thread, 1, [2], **split)
    scene.by(scene.mo, undo, scene.newest, reason=f"{ABOUT_BO} here, too.")


def newest_case(scene: Scene) -> int:
    """The case that was opened last."""
    with scene.app.app_context():
        return db.session.scalars(select(Case.id).order_by(Case.id.desc()).limit(1)).one()


def test_what_was_said_of_a_member_who_leaves_is_found_nowhere(scene: Scene) -> None:
    said_of_bo(scene)
    scene.by(scene.mo, curating.lock_thread, scene.kiln, reason="Ada asked for it.")
    do_all(scene)
    assert {"flags.words", "case_notes.words", "cases.decision_reason"} < set(
        traces(scene.app, [ABOUT_BO])
    )
    leave(scene)
    with scene.app.app_context():
        kept = db.session.scalars(select(LogReason.words).where(LogReason.words != "")).all()
    assert kept == ["Ada asked for it."]
    assert traces(scene.app, [ABOUT_BO]) == []


def test_nothing_that_is_said_of_a_former_member_afterwards_is_kept(scene: Scene) -> None:
    leave(scene)
    scene.by(scene.ada, flag_post, 1, 2, words=f"{ABOUT_BO}.")
    case = newest_case(scene)
    scene.by(scene.mo, note_about_case, case, words=f"{ABOUT_BO}, they say.")
    assert traces(scene.app, [ABOUT_BO]) != [], "it is needed until somebody has decided"
    scene.by(scene.mo, flagged.find_nothing_wrong, case, words=f"{ABOUT_BO}, but right.")
    for number, one in enumerate(scene.flagged[:3]):
        decide = (flagged.ask_for_changes, flagged.remove_flagged, flagged.find_nothing_wrong)[
            number
        ]
        scene.by(scene.mo, decide, one, words=f"{ABOUT_BO}.")
    scene.by(scene.mo, undo, scene.newest, reason=f"{ABOUT_BO}, after all.")
    scene.by(scene.max, flagged.find_nothing_wrong, scene.flagged[2], words="")
    do_all(scene)
    with scene.app.app_context():
        # As whenever somebody leaves.
        wipe_deleted()
    assert traces(scene.app, [ABOUT_BO]) == []


@ONE_DATABASE
def test_case_about_a_former_member_asks_for_no_words(scene: Scene) -> None:
    leave(scene)
    mo: FlaskClient = scene.factories.signed_in(scene.mo)
    address = f"/moderation/{scene.flagged[0]}"
    page = mo.get(address)
    assert "no words about them are kept" in " ".join(words_of(page, "form.decide .notice"))
    assert words_of(page, "form.decide textarea") == []
    assert submit(mo, address, form="form.decide", button="Nothing wrong").status_code == 303
    decided = mo.get(address)
    assert words_of(decided, "form.note") == []
    sent = submit(mo, f"/moderation/{scene.flagged[1]}", form="form.note", note="Still open.")
    assert sent.status_code == 303
    ada = scene.factories.signed_in(scene.ada)
    assert "found nothing wrong with it" in " ".join(words_of(ada.get("/flags"), "li.flag"))


@ONE_DATABASE
def test_decided_case_about_a_former_member_takes_no_note(scene: Scene) -> None:
    mo = scene.factories.signed_in(scene.mo)
    address = f"/moderation/{scene.flagged[1]}"
    scene.by(scene.mo, flagged.find_nothing_wrong, scene.flagged[1], words="It is right.")
    form = form_of(mo.get(address), "form.note")
    leave(scene)
    late = send(mo, address, form, note="Late.")
    assert late.status_code == 422
    assert "Its author has left." in " ".join(words_of(late, "#error-summary"))
    assert words_of(late, "form.note textarea") == ["Late."]
