"""``docs/HOOKS.md`` says of every hook what is true: signature, options, a working example."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from inspect import signature
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from forum import hookspecs, review
from forum.db import rows, transaction
from forum.jobs.worker import work_off
from forum.plugin_api import (
    AccountClosing,
    CaseNeeded,
    Draft,
    Hold,
    NotAllowed,
    PostToCheck,
    PublishedPost,
)
from forum.plugin_host import PluginHost, current_host
from forum.testing.factories import Factories
from forum.testing.forms import submit

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "HOOKS.md").read_text("utf-8")
HOOKS = PluginHost().hooks
# Classes of Flask's and Jinja's that hooks take or give.
FOREIGN = {"Any", "Blueprint", "Command", "Markup"}
# Classes that no signature names, but the fields of those that do.
INSIDE = {"GivenCookie", "JobCall"}
Written = Callable[[], list[str]]


def documented_hooks(page: str) -> list[str]:
    """The signatures that the page has as headings."""
    return re.findall(r"^## `(\w+\(.*)`$", page, re.MULTILINE)


def specified_hooks() -> list[str]:
    """The signatures of all hooks, as the source has them."""
    specs = [getattr(hookspecs, name) for name in HOOKS]
    return [f"{spec.__name__}{signature(spec)}".replace("'", "") for spec in specs]


def documented_options(page: str) -> dict[str, list[tuple[str, str]]]:
    """Fields and types of each option, from the page's tables."""
    parts = re.split(r"^#+ (.*)$", page, flags=re.MULTILINE)[1:]
    rows_of = {
        heading.strip("`"): re.findall(r"^\| `(\w+)` \| `(.*?)` \|", body, re.MULTILINE)
        for heading, body in zip(parts[::2], parts[1::2], strict=True)
        if re.fullmatch(r"`[A-Z]\w+`", heading)
    }
    return {k: [(n, t.replace("\\|", "|")) for n, t in found] for k, found in rows_of.items()}


def specified_options() -> dict[str, list[tuple[str, str]]]:
    """Fields and types of every class that a hook takes or gives."""
    named = set(re.findall(r"[A-Z]\w+", " ".join(specified_hooks()))) - {"None", *FOREIGN}
    named |= INSIDE
    kinds = {name: getattr(hookspecs, name) for name in named}
    return {name: [(f.name, str(f.type)) for f in fields(kind)] for name, kind in kinds.items()}


def examples(page: str) -> dict[str, SimpleNamespace]:
    """The page's examples, run, by the hook that they implement."""
    found = {}
    for source in re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        names: dict[str, Any] = {"__name__": "example"}
        exec(compile(source, "docs/HOOKS.md", "exec"), names)
        found.update({hook: SimpleNamespace(**names) for hook in HOOKS if hook in names})
    return found


def test_every_hook_stands_on_the_page_with_its_signature() -> None:
    assert sorted(documented_hooks(PAGE)) == sorted(specified_hooks())


def test_every_option_stands_on_the_page_with_its_fields() -> None:
    assert documented_options(PAGE) == specified_options()


def test_what_is_missing_or_differs_is_found() -> None:
    signature_changed = PAGE.replace("(post: PostToCheck) -> Hold | None", "(post: Post) -> Hold")
    assert sorted(documented_hooks(signature_changed)) != sorted(specified_hooks())
    field_removed = "\n".join(line for line in PAGE.splitlines() if "`is_edit`" not in line)
    assert documented_options(field_removed) != specified_options()


def test_every_hook_says_what_it_is_for() -> None:
    assert [name for name in HOOKS if not (getattr(hookspecs, name).__doc__ or "").strip()] == []


def test_options_cannot_be_changed_by_an_implementation() -> None:
    kinds = [
        getattr(hookspecs, name, None) or getattr(review, name) for name in specified_options()
    ]
    assert {kind.__name__: kind.__dataclass_params__.frozen for kind in kinds} == dict.fromkeys(
        specified_options(), True
    )
    assert [k.__name__ for k in kinds if "__slots__" not in vars(k)] == []


def test_fields_of_every_option_are_explained_in_its_docstring() -> None:
    kinds = [getattr(hookspecs, name) for name in specified_options()]
    own = [
        kind
        for kind in kinds
        if kind.__module__ in ("forum.hookspecs", "forum.brought", "forum.events")
    ]
    explained = {k.__name__: re.findall(r"^        (\w+): ", k.__doc__, re.MULTILINE) for k in own}
    assert explained == {k.__name__: [field.name for field in fields(k)] for k in own}


def test_every_hook_has_an_example_that_can_be_registered() -> None:
    host = PluginHost()
    for hook, module in examples(PAGE).items():
        host.register(module, hook, may_write=True)
    assert {hook: [i.id for i in host.implementations(hook)] for hook in HOOKS} == {
        hook: [f"{hook}:{hook}"] for hook in HOOKS
    }


@pytest.fixture
def example_host() -> PluginHost:
    """A host of the page's examples alone."""
    host = PluginHost()
    for hook, module in examples(PAGE).items():
        host.register(module, hook, may_write=True)
    return host


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_example_review_finds_its_words(inside: Flask, example_host: PluginHost) -> None:
    found = example_host.review(Draft("To read on, click here."))
    assert [(f.rule, f.text) for f in found.findings] == [("words-click-here", "click here")]
    assert example_host.review(Draft("Read the recipe.")) == review.Review((), ())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_example_check_refuses_and_holds(inside: Flask, example_host: PluginHost) -> None:
    def check(source: str) -> Hold | None:
        with transaction():
            return example_host.check_post(PostToCheck(7, 2, None, source, 5, False, ()))

    assert check("Cool it slowly.") is None
    assert check("https://example.org " * 21) == Hold("The post has more than twenty links.")
    with pytest.raises(NotAllowed, match="Tell what you learned"):
        check("A Limited Offer: https://example.org " * 21)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_example_writing_writes(inside: Flask, factories: Factories, written: Written) -> None:
    with inside.app_context():
        post = factories.thread()
    host = PluginHost()
    for name in ("with_post_published", "with_case_needed", "with_account_closed"):
        host.register(examples(PAGE)[name], name, may_write=True)
    with transaction():
        host.with_post_published(PublishedPost(post.id, post.thread_id, 2, 1, True, 5, None))
        host.with_case_needed(CaseNeeded(post.id, "help", "It has pictures."))
        host.with_account_closed(AccountClosing(5, empty_posts=False))
    assert written() == ["event", "greetings.welcome", "shelf.forget"]
    cases = rows(text("SELECT post_id, kind, reason FROM cases"))
    assert [tuple(case) for case in cases] == [(post.id, "help", "It has pictures.")]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_example_listening_hears_of_a_real_post(
    app: Flask, factories: Factories, capsys: pytest.CaptureFixture[str]
) -> None:
    with app.app_context():
        current_host().register(examples(PAGE)["on_post_published"], "counting")
    thread = factories.thread()
    work_off(app)
    assert capsys.readouterr().out == f"thread {thread.thread_id} has 0 replies now\n"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_example_listening_hears_of_a_real_edit(
    app: Flask, factories: Factories, capsys: pytest.CaptureFixture[str]
) -> None:
    with app.app_context():
        current_host().register(examples(PAGE)["on_post_edited"], "counting")
    author = factories.member()
    post = factories.thread(author)
    browser = factories.signed_in(author)
    submit(browser, "/t/1/1/edit", button="Publish", source="How fine can it be?")
    submit(browser, "/t/1/1/edit", button="Publish")
    work_off(app)
    assert capsys.readouterr().out == f"post {post.id} has 2 versions now\n"
