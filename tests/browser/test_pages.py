"""Every page of the forum in a real browser, in every mode: axe, the console, a narrow screen.

The pages are taken from the URL map: an address without a sample here fails a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from forum.app import create_app
from forum.testing.pseudo import LANGUAGE
from tests.browser.results import axe_version, note
from tests.browser.stage import ERRORS, LONG_WORD, RICH, UNMENDED, Cast, Stage
from tests.browser.visitors import KeyboardVisitor
from tests.browser.watching import NARROW, WIDE, Complaints, axe_findings, what_sticks_out

MODES = ("light", "dark", "contrast")
SCREENS = {"wide": WIDE, "narrow": NARROW}
LOOKS = [(mode, screen) for mode in MODES for screen in SCREENS]
# The forum's own, and the one made up from the English that is read from right to left.
LANGUAGES = ("en", "de", LANGUAGE)


@dataclass(frozen=True, slots=True)
class Sample:
    """A page to look at: the endpoint it belongs to, its address, who looks."""

    endpoint: str
    address: str
    who: str = "guest"
    as_written: bool = False
    status: int = 200

    def __str__(self) -> str:
        return f"{self.who}-{self.endpoint}-{self.address.strip('/').replace('/', '.')}"


THREAD = "/t/{thread}"
SAMPLES = [
    Sample("web.appearance", "/appearance"),
    Sample("web.about", "/about"),
    Sample("statement.shown", "/accessibility"),
    Sample("palettes.check", "/palette?colours=0b5c53+teal+777&backgrounds=fff+fdf1d8"),
    Sample("palettes.check", "/palette?colours=9b1c1c+5c5c14+aaa", "member"),
    Sample("palettes.check", "/palette?colours=gren", status=422),
    Sample("discussion.front", "/"),
    Sample("discussion.front", "/", "admin"),
    Sample("discussion.front", "/?after=4102444800000000-1", "member"),
    Sample("discussion.category", "/c/{slug}"),
    Sample("discussion.category", "/c/{slug}", "member"),
    Sample("discussion.latest", "/latest"),
    Sample("discussion.latest", "/latest", "moderator"),
    Sample("discussion.thread", THREAD),
    Sample("discussion.thread", THREAD, "moderator"),
    Sample("discussion.thread", THREAD + "?page=2", "member", as_written=True),
    Sample("discussion.thread", "/t/28", as_written=True),
    Sample("discussion.post", THREAD + "/25", as_written=True),
    Sample("discussion.thread", "/t/1"),
    Sample("discussion.thread", "/t/1", "moderator"),
    Sample("discussion.thread", "/t/2", "moderator"),
    Sample("discussion.thread", "/t/2", status=404),
    Sample("discussion.category", "/c/{slug}", "moderator"),
    Sample("curating.of_post", "/t/1/1/remove", "moderator"),
    Sample("curating.of_post", "/t/1/2/restore", "moderator"),
    Sample("curating.of_post", THREAD + "/3/answer", "member"),
    Sample("curating.of_thread", "/t/1/lock", "moderator"),
    Sample("curating.of_thread", "/t/3/remove", "moderator"),
    Sample("curating.of_thread", "/t/1/pin", "member", status=403),
    Sample("curating.slow", "/t/1/slow", "moderator"),
    Sample("moving.split", THREAD + "/split", "moderator"),
    Sample("moving.merge", "/t/1/merge", "moderator"),
    Sample("moving.merge", "/t/1/merge", "member", status=403),
    Sample("curating.move", "/t/1/move", "moderator"),
    Sample("curating.filing", THREAD + "/title", "member"),
    Sample("curating.empty", THREAD + "/{edited}/history/1/empty", "moderator"),
    Sample("tags.tags", "/tags"),
    Sample("tags.tag", "/tags/cone-6"),
    Sample("discussion.history", THREAD + "/{edited}/history"),
    Sample("discussion.history", THREAD + "/{edited}/history", "moderator"),
    Sample("findings.of_post", THREAD + "/27/findings", "moderator"),
    Sample("findings.of_post", THREAD + "/{edited}/findings", status=403),
    Sample("findings.listed", "/moderation/findings", "moderator", as_written=True),
    Sample("alternatives.of_post", "/t/3/2/pictures", "moderator"),
    Sample("discussion.new_thread", "/new", "member"),
    Sample("discussion.new_thread", "/new?category={slug}", "moderator"),
    Sample("discussion.reply", THREAD + "/reply?to=2", "member"),
    Sample("drafts.drafts", "/drafts", "member"),
    Sample("drafts.discard", "/drafts/discard?place=reply:3", "member"),
    Sample("discussion.edit", THREAD + "/2/edit", "moderator"),
    Sample("pictures.new_picture", "/pictures/new?for=new", "member"),
    Sample("pictures.new_picture", "/pictures/new", status=403),
    Sample("registration.register", "/register"),
    Sample("registration.registration_sent", "/register/sent"),
    Sample("registration.confirm", "/confirm/{confirm}"),
    Sample("accounts.sign_in", "/sign-in"),
    Sample("accounts.sign_out", "/sign-out", "member"),
    Sample("accounts.ask_for_reset", "/reset"),
    Sample("accounts.reset_sent", "/reset/sent"),
    Sample("accounts.choose_password", "/reset/{reset}"),
    Sample("members.member", "/members/{member}"),
    Sample("members.member", "/members/{member}", "moderator"),
    Sample("members.member_by_handle", "/members/@amira-haddad", "member"),
    Sample("account.profile", "/me", "member"),
    Sample("address.ask", "/account/address", "member"),
    Sample("address.confirm", "/account/address/{address}", "member"),
    Sample("sessions.listed", "/account/sessions", "member"),
    Sample("closing.close", "/account/close", "member"),
    Sample("closing.close", "/account/close", "admin"),
    Sample("registration.set_up", "/setup/{setup}", "installer"),
    Sample("discussion.front", "/", "installer"),
    Sample("web.about", "/about", "installer"),
    Sample("discussion.latest", "/latest", "installer"),
    Sample("notifications.notifications", "/notifications", "moderator"),
    Sample("notifications.notifications", "/notifications", "admin"),
    Sample("moderation.cases", "/moderation", "moderator", as_written=True),
    Sample("moderation.case", "/moderation/{held_case}", "moderator", as_written=True),
    Sample("moderation.case", "/moderation/{help_case}", "admin", as_written=True),
    Sample("care.community", "/moderation/community", "moderator", as_written=True),
    Sample("fairness.figures", "/moderation/fairness", "moderator"),
    Sample("fairness.figures", "/moderation/fairness", "member", status=403),
    Sample("care.community", "/moderation/community", "member", status=403),
    Sample("public_record.listed", "/about/moderation", as_written=True),
    Sample("record.listed", "/moderation/log", "moderator"),
    Sample("record.listed", "/moderation/log?state=undone&search=none", "moderator"),
    Sample("record.listed", "/moderation/log", "member", status=403),
    Sample("record.deed", "/moderation/log/{entry}", "moderator", as_written=True),
    Sample("record.deed", "/moderation/log/{undone_entry}", "moderator"),
    Sample("record.deed", "/moderation/log/{case_entry}", "moderator", as_written=True),
    Sample("measures.of_member", "/moderation/members/{muted}", "moderator", as_written=True),
    Sample("measures.of_member", "/moderation/members/{moderator}", "moderator", status=403),
    Sample("measures.note", "/moderation/members/{member}/note", "moderator"),
    Sample("measures.warn", "/moderation/members/{member}/warn", "moderator"),
    Sample("measures.mute", "/moderation/members/{member}/mute", "moderator"),
    Sample("measures.suspend", "/moderation/members/{moderator}/suspend", "admin"),
    Sample("measures.lift", "/moderation/members/{muted}/measures/{mute}/lift", "moderator"),
    Sample("notifications.notifications", "/notifications", "muted", as_written=True),
    Sample("mending.mend", "/moderation/{help_case}/mend", "moderator"),
    Sample("mending.mend", "/moderation/{help_case}/mend", "member", status=403),
    Sample("moderation.cases", "/moderation?kind=flag", "moderator"),
    Sample(
        "several.choose",
        "/moderation/several?cases={held_case}&cases={flag_case}&cases={help_case}",
        "moderator",
        as_written=True,
    ),
    Sample("together.several", "/moderation/log/{case_entry}/several", "moderator"),
    Sample("moderation.case", "/moderation/{flag_case}", "moderator", as_written=True),
    Sample("moderation.case", "/moderation/{appeal_case}", "admin", as_written=True),
    Sample("measure_appeals.told", "/decided/measures/{mute}", "muted", as_written=True),
    Sample("measure_appeals.told", "/decided/measures/{warned}", "muted", as_written=True),
    Sample("measure_appeals.with_link", "/appeal/{appeal_link}", as_written=True),
    Sample("measure_appeals.with_link", "/appeal/wrong", status=404),
    Sample(
        "measure_appeals.decide", "/moderation/measures/{measure_appeal}", "admin", as_written=True
    ),
    Sample("measure_appeals.decide", "/moderation/measures/{measure_appeal}", "moderator"),
    Sample("flags.flag", THREAD + "/4/flag", "member"),
    Sample("flags.flags", "/flags", "member", as_written=True),
    Sample("flags.withdraw", "/flags/{flag}/withdraw", "member", as_written=True),
    Sample("appeals.decided", "/decided/{removed_post}", "member", as_written=True),
    Sample("appeals.ask", "/decided/{removed_post}/{case_entry}/appeal", "member"),
    Sample("moderation.case", "/moderation/{removed_case}", "moderator", as_written=True),
    Sample("held.post", "/held/{held_post}", "member", as_written=True),
    Sample("held.post", "/held/{removed_post}", "member", as_written=True),
    Sample("notifications.notifications", "/notifications", "member"),
    Sample("invitations.listed", "/admin/invitations", "admin"),
    Sample("invitations.many", "/admin/invitations/list", "admin"),
    Sample("invitations.one", "/admin/invitations/{invitation_number}", "admin"),
    Sample("invitations.withdraw", "/admin/invitations/{invitation_number}/withdraw", "admin"),
    Sample("invitations.again", "/admin/invitations/{mailed_number}/again", "admin"),
    Sample("invitations.new", "/admin/invitations/new", "admin"),
    Sample("exports.listed", "/admin/export", "admin"),
    Sample("exports.new", "/admin/export/new", "admin"),
    Sample("exports.fetch", "/admin/export/0000000000000000.zip", "admin", status=404),
    Sample("admin_members.listed", "/admin/members?state=active", "admin"),
    Sample("admin_members.account", "/admin/members/{moderator}", "admin"),
    Sample("admin_members.give", "/admin/members/{member}/give/admin", "admin"),
    Sample("admin_members.take", "/admin/members/{moderator}/take/moderator", "admin"),
    Sample("admin_members.sessions", "/admin/members/{moderator}/sessions", "admin"),
    Sample("admin_members.reset", "/admin/members/{moderator}/reset", "admin"),
    Sample("admin_members.join", "/admin/members/{member}/join", "admin"),
    Sample("admin_roles.roles", "/admin/roles", "admin"),
    Sample("admin_groups.listed", "/admin/groups", "admin"),
    Sample("admin_groups.new", "/admin/groups/new", "admin"),
    Sample("admin_groups.group", "/admin/groups/1", "admin"),
    Sample("admin_groups.rename", "/admin/groups/1/rename", "admin"),
    Sample("admin_groups.help_authors", "/admin/groups/1/help", "admin"),
    Sample("admin_groups.members", "/admin/groups/1/members", "admin"),
    Sample("admin_groups.join", "/admin/groups/1/join", "admin"),
    Sample("admin_groups.leave", "/admin/groups/1/members/{moderator}", "admin"),
    Sample("admin_groups.delete", "/admin/groups/1/delete", "admin"),
    Sample("admin_groups.group", "/admin/groups/{level}", "admin"),
    Sample("admin_levels.listed", "/admin/levels", "admin"),
    Sample("admin_levels.new", "/admin/levels/new", "admin"),
    Sample("admin_levels.level", "/admin/levels/{level}", "admin"),
    Sample("admin_levels.remove", "/admin/levels/{level}/remove", "admin"),
    Sample("rights.rights", "/account/rights", "member"),
    Sample("admin_changes.listed", "/admin/changes", "admin"),
    Sample("admin_changes.change", "/admin/changes/1", "admin"),
    Sample("registration.accept", "/invitation/{invitation}"),
    Sample("admin.areas", "/admin", "admin"),
    Sample("admin.community", "/admin/community", "admin"),
    Sample("admin_settings.settings", "/admin/settings", "admin"),
    Sample("admin_word_list.word_list", "/admin/word-list", "admin"),
    Sample("admin_settings.reset", "/admin/settings/feeds/reset", "admin"),
    Sample("admin.categories", "/admin/categories", "admin"),
    Sample("admin_plugins.plugins", "/admin/plugins", "admin"),
    Sample("admin_plugins.settings", "/admin/plugins/pitches/settings", "admin"),
    Sample("admin_plugins.enable", "/admin/plugins/quiet/enable", "admin"),
    Sample("admin_plugins.disable", "/admin/plugins/quiet/disable", "admin"),
    Sample("admin_plugins.purge", "/admin/plugins/quiet/purge", "admin"),
    Sample("admin_mail.listed", "/admin/mail", "admin"),
    Sample("admin_jobs.listed", "/admin/jobs", "admin"),
    Sample("admin_jobs.set_aside", "/admin/jobs/999999/set-aside", "admin", status=404),
    Sample("admin_jobs.drop", "/admin/jobs/999999/drop", "admin", status=404),
    Sample("admin_jobs.retry", "/admin/jobs/999999", "admin", status=404),
    Sample("holds.listed", "/admin/holds", "admin"),
    Sample("holds.one", "/admin/holds/1", "admin"),
    Sample("holds.hold", "/admin/members/{member}/hold", "admin"),
    Sample("holds.release", "/admin/members/{held_member}/release", "admin"),
    Sample("holds.erase", "/admin/members/{member}/erase", "admin"),
    Sample("data.download", "/account/data", "member"),
    Sample("data.download", "/account/data", "held"),
    Sample("closing.close", "/account/close", "held"),
    Sample("admin.new_category", "/admin/categories/new", "admin"),
    Sample("admin.category_list", "/admin/categories/list", "admin"),
    Sample("admin.remove", "/admin/categories/{category}/remove", "admin"),
    Sample("admin.category", "/admin/categories/{category}", "admin"),
    Sample("discussion.new_thread", "/new", status=403),
    Sample("moderation.cases", "/moderation", "member", status=403),
    Sample("discussion.thread", THREAD + "?page=abc", status=404),
    Sample("discussion.resume", "/resume", status=405),
]
# Not pages: files that pages load.
FEEDS = {"feeds.front", "feeds.category", "feeds.thread", "feeds.member", "feeds.tag"}
WATCHING = {"health.alive", "health.ready", "metrics.figures"}
FILES = {"static", "web.theme", "pictures.picture"} | FEEDS | WATCHING


def _cases(full: bool) -> Iterator[Any]:
    looks, languages = cycle(LOOKS), cycle(LANGUAGES)
    for sample in SAMPLES:
        for mode, screen in LOOKS if full else [next(looks)]:
            language = next(languages)
            name = f"{sample}-{mode}-{screen}-{language}"
            yield pytest.param(sample, mode, screen, language, id=name)
        if not full and len(SAMPLES) % len(LANGUAGES) == 0:
            next(languages)


_NEXT = cycle(LOOKS)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Everything in every look and language with ``--full``, else each in those that come next."""
    full = metafunc.config.getoption("full")
    if "sample" in metafunc.fixturenames:
        names = ("sample", "mode", "screen", "language")
        metafunc.parametrize(names, list(_cases(full)))
    elif "mode" in metafunc.fixturenames:
        metafunc.parametrize(("mode", "screen"), LOOKS if full else [next(_NEXT)])


