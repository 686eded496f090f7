"""``register_*``: pages, navigation and permissions of plugins; a fault leaves the plugin out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from forum.plugin_host import PluginHost
from forum.testing.factories import Factories
from tests.evidence import words_of

ForumWith = Callable[..., Flask]
ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

TALKS = """
from flask import Blueprint
pages = Blueprint("talks", __name__, url_prefix="/talks")

@pages.get("")
def talks():
    require(current_actor(), "talks.see")
    return "A talk about cones."

@hookimpl
def register_blueprints():
    return [pages]

@hookimpl
def register_navigation():
    return [NavigationEntry("Talks", "/talks", "talks.see")]

@hookimpl
def register_permissions():
    return [Permission("talks.see", "Talks are for members.", ("member",))]
"""
LISTENING = """
@hookimpl
def review_draft():
    return []
"""


def reasons(app: Flask) -> dict[str, str]:
    """State and reason of every plugin."""
    host: PluginHost = app.extensions["forum_plugins"]
    return {p.name: f"{p.state}: {p.reason}".removesuffix(": ") for p in host.plugins}


def heard(app: Flask, hook: str) -> list[str]:
    """The plugins whose implementation of a hook is called, besides the core's."""
    host: PluginHost = app.extensions["forum_plugins"]
    return [i.plugin for i in host.implementations(hook)][1:]


def test_plugin_brings_a_page_its_link_and_who_may_see_it(forum_with: ForumWith) -> None:
    app = forum_with(talks=TALKS)
    factories = Factories(app)
    factories.community()
    member, guest = factories.signed_in(factories.member()), app.test_client()
    assert reasons(app) == {"talks": "running"}
    assert member.get("/talks").text == "A talk about cones."
    assert words_of(member.get("/"), "nav[aria-label=Main] a")[-1] == "Talks"
    assert words_of(guest.get("/"), "nav[aria-label=Main] a") == ["Threads", "Latest posts"]
    assert (guest.get("/talks").status_code, "Sign in" in guest.get("/talks").text) == (403, True)


@ONE_KIND
def test_refusal_is_said_in_the_plugins_words(forum_with: ForumWith) -> None:
    app = forum_with(talks=TALKS.replace('("member",)', '("admin",)'))
    factories = Factories(app)
    admin = factories.signed_in(factories.community())
    refused = factories.signed_in(factories.member()).get("/talks")
    assert (refused.status_code, "Talks are for members." in refused.text) == (403, True)
    assert admin.get("/talks").status_code == 200


WRONG = {
    "crashes": (
        "@hookimpl\ndef register_permissions():\n    raise LookupError('kiln')",
        "register_permissions failed: LookupError: kiln (hooks.py, line 8)",
    ),
    "leaves": (
        "import sys\n@hookimpl\ndef register_navigation():\n    sys.exit(2)",
        "register_navigation failed: SystemExit: 2 (hooks.py, line 9)",
    ),
    "no list": (
        "@hookimpl\ndef register_navigation():\n    return None",
        "register_navigation must give a list of 50 at most",
    ),
    "other things": (
        "@hookimpl\ndef register_navigation():\n    return ['/talks']",
        "register_navigation gave str at 0 instead of NavigationEntry",
    ),
    "another host": (
        "@hookimpl\ndef register_navigation():\n    return [NavigationEntry('A', '//example.org')]",
        "register_navigation gave an entry whose address does not lead into this forum",
    ),
    "script for an address": (
        "@hookimpl\ndef register_navigation():\n"
        "    return [NavigationEntry('A', 'javascript:alert(1)')]",
        "register_navigation gave an entry whose address does not lead into this forum",
    ),
    "label of two lines": (
        "@hookimpl\ndef register_navigation():\n    return [NavigationEntry('A\\nB', '/a')]",
        "register_navigation gave an entry whose label is no line of 1 to 40",
    ),
    "the forum's permission": (
        "@hookimpl\ndef register_permissions():\n"
        "    return [Permission('community.manage', 'No.', ('guest',))]",
        "register_permissions gave a permission whose name is not odd.something",
    ),
    "permission with a colon": (
        "@hookimpl\ndef register_permissions():\n    return [Permission('odd.a:allow:', 'No.')]",
        "register_permissions gave a permission whose name is not odd.something",
    ),
    "unknown role": (
        "@hookimpl\ndef register_permissions():\n"
        "    return [Permission('odd.a', 'No.', ('potter',))]",
        "register_permissions gave odd.a to a role that is none of "
        "('guest', 'member', 'moderator', 'admin')",
    ),
    "name of another blueprint": (
        "from flask import Blueprint\n@hookimpl\ndef register_blueprints():\n"
        "    return [Blueprint('discussion', __name__)]",
        "register_blueprints gave a blueprint 'discussion', whose name must be 'odd' or begin "
        "with 'odd_'",
    ),
}


