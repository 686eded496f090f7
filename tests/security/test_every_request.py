"""What holds for every address of the forum: no write without a form of ours, no way out, no cache.

The addresses and what is sent to them come from ``roles.txt``.
"""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from forum.accounts import routes as accounts_routes
from forum.testing.application import work
from forum.testing.forms import fields_of
from forum.web import headers
from tests.evidence import form_of
from tests.security.table import TABLE, Line, lines
from tests.security.town import Town

LINES = lines(TABLE.read_text("utf-8"))
POSTS = [line for line in LINES if line.method == "POST"]
GETS = [line for line in LINES if line.method == "GET"]
# Everybody may have these, and keep them.
PUBLIC = ("/static/", "/themes/")
EVIL = ("//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "/\t/evil.example",
        "javascript:alert(1)", "evil.example", "/%0d%0aLocation:%20//evil.example", "/\r\nX-Evil: 1",
        " //evil.example", "///evil.example", "http:evil.example")  # fmt: skip


@pytest.fixture(autouse=True)
def as_it_was(town: Town) -> Iterator[None]:
    """Each test finds the town as it was kept."""
    yield
    town.restore()


def who_may(line: Line) -> str:
    """Somebody for whom the line does something, if there is anybody."""
    return next((w for w, got in line.expected.items() if got < "400" and got[3] != "="), "admin")


def forgeries(town: Town, line: Line, token: str | None) -> list[str]:
    """What a POST with this token got that must be refused: empty when it was, without a trace."""
    who = who_may(line)
    fields = line.fields(town) | ({} if token is None else {"csrf_token": token})
    answer = town.browser(who).post(line.path(town), data=fields)
    changed = town.changed()
    if changed:
        town.restore()
    words = [str(fields["source"])] if "source" in fields else []
    # These are asked by a script while somebody types: their words stay where they type.
    is_script = line.address in ("/drafts", "/review")
    lost = [word for word in words if word not in answer.text and not is_script]
    answer.close()
    # Where even a true form gets nothing, the answer may say that before it looks at the token.
    status = 400 if line.expected[who] < "400" else answer.status_code
    is_refused = 400 <= answer.status_code == status and not changed
    name = f"POST {line.address}"
    return [f"{name}: {answer.status_code}"] * (not is_refused) + [f"{name}: lost"] * bool(lost)


def test_no_write_without_a_token(town: Town) -> None:
    assert [found for line in POSTS for found in forgeries(town, line, None)] == []


def test_no_write_with_the_token_of_another_session(town: Town) -> None:
    others = {"admin": "author", "author": "admin"}
    tokens = [(line, town.token_of(others.get(who_may(line), "author"))) for line in POSTS]
    assert [found for line, token in tokens for found in forgeries(town, line, token)] == []


@pytest.mark.parametrize("token", ["", "x", "\0", "a.b.c", "x" * 10_000])
def test_no_write_with_a_token_that_is_none(town: Town, token: str) -> None:
    assert [found for line in POSTS[::4] for found in forgeries(town, line, token)] == []


def test_write_without_a_token_is_found(monkeypatch: pytest.MonkeyPatch, town: Town) -> None:
    town.app.config["WTF_CSRF_ENABLED"] = False
    monkeypatch.setattr("forum.web.forms.csrf.protect", lambda: None)
    [line] = [line for line in POSTS if line.address == "/t/{thread}/lock"]
    try:
        assert forgeries(town, line, None) == ["POST /t/{thread}/lock: 303"]
    finally:
        town.app.config["WTF_CSRF_ENABLED"] = True


# Headers