def test_every_address_has_a_sample(tmp_path: Path) -> None:
    assert endpoints_without_sample(create_app(tmp_path)) == set()


def test_new_address_is_missed_until_it_has_a_sample(tmp_path: Path) -> None:
    app = create_app(tmp_path)
    app.add_url_rule("/planted", "planted", lambda: "")
    assert endpoints_without_sample(app) == {"planted"}


def endpoints_without_sample(app: Flask) -> set[str]:
    """The endpoints that answer GET and that nobody looks at here."""
    answer_get = {r.endpoint for r in app.url_map.iter_rules() if "GET" in (r.methods or ())}
    return answer_get - {sample.endpoint for sample in SAMPLES} - FILES


OpenAs = Callable[..., tuple[Page, Complaints]]


@pytest.fixture
def open_as(
    open_page: Callable[..., Page],
    stage: Stage,
    cast: Cast,
    bare_stage: tuple[Stage, dict[str, Any]],
) -> OpenAs:
    """Call it with who looks, mode and screen, and the language that a guest has chosen: a page that
    shows nothing yet, and its complaints."""

    def open_(who: str, mode: str, screen: str, language: str = "en") -> tuple[Page, Complaints]:
        person, at = cast.people.get(who), bare_stage[0] if who == "installer" else stage
        page = open_page(at.url, viewport=SCREENS[screen])
        page.context.add_cookies([{"name": "mode", "value": mode, "url": at.url}])
        page.context.add_cookies([at.spoken(language)])  # type: ignore[list-item]
        if person is not None:
            page.context.add_cookies(at.cookies(person))  # type: ignore[arg-type]
        return page, Complaints(page)

    return open_