@ONE_KIND
@pytest.mark.parametrize("kind", WRONG)
def test_plugin_that_brings_something_wrong_is_left_out_as_a_whole(
    forum_with: ForumWith, kind: str
) -> None:
    source, reason = WRONG[kind]
    app = forum_with(odd=LISTENING + source, talks=TALKS)
    assert reasons(app) == {"odd": f"refused: {reason}", "talks": "running"}
    assert heard(app, "review_draft") == []
    assert app.test_client().get("/").status_code == 200


PAGES = """
from flask import Blueprint
pages = Blueprint("odd", __name__, url_prefix="/odd")

@hookimpl
def register_blueprints():
    return [pages]

@pages.get("")
def odd():
    return "odd"
"""
WRONG_PAGES = {
    "address of the forum": (
        PAGES.replace('url_prefix="/odd"', 'url_prefix="/t"'),
        "/t does not begin with /odd",
    ),
    "address at the root": (
        PAGES.replace(', url_prefix="/odd"', "").replace('get("")', 'get("/<x>")'),
        "/<x> does not begin with /odd",
    ),
    "every page": (
        PAGES + "pages.before_app_request(lambda: 'mine')",
        "a blueprint may change only its own pages, not all of them",
    ),
    "every error": (
        PAGES + "pages.app_errorhandler(404)(lambda error: 'mine')",
        "a blueprint may change only its own pages, not all of them",
    ),
    "every template": (
        PAGES + "pages.add_app_template_filter(str, 'trusted')",
        "a blueprint may change only its own pages, not all of them",
    ),
    "crash": (
        PAGES + "pages.record(lambda state: 1 / 0)",
        "its pages cannot be added: ZeroDivisionError: division by zero (hooks.py, line 17)",
    ),
    "twice": (
        PAGES.replace("[pages]", "[pages, pages]"),
        "its pages cannot be added: ValueError: The name 'odd' is already registered for this",
    ),
}


@ONE_KIND
@pytest.mark.parametrize("kind", WRONG_PAGES)
def test_pages_that_would_touch_others_are_refused(forum_with: ForumWith, kind: str) -> None:
    source, reason = WRONG_PAGES[kind]
    app = forum_with(odd=LISTENING + source)
    assert reason in reasons(app)["odd"]
    assert heard(app, "review_draft") == []
    assert "odd" not in app.blueprints
    assert app.test_client().get("/").status_code == 200


@ONE_KIND
def test_plugin_whose_pages_are_refused_takes_those_that_need_it_along(
    forum_with: ForumWith,
) -> None:
    elsewhere = PAGES.replace('url_prefix="/odd"', 'url_prefix="/t"')
    leaning = PAGES.replace("odd", "pair")
    app = forum_with('dependencies = ["odd"]\n', pair=leaning, odd=(elsewhere, ""))
    refused = "/t does not begin with /odd"
    assert reasons(app) == {
        "odd": f"refused: {refused}",
        "pair": f"refused: needs odd, which does not run ({refused})",
    }
    assert app.test_client().get("/pair").status_code == 404


@ONE_KIND
def test_name_that_is_an_address_of_the_forum_brings_no_pages(forum_with: ForumWith) -> None:
    app = forum_with(latest=PAGES.replace("odd", "latest"))
    assert reasons(app) == {"latest": "refused: /latest is an address of the forum itself"}
    assert "Latest posts" in app.test_client().get("/latest").text


def test_page_that_crashes_harms_no_other(forum_with: ForumWith) -> None:
    broken = "    from sqlalchemy import text\n    return str(rows(text('SELECT no FROM where')))\n"
    app = forum_with(odd=PAGES.replace('    return "odd"\n', broken))
    browser = app.test_client()
    assert [browser.get(path).status_code for path in ("/odd", "/", "/odd", "/latest")] == [
        500 if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql") else 503,
        200,
    ] * 2


def test_forms_of_plugins_need_a_token_too(forum_with: ForumWith) -> None:
    app = forum_with(odd=PAGES.replace("pages.get", "pages.post"))
    assert app.test_client().post("/odd").status_code == 400


SAID = {
    "these": ('permissions = ["talks.see"]\n', "running"),
    "none": (
        "permissions = []\n",
        "refused: register_permissions gave talks.see, and its manifest says none",
    ),
    "another": (
        'permissions = ["talks.give", "talks.see"]\n',
        "refused: register_permissions gave talks.see, and its manifest says talks.give, talks.see",
    ),
    "another's": (
        'permissions = ["tea.brew"]\n',
        'refused: permissions must be a list, such as ["talks.see"]',
    ),
}


@ONE_KIND
@pytest.mark.parametrize("kind", SAID)
def test_plugin_brings_the_permissions_that_its_manifest_names(
    forum_with: ForumWith, kind: str
) -> None:
    manifest, state = SAID[kind]
    app = forum_with(talks=(TALKS, manifest))
    assert reasons(app) == {"talks": state}
    if state == "running":
        factories = Factories(app)
        page = factories.signed_in(factories.community()).get("/admin/plugins/talks/enable")
        assert "which you find on the page of roles: talks.see." in page.text