def header_faults(answer: TestResponse, path: str) -> list[str]:
    """What is wrong with the headers of an answer."""
    found, wrong = answer.headers, []
    policy = found.get("Content-Security-Policy", "")
    if "frame-ancestors 'none'" not in policy or "default-src 'none'" not in policy:
        wrong.append("policy")
    if found.get("X-Frame-Options") != "DENY" or found.get("X-Content-Type-Options") != "nosniff":
        wrong.append("frames or sniffing")
    cache = found.get("Cache-Control", "")
    if not path.startswith(PUBLIC) and not cache.startswith(("private", "no-store", "no-cache")):
        wrong.append(f"cache: {cache}")
    if answer.request.method == "POST" and cache != "no-store" and answer.status_code < 400:
        wrong.append(f"cache of a POST: {cache}")
    for cookie in found.getlist("Set-Cookie"):
        flags = {part.strip() for part in cookie.split(";")[1:]}
        if not {"HttpOnly", "SameSite=Lax", "Path=/"} <= flags:
            wrong.append(f"cookie: {cookie.partition('=')[0]}")
    if found.get("Content-Type") is None and answer.status_code not in (204, 304):
        wrong.append("no type")
    return [f"{answer.status_code} {path}: {fault}" for fault in wrong]


def asked(client: FlaskClient, path: str, method: str = "GET") -> list[str]:
    """What is wrong with the headers of this answer."""
    answer = client.open(path, method=method)
    wrong = header_faults(answer, path)
    answer.close()
    return wrong


def test_every_answer_keeps_out_of_frames_and_caches(town: Town) -> None:
    found = []
    for who in ("guest", "author", "admin"):
        browser = town.browser(who)
        for line in GETS:
            found += asked(browser, line.path(town))
    assert found == []


def test_answers_to_writes_and_errors_do_so_too(town: Town) -> None:
    guest, wrong = town.browser("guest"), []
    for line in POSTS:
        wrong += asked(guest, line.path(town), "POST")
    for path in (
        "/nowhere",
        "/static/nowhere.js",
        "/static/../../secret",
        "/themes/x-y.css",
        "/files/x.png",
    ):
        wrong += asked(guest, path)
    answer = guest.post("/sign-in", data={"email": "x" * 2_000_000})
    assert (answer.status_code, header_faults(answer, "/sign-in")) == (413, [])
    assert wrong == []


def test_answer_without_its_headers_is_found(monkeypatch: pytest.MonkeyPatch, town: Town) -> None:
    monkeypatch.setattr(headers, "ALWAYS", {})
    assert asked(town.browser("guest"), "/about") == ["200 /about: frames or sniffing"]


# Methods


def test_no_other_method_does_anything(town: Town) -> None:
    admin, wrong = town.browser("admin"), []
    for path in dict.fromkeys(line.path(town) for line in LINES):
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "CONNECT"):
            answer = admin.open(path, method=method)
            # Whatever could write needs a token first.
            if answer.status_code not in (400, 404, 405):
                wrong.append(f"{method} {path}: {answer.status_code}")
            answer.close()
    assert (wrong, town.changed()) == ([], set())


def test_head_and_options_write_nothing_that_get_does_not(town: Town) -> None:
    admin, wrong = town.browser("admin"), []
    for line in GETS:
        path = line.path(town)
        head, get = (admin.open(path, method=method) for method in ("HEAD", "GET"))
        if (head.status_code, head.data) != (get.status_code, b""):
            wrong.append(f"HEAD {path}: {head.status_code} and not {get.status_code}")
        options = admin.open(path, method="OPTIONS")
        if options.status_code not in (200, 404) or options.data:
            wrong.append(f"OPTIONS {path}: {options.status_code}")
        for answer in (head, get, options):
            answer.close()
    assert (wrong, town.changed()) == ([], set())


def test_method_is_not_taken_from_anywhere_else(town: Town) -> None:
    admin, path = town.browser("admin"), f"/t/{town.places['thread']}/lock"
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        admin.get(f"{path}?_method=POST&reason=Said", headers={name: "POST"})
    assert town.changed() == set()


# Ways out


def leads_out(answer: TestResponse) -> bool:
    """Whether an answer sends a browser anywhere but to this forum, or has a header put into it."""
    return is_outside(answer.headers.get("Location", "/")) or "X-Evil" in answer.headers


