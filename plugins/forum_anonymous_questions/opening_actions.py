"""What askers did becomes posts that wait for moderators, and what else they asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from forum.accounts.queries import actor_by_id
from forum.db import savepoint
from forum.discussion.actions import Prepared
from forum.discussion.curating_actions import mark_answer
from forum.discussion.models import Post
from forum.plugin_api import (
    ForumError,
    WaitingPost,
    db,
    open_case,
    reply_waiting,
    revise_waiting,
    rows,
    start_waiting,
    take_back_waiting,
)
from forum_anonymous_questions import models, sealing
from forum_anonymous_questions.models import FOLLOW_UPS, QUESTIONS, WAITING
from forum_anonymous_questions.period_actions import new_id, week_of
from forum_anonymous_questions.queries import CASE_KIND, IS_THANKABLE, claim_marks, key_in_force
from forum_anonymous_questions.sealing import Act, unsealed
from forum_anonymous_questions.texts import gettext

log = logging.getLogger(__name__)
Preparing = Callable[..., Prepared]


class Texts:
    """Texts reviewed and rendered, most of them before the transaction begins; kept in memory alone."""

    def __init__(self, prepare: Preparing) -> None:
        self._prepare = prepare
        self._known: dict[tuple[str, str], Prepared] = {}

    def prepare_ahead(self) -> None:
        """Prepare what waits at this moment."""
        key = key_in_force()
        for each in [] if key is None else rows(select(WAITING.c.sealed)):
            act = unsealed(key or b"", each.sealed)
            if act is not None and act.source:
                with passing_over():
                    self.of(act.source, act.language)

    def of(self, source: str, language: str = "") -> Prepared:
        """A text, reviewed and rendered.

        Raises:
            Invalid: it cannot be posted.
        """
        place = source, language
        if place not in self._known:
            self._known[place] = self._prepare(source, language=language)
        return self._known[place]


def apply_acts(acts: Sequence[Act], asker_id: int, now: datetime, texts: Texts) -> None:
    """Do what askers did, in the transaction under way: questions first, as the others are about them."""
    asked = [act for act in acts if act.kind == sealing.ASK]
    for act in asked:
        _open_question(act, _of_code(acts, act.code), asker_id, now, texts)
    # What was done with these codes is part of their questions already.
    new = {act.code for act in asked}
    does: dict[str, Callable[[Any, Act], None]] = {
        sealing.WITHDRAW: lambda found, act: _withdraw(found),
        sealing.CLARIFY: lambda found, act: _clarify(found, act, asker_id, now, texts),
        sealing.THANK: lambda found, act: _thank(found, asker_id, now, texts),
        sealing.ANSWER: lambda found, act: _choose(found, act, asker_id),
    }
    for kind, do in does.items():
        for act in acts:
            is_due = act.kind == kind and act.code not in new
            found = _question_of(act.code) if is_due else None
            if found is not None:
                with passing_over():
                    do(found, act)


def open_question_case(post_id: int, held: str = "") -> None:
    """Put a question, or what was written further, before moderators."""
    reason = gettext(
        "Somebody asks this anonymously. Approve it for the next batch, ask the asker for changes, or "
        "remove it."
    )
    open_case(None, post_id, CASE_KIND, f"{reason}\n{held}".strip()[:1_000])


@contextmanager
def passing_over() -> Iterator[None]:
    """What cannot be done any more is left out: there is nobody who could be told. Whatever else is wrong
    with one keeps none of the others from being done."""
    try:
        with savepoint():
            yield
    except ForumError:
        pass
    except Exception as error:
        # Without a word of what was asked.
        log.error("what was done at a fixed time was left out in part: %s", type(error).__name__)


def _of_code(acts: Sequence[Act], code: str) -> list[Act]:
    return [act for act in acts if act.code == code]


def _open_question(
    act: Act, all_of_it: Sequence[Act], asker_id: int, now: datetime, texts: Texts
) -> None:
    """Make a thread of a question that waits. One that was taken back before, or that cannot be asked any
    more, is noted as such, so that its ticket comes back."""
    if _question_of(act.code) is not None:
        return
    words = [one for one in all_of_it if one.kind in (sealing.ASK, sealing.CLARIFY)][-1]
    state, post_id = models.LAPSED, None
    if any(one.kind == sealing.WITHDRAW for one in all_of_it):
        state = models.WITHDRAWN
    else:
        with passing_over():
            text = texts.of(words.source, words.language)
            begun = start_waiting(asker_id, act.category_id, title=act.title, text=text)
            open_question_case(begun.post_id, begun.held)
            state, post_id = models.ASKED, begun.post_id
    row = {"id": new_id(), "code": claim_marks(act.code)[0], "week": week_of(now)}
    db.session.execute(insert(QUESTIONS).values(state=state, post_id=post_id, **row))


def _question_of(code: str) -> Any:
    asked = (
        select(
            *(QUESTIONS.c.id, QUESTIONS.c.state, QUESTIONS.c.post_id),
            *(Post.thread_id, Post.number, IS_THANKABLE),
        )
        .outerjoin(Post, Post.id == QUESTIONS.c.post_id)
        .where(QUESTIONS.c.code.in_(claim_marks(code)))
    )
    return db.session.execute(asked).first()


def _withdraw(found: Any) -> None:
    if found.state == models.ASKED:
        take_back_waiting(found.post_id)
        set_state(found.id, models.WITHDRAWN)


def _clarify(found: Any, act: Act, asker_id: int, now: datetime, texts: Texts) -> None:
    text = texts.of(act.source, act.language)
    if found.state == models.ASKED:
        # Whatever case is open is about the words before: whoever reads them must not decide about these.
        take_back_waiting(found.post_id)
        revised = revise_waiting(found.post_id, text=text)
        open_question_case(found.post_id, revised.held)
    elif found.state == models.PUBLISHED:
        added = reply_waiting(asker_id, found.thread_id, text=text)
        _keep_follow_up(found, added, now)
        open_question_case(added.post_id, added.held)


def _thank(found: Any, asker_id: int, now: datetime, texts: Texts) -> None:
    if found.state == models.PUBLISHED and found.is_thankable:
        text = texts.of(gettext("Thank you for your answers. They helped me."))
        _keep_follow_up(found, reply_waiting(asker_id, found.thread_id, text=text), now)
        is_this = QUESTIONS.c.id == found.id
        db.session.execute(update(QUESTIONS).where(is_this).values(is_thanked=True))


def _keep_follow_up(found: Any, added: WaitingPost, now: datetime) -> None:
    row = {"id": new_id(), "question_id": found.id, "post_id": added.post_id}
    db.session.execute(insert(FOLLOW_UPS).values(week=week_of(now), **row))


def _choose(found: Any, act: Act, asker_id: int) -> None:
    asker = actor_by_id(asker_id)
    if found.state == models.PUBLISHED and asker is not None:
        mark_answer(asker, found.thread_id, act.number)


def set_state(question_id: bytes, state: str) -> None:
    """Note where a question stands."""
    db.session.execute(
        update(QUESTIONS).where(QUESTIONS.c.id == question_id).values(state=state, is_told=False)
    )
