"""Every decision that somebody reads has a reason: in a moderator's words, or a sentence of the forum's
that stands ready, so that one key still decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from forum.accounts.models import Member
from forum.clock import utcnow
from forum.db import db, transaction
from forum.errors import Invalid
from forum.moderation import actions as moderation
from forum.moderation import decision_actions as decisions
from forum.moderation.clock_actions import publish_unreviewed
from forum.moderation.models import Case
from forum.record.models import LogReason
from forum.testing.application import work
from forum.testing.forms import submit
from tests.evidence import page_of, words_of
from tests.record.scene import Scene

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LINE_ABOVE = "The line above it tells readers what to know first."
READS_WELL = "It reads well; nothing had to change."
FINE = "It was read, and is fine as it stands."
NOTHING_LEFT = "It was looked at, and there is nothing left to do."
IN_GERMAN = "Der Beitrag wurde gelesen und ist in Ordnung, wie er ist."


def starting(scene: Scene) -> int:
    """A thread of Bo's that waits."""
    with scene.app.test_request_context(), transaction():
        return scene.starting()


def unreviewed(scene: Scene) -> int:
    """A post of Bo's that the clock published."""
    with scene.app.test_request_context(), transaction():
        early = utcnow() - timedelta(days=5)
        db.session.execute(update(Case).where(Case.id == scene.other).values(opened_at=early))
        assert publish_unreviewed(scene.other)
        db.session.flush()
        return db.session.scalars(select(Case.id).order_by(Case.id.desc()).limit(1)).one()


def reasons(scene: Scene, case_id: int) -> tuple[str, str | None]:
    """Why a case was decided, as it is kept, and as the record has it."""
    with scene.app.app_context():
        newest = select(LogReason.words).order_by(LogReason.entry_id.desc()).limit(1)
        return db.session.get_one(Case, case_id).decision_reason, db.session.scalar(newest)


@pytest.mark.parametrize(
    ("opened", "button", "filled", "sentence"),
    [
        (lambda s: s.held, "Publish", {}, READS_WELL),
        (lambda s: s.held, "Publish with a label", {"label": "A sale"}, LINE_ABOVE),
        (starting, "Publish in another category", {"category": "2"}, "It fits better"),
        (unreviewed, "Nothing wrong: take the line above it away", {}, FINE),
        (lambda s: s.flagged[0], "Nothing wrong", {}, FINE),
        (lambda s: s.help, "Done", {}, NOTHING_LEFT),
        (lambda s: s.shop, "It is listed", {}, NOTHING_LEFT),
        (lambda s: s.welcome, "Nothing wrong", {}, ""),
    ],
)
def test_one_button_decides_with_the_sentence_that_stands_ready(
    scene: Scene,
    opened: Callable[[Scene], int],
    button: str,
    filled: dict[str, str],
    sentence: str,
) -> None:
    case_id, mo = opened(scene), scene.factories.signed_in(scene.mo)
    page = mo.get(f"/moderation/{case_id}")
    shown = " ".join(words_of(page, "#sentence option:first-child, #sentence-hint"))
    assert sentence in shown
    answer = submit(mo, f"/moderation/{case_id}", form="form.decide", button=button, **filled)
    assert answer.status_code == 303
    kept, recorded = reasons(scene, case_id)
    assert kept.startswith(sentence)
    assert kept == (recorded or "")
    assert bool(kept) == bool(sentence)
    author = scene.ada if case_id in (scene.shop, scene.welcome) else scene.bo
    work(scene.app)
    told = scene.factories.signed_in(author).get("/notifications")
    assert (kept in told.text) or not kept


def test_readers_read_it_in_their_language(scene: Scene) -> None:
    with scene.app.test_request_context(), transaction():
        theirs = Member.id.in_((scene.bo.id, scene.ada.id, scene.max.id))
        db.session.execute(update(Member).where(theirs).values(language="de"))
    mo = scene.factories.signed_in(scene.mo)
    case = f"/moderation/{scene.flagged[0]}"
    submit(mo, case, form="form.decide", button="Nothing wrong")
    work(scene.app)
    folder = scene.app.extensions["forum_settings"].mail_folder
    letters = [" ".join(path.read_text("utf-8").split()) for path in folder.glob("*.eml")]
    assert sum(IN_GERMAN in letter for letter in letters) == 1
    for person, address in (
        *((scene.bo, "/notifications"), (scene.ada, "/notifications"), (scene.ada, "/flags")),
        *((scene.max, case), (scene.max, "/moderation/log"), (scene.max, "/moderation/log/1")),
    ):
        page = scene.factories.signed_in(person).get(address)
        assert IN_GERMAN in page.text, address
        assert FINE not in page.text, address
    assert FINE in mo.get("/moderation/log/1").text


