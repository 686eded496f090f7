"""The form for registering solves its small task in a real browser, under the forum's own policy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from forum.accounts.models import Registration
from forum.db import db
from forum.testing.factories import PASSWORD
from tests.browser.stage import Stage


@pytest.mark.parametrize("with_javascript", [True, False], ids=["javascript", "no-javascript"])
def test_registering_solves_the_task_where_it_can(
    tmp_path: Path,
    sqlite_template: Path,
    open_page: Callable[..., Page],
    *,
    with_javascript: bool,
) -> None:
    stage = Stage(tmp_path / "instance", sqlite_template)
    with stage.served():
        stage.factories.community()
        page = open_page(stage.url, java_script_enabled=with_javascript)
        page.goto(f"{stage.url}/register")
        page.get_by_label("Name").fill("Ada")
        page.get_by_label("E-mail address").fill("ada@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        # At once: the form waits for the solution by itself.
        page.get_by_role("button", name="Register").click()
        page.wait_for_url("**/register/sent")
        with stage.factories.app.app_context():
            assert db.session.scalars(select(Registration.is_proven)).all() == [with_javascript]
