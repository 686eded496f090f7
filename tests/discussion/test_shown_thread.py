"""Plugins ask about a thread in the name of whoever reads their page, and learn no more than they see."""

from __future__ import annotations

import pytest
from flask import Flask

from forum.categories.queries import Audiences
from forum.plugin_api import NotFound, ShownThread, current_actor, shown_thread
from forum.testing.factories import Factories

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_thread_is_shown_to_those_alone_who_may_see_it(app: Flask, factories: Factories) -> None:
    member = factories.actor(factories.member())
    moderator = factories.actor(factories.member(role="moderator"))
    closed = factories.category("Staff", audiences=Audiences(see="moderators"))
    thread = factories.thread(factories.member(role="moderator"), closed, title="Who leaves")
    open_one = factories.thread(title="Crackle")
    with app.test_request_context():
        guest = current_actor()
        shown = shown_thread(moderator, thread.thread_id)
        assert shown == ShownThread(thread.thread_id, closed.id, "Who leaves")
        assert shown_thread(guest, open_one.thread_id).title == "Crackle"
        for actor in (member, guest):
            with pytest.raises(NotFound):
                shown_thread(actor, thread.thread_id)
        with pytest.raises(NotFound):
            shown_thread(moderator, 999)
