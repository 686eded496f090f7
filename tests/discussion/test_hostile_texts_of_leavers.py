"""What others wrote is their own: whoever leaves takes the name out of it, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum.accounts.closing_actions import erase_member
from forum.accounts.hold_actions import lift_hold, place_hold
from forum.accounts.models import Member
from forum.accounts.profile_actions import ProfileText, change_profile
from forum.db import db, transaction
from forum.discussion.models import Post, Revision
from forum.errors import Invalid
from forum.jobs.models import Job
from forum.permissions import OPERATOR
from forum.testing.application import work
from forum.testing.factories import Factories, Person
from forum.text import caps
from forum.text.caps import MAX_BYTES


def leave(app: Flask, person: Person) -> None:
    """Erase somebody, and let the worker do all that can be done now."""
    with app.test_request_context(), transaction():
        erase_member(OPERATOR, person.id, empty_posts=True)
    do_all(app)


def do_all(app: Flask) -> None:
    """Let two days pass for the worker."""
    for _ in range(2):
        with app.test_request_context(), transaction():
            waiting = Job.state == "waiting"
            db.session.execute(update(Job).where(waiting).values(run_at=Job.created_at))
        work(app)


def source_of(app: Flask, post: Post) -> str:
    """The present words of a post."""
    with app.app_context():
        words = select(Revision.source).where(Revision.post_id == post.id)
        return str(db.session.scalar(words))


CODE = """\
Ask who wrote `@property` and this:

```python
@property
def size(self): ...
```

> Quoted:
>
>     @property
>     indented
"""


def test_code_keeps_the_words_that_are_somebodys_handle(app: Flask, factories: Factories) -> None:
    factories.community()
    leaver = factories.member("Property")
    code = factories.thread(source=CODE)
    mention = factories.thread(source=f"{CODE}\nRead [that](/members/@property), @Property.")
    leave(app, leaver)
    assert source_of(app, code) == CODE
    # Whoever speaks of somebody may name them in code, too.
    changed = CODE.replace("@property", "Former member")
    changed += f"\nRead [that](/members/{leaver.id}), Former member."
    assert source_of(app, mention) == changed


def test_number_that_no_post_has_keeps_nobodys_name(app: Flask, factories: Factories) -> None:
    factories.community()
    leaver = factories.member("Ada")
    hostile = factories.thread(source=f"> [Ada wrote in #9](/t/1/{10**17}):\n>\n> Quoted.")
    other = factories.thread(source="@ada knows.")
    leave(app, leaver)
    assert source_of(app, other) == "Former member knows."
    assert f"/t/1/{10**17}" in source_of(app, hostile)


def test_text_that_cannot_grow_keeps_nobodys_name(app: Flask, factories: Factories) -> None:
    factories.community()
    # The number of whoever leaves is longer than the handle.
    leaver = numbered(app, factories.member("A"), 123_456)
    link = "/members/@a"
    words = f"**Yes** & {link}\n\n"
    hostile = factories.thread(source=words + "x" * (MAX_BYTES - len(words)))
    other = factories.thread(source="@a knows.")
    leave(app, leaver)
    assert source_of(app, other) == "Former member knows."
    assert source_of(app, hostile).startswith("**Yes** & /members/0\n")
    with app.app_context():
        html = db.session.get_one(Post, hostile.id).html
    assert "<p><strong>Yes</strong> &amp; /members/0</p>" in html


def test_text_from_before_a_limit_is_shown_as_it_was_typed(
    app: Flask, factories: Factories, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.community()
    leaver = factories.member("Ada")
    long = factories.thread(source="**Ask** @ada\nor <her>.\n\n" + "x" * 1000)
    other = factories.thread(source="@ada knows.")
    monkeypatch.setattr(caps, "MAX_BYTES", 1000)
    leave(app, leaver)
    assert source_of(app, other) == "Former member knows."
    with app.app_context():
        html = db.session.get_one(Post, long.id).html
    shown = "<p>**Ask** ?<br>or &lt;her&gt;.</p>\n<p>xxx"
    assert html.startswith(shown)


def numbered(app: Flask, person: Person, number: int) -> Person:
    """The same member under another number."""
    with app.app_context(), transaction():
        db.session.execute(update(Member).where(Member.id == person.id).values(id=number))
    return replace(person, id=number)


def test_handle_is_free_once_nothing_takes_it_out_of_texts(
    app: Flask, factories: Factories
) -> None:
    factories.community()
    leaver, held = factories.member("Ada"), factories.member("Held")
    factories.thread(held, source="Ask @ada.")
    with app.test_request_context(), transaction():
        place_hold(OPERATOR, held.id, reason="A dispute.")
    leave(app, leaver)
    newcomer = factories.member("Ada")
    assert handle_of(app, newcomer) == "ada-2"
    with app.test_request_context(), transaction(), pytest.raises(Invalid, match="has this handle"):
        change_profile(factories.actor(newcomer), ProfileText("Ada", "ada", "UTC"))
    newer = factories.thread(source="Ask @ada, or @ada-2.")
    do_all(app)
    assert source_of(app, newer) == "Ask Former member, or @ada-2."
    with app.test_request_context(), transaction():
        lift_hold(OPERATOR, held.id)
    do_all(app)
    assert handle_of(app, factories.member("Ada")) == "ada"


def handle_of(app: Flask, person: Person) -> str | None:
    """By what somebody is mentioned."""
    with app.app_context():
        return db.session.get_one(Member, person.id).handle
