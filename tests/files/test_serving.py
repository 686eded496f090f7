"""Who gets a picture, with which headers, and that nobody else can tell whether there is one."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts.models import Group
from forum.categories.queries import Audiences
from forum.clock import utcnow
from forum.db import db, rows, transaction, value
from forum.discussion.actions import Posting, edit_post, prepare, start_thread
from forum.discussion.models import Post, PostPicture, Thread
from forum.errors import Invalid
from forum.files.storage import path_of
from forum.plugin_api import Hold, PostToCheck, hookimpl
from forum.plugin_host import PluginHost
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from tests.files.conftest import Upload

NOWHERE = f"/files/{'0' * 64}.png"


@pytest.fixture
def ada(factories: Factories) -> Person:
    """Somebody with pictures, in a forum that is set up."""
    factories.community()
    return factories.member("Ada")


def statuses(
    factories: Factories, client: FlaskClient, address: str, **people: Person
) -> dict[str, int]:
    """What each of the people gets at the address, and a guest."""
    browsers = {name: factories.signed_in(person) for name, person in people.items()}
    return {
        name: status_of(browser, address) for name, browser in {**browsers, "guest": client}.items()
    }


def status_of(browser: FlaskClient, address: str) -> int:
    with browser.get(address) as answer:
        return answer.status_code


def shows(address: str) -> str:
    return f"Look: ![A bowl]({address})"


def shown(app: Flask) -> list[tuple[int, str]]:
    """The posts and the addresses of what they show."""
    with app.app_context():
        return sorted((row.post_id, row.picture) for row in rows(select(PostPicture)))


def test_picture_is_its_uploaders_alone_until_a_post_shows_it(
    app: Flask, factories: Factories, client: FlaskClient, ada: Person, upload: Upload
) -> None:
    address = upload(ada)
    people = {"ada": ada, "bob": factories.member("Bob"), "mod": factories.member(role="moderator")}
    before = statuses(factories, client, address, **people)
    factories.thread(ada, source=shows(address))
    after = statuses(factories, client, address, **people)
    assert before == {"ada": 200, "bob": 404, "mod": 404, "guest": 404}
    assert after == {"ada": 200, "bob": 200, "mod": 200, "guest": 200}


def test_picture_in_a_closed_category_is_for_its_readers(
    app: Flask, factories: Factories, client: FlaskClient, ada: Person, upload: Upload
) -> None:
    members = factories.category("Members", audiences=Audiences(see="members"))
    bob, cleo = factories.member("Bob", group="Kiln masters"), factories.member("Cleo")
    with app.app_context():
        kiln = str(value(select(Group.id)))
    closed = factories.category("Kilns", audiences=Audiences(see=kiln, start=kiln, reply=kiln))
    for_members, for_some = upload(ada, 40), upload(bob, 50)
    factories.thread(ada, members, source=shows(for_members))
    factories.thread(bob, closed, source=shows(for_some))
    people = {"ada": ada, "bob": bob, "cleo": cleo}
    assert [statuses(factories, client, a, **people) for a in (for_members, for_some)] == [
        {"ada": 200, "bob": 200, "cleo": 200, "guest": 404},
        {"ada": 404, "bob": 200, "cleo": 404, "guest": 404},
    ]


class HoldsAll:
    """A plugin that has a moderator read everything."""

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold:
        """Hold it."""
        return Hold("To be read first.")


def test_picture_of_a_held_post_is_for_its_author_and_moderators(
    app: Flask, factories: Factories, client: FlaskClient, ada: Person, upload: Upload
) -> None:
    address = upload(ada)
    host: PluginHost = app.extensions["forum_plugins"]
    host.register(HoldsAll(), name="holds-all")
    factories.thread(ada, source=shows(address))
    people = {"ada": ada, "bob": factories.member("Bob"), "mod": factories.member(role="moderator")}
    assert statuses(factories, client, address, **people) == {
        "ada": 200,
        "bob": 404,
        "mod": 200,
        "guest": 404,
    }


@pytest.mark.parametrize("what", ["post", "thread"])
def test_picture_of_what_was_removed_is_for_its_author_and_moderators(
    app: Flask, factories: Factories, client: FlaskClient, ada: Person, upload: Upload, what: str
) -> None:
    address, bob = upload(ada), factories.member("Bob")
    category = factories.category()
    factories.thread(ada, category, source=shows(address))
    factories.thread(bob, category, source=shows(address))
    cleo = factories.member("Cleo")
    gone = {"removed_at": utcnow(), "removal_reason": "By mistake."}
    with app.test_request_context(), transaction():
        if what == "post":
            db.session.execute(update(Post).values(removal="moderator", **gone))
        else:
            db.session.execute(update(Thread).values(**gone))
    people = {"ada": ada, "bob": bob, "cleo": cleo, "mod": factories.member(role="moderator")}
    assert statuses(factories, client, address, **people) == {
        "ada": 200,
        "bob": 200,
        "cleo": 404,
        "mod": 200,
        "guest": 404,
    }


def test_rows_follow_the_present_version(
    app: Flask, factories: Factories, ada: Person, upload: Upload
) -> None:
    one, two = upload(ada, 40), upload(ada, 50)
    hashes = [address[7:71] for address in (one, two)]
    post = factories.thread(ada, source=f"{shows(one)} twice {shows(one)} and [a link]({two})")
    states = [shown(app)]
    for version, source in enumerate([shows(two), "Nothing.", shows(two) + shows(one)], start=1):
        with app.test_request_context():
            text = prepare(source)
            with transaction():
                edit_post(factories.actor(ada), post.id, text=text, based_on=version)
        states.append(shown(app))
    assert states == [
        [(post.id, hashes[0])],
        [(post.id, hashes[1])],
        [],
        sorted((post.id, hash_) for hash_ in hashes),
    ]


@pytest.mark.parametrize(
    "address",
    [
        NOWHERE,
        "/files/kiln.png",
        "/files/{hash}.gif",
        "/files/{upper}.png",
        "/files/{hash}.png%20",
        "/files/{percent}.png",
        "{hidden}",
    ],
)
def test_post_may_show_only_what_its_author_may_see(
    app: Flask, factories: Factories, ada: Person, upload: Upload, address: str
) -> None:
    own, hidden = upload(ada), upload(factories.member("Bob"), 50)
    hash_ = own[7:71]
    address = address.format(
        hash=hash_, upper=hash_.upper(), percent=f"%{ord(hash_[0]):x}{hash_[1:]}", hidden=hidden
    )
    category = factories.category()
    with app.test_request_context():
        text, actor = prepare(f"{shows(own)} {shows(address)}"), factories.actor(ada)
        with pytest.raises(Invalid) as caught, transaction():
            start_thread(actor, category, title="Bowls", text=text, posting=Posting())
    assert caught.value.field == "source"
    assert caught.value.message.startswith(f"The picture {address} is not there, or is not open")
    assert shown(app) == []


def test_moderator_may_edit_a_post_whose_pictures_they_see_only_there(
    app: Flask, factories: Factories, ada: Person, upload: Upload
) -> None:
    address = upload(ada)
    post = factories.thread(ada, source=shows(address))
    moderator = factories.actor(factories.member(role="moderator"))
    with app.test_request_context():
        text = prepare(shows(address) + " Spelling mended.")
        with transaction():
            edit_post(moderator, post.id, text=text, based_on=1)
    assert shown(app) == [(post.id, address[7:71])]


def test_size_is_known_to_those_alone_who_may_see_the_picture(
    app: Flask, factories: Factories, ada: Person, upload: Upload
) -> None:
    address, bob = upload(ada), factories.member("Bob")
    with app.test_request_context():
        found = [
            'width="40"' in prepare(shows(address), reader=factories.actor(p)).html
            for p in (ada, bob)
        ]
    assert found == [True, False]


def test_picture_comes_with_headers_that_keep_it_a_picture(
    factories: Factories, ada: Person, upload: Upload
) -> None:
    address = upload(ada)
    browser = factories.signed_in(ada)
    with browser.get(address) as answer:
        headers = {
            name: answer.headers.get(name)
            for name in (
                "Content-Type",
                "Content-Disposition",
                "Cache-Control",
                "Content-Security-Policy",
                "X-Content-Type-Options",
                "ETag",
                "Last-Modified",
            )
        }
        assert answer.data.startswith(b"\x89PNG")
    with browser.get(address, headers={"If-None-Match": headers["ETag"] or ""}) as again:
        assert (again.status_code, again.data) == (304, b"")
    assert headers == {
        "Content-Type": "image/png",
        "Content-Disposition": f"inline; filename=picture-{address[7:19]}.png",
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "ETag": f'"{address[7:71]}"',
        "Last-Modified": None,
    }


def test_hidden_picture_is_answered_as_one_that_is_not_there(
    app: Flask, factories: Factories, client: FlaskClient, ada: Person, upload: Upload
) -> None:
    hidden = upload(ada)
    answers = []
    for address in (hidden, NOWHERE):
        with count_statements(app) as statements:
            answer = client.get(address, headers={"If-None-Match": f'"{address[7:71]}"'})
        headers = {k: v for k, v in answer.headers if k not in ("Date", "X-Request-Id")}
        answers.append((answer.status_code, answer.text, headers, len(statements)))
    assert answers[0][0] == 404
    assert answers[0] == answers[1]


def test_picture_costs_the_same_however_many_posts_show_it(
    app: Flask, factories: Factories, client: FlaskClient, ada: Person, upload: Upload
) -> None:
    address, counts = upload(ada), []
    thread = factories.thread(ada, source=shows(address))
    for more in (0, 5):
        for _ in range(more):
            factories.reply(thread, ada, source=shows(address))
        with count_statements(app) as statements:
            client.get(address).close()
        counts.append(len(statements))
    assert counts == [3, 3]


@pytest.mark.parametrize(
    "name",
    [
        "x.png",
        "..%2fforum.sqlite3",
        "%2e%2e/secret",
        f"{'0' * 63}g.png",
        f"{'0' * 64}.svg",
        f"{'0' * 64}",
    ],
)
def test_other_addresses_are_no_pictures(
    factories: Factories, client: FlaskClient, ada: Person, name: str
) -> None:
    assert client.get(f"/files/{name}").status_code == 404


def test_picture_whose_file_is_lost_is_not_there(
    app: Flask, factories: Factories, ada: Person, upload: Upload
) -> None:
    address = upload(ada)
    with app.app_context():
        path_of(address[7:71], "png").unlink()
    assert factories.signed_in(ada).get(address).status_code == 404
