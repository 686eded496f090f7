"""One full forum for all tests that only look at pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from forum.testing.factories import Person
from forum.testing.pseudo import speak_pseudo
from forum.testing.site import Site
from tests.browser.stage import Cast, Stage, fail, setup_token
from tests.browser.visitors import Enter, KeyboardVisitor, OpenVisitor, Visitor


@pytest.fixture(scope="session")
def stage(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, pseudo_words: Path
) -> Iterator[Stage]:
    """A forum with everything that its pages can show; tests leave it as it is."""
    folder = tmp_path_factory.mktemp("stage") / "instance"
    with Stage(folder, sqlite_template).served() as stage:
        speak_pseudo(stage.app, pseudo_words)
        yield stage


@pytest.fixture(scope="session")
def cast(stage: Stage) -> Cast:
    """Who and what stands on the stage."""
    return Cast(stage)


@pytest.fixture(scope="session")
def bare_stage(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, pseudo_words: Path
) -> Iterator[tuple[Stage, dict[str, Any]]]:
    """A forum that nobody has set up yet, and the token to do so."""
    folder = tmp_path_factory.mktemp("bare") / "instance"
    with Stage(folder, sqlite_template).served() as stage:
        speak_pseudo(stage.app, pseudo_words)
        yield stage, {"setup": setup_token(stage.app)}


@pytest.fixture(scope="session")
def failing_stage(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Stage]:
    """A forum with an address for each thing that can go wrong."""
    folder = tmp_path_factory.mktemp("failing") / "instance"
    stage = Stage(folder, sqlite_template)
    stage.app.add_url_rule("/fail/<int:status>", "fail", fail, methods=["GET", "POST"])
    with stage.served():
        stage.factories.community()
        yield stage


@pytest.fixture
def own_stage(tmp_path: Path, sqlite_template: Path) -> Stage:
    """An empty forum of the test's own, to be served."""
    return Stage(tmp_path / "instance", sqlite_template)


@pytest.fixture
def enter(own_stage: Stage, open_page: Callable[..., Page], way: str) -> Enter:
    """Call it with a person: their browser, used in the ``way`` that the test asks for."""

    def enter_(person: Person) -> Visitor:
        page = open_page(own_stage.url, java_script_enabled=way != "no-javascript")
        page.context.add_cookies(own_stage.cookies(person))  # type: ignore[arg-type]
        return KeyboardVisitor(page) if way == "keyboard" else Visitor(page)

    return enter_


@pytest.fixture
def open_visitor(open_page: Callable[..., Page], way: str) -> OpenVisitor:
    """Call it with a site: somebody who visits it in the ``way`` that the test asks for."""

    def open_(site: Site) -> Visitor:
        page = open_page(site.url, java_script_enabled=way != "no-javascript")
        visitor = KeyboardVisitor(page) if way == "keyboard" else Visitor(page)
        visitor.open("/")
        return visitor

    return open_
