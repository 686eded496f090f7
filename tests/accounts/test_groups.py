"""Groups are made, named anew, filled and removed; two at once get an answer, not an error."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from forum.accounts.group_actions import (
    add_group,
    add_pasted,
    delete_group,
    remove_member,
    rename_group,
)
from forum.accounts.models import Grant, Group, GroupMember
from forum.accounts.queries import groups
from forum.categories.queries import Audiences
from forum.community.models import Change
from forum.db import db, rows, transaction
from forum.errors import ForumError, Invalid, NotFound, Overtaken
from forum.permissions import OPERATOR
from forum.seen import marks_of
from forum.testing.factories import Factories

ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def group(app: Flask) -> int:
    with app.test_request_context(), transaction():
        return add_group(OPERATOR, "Kiln masters").id


def inside(app: Flask, group_id: int) -> set[int]:
    with app.app_context():
        found = select(GroupMember.member_id).where(GroupMember.group_id == group_id)
        return {row.member_id for row in rows(found)}


def test_two_who_take_a_name_at_once_get_an_answer(app: Flask, group: int) -> None:
    start = threading.Barrier(4)

    def add(number: int) -> str:
        with app.test_request_context():
            start.wait()
            try:
                with transaction():
                    if number == 0:
                        rename_group(OPERATOR, group, "Glazers")
                    else:
                        add_group(OPERATOR, "Glazers")
                return "done"
            except ForumError as error:
                return error.message

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(add, range(4)))
    assert answers == ["There is a group of this name."] * 3 + ["done"]
    with app.app_context():
        assert [name for _, name in groups()].count("Glazers") == 1


def test_pasted_list_is_taken_whole(app: Flask, factories: Factories, group: int) -> None:
    ada, bo = factories.member("Ada"), factories.member("Bo")
    pasted = f"  {ada.email.upper()}\r\n\n@BO\n{ada.email}\n"
    with app.test_request_context():
        with transaction():
            assert add_pasted(OPERATOR, group, pasted) == 2
        with transaction():
            assert add_pasted(OPERATOR, group, pasted) == 0
    assert inside(app, group) == {ada.id, bo.id}
    with app.app_context():
        kinds = [row.kind for row in rows(select(Change.kind).order_by(Change.id))]
    assert kinds == ["group.add", "group.join", "group.join"]


@ONE_KIND
def test_each_broken_row_is_named_and_nobody_is_added(
    app: Flask, factories: Factories, group: int
) -> None:
    ada = factories.member("Ada")
    rows_of_list = [ada.email, "nobody@example.org", "@nobody", "Ada", "@a\0b", "a@b@c"]
    with app.test_request_context(), pytest.raises(Invalid) as refused, transaction():
        add_pasted(OPERATOR, group, "\n".join(rows_of_list))
    said = refused.value.message
    assert [f"Line {number}:" in said for number in range(1, 7)] == [False] + [True] * 5
    assert "nobody has “nobody@example.org”" in said
    assert inside(app, group) == set()


@ONE_KIND
@pytest.mark.parametrize("pasted", ["", " \n ", "@a\n" * 501])
def test_empty_and_endless_lists_are_refused(app: Flask, group: int, pasted: str) -> None:
    with app.test_request_context(), pytest.raises(Invalid, match="1 to 500"), transaction():
        add_pasted(OPERATOR, group, pasted)


def test_name_that_somebody_changed_meanwhile_is_not_overwritten(app: Flask, group: int) -> None:
    seen = marks_of({"name": "Kiln masters"})
    with app.test_request_context():
        with transaction():
            rename_group(OPERATOR, group, "Firers", seen=seen)
        with pytest.raises(Overtaken) as refused, transaction():
            rename_group(OPERATOR, group, "Stokers", seen=seen)
        assert refused.value.changed == {"name": "Firers"}
        with transaction():
            rename_group(OPERATOR, group, "Stokers", seen=refused.value.seen)
        assert groups() == [(group, "Stokers")]


def test_group_goes_with_its_rights(app: Flask, factories: Factories, group: int) -> None:
    ada = factories.member("Ada", group="Kiln masters")
    factories.category(audiences=Audiences(see=str(group)))
    with app.test_request_context():
        with transaction():
            delete_group(OPERATOR, group)
        left = [rows(select(table)) for table in (Group, GroupMember)]
        assert left == [[], []]
        assert rows(select(Grant).where(Grant.group_id == group)) == []
        for act in (delete_group, lambda a, g: remove_member(a, g, ada.id)):
            with pytest.raises(NotFound), transaction():
                act(OPERATOR, group)
        db.session.rollback()