def faults_of(page: Page, complaints: Complaints, *, as_written: bool = False) -> list[str]:
    """Everything that is wrong with the page as it stands, and when it becomes narrow."""
    found = axe_findings(page, as_written=as_written)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    return [*found, *what_sticks_out(page), *complaints.said]


def test_page_is_sound(
    sample: Sample,
    mode: str,
    screen: str,
    language: str,
    open_as: OpenAs,
    stage: Stage,
    cast: Cast,
    bare_stage: tuple[Stage, dict[str, Any]],
) -> None:
    with stage.speaking(language):
        page, complaints = open_as(sample.who, mode, screen, language)
        answer = page.goto(sample.address.format(**cast.places, **bare_stage[1]))
        assert answer is not None
        shown = page.get_attribute("html", "data-mode"), page.get_attribute("html", "lang")
        assert (answer.status, *shown) == (sample.status, mode, language)
        found = faults_of(page, complaints, as_written=sample.as_written)
        note_page(sample.endpoint, found, page, (mode, str(SCREENS[screen]["width"]), language))
        assert found == []


def note_page(endpoint: str, found: list[str], page: Page, looks: tuple[str, ...]) -> None:
    """Write down for the accessibility statement what a browser showed."""
    browser = page.context.browser
    assert browser is not None
    rules = [line.split()[0].rstrip(":") for line in found]
    note("axe", endpoint, rules, looks, axe=axe_version(), chromium=browser.version)


