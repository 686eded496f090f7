"""The pages of members, roles, groups and the log of changes, as administrators use them."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts.closing_actions import close_account
from forum.accounts.models import (
    Group,
    GroupMember,
    ImportedAuthor,
    Member,
    MemberRole,
    MemberSession,
)
from forum.categories.queries import Audiences
from forum.community.models import Change
from forum.db import db, rows, transaction
from forum.jobs.models import Job
from forum.plugin_api import Permission, hookimpl
from forum.plugin_host import current_host
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import send, submit
from tests.evidence import form_of, links_of, words_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def olga(factories: Factories) -> Person:
    return factories.community()


@pytest.fixture
def admin(factories: Factories, olga: Person) -> FlaskClient:
    return factories.signed_in(olga)


def names(page: object) -> list[str]:
    return words_of(page, "tbody td:nth-child(2)")  # type: ignore[arg-type]


def test_members_are_found_by_words_role_state_and_group(
    app: Flask, factories: Factories, admin: FlaskClient
) -> None:
    factories.member("Ada", role="moderator", group="Kiln masters")
    gone, bo = factories.member("Gone"), factories.member("Bo")
    with app.test_request_context():
        close_account(factories.actor(gone), password=gone.password, empty_posts=False)
        with transaction():
            nobody = {"email": None, "password_hash": None, "handle": None}
            db.session.execute(update(Member).where(Member.id == bo.id).values(nobody))
            db.session.add(ImportedAuthor(site="old", external_id="bo", member_id=bo.id))
    with app.app_context():
        group = db.session.scalar(select(Group.id))
    found = {
        query: names(admin.get(f"/admin/members?{query}"))
        for query in (
            "",
            "search=olga",
            "search=MEMBER1@example.org",
            "role=admin",
            "role=moderator",
            "state=active",
            "state=closed",
            "state=imported",
            f"group={group}",
            f"group={group}&role=admin",
        )
    }
    assert found == {
        "": ["Bo", "Former member", "Ada", "Olga"],
        "search=olga": ["Olga"],
        "search=MEMBER1@example.org": ["Ada"],
        "role=admin": ["Olga"],
        "role=moderator": ["Ada"],
        "state=active": ["Ada", "Olga"],
        "state=closed": ["Former member"],
        "state=imported": ["Bo"],
        f"group={group}": ["Ada"],
        f"group={group}&role=admin": [],
    }
    for wrong in ("role=king", "state=lost", "group=999", "group=a"):
        assert admin.get(f"/admin/members?{wrong}").status_code == 404
    [line] = admin.get("/admin/members?search=ada&as=jsonl").text.splitlines()
    assert (json.loads(line)["handle"], json.loads(line)["roles"]) == ("ada", "moderator")


def test_account_costs_the_same_however_much_there_is(
    app: Flask, factories: Factories, admin: FlaskClient
) -> None:
    ada = factories.member("Ada", group="One")
    address = f"/admin/members/{ada.id}"
    with count_statements(app) as few:
        admin.get(address)
    with app.app_context(), transaction():
        db.session.add_all(Group(name=f"Group {number}") for number in range(20))
        db.session.flush()
        ids = db.session.scalars(select(Group.id).where(Group.name.startswith("Group "))).all()
        db.session.add_all(GroupMember(group_id=key, member_id=ada.id) for key in ids)
    with count_statements(app) as many:
        page = admin.get(address)
    assert len(links_of(page, "main a[href^='/admin/groups/']")) == 42
    assert len(many) == len(few)


def test_role_is_given_and_taken_on_pages_that_ask(
    app: Flask, factories: Factories, admin: FlaskClient, olga: Person
) -> None:
    ada = factories.member("Ada")
    browser, here = factories.signed_in(ada), f"/admin/members/{ada.id}"
    assert words_of(admin.get(f"{here}/give/admin"), "h1") == ["Make Ada administrator?"]
    for role in ("moderator", "admin"):
        answer = submit(admin, f"{here}/give/{role}")
        assert (answer.status_code, answer.location) == (303, here)
    assert browser.get("/me").status_code == 303
    assert words_of(admin.get(here), ".label") == ["active", "administrator", "moderator"]
    assert admin.get("/admin").status_code == 200
    assert submit(admin, f"/admin/members/{olga.id}/take/admin").location == "/"
    assert admin.get("/admin").status_code == 403


def test_last_administrator_is_told_what_to_do_first(
    app: Flask, admin: FlaskClient, olga: Person
) -> None:
    answer = submit(admin, f"/admin/members/{olga.id}/take/admin")
    assert answer.status_code == 422
    [said] = words_of(answer, "#error-summary li")
    assert said.endswith("Make somebody else administrator first.")
    with app.app_context():
        assert [tuple(r) for r in rows(select(MemberRole.member_id, MemberRole.role))] == [
            (olga.id, "admin")
        ]
    assert admin.get("/admin").status_code == 200


def test_member_is_signed_out_and_gets_a_letter(
    app: Flask, factories: Factories, admin: FlaskClient
) -> None:
    ada = factories.member("Ada")
    browser, here = factories.signed_in(ada), f"/admin/members/{ada.id}"
    assert submit(admin, f"{here}/reset").location == here
    assert browser.get("/me").status_code == 200
    assert submit(admin, f"{here}/sessions").location == here
    assert browser.get("/me").status_code == 303
    with app.app_context():
        [letter] = rows(select(Job.arguments).where(Job.name == "mail"))
        assert (letter.arguments["kind"], letter.arguments["to"]) == ("reset", ada.email)
        assert rows(select(MemberSession.id).where(MemberSession.member_id == ada.id)) == []


def test_closed_account_offers_nothing_and_says_so(
    app: Flask, factories: Factories, admin: FlaskClient
) -> None:
    gone = factories.member("Gone")
    with app.test_request_context():
        close_account(factories.actor(gone), password=gone.password, empty_posts=False)
    here = f"/admin/members/{gone.id}"
    page = admin.get(here)
    assert links_of(page, "main a") == ["/admin", f"/members/{gone.id}", f"{here}/hold"]
    assert "This account is closed." in page.text
    for deed in ("give/admin", "reset"):
        answer = submit(admin, f"{here}/{deed}")
        assert answer.status_code == 422
        assert "This account is closed." in words_of(answer, "#error-summary")[0]
    for unknown in ("/admin/members/999999", f"{here}/give/king", "/admin/groups/999999/rename"):
        assert admin.get(unknown).status_code == 404


def test_group_is_made_filled_renamed_left_and_removed(
    app: Flask, factories: Factories, admin: FlaskClient
) -> None:
    ada, bo = factories.member("Ada"), factories.member("Bo")
    here = submit(admin, "/admin/groups/new", name="Kiln masters").location
    group = here.rpartition("/")[2]
    factories.category("Secrets", audiences=Audiences(see=group))

    broken = f"{ada.email}\nnobody@example.org"
    answer = submit(admin, f"{here}/join", members=broken)
    assert answer.status_code == 422
    assert "Nobody was added. Line 2: nobody has" in answer.text
    assert form_of(answer).select_one("textarea").get_text().strip() == broken  # type: ignore[union-attr]
    assert names(admin.get(f"{here}/members")) == []
    assert submit(admin, f"{here}/join", members=f"{ada.email}\n@bo").status_code == 303
    assert names(admin.get(f"{here}/members")) == ["Bo", "Ada"]
    assert submit(admin, f"{here}/members/{bo.id}").status_code == 303
    assert submit(admin, f"/admin/members/{bo.id}/join", group=group).status_code == 303

    assert submit(admin, f"{here}/rename", name="Firers").status_code == 303
    assert words_of(admin.get(here), "h1, .meta, main div li:has(bdi)") == [
        "Firers",
        "2 members",
        "Secrets: See threads",
    ]
    ask = admin.get(f"{here}/delete")
    assert "“Secrets”" in ask.text
    assert submit(admin, f"{here}/delete").location == "/admin/groups"
    assert admin.get(here).status_code == 404
    assert "There are no groups yet." in admin.get("/admin/groups").text


def test_taken_name_and_name_changed_meanwhile_are_told(
    app: Flask, factories: Factories, admin: FlaskClient, olga: Person
) -> None:
    submit(admin, "/admin/groups/new", name="Glazers")
    here = submit(admin, "/admin/groups/new", name="Firers").location
    for address in ("/admin/groups/new", f"{here}/rename"):
        answer = submit(admin, address, name="Glazers")
        assert answer.status_code == 422
        assert words_of(answer, "#name-error") == ["To mend: There is a group of this name."]
    other = factories.signed_in(olga)
    form = form_of(other.get(f"{here}/rename"))
    submit(admin, f"{here}/rename", name="Stokers")
    answer = send(other, f"{here}/rename", form, name="Burners")
    assert answer.status_code == 409
    assert words_of(answer, "#name-error") == ["To mend: Now it is “Stokers”."]
    assert form_of(answer).select_one("#name")["value"] == "Burners"  # type: ignore[index]
    assert send(other, f"{here}/rename", form_of(answer)).status_code == 303
    assert words_of(admin.get(here), "h1") == ["Burners"]


class Talks:
    """Brings two permissions, one with words."""

    @hookimpl
    def register_permissions(self) -> list[Permission]:
        refusal = "Only members may propose."
        return [
            Permission("talks.propose", refusal, ("member",), words="Propose talks"),
            Permission("talks.decide", "Only administrators decide."),
        ]


def test_roles_say_what_each_may_and_who_has_them(
    app: Flask, factories: Factories, admin: FlaskClient
) -> None:
    factories.category()
    factories.member("Mo", role="moderator")
    with app.app_context():
        current_host().register(Talks(), name="talks")
        current_host().collect("talks")
    page = admin.get("/admin/roles")
    assert words_of(page, "main ul li") == ["Olga, administrator", "Mo, moderator"]
    cells = words_of(page, "tbody td")
    heads = words_of(page, "tbody th")
    table = {head: cells[4 * at : 4 * at + 4] for at, head in enumerate(heads)}
    some = "in some categories"
    assert table["See threads"][:2] == [some, some]
    assert table["Start threads"][:2] == ["no", some]
    assert table["Administer the community: all of these pages"] == ["no", "no", "no", "yes"]
    assert table["Propose talks"] == ["no", "yes", "yes", "yes"]
    assert table["Only administrators decide."] == ["no", "no", "no", "yes"]


def test_log_is_searched_narrowed_and_read_field_by_field(
    app: Flask, factories: Factories, admin: FlaskClient
) -> None:
    ada = factories.member("Ada")
    submit(admin, "/admin/community", community="Kiln Circle")
    submit(admin, f"/admin/members/{ada.id}/give/moderator")
    page = admin.get("/admin/changes?search=kiln")
    assert words_of(page, "tbody td")[1:] == [
        "Olga",
        "community: words",
        "",
        "",
        "name: Potters;",
        "name: Kiln Circle;",
    ]
    assert len(names(admin.get("/admin/changes?kind=role.give"))) == 1
    assert admin.get("/admin/changes?kind=lost").status_code == 404
    assert admin.get("/admin/changes/999999").status_code == 404
    with app.app_context():
        [change] = db.session.scalars(select(Change.id).where(Change.kind == "role.give"))
    one = admin.get(f"/admin/changes/{change}")
    assert words_of(one, "tbody th, tbody td") == ["role", "", "moderator"]
    assert f"/admin/members/{ada.id}" not in links_of(one, "main dd a")


def test_pages_are_for_administrators_and_forms_are_not_forged(
    app: Flask, factories: Factories, admin: FlaskClient, olga: Person
) -> None:
    ada = factories.member("Ada", group="Kiln masters")
    moderator = factories.signed_in(factories.member(role="moderator"))
    reads = ("members", "roles", "groups", "changes", f"members/{ada.id}", "groups/1")
    asks = (
        f"members/{ada.id}/give/admin",
        f"members/{olga.id}/take/admin",
        f"members/{ada.id}/sessions",
        f"members/{ada.id}/reset",
        f"members/{ada.id}/join",
        "groups/new",
        "groups/1/rename",
        "groups/1/join",
        "groups/1/delete",
        f"groups/1/members/{ada.id}",
    )
    for path in reads + asks:
        refused = moderator.get(f"/admin/{path}")
        assert (refused.status_code, words_of(refused, ".crumbs")) == (403, []), path
        shown = admin.get(f"/admin/{path}")
        assert (shown.status_code, words_of(shown, ".crumbs")) == (200, ["Administration"]), path
    for path in asks:
        assert admin.post(f"/admin/{path}", data={"name": "X"}).status_code == 400, path
    with app.app_context():
        assert db.session.scalars(select(Group.name)).all() == ["Kiln masters"]
