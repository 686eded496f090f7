"""Plugins that a new forum begins with, and that nobody is made to keep."""

from __future__ import annotations

from flask import Flask

from forum.admin.plugin_actions import FROM_THE_START, disable_plugin, enable_from_the_start
from forum.community.plugin_queries import enabled_plugins
from forum.db import transaction
from forum.permissions import OPERATOR
from forum.testing.factories import Factories


def begin(app: Flask) -> set[str]:
    """What ``forum serve`` does at its start: the plugins that are enabled then."""
    with app.app_context():
        with transaction():
            enable_from_the_start(OPERATOR)
        return set(enabled_plugins())


def test_forum_that_nobody_has_set_up_begins_with_those_that_ship(app: Flask) -> None:
    assert begin(app) == begin(app) == set(FROM_THE_START) == {"anonymous-questions"}


def test_forum_that_is_set_up_stays_as_it_is(app: Flask) -> None:
    Factories(app).community()
    assert begin(app) == set()


def test_what_was_disabled_before_the_setup_is_not_enabled_again(app: Flask) -> None:
    begin(app)
    with app.test_request_context(), transaction():
        disable_plugin(OPERATOR, "anonymous-questions")
    assert begin(app) == set()