@pytest.mark.full
@pytest.mark.parametrize("looked_at", SAMPLES, ids=str)
def test_page_is_sound_in_the_readers_own_colours(
    looked_at: Sample,
    open_as: OpenAs,
    stage: Stage,
    cast: Cast,
    bare_stage: tuple[Stage, dict[str, Any]],
) -> None:
    page, complaints = open_as(looked_at.who, "light", "wide")
    page.emulate_media(forced_colors="active")
    page.goto(looked_at.address.format(**cast.places, **bare_stage[1]))
    visitor = KeyboardVisitor(page)
    for _ in range(8):
        visitor.next_stop()
    assert faults_of(page, complaints, as_written=looked_at.as_written) == []


PLANTED = """<img src="/static/forum.js"><canvas class="wide" width="1000"></canvas>
<p style="color: red">Styled</p>"""


def test_planted_faults_are_found(open_as: OpenAs) -> None:
    page, complaints = open_as("guest", "light", "wide")
    page.goto("/about")
    page.evaluate("html => document.querySelector('main').innerHTML += html", PLANTED)
    words = [line.split()[0] for line in faults_of(page, complaints)]
    assert words == ["image-alt:", "CANVAS", "Applying"], "axe, the narrow screen, the console"


def test_composer_with_things_to_decide_and_to_mend(
    mode: str, screen: str, open_as: OpenAs
) -> None:
    page, complaints = open_as("member", mode, screen)
    page.goto("/new")
    page.get_by_label("Text").fill(UNMENDED + RICH)
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Keep").first.wait_for()
    assert faults_of(page, complaints, as_written=True) == []
    page.get_by_label("Text").fill("Nothing is wrong with this.")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.locator("#error-summary").wait_for()
    assert faults_of(page, complaints) == []
    page.get_by_role("button", name="Discard draft").click()
    page.get_by_role("button", name="Discard", exact=True).click()
    page.get_by_role("heading", name="Your drafts").wait_for()


