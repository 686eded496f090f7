"""A thread that is made of posts of another begins with words."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from forum.db import transaction
from forum.discussion import curating_actions as curating
from forum.discussion import moving_actions as moving
from forum.errors import Invalid
from forum.testing.factories import Factories
from forum.testing.forms import send, submit
from tests.evidence import form_of, words_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
TOLD = "The new thread would begin with #%d, which nobody can read any more."


def test_a_new_thread_does_not_begin_with_what_nobody_can_read(
    app: Flask, factories: Factories
) -> None:
    factories.community()
    mo, glazes = factories.member("Mo", role="moderator"), factories.category("Glazes")
    first = factories.thread(factories.member("Ada"), glazes)
    for number in range(2, 6):
        factories.reply(first, factories.member(f"Person {number}"))
    target = factories.thread(mo, glazes).thread_id

    def do(action: Any, *values: Any, **options: Any) -> Any:
        with app.test_request_context(), transaction():
            return action(factories.actor(mo), *values, **options)

    do(curating.remove_post, 1, 3, reason="Loud.")
    do(curating.empty_version, 1, 4, 1)
    browser = factories.signed_in(mo)
    for number in (3, 4):
        answer = submit(browser, "/t/1/split", more=f"{number}, 5", title="Ash")
        assert answer.status_code == 422
        assert TOLD % number in " ".join(words_of(answer, "main"))
        with pytest.raises(Invalid, match=TOLD % number):
            do(moving.split_thread, 1, [5, number], title="Ash", category_id=glazes.id)
    # It was removed after the question was shown.
    question = submit(browser, "/t/1/split", more="2, 5", title="Ash")
    do(curating.remove_post, 1, 2, reason="Loud, too.")
    answer = send(browser, "/t/1/split", form_of(question))
    assert answer.status_code == 422
    assert TOLD % 2 in " ".join(words_of(answer, "main"))
    # In a thread that is there it hinders nobody.
    assert do(moving.move_posts, 1, [2, 5], into=target).first == 2
