"""The forum answers to its own names, and makes every link from its public address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for

from forum.accounts.models import Invitation
from forum.accounts.queries import CommunityFacts
from forum.accounts.tokens import token_from, token_hash
from forum.app import create_app
from forum.clock import utcnow
from forum.db import db, transaction
from forum.moderation.measure_actions import warn_member
from forum.moderation.measure_appeal_actions import appeal_against_measure
from forum.notifications.letters import WRITERS
from forum.notifications.models import Notification
from forum.permissions import OPERATOR
from forum.testing.application import close, count_statements
from forum.testing.factories import Factories
from forum.testing.forms import submit
from forum.web.hosts import host_in

EVIL = "evil.example"
FORGED = {
    "HTTP_X_FORWARDED_HOST": EVIL,
    "HTTP_X_FORWARDED_PROTO": "gopher",
    "HTTP_FORWARDED": f"host={EVIL}",
    "HTTP_X_FORWARDED_PREFIX": f"/{EVIL}",
}

Make = Callable[..., Flask]


@pytest.fixture
def make(instance: Path, database: str) -> Iterator[Make]:
    """Makes a forum with these settings."""
    made: list[Flask] = []

    def build(**options: Any) -> Flask:
        made.append(create_app(instance, database=database, **options))
        return made[-1]

    yield build
    for app in made:
        close(app)


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("Forum.Example.org", "forum.example.org"),
        ("forum.example.org:8443", "forum.example.org"),
        ("forum.example.org.", "forum.example.org"),
        ("[::1]:8000", "::1"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("", ""),
        ("a@b", ""),
        ("a, b", ""),
        ("a/b", ""),
        ("a:b", ""),
        ("a:123456", ""),
        ("[::1", ""),
        ("a\nb", ""),
        ("ſ", ""),
    ],
)
def test_host_of_a_header(header: str, host: str) -> None:
    assert host_in(header) == host


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_forum_without_a_public_address_answers_to_this_machine_only(make: Make) -> None:
    client = make(bind="192.0.2.7:8000").test_client()
    own = ["localhost", "localhost:9000", "127.0.0.1", "[::1]:8000", "192.0.2.7:8000"]
    others = [EVIL, "192.0.2.8", "localhost.evil.example", "127.0.0.1@evil.example", "", "a b"]
    assert [client.get("/", headers={"Host": host}).status_code for host in own] == [200] * 5
    assert [client.get("/", headers={"Host": host}).status_code for host in others] == [400] * 6


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_forum_answers_to_its_public_host_and_those_that_are_named(make: Make) -> None:
    options = {"public_url": "https://Pots.example:8443/", "hosts": ["pots.internal", "::2"]}
    client = make(**options).test_client()
    own = ["pots.example", "POTS.example:8443", "pots.internal", "[::2]", "localhost"]
    assert [client.get("/", headers={"Host": host}).status_code for host in own] == [200] * 5
    assert client.get("/", headers={"Host": "www.pots.example"}).status_code == 400


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_wrong_host_is_told_the_right_one_and_costs_nothing(make: Make) -> None:
    app = make(public_url="https://pots.example")
    with count_statements(app) as statements:
        answer = app.test_client().get("/latest", headers={"Host": EVIL})
    assert (answer.status_code, statements) == (400, [])
    assert "It is at https://pots.example." in answer.text
    assert '<a href="https://pots.example/">https://pots.example</a>' in answer.text
    assert EVIL not in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_wrong_host_of_a_forum_without_public_address_says_what_to_set(make: Make) -> None:
    answer = make().test_client().get("/", headers={"Host": "192.168.1.5:8000"})
    assert (answer.status_code, "set “public_url” in its settings" in answer.text) == (400, True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_text_sent_to_a_wrong_host_is_given_back(make: Make) -> None:
    app = make(public_url="https://pots.example")
    data = {"source": "All that I wrote."}
    answer = app.test_client().post("/new", data=data, headers={"Host": EVIL})
    assert (answer.status_code, "All that I wrote." in answer.text) == (400, True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_programs_that_watch_the_forum_may_ask_it_by_any_name(make: Make) -> None:
    client = make(public_url="https://pots.example").test_client()
    watched = [
        client.get(path, headers={"Host": "10.0.0.9:80"}) for path in ("/healthz", "/readyz")
    ]
    assert [answer.text.splitlines()[0] for answer in watched] == [
        "process: ready",
        "maintenance: ready",
    ]


def test_no_answer_leads_to_a_forged_host(make: Make) -> None:
    app = make(public_url="https://pots.example", trusted_proxies=["127.0.0.1"])
    factories = Factories(app)
    factories.community()
    ada = factories.member("Ada")
    thread = factories.thread(ada)
    client = factories.signed_in(ada)
    client.environ_base.update(FORGED)
    paths = [
        "/",
        "/feed.atom",
        "/c/glazes/feed.atom",
        f"/t/{thread.thread_id}/feed.atom",
        f"/members/{ada.id}/feed.atom",
        f"/t/{thread.thread_id}",
        f"/t/{thread.thread_id}/1",
        "/t//1",
        "/sign-in/",
        "/none",
    ]
    for path in paths:
        answer = client.get(path, base_url="https://pots.example")
        assert EVIL not in answer.text, path
        assert EVIL not in str(answer.headers), path
        if path.endswith(".atom"):
            links = re.findall(r'href="([^"]+)"', answer.text)
            assert links, path
            assert {link.partition("example")[0] for link in links} == {"https://pots."}


def test_every_kind_of_letter_leads_to_the_public_address_whoever_asked(make: Make) -> None:
    app = make(public_url="https://pots.example", trusted_proxies=["127.0.0.1"])
    factories = Factories(app)
    ada = factories.member("Ada")
    post = factories.thread(ada)
    with app.app_context(), transaction():
        told = [("reply", None), ("mention", None), ("decision", "published")]
        for number, (kind, decision) in enumerate(told, 1):
            row = {"id": number, "member_id": ada.id, "post_id": post.id, "kind": kind}
            db.session.add(Notification(**row, decision=decision))
        until = utcnow() + timedelta(days=1)
        token = token_hash(token_from("seed"))
        db.session.add(Invitation(token_hash=token, email=ada.email, expires_at=until))
        warn_member(OPERATOR, ada.id, reason="Read the norms first.")
        appeal_against_measure(factories.actor(ada), 1, words="I did.")
    numbers = {kind: number for number, (kind, _) in enumerate(told, 1)}

    # As in a request of somebody who forges all that can be forged.
    with app.test_request_context("/", base_url=f"http://{EVIL}", environ_base=FORGED):
        assert EVIL in url_for("web.about", _external=True), "the test would notice nothing"
        for kind, write in WRITERS.items():
            arguments = _Anything(
                to=ada.email,
                member=ada.id,
                name="Ada",
                seed="seed",
                notification=numbers.get(kind),
                measure=1,
                appeal=1,
                until=until.isoformat(),
                at=until.isoformat(),
            )
            content = write(arguments, CommunityFacts(name="Potters"))
            assert content is not None, kind
            links = re.findall(r"[a-z]+://\S+", content[2])
            assert (kind in ("closed", "measure_appeal")) == (not links), kind
            assert all(link.startswith("https://pots.example/") for link in links), kind
            assert EVIL not in str(content), kind


class _Anything(dict[str, Any]):
    """What a job of any kind may be given."""

    def __missing__(self, _name: str) -> str:
        return "1"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_invitation_shown_on_a_page_leads_to_the_public_address(make: Make) -> None:
    app = make(public_url="https://pots.example")
    factories = Factories(app)
    client = factories.signed_in(factories.community())
    client.environ_base.update(FORGED)
    answer = submit(client, "/admin/invitations/new")
    shown = client.get(answer.location or "").text
    assert "https://pots.example/invitation/" in shown
    assert EVIL not in shown
