"""Leaks into what is sent or logged: letters, notifications, lines."""

from __future__ import annotations

import logging
from collections.abc import Collection
from email.message import EmailMessage
from typing import Any

import pytest

from forum.db import db
from forum.discussion.models import Post
from forum.notifications import actions as notifications
from forum.notifications import mail
from forum.notifications.models import Notification
from forum_anonymous_questions import actions, door, publishing_actions
from forum_anonymous_questions.sealing import Act
from tests.anonymity.leaks.kinds import LINES, ON_ONE, WHO, Leak, Memory

log = logging.getLogger(__name__)


def _address_in_the_log(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """So that abuse can be followed up."""
    answer = door._answer

    def logged(environ: dict[str, Any]) -> Any:
        log.info("%s from %s", environ["PATH_INFO"], environ["REMOTE_ADDR"])
        return answer(environ)

    patch.setattr(door, "_answer", logged)


def _line_about_asking(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """So that administrators see how much the door is used: it names nobody, but has a time."""
    place = actions._placed

    def told(act: Act) -> Act:
        log.info("somebody asked")
        return place(act)

    patch.setattr(actions, "_placed", told)


def _name_in_a_head(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """So that programs can sort letters by who began the thread."""
    as_message = mail.as_message

    def headed(letter: Any, sender: str, **options: Any) -> EmailMessage:
        message = as_message(letter, sender, **options)
        for title, member in memory.titles.items():
            if title in letter.subject:
                message["X-Thread-By"] = f"member {member}"
        return message

    patch.setattr(mail, "as_message", headed)


def _missing_for_one(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """So that nobody is told of what is theirs: the asker alone is not told of what others reply."""
    tell_all = notifications._tell_all

    def told(post: Any, members: Collection[int], kind: str) -> None:
        begun = db.session.query(Post.id).filter_by(thread_id=post.thread_id, number=1).scalar()
        tell_all(post, set(members) - {memory.asker_of(begun)}, kind)

    patch.setattr(notifications, "_tell_all", told)


def _asker_is_told(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    """So that askers learn that their question was published."""
    publish = publishing_actions.publish_waiting

    def published(post_id: int) -> None:
        publish(post_id)
        member = memory.asker_of(post_id)
        if member:
            db.session.add(Notification(member_id=member, post_id=post_id, kind="reply"))

    patch.setattr(publishing_actions, "publish_waiting", published)


LEAKS = (
    Leak("line of the log about asking", LINES, "somebody asked", _line_about_asking, ON_ONE),
    Leak("address in the log", WHO, "log:", _address_in_the_log, ON_ONE),
    Leak("name in a letter's head", WHO, "mail:", _name_in_a_head, ON_ONE),
    Leak(
        "notification that one member alone does not get",
        WHO,
        "table notifications",
        _missing_for_one,
    ),
    Leak("notification that the asker gets", WHO, "table notifications", _asker_is_told),
)
