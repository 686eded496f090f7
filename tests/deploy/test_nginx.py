"""What the forum and its example for nginx promise each other holds with a real nginx."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from forum.testing.site import StartSite
from forum.web.requests import HEADER
from tests.deploy.front import CONF, Front, cookies_in, fields_in, nginx_before, nginx_program

pytestmark = pytest.mark.full


@pytest.fixture
def front(tmp_path: Path, start_site: StartSite, pytestconfig: pytest.Config) -> Iterator[Front]:
    """nginx before a forum on SQLite."""
    with nginx_before(start_site, tmp_path, nginx_program(pytestconfig), "") as front:
        yield front


def test_forum_behind_nginx_with_https(front: Front) -> None:
    admin = front.site.factories.community()
    front.site.factories.category()
    guilty, innocent = front.site.factories.member(), front.site.factories.member()
    _http_leads_to_https(front)
    _certificate_can_be_renewed(front)
    cookie = _signing_in_is_safe(front, innocent.email, innocent.password)
    _ten_wrong_passwords_lock_one_account(front, guilty.email, admin.email, admin.password)
    _large_picture_gets_the_forums_answer(front, cookie)
    _number_of_the_request_is_nginx_own(front)
    _doctor_finds_the_proxy_well(front)


# What nginx would put into a temporary file it says at this level.
TELLING = CONF.replace("error_log /dev/null crit;", "error_log /var/log/nginx/door.log warn;")
LOGGED = "access_log off;\n        error_log"
LEAKS = {
    "none": TELLING,
    "logs": TELLING.replace(LOGGED, "error_log"),
    "writes": re.sub(r" *client_body_buffer_size .*\n", "", TELLING),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_nginx_notes_nothing_of_a_door(
    leak: str, tmp_path: Path, start_site: StartSite, pytestconfig: pytest.Config
) -> None:
    program = nginx_program(pytestconfig)
    assert (LEAKS[leak] == TELLING) == (leak == "none")
    with nginx_before(start_site, tmp_path, program, "", LEAKS[leak]) as front:
        paths = (
            "/ask",
            "/ask/",
            "/ask/write?a=b",
            "/%61sk/write",
            "//ask/write",
            "/t/../ask/write",
        )
        text = b"source=" + b"x" * 300_000
        # What is behind a door has no number, so its lines are told by their method.
        assert front.ask(paths[0], text)[2][HEADER] is None
        for path in paths[1:]:
            front.ask(path, text)
        _, _, last = front.ask("/about")
        log = _awaited(tmp_path / "folkmoot.log", last[HEADER])
    found = log.count(" POST "), "temporary" in (tmp_path / "door.log").read_text()
    assert (
        found
        == {
            "none": (0, False),
            "logs": (len(paths), False),
            "writes": (0, True),
        }[leak]
    )


def _awaited(log: Path, number: str) -> str:
    """The log, once it has this line: it is written after the answer was sent."""
    until = time.monotonic() + 10
    while number not in log.read_text():
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.05)
    return log.read_text()


def _http_leads_to_https(front: Front) -> None:
    line = HTTPConnection("127.0.0.1", front.plain, timeout=20)
    line.request("GET", "/latest?a=b", headers={"Host": "evil.example.org"})
    answer = line.getresponse()
    line.close()
    assert answer.status == 301
    assert answer.headers["Location"] == f"https://localhost:{front.secure}/latest?a=b"


def _certificate_can_be_renewed(front: Front) -> None:
    line = HTTPConnection("127.0.0.1", front.plain, timeout=20)
    line.request("GET", "/.well-known/acme-challenge/trial", headers={"Host": "localhost"})
    answer = line.getresponse()
    assert (answer.status, answer.read()) == (200, b"mine")
    line.close()


def _signing_in_is_safe(front: Front, email: str, password: str) -> str:
    status, headers = front.sign_in(email, password, by="127.0.0.5")
    kept = [line for line in headers.get_all("Set-Cookie") or [] if "=;" not in line]
    assert status == 303
    assert all(line.startswith("__Host-") and "; Secure" in line for line in kept), kept
    hsts = headers.get("Strict-Transport-Security", "")
    assert hsts.startswith("max-age=")
    status, page, _ = front.ask("/me", Cookie=cookies_in(headers))
    assert (status in (200, 303), "Sign out" in page or status == 303) == (True, True)
    return cookies_in(headers)


def _ten_wrong_passwords_lock_one_account(
    front: Front, guilty: str, other: str, password: str
) -> None:
    tries = [front.sign_in(guilty, "wrong", by="127.0.0.7")[0] for _ in range(11)]
    assert tries == [422] * 10 + [429]
    assert front.sign_in(other, password, by="127.0.0.8")[0] == 303


def _large_picture_gets_the_forums_answer(front: Front, cookie: str) -> None:
    _, page, headers = front.ask("/pictures/new", Cookie=cookie)
    # The page's token has its other half in the session's cookie.
    cookie = cookies_in(headers) or cookie
    fields = {**fields_in(page), "decision": "decoration"}
    fields.pop("picture", None)
    edge = "edge-of-a-part"
    parts = "".join(
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{said}\r\n'
        for name, said in fields.items()
    )
    head = f'--{edge}\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n'
    body = (parts + head).encode() + b"x" * 30 * 2**20 + f"\r\n--{edge}--\r\n".encode()
    kind = f"multipart/form-data; boundary={edge}"
    status, text, _ = front.ask("/pictures/new", body, Cookie=cookie, Content_Type=kind)
    assert (status in (413, 422), "<!doctype html>" in text.lower()) == (True, True), text[:500]
    assert "10" in text
    assert "nginx" not in text


def _number_of_the_request_is_nginx_own(front: Front) -> None:
    numbers = [front.ask("/about", X_Request_Id="mine-mine-mine")[2][HEADER] for _ in range(2)]
    assert all(re.fullmatch(r"[0-9a-f]{32}", number) for number in numbers)
    log, until = front.certificate.parent / "folkmoot.log", time.monotonic() + 10
    # It is written after the answer was sent.
    while not all(number in log.read_text() for number in numbers):
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.05)
    assert "/about" not in log.read_text()


def _doctor_finds_the_proxy_well(front: Front) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from forum.cli import main; main()", "doctor", "--json"],
        env={
            **os.environ,
            "SSL_CERT_FILE": str(front.certificate),
            "FORUM_INSTANCE": str(front.site.instance),
            "FORUM_PUBLIC_URL": f"https://localhost:{front.secure}",
            "FORUM_TRUSTED_PROXIES": "127.0.0.1",
        },
        capture_output=True,
        text=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    proxy = [(one["state"], one["says"]) for one in found if one["check"] == "proxy"]
    assert proxy == [("ok", "Host, address and scheme of visitors arrive.")], done.stderr