def test_form_with_things_to_mend(mode: str, screen: str, open_as: OpenAs) -> None:
    page, complaints = open_as("guest", mode, screen)
    page.goto("/register")
    page.get_by_role("button", name="Register").click()
    page.locator("#error-summary").wait_for()
    assert faults_of(page, complaints) == []


def test_text_given_back_when_nobody_is_signed_in(
    mode: str, screen: str, open_as: OpenAs, cast: Cast
) -> None:
    page, complaints = open_as("member", mode, screen)
    page.goto(THREAD.format(**cast.places) + "/reply")
    page.get_by_label("Text").fill(RICH + LONG_WORD)
    page.context.clear_cookies(name="forum")
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("heading", name="Sign in to go on").wait_for()
    assert faults_of(page, complaints) == []


@pytest.mark.parametrize("status", ERRORS)
def test_error_page_is_sound_and_gives_back_what_was_written(
    status: int, mode: str, screen: str, failing_stage: Stage, open_page: Callable[..., Page]
) -> None:
    page = open_page(failing_stage.url, viewport=SCREENS[screen])
    cookie = {"name": "mode", "value": mode, "url": failing_stage.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    complaints = Complaints(page)
    page.goto("/sign-in")
    page.evaluate(SEND, [f"/fail/{status}", RICH])
    page.get_by_role("heading", name="What you wrote").wait_for()
    assert page.get_by_label("Text").input_value() == RICH
    assert page.get_by_text(f"Status {status}").count() == 1
    assert faults_of(page, complaints) == []


SEND = """([address, text]) => {
  const form = document.querySelector("main form");
  form.action = address;
  form.innerHTML = "<textarea name='source'></textarea>";
  form.elements.source.value = text;
  form.submit();
}"""


def test_page_after_too_much_was_sent_is_sound(mode: str, screen: str, open_as: OpenAs) -> None:
    page, complaints = open_as("member", mode, screen)
    page.goto("/new")
    page.evaluate("document.querySelector('[name=seen]').value = 'x'.repeat(1_200_000)")
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("Status 413").wait_for()
    assert faults_of(page, complaints) == []


# The first and the last thing of the head, the first of the foot.
ENDS = (".home", ".bar li >> nth=-1", ".foot li >> nth=0")


@pytest.mark.parametrize("address", ["/", THREAD + "?page=2", "/moderation", "/register"])
def test_page_reads_as_well_from_right_to_left(
    address: str, mode: str, screen: str, open_as: OpenAs, stage: Stage, cast: Cast
) -> None:
    page, complaints = open_as("moderator", mode, screen)
    with stage.speaking(LANGUAGE):
        page.goto(address.format(**cast.places))
    assert page.get_attribute("html", "dir") == "rtl"
    assert faults_of(page, complaints, as_written=True) == []
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    middle = WIDE["width"] / 2
    boxes = [page.locator(part).bounding_box() for part in ENDS]
    assert [box["x"] > middle for box in boxes if box] == [True, False, True]