def is_outside(address: str) -> bool:
    """Whether browsers take this for an address elsewhere."""
    # They take a backslash for a slash, and leave tabs, line breaks and spaces out.
    to = address.replace("\\", "/").translate({9: "", 10: "", 13: ""}).strip()
    where = urlsplit(to)
    return bool(where.scheme or where.netloc or not to.startswith("/"))


def signing_in_leads_out(town: Town, evil: str) -> list[str]:
    """The ways on which somebody who signs in would be led out."""
    guest, token = town.browser("guest"), town.token_of("guest")
    fields = {"csrf_token": token, "email": town.places["member_email"]}
    fields |= {"password": town.people["member"].password, "source": "Words"}
    found = []
    for path, name in (("/sign-in", "next"), ("/resume", "url")):
        answer = guest.post(path, data=fields | {name: evil})
        found += [path] if leads_out(answer) else []
        town.restore()
    page = guest.get("/sign-in", query_string={"next": evil})
    kept = fields_of(form_of(page))["next"]
    return found + (["/sign-in?next="] if is_outside(kept) else [])


def test_nobody_is_led_out_by_signing_in(town: Town) -> None:
    assert {evil: found for evil in EVIL if (found := signing_in_leads_out(town, evil))} == {}


@pytest.mark.parametrize(
    "evil", [EVIL[0], *(pytest.param(evil, marks=pytest.mark.full) for evil in EVIL[1:4])]
)
def test_no_parameter_leads_out_anywhere(town: Town, evil: str) -> None:
    names = ("next", "url", "back", "to", "return_to", "redirect", "page", "for", "place")
    wrong = []
    for line in LINES:
        who = who_may(line)
        path = urlsplit(line.path(town)).path
        answer = town.browser(who).open(
            path,
            method=line.method,
            query_string=dict.fromkeys(names, evil),
            data=None
            if line.method == "GET"
            else dict.fromkeys(names, evil) | {"csrf_token": town.token_of(who)},
        )
        wrong += [f"{line.method} {path}"] if leads_out(answer) else []
        answer.close()
        if town.changed():
            town.restore()
    assert wrong == []


def test_way_out_is_found(monkeypatch: pytest.MonkeyPatch, town: Town) -> None:
    monkeypatch.setattr(accounts_routes, "safe_path", lambda path: path)
    assert signing_in_leads_out(town, "//evil.example") == ["/sign-in", "/sign-in?next="]


def test_line_breaks_in_what_people_write_make_no_header_of_a_letter(town: Town) -> None:
    evil = "Ash\r\nBcc: eve@example.org\r\n\r\nBuy"
    folder = Path(town.app.instance_path) / "mail"
    work(town.app)
    before = set(folder.glob("*.eml"))
    fields = {
        "csrf_token": town.token_of("author"),
        "title": evil,
        "source": "Words",
        "action": "publish",
    }
    made = town.browser("author").post("/new", data=fields | {"category": town.places["category"]})
    answer = {"csrf_token": town.token_of("member"), "source": "An answer.", "action": "publish"}
    thread = urlsplit(made.location).path.rpartition("/")[0]
    assert town.browser("member").post(f"{thread}/reply", data=answer).status_code == 303
    work(town.app)
    [letter] = set(folder.glob("*.eml")) - before
    read = message_from_bytes(letter.read_bytes(), policy=default)
    assert "Ash Bcc: eve@example.org Buy" in read["Subject"]
    assert (read["To"], read["Bcc"]) == (town.people["author"].email, None)


# Files


@pytest.mark.parametrize("folder", ["/static/", "/files/", "/themes/", "/admin/export/"])
def test_no_name_leads_out_of_its_folder(town: Town, folder: str) -> None:
    admin = town.browser("admin")
    for name in ("../forum.toml", "..%2fsecret", "%2e%2e/secret", "....//secret", "..\\secret", "/etc/passwd",
                 "%2fetc%2fpasswd", "secret%00.png", "a/../../secret", "~root", "C:\\secret"):  # fmt: skip
        answer = admin.get(folder + name)
        assert answer.status_code in (404, 405), folder + name
        answer.close()
