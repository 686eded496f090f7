"""What is refused when a plugin is registered, so that it cannot fail when somebody posts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pluggy
import pytest

from forum.plugin_api import Draft, Finding, Hold, PostToCheck, PublishedPost, hookimpl
from forum.plugin_host import PluginHost, PluginRefused


class Quiet:
    @hookimpl
    def review_draft(self, draft: Draft) -> list[Finding]:
        return []


class Unmarked:
    def check_post(self, post: PostToCheck) -> Hold | None:
        return Hold("Nobody would ever hear this.")


class Misspelt:
    @hookimpl
    def check_posts(self, post: PostToCheck) -> None:
        return None


class WrongOption:
    @hookimpl
    def check_post(self, text: str) -> None:
        return None


class Writing:
    @hookimpl
    def with_post_published(self, post: PublishedPost) -> None:
        return None


class Later:
    @hookimpl
    async def on_post_published(self, event: Any) -> None:
        return None


class Lazy:
    @hookimpl
    def review_draft(self, draft: Draft) -> Iterator[Finding]:
        yield from ()


class PushingIn:
    @pluggy.HookimplMarker("forum")(tryfirst=True)
    def check_post(self, post: PostToCheck) -> None:
        return None


class Twice:
    @hookimpl
    def check_post(self, post: PostToCheck) -> None:
        return None

    @pluggy.HookimplMarker("forum")(specname="check_post")
    def look_again(self, post: PostToCheck) -> None:
        return None


REFUSED = [
    (Unmarked(), "check_post is not marked with @hookimpl"),
    (Misspelt(), "there is no hook check_posts"),
    (Writing(), "with_post_published writes in the forum's transaction, and this plugin may not"),
    (Later(), "on_post_published must be a plain function, not async and without yield"),
    (Lazy(), "review_draft must be a plain function, not async and without yield"),
    (
        PushingIn(),
        "check_post asks for an order or a wrapper; each implementation is called by itself",
    ),
    (Twice(), "check_post is implemented twice"),
]


@pytest.mark.parametrize(("plugin", "reason"), REFUSED, ids=[type(p).__name__ for p, _ in REFUSED])
def test_plugin_that_could_not_be_called_is_refused_with_its_reason(
    plugin: object, reason: str
) -> None:
    with pytest.raises(PluginRefused) as refused:
        PluginHost().register(plugin, "odd")
    assert str(refused.value) == f"plugin 'odd' cannot be used: {reason}"


def test_option_that_the_hook_does_not_have_is_refused() -> None:
    with pytest.raises(PluginRefused, match=r"\{'text'\} are declared"):
        PluginHost().register(WrongOption(), "odd")


@pytest.mark.parametrize("name", ["", "Spam", "spam filter", "spam:filter", "1st", "a" * 61])
def test_name_that_could_not_stand_in_a_job_or_a_log_is_refused(name: str) -> None:
    with pytest.raises(PluginRefused, match="small letters"):
        PluginHost().register(Quiet(), name)


def test_name_is_given_once() -> None:
    host = PluginHost()
    host.register(Quiet(), "quiet")
    with pytest.raises(PluginRefused, match="another plugin has this name"):
        host.register(Unmarked(), "quiet")
    assert [i.id for i in host.implementations("review_draft")] == ["quiet:review_draft"]


def test_refused_plugin_leaves_nothing_behind() -> None:
    host = PluginHost()
    for plugin, _ in REFUSED:
        with pytest.raises(PluginRefused):
            host.register(plugin, "odd")
    assert {hook: host.implementations(hook) for hook in host.hooks} == {h: [] for h in host.hooks}
    host.register(Quiet(), "odd")
    assert [i.id for i in host.implementations("review_draft")] == ["odd:review_draft"]


def test_plugin_that_may_write_is_taken() -> None:
    host = PluginHost()
    host.register(Writing(), "writer", may_write=True)
    assert [i.id for i in host.implementations("with_post_published")] == [
        "writer:with_post_published"
    ]


def test_unknown_hook_has_no_implementations_to_ask_for() -> None:
    with pytest.raises(LookupError, match="there is no hook on_full_moon"):
        PluginHost().implementations("on_full_moon")
