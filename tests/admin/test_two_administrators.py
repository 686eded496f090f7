"""Categories and the community changed by two at once, curated by groups, and by commands."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.accounts.group_actions import delete_group
from forum.accounts.models import Group
from forum.categories.actions import add_category, change_category, remove_category
from forum.categories.models import Category
from forum.categories.queries import MODERATORS, Audiences
from forum.cli import main
from forum.db import db, transaction
from forum.discussion.curating_actions import lock_thread
from forum.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.permissions import OPERATOR
from forum.testing.factories import Factories, Person
from forum.testing.forms import send, submit
from tests.evidence import form_of, words_of

ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def olga(factories: Factories) -> Person:
    return factories.community("Potters")


@pytest.fixture
def admin(factories: Factories, olga: Person) -> FlaskClient:
    return factories.signed_in(olga)


def test_two_who_add_the_same_title_at_once_get_two_addresses(app: Flask) -> None:
    start = threading.Barrier(4)

    def add(_number: int) -> str:
        with app.test_request_context():
            start.wait()
            with transaction():
                return add_category(OPERATOR, title="Glazes").slug

    with ThreadPoolExecutor(4) as pool:
        slugs = sorted(pool.map(add, range(4)))
    assert slugs == ["glazes", "glazes-2", "glazes-3", "glazes-4"]


def test_group_that_goes_while_a_category_names_it_is_told(
    app: Flask, factories: Factories
) -> None:
    factories.member(group="Firers")
    category = factories.category()
    with app.test_request_context():
        group = db.session.scalar(select(Group.id))
        assert group is not None
        wanted = Audiences(see=str(group))
        with transaction():
            delete_group(OPERATOR, group)
        with pytest.raises(Invalid, match="has just been removed"), transaction():
            change_category(
                OPERATOR, category.id, title="A", description="", position=0, audiences=wanted
            )


@ONE_KIND
def test_category_without_its_group_is_not_shown_as_open(
    app: Flask, factories: Factories, admin: FlaskClient
) -> None:
    factories.member(group="Firers")
    with app.test_request_context():
        group = db.session.scalar(select(Group.id))
    category = factories.category(audiences=Audiences(see=str(group)))
    address = f"/admin/categories/{category.id}"
    submit(admin, f"/admin/groups/{group}/delete")
    chosen = form_of(admin.get(address)).select_one("#see [selected]")
    assert chosen is not None
    assert chosen["value"] == MODERATORS
    assert submit(admin, address, title="Glazing").status_code == 303
    assert app.test_client().get("/c/glazes").status_code == 404


@ONE_KIND
def test_group_curates_its_category_and_no_other(app: Flask, factories: Factories) -> None:
    ada = factories.member("Ada", group="Firers")
    with app.test_request_context():
        group = str(db.session.scalar(select(Group.id)))
    own = factories.thread(category=factories.category("Own", audiences=Audiences(curate=group)))
    other = factories.thread(category=factories.category("Other"))
    actor = factories.actor(ada)
    with app.test_request_context():
        with transaction():
            lock_thread(actor, own.thread_id, reason="Settled.")
        with pytest.raises(NotAllowed), transaction():
            lock_thread(actor, other.thread_id, reason="Settled.")
        with pytest.raises(Invalid), transaction():
            add_category(OPERATOR, title="X", audiences=Audiences(curate="members"))


@ONE_KIND
def test_second_administrator_is_told_what_the_first_made_of_a_category(
    factories: Factories, admin: FlaskClient, olga: Person
) -> None:
    address = f"/admin/categories/{factories.category().id}"
    other = factories.signed_in(olga)
    form = form_of(other.get(address))
    submit(admin, address, title="Glazing", reply=MODERATORS)
    answer = send(other, address, form, title="Glazes & slips", description="What melts.")
    assert answer.status_code == 409
    assert words_of(answer, "#title-error, #reply-error") == [
        "To mend: Now it is “Glazing”.",
        "To mend: Now it is “Only moderators and administrators”.",
    ]
    again = form_of(answer)
    assert again.select_one("#title")["value"] == "Glazes & slips"  # type: ignore[index]
    assert again.select_one("#description").get_text().strip() == "What melts."  # type: ignore[union-attr]
    assert words_of(admin.get("/admin/categories"), ".rows h2") == ["Glazing"]
    assert send(other, address, again).status_code == 303
    assert words_of(admin.get("/admin/categories"), ".rows h2") == ["Glazes & slips"]


@ONE_KIND
def test_second_administrator_is_told_what_the_first_made_of_the_community(
    factories: Factories, admin: FlaskClient, olga: Person
) -> None:
    address, other = "/admin/community", factories.signed_in(olga)
    form = form_of(other.get(address))
    submit(admin, address, community="Kiln Circle", registration="invitation", zone="Asia/Tokyo")
    answer = send(other, address, form, community="Pots", edit_minutes="30")
    assert answer.status_code == 409
    assert words_of(answer, "#community-error, #zone-error, #registration-error") == [
        "To mend: Now it is “Kiln Circle”.",
        "To mend: Now it is “Asia/Tokyo”.",
        "To mend: Now it is “Whoever was invited”.",
    ]
    assert form_of(answer).select_one("#community")["value"] == "Pots"  # type: ignore[index]
    assert words_of(other.get("/about"), "h1") == ["About Kiln Circle"]
    # A form whose marks were taken out is one that has seen nothing.
    assert send(other, address, form_of(answer), seen="").status_code == 409
    assert send(other, address, form_of(answer)).status_code == 303


@ONE_KIND
def test_language_of_guests_is_chosen_from_those_there_are(app: Flask, admin: FlaskClient) -> None:
    assert submit(admin, "/admin/community", language="de").status_code == 303
    assert '<html lang="de"' in app.test_client().get("/about").text
    answer = submit(admin, "/admin/community", language="tlh")
    assert (answer.status_code, len(words_of(answer, "#language-error"))) == (422, 1)


def test_only_a_category_without_threads_can_be_removed(app: Flask, factories: Factories) -> None:
    used, unused = factories.category("Used"), factories.category("Unused")
    factories.thread(category=used)
    with app.test_request_context():
        with pytest.raises(Conflict, match="Threads stand in this category"), transaction():
            remove_category(OPERATOR, used.id)
        with transaction():
            remove_category(OPERATOR, unused.id)
        with pytest.raises(NotFound), transaction():
            remove_category(OPERATOR, unused.id)
        assert list(db.session.scalars(select(Category.slug))) == ["used"]


@ONE_KIND
def test_removal_of_a_category_is_asked_and_refused_on_its_page(
    factories: Factories, admin: FlaskClient
) -> None:
    category = factories.thread(category=factories.category("Used"))
    answer = submit(admin, f"/admin/categories/{category.id}/remove")
    assert (answer.status_code, len(words_of(answer, "#error-summary li"))) == (422, 1)


@pytest.fixture
def forum(app: Flask, instance: Path, database: str) -> Callable[..., tuple[int, str]]:
    def run(*words: str, given: str = "") -> tuple[int, str]:
        environment = {"FORUM_INSTANCE": str(instance), "FORUM_DATABASE": database}
        result = CliRunner().invoke(main, words, env=environment, input=given)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result.exit_code, result.output

    return run


@ONE_KIND
def test_categories_and_community_are_changed_by_commands(
    app: Flask, factories: Factories, olga: Person, forum: Callable[..., tuple[int, str]]
) -> None:
    factories.member("Ada", group="Firers")
    added = forum("categories", "add", "Glazes", "--see", "Firers", "--position", "2")
    assert added == (0, "The category is there: /c/glazes\n")
    changed = forum("categories", "change", "/c/glazes", "--title", "Glazing", "--curate", "Firers")
    assert changed == (0, "Changed.\n")
    [line] = forum("categories", "list", "--json")[1].splitlines()
    facts = json.loads(line)
    assert (facts["title"], facts["see"], facts["reply"], facts["curate"], facts["position"]) == (
        "Glazing",
        "group: Firers",
        "members",
        "group: Firers",
        2,
    )
    for words in (
        ("categories", "change", "lost", "--title", "A"),
        ("categories", "add", "A", "--reply", "Nobody"),
        ("categories", "add", "A", "--reply", "everyone"),
        ("categories", "remove", "lost"),
        ("community", "change", "--zone", "Mars/Olympus"),
        ("community", "change", "--language", "tlh"),
        ("community", "change", "--name", ""),
    ):
        status, said = forum(*words)
        assert (status, said[:7]) == (1, "Error: "), words
    assert forum("community", "change")[0] == 2
    assert forum("community", "change", "--name", "Kiln Circle", "--edit-minutes", "30") == (
        0,
        "Changed.\n",
    )
    shown = dict(line.split("\t") for line in forum("community", "show")[1].splitlines())
    assert (shown["name"], shown["edit_minutes"], shown["zone"]) == ("Kiln Circle", "30", "UTC")
    assert forum("categories", "remove", "glazes") == (0, "The category is gone.\n")


@ONE_KIND
def test_accounts_groups_and_the_log_are_managed_by_commands(
    app: Flask,
    factories: Factories,
    olga: Person,
    forum: Callable[..., tuple[int, str]],
    tmp_path: Path,
) -> None:
    ada = factories.member("Ada")
    assert "Ada" in forum("members", "list", "--state", "active")[1]
    assert f"number\t{ada.id}\n" in forum("members", "show", "@ada")[1]
    assert forum("members", "show", "@lost")[0] == 1
    assert forum("members", "sign-out", ada.email) == (0, "Sessions ended: 0.\n")
    assert forum("members", "reset-password", str(ada.id)) == (0, "A letter is on its way.\n")
    assert forum("roles", "give", "@ada", "moderator")[0] == 0
    assert forum("roles", "list")[1] == f"admin\t{olga.id}\tOlga\nmoderator\t{ada.id}\tAda\n"
    assert forum("roles", "take", "@ada", "moderator")[0] == 0
    status, said = forum("roles", "take", olga.email, "admin")
    assert (status, "Make somebody else administrator first." in said) == (1, True)

    assert forum("groups", "add", "Firers")[0] == 0
    names = tmp_path / "names"
    names.write_text(f"{ada.email}\nnobody@example.org\n")
    status, said = forum("groups", "join", "Firers", "--file", str(names))
    assert (status, "Line 2: nobody has" in said) == (1, True)
    names.write_text("@ada\n@olga\n")
    joined = forum("groups", "join", "Firers", "--file", str(names))
    assert joined == (0, "New in the group: 2.\n")
    assert forum("groups", "join", "Firers")[0] == 2
    assert len(forum("groups", "members", "Firers")[1].splitlines()) == 3
    assert (
        len(forum("members", "list", "--group", "Firers", "--role", "admin")[1].splitlines()) == 2
    )
    assert forum("groups", "rename", "Firers", "Stokers")[0] == 0
    assert forum("groups", "remove", "Stokers", given="n\n")[0] == 1
    assert "Stokers\t2" in forum("groups", "list")[1]
    assert forum("groups", "remove", "Stokers", "--yes")[0] == 0
    for words in (("rename", "Lost", "A"), ("remove", "Lost"), ("members", "Lost")):
        assert forum("groups", *words)[0] == 1, words

    kinds = [line.split("\t")[4] for line in forum("changes", "list")[1].splitlines()]
    assert kinds[:3] == ["kind", "group.delete", "group.rename"]
    assert len(forum("changes", "list", "--kind-of", "role.give")[1].splitlines()) == 2
    status, said = forum("changes", "list", "--kind-of", "lost")
    assert (status, "role.give" in said) == (1, True)