def test_own_words_are_sent_instead_and_another_sentence_can_be_chosen(scene: Scene) -> None:
    mo, another = scene.factories.signed_in(scene.mo), "It may be sharply put, but it is about"
    first, second, third = scene.flagged[:3]
    [option] = [
        option
        for option in page_of(mo.get(f"/moderation/{first}")).select("#sentence option")
        if another in option.get_text()
    ]
    chosen = {"form": "form.decide", "button": "Nothing wrong", "sentence": str(option["value"])}
    submit(mo, f"/moderation/{first}", **chosen)
    submit(mo, f"/moderation/{second}", **chosen, words="I agree with Bo.")
    assert reasons(scene, first)[0].startswith(another)
    assert reasons(scene, second) == ("I agree with Bo.", "I agree with Bo.")
    # What no sentence says for all asks for words, and what is no sentence of ours is none.
    for button in ("Remove", "Ask for changes"):
        refused = submit(mo, f"/moderation/{third}", **chosen | {"button": button})
        assert refused.status_code == 422
        assert "Say why; the author reads it." in refused.text
        assert words_of(refused, "#sentence option[selected]")[0].startswith(another)
    submit(mo, f"/moderation/{third}", **chosen | {"sentence": "Buy my kiln!"})
    assert reasons(scene, third) == (FINE, FINE)


@pytest.mark.parametrize(
    "decide",
    [
        lambda s, **words: s.by(s.mo, moderation.publish_held, s.held, **words),
        lambda s, **words: s.by(s.mo, moderation.publish_held, s.held, label="A sale", **words),
        lambda s, **words: s.by(
            s.mo, moderation.publish_elsewhere, starting(s), category_id=s.kilns.id, **words
        ),
        lambda s, **words: s.by(s.mo, moderation.finish_help, s.help, **words),
        lambda s, **words: s.by(s.mo, decisions.find_it_right, unreviewed(s), **words),
    ],
)
def test_nothing_that_somebody_reads_is_decided_without_a_reason(
    scene: Scene, decide: Callable[..., Any]
) -> None:
    with pytest.raises(Invalid, match="Say why"):
        decide(scene, words=" ")


def test_several_are_decided_with_the_sentence_that_fits_each(scene: Scene) -> None:
    mo = scene.factories.signed_in(scene.mo)
    page = mo.get(f"/moderation/several?cases={scene.held}&cases={scene.flagged[0]}")
    offered = words_of(page, "#sentence option")
    assert (offered[0], FINE in offered, LINE_ABOVE in offered) == (READS_WELL, True, False)
    [token] = page_of(page).select("main [name=csrf_token]")
    data: dict[str, Any] = {"csrf_token": token["value"], "sentence": "Its links help here."}
    data |= {"cases": [str(scene.held), str(scene.shop)], "decision": "publish"}
    asked = mo.post("/moderation/several", data=data)
    [effect, left_out] = words_of(asked, "li .effect")
    assert effect.endswith("What the author reads: Its links help here.")
    assert left_out == "This cannot be decided about cases of this kind."
    # One that is for another decision is not sent: each reads the usual one.
    data |= {"cases": [str(scene.shop), str(scene.help)], "decision": "done"}
    asked = mo.post("/moderation/several", data=data)
    assert all(effect.endswith(NOTHING_LEFT) for effect in words_of(asked, "li .effect"))
    sent = page_of(asked).select("main form input[name=cases]")
    data |= {"cases": [str(one["value"]) for one in sent], "action": "decide"}
    assert mo.post("/moderation/several", data=data).status_code == 303
    for case_id in (scene.shop, scene.help):
        assert reasons(scene, case_id)[0] == NOTHING_LEFT
