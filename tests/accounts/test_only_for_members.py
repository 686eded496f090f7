"""What every member may do with what is their own is refused to guests, in the same words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from forum.accounts.actions import end_other_sessions, end_session
from forum.accounts.profile_actions import ProfileText, change_profile
from forum.db import transaction
from forum.discussion.draft_actions import DraftText, save_draft
from forum.errors import NotAllowed
from forum.notifications.actions import mark_all_seen
from forum.permissions import Actor
from forum.testing.factories import Factories

OWN: dict[str, Callable[[Actor], object]] = {
    "end a session": lambda guest: end_session(guest, 1),
    "end the others": lambda guest: end_other_sessions(guest, None),
    "change a profile": lambda guest: change_profile(guest, ProfileText("A", "a", "UTC")),
    "save a draft": lambda guest: save_draft(guest, "new", DraftText("Words.")),
    "mark all as seen": lambda guest: mark_all_seen(guest, 1),
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("what", OWN)
def test_guest_is_told_to_sign_in(app: Flask, factories: Factories, what: str) -> None:
    factories.community()
    refused = pytest.raises(NotAllowed, match=r"^Sign in to do this\.$")
    with app.test_request_context(), refused, transaction():
        OWN[what](Actor())
