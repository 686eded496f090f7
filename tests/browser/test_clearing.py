"""Two hundred mixed cases cleared without a mouse, with JavaScript and without."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request
from sqlalchemy import func, select

from forum.accounts.models import Measure
from forum.db import db, rows, transaction
from forum.discussion.actions import Posting, Prepared, prepare, reply
from forum.discussion.curating_actions import remove_post
from forum.moderation.actions import finish_help, remove_held
from forum.moderation.appeal_actions import appeal, uphold
from forum.moderation.decision_actions import find_nothing_wrong
from forum.moderation.flag_actions import flag_post
from forum.moderation.measure_actions import warn_member
from forum.moderation.measure_appeal_actions import appeal_against_measure
from forum.moderation.models import Case
from forum.moderation.rules import APPEAL, FLAG, HELP_NEEDED, HOLD
from forum.permissions import Actor
from forum.testing.factories import Person
from tests.browser.stage import UNMENDED, Stage
from tests.browser.visitors import KeyboardVisitor

MIXED = (FLAG, HOLD, HELP_NEEDED, FLAG, APPEAL, HOLD, FLAG, HELP_NEEDED, HOLD, FLAG)
BUTTONS = {
    FLAG: "Nothing wrong",
    HOLD: "Publish",
    HELP_NEEDED: "Done",
    APPEAL: "It was decided rightly",
}
SOURCES = {
    FLAG: "Buy my book!",
    HOLD: "Kilns at a discount.",
    HELP_NEEDED: UNMENDED,
    APPEAL: "Buy my kiln!",
}
HEADINGS = {"Flagged post": FLAG, "Held post": HOLD, "Asked for help": HELP_NEEDED}
IS_ANOTHER = "() => document.readyState === 'complete' && !document.getElementById('old')"


class Desk:
    """Mo clears what waits; Max, who moderates, too, now and then is first."""

    def __init__(self, stage: Stage, count: int) -> None:
        self.stage, make = stage, stage.factories
        make.community()
        self.ada, self.bo = make.member("Ada"), make.member("Bo")
        self.mo, self.max = (make.member(name, role="moderator") for name in ("Mo", "Max"))
        self.thread = make.thread(self.bo, title="Crackle").thread_id
        with stage.app.test_request_context():
            self._open([MIXED[n % len(MIXED)] for n in range(count)])

    def _open(self, kinds: list[str]) -> None:
        actor = self.stage.factories.actor
        texts = {kind: prepare(source) for kind, source in SOURCES.items()}
        with transaction():
            for kind in kinds:
                self._wait(kind, texts[kind], *map(actor, (self.ada, self.bo, self.max)))

    def _wait(self, kind: str, text: Prepared, ada: Actor, bo: Actor, max_: Actor) -> None:
        posting = Posting(asks_for_help=kind == HELP_NEEDED)
        post = reply(ada, self.thread, text=text, posting=posting)
        if kind == FLAG:
            assert post.number is not None
            flag_post(bo, self.thread, post.number, words="It sells.")
        if kind == APPEAL:
            assert post.number is not None
            appeal(
                ada, remove_post(max_, self.thread, post.number, reason="It sells."), words="No."
            )

    def warn(self) -> None:
        """Max warns Ada, who appeals; then another post is flagged."""
        max_, ada = (self.stage.factories.actor(person) for person in (self.max, self.ada))
        with self.stage.app.test_request_context():
            with transaction():
                warn_member(max_, self.ada.id, reason="You called Bo a fool.")
                measure = db.session.scalars(select(Measure.id)).one()
                appeal_against_measure(ada, measure, words="I did not.")
            self._open([FLAG])

    def waiting(self) -> int:
        """How many cases are open."""
        with self.stage.app.app_context():
            open_ = select(func.count()).select_from(Case).where(Case.closed_at.is_(None))
            return db.session.scalar(open_) or 0

    def by_mo(self) -> int:
        """How many cases Mo has decided."""
        with self.stage.app.app_context():
            theirs = select(func.count()).select_from(Case).where(Case.closed_by == self.mo.id)
            return db.session.scalar(theirs) or 0

    def decide_as(self, person: Person, case_id: int) -> bool:
        """Somebody else decides a case meanwhile, unless it is theirs no more: whether they did."""
        decisions: dict[str, Callable[..., Any]] = {
            FLAG: find_nothing_wrong,
            HELP_NEEDED: finish_help,
            HOLD: lambda *values, words: remove_held(*values, reason=words),
            APPEAL: uphold,
        }
        with self.stage.app.test_request_context():
            [(kind, closed)] = rows(select(Case.kind, Case.closed_at).where(Case.id == case_id))
            if closed is not None or kind == APPEAL:
                return False
            with transaction():
                decisions[kind](self.stage.factories.actor(person), case_id, words="I was first.")
        return True


@dataclass
class Cost:
    """What clearing cost, as far as the browser and the server tell."""

    requests: list[str] = field(default_factory=list)
    server_seconds: float = 0.0
    stops: int = 0

    def ahead(self) -> int:
        """How many cases were fetched before the decision about the case before them was sent."""
        sent = [(n, asked) for n, asked in enumerate(self.requests) if asked.startswith("POST")]
        pairs = [(n, after.replace("POST", "GET")) for (n, _), (_, after) in pairwise(sent)]
        return sum(page in self.requests[:n] for n, page in pairs)

    def note(self, request: Request) -> None:
        """Count what is asked of the forum, less what browsers keep."""
        if "/static/" not in request.url and "/themes/" not in request.url:
            self.requests.append(f"{request.method} {urlsplit(request.url).path}")


class Clearing(KeyboardVisitor):
    """A moderator with a keyboard, who stands at the heading of a case after each decision."""

    def __init__(self, page: Page, cost: Cost, *, javascript: bool) -> None:
        super().__init__(page)
        self.cost, self.javascript = cost, javascript
        page.on("request", cost.note)

    def next_stop(self) -> str:
        """Press Tab, and count it."""
        self.cost.stops += 1
        return super().next_stop()

    def case(self) -> int:
        """The number of the case that is shown."""
        return int(self.page.evaluate("() => location.pathname.split('/').pop()"))

    def decide(self) -> None:
        """Decide what is shown, as its kind asks for, and wait until something else is shown."""
        kind = HEADINGS.get(self.text("h1"), APPEAL)
        self._reach(self.page.get_by_role("link", name="To the decision", exact=True))
        self.page.keyboard.press("Enter")
        self.page.wait_for_function(
            "() => location.hash === '#words' && document.activeElement?.id === 'words'"
        )
        self.page.keyboard.insert_text("Read, and thought about.")
        button = self.page.locator("form.decide button", has_text=BUTTONS[kind]).first
        self._reach(button)
        if self.javascript:
            self.page.evaluate("() => { document.querySelector('h1').id = 'old' }")
            self.page.keyboard.press("Space")
            self.page.wait_for_function(IS_ANOTHER)
        else:
            with self._arriving():
                self.page.keyboard.press("Space")

    def skip(self) -> None:
        """Go on with the next case."""
        self._reach(self.page.locator("main a[rel=next]"))
        with self._arriving():
            self.page.keyboard.press("Enter")


@pytest.fixture
def stage(tmp_path: Path, sqlite_template: Path) -> Stage:
    return Stage(tmp_path / "instance", sqlite_template)


def timed(stage: Stage, cost: Cost) -> None:
    """Note what CPU the server takes for each request."""
    answer = stage._answer

    def answered(environ: Any, start_response: Any) -> list[bytes]:
        before = time.thread_time()
        try:
            return answer(environ, start_response)
        finally:
            cost.server_seconds += time.thread_time() - before

    stage._answer = answered  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("count", "javascript"),
    [
        (12, True),
        pytest.param(200, True, marks=pytest.mark.full),
        pytest.param(200, False, marks=pytest.mark.full),
    ],
)
def test_mixed_cases_are_cleared_with_the_keyboard_alone(
    stage: Stage, open_page: Callable[..., Page], count: int, javascript: bool
) -> None:
    cost = Cost()
    timed(stage, cost)
    with stage.served():
        desk = Desk(stage, count)
        assert desk.waiting() == count
        page = open_page(stage.url, java_script_enabled=javascript)
        page.context.add_cookies(stage.cookies(desk.mo))  # type: ignore[arg-type]
        mo = Clearing(page, cost, javascript=javascript)
        mo.open("/moderation")
        mo.follow("Crackle", inside=".case")
        firsts = decided = 0
        cost.requests, cost.server_seconds, cost.stops = [], 0.0, 0
        begun = time.perf_counter()
        while "/moderation/" in page.url:
            here = mo.case()
            if decided % 9 == 4:
                # The next one was fetched already.
                firsts += desk.decide_as(desk.max, here + 1)
            if decided % 23 == 8 and desk.decide_as(desk.max, here):
                firsts += 1
                mo.decide()
                assert "Max has decided this case meanwhile." in mo.text("#error-summary")
                assert page.get_by_label("What you had written").input_value()
                if page.locator("main a[rel=next]").count() == 0:
                    break
                mo.skip()
            else:
                mo.decide()
                assert len(mo.texts(".notices .notice")) == 1
            decided += 1
        seconds = time.perf_counter() - begun
        assert desk.waiting() == 0
        assert desk.by_mo() == count - firsts
        assert firsts >= count // 12
        a_case = len(cost.requests) / decided
        print(
            f"\n{count} cases, {'with' if javascript else 'without'} JavaScript: {decided} read, "
            f"{firsts} decided by somebody else; each took {seconds / decided:.2f} s with "
            f"{cost.stops / decided:.1f} presses of Tab, {a_case:.2f} requests and "
            f"{1000 * cost.server_seconds / decided:.0f} ms of the server's CPU"
        )
        # One that decides and one that fetches a page; the others are for what came in between.
        assert a_case < 2.5
        assert decided - 2 * firsts - 1 <= cost.ahead() if javascript else cost.ahead() == 0


@pytest.mark.parametrize("javascript", [True, pytest.param(False, marks=pytest.mark.full)])
def test_appeal_about_a_measure_is_come_to_in_its_turn(
    stage: Stage, open_page: Callable[..., Page], javascript: bool
) -> None:
    cost = Cost()
    with stage.served():
        desk = Desk(stage, 1)
        desk.warn()
        page = open_page(stage.url, java_script_enabled=javascript)
        page.context.add_cookies(stage.cookies(desk.mo))  # type: ignore[arg-type]
        mo, read = Clearing(page, cost, javascript=javascript), []
        mo.open("/moderation")
        mo.follow("Crackle", inside=".case")
        while "/moderation/" in page.url:
            read.append((urlsplit(page.url).path, mo.text("h1")))
            mo.decide()
            assert len(mo.texts(".notices .notice")) == 1
        assert read == [
            ("/moderation/1", "Flagged post"),
            ("/moderation/measures/1", "Appeal about a measure"),
            ("/moderation/2", "Flagged post"),
        ]
        assert cost.ahead() == (2 if javascript else 0)
        assert mo.texts(".case") == []
