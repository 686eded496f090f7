"""``deploy/nginx.conf`` itself, with other names and ports, before a real forum: HTTPS on loopback."""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup

from forum.testing.capabilities import missing
from forum.testing.forms import fields_of
from forum.testing.site import Site, StartSite, free_port
from forum.web.requests import HEADER

ROOT = Path(__file__).resolve().parent.parent.parent
CONF = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
NAME = "forum.example.org"
pytestmark = pytest.mark.full


@dataclass
class Front:
    """nginx before a forum."""

    site: Site
    plain: int
    secure: int
    certificate: Path

    def ask(
        self, path: str, body: bytes = b"", *, by: str = "127.0.0.1", **headers: str
    ) -> tuple[int, str, Any]:
        """Status, text and headers of what nginx answers somebody at a certain address."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        line = HTTPSConnection(
            "localhost", self.secure, context=context, source_address=(by, 0), timeout=60
        )
        named = {name.replace("_", "-"): said for name, said in headers.items()}
        line.request("POST" if body else "GET", path, body or None, named)
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        return answer.status, text, answer.headers

    def sign_in(self, email: str, password: str, *, by: str) -> tuple[int, Any]:
        """Sign in as a browser does, with the page's cookie, token and referrer."""
        _, page, headers = self.ask("/sign-in", by=by)
        fields = {**_fields(page), "email": email, "password": password}
        form = {"Content_Type": "application/x-www-form-urlencoded", "Cookie": _cookies(headers)}
        status, _, found = self.ask("/sign-in", urlencode(fields).encode(), by=by, **form)
        return status, found


def _fields(page: str) -> dict[str, str]:
    form = BeautifulSoup(page, "html.parser").select_one("main form[method=post]")
    assert form is not None, page
    return fields_of(form)


def _cookies(headers: Any) -> str:
    return "; ".join(line.partition(";")[0] for line in headers.get_all("Set-Cookie") or [])


def _nginx(config: pytest.Config) -> str:
    unpacked = Path(sys.prefix) / "nginx" / "usr" / "sbin" / "nginx"
    found = shutil.which("nginx") or (str(unpacked) if unpacked.exists() else None)
    if found is None or shutil.which("openssl") is None:
        missing(config, "nginx", "there is no nginx or no openssl; script/test --full fetches it")
    return found


@pytest.fixture
def front(tmp_path: Path, start_site: StartSite, pytestconfig: pytest.Config) -> Iterator[Front]:
    """A forum that is set up as the example says, with nginx before it."""
    program, plain, secure = _nginx(pytestconfig), free_port(), free_port()
    site = start_site(
        FORUM_PUBLIC_URL=f"https://localhost:{secure}", FORUM_TRUSTED_PROXIES="127.0.0.1"
    )
    certificate = _certificate(tmp_path)
    conf = tmp_path / "nginx.conf"
    conf.write_text(_around(tmp_path, _adapted(site, plain, secure, tmp_path)))
    log = (tmp_path / "nginx.log").open("wb")
    process = subprocess.Popen(
        [program, "-p", str(tmp_path), "-c", str(conf), "-e", str(tmp_path / "start.log")],
        stdout=log,
        stderr=log,
    )
    front = Front(site, plain, secure, certificate)
    try:
        _await(front, process, tmp_path)
        yield front
    finally:
        process.terminate()
        process.wait()
        log.close()


def _certificate(folder: Path) -> Path:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem"


def _adapted(site: Site, plain: int, secure: int, folder: Path) -> str:
    conf = re.sub(r".*listen \[::\].*\n", "", CONF)
    for old, new in (
        (f"https://{NAME}$", f"https://localhost:{secure}$"),
        (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", str(folder / "cert.pem")),
        (f"/etc/letsencrypt/live/{NAME}/privkey.pem", str(folder / "key.pem")),
        (NAME, "localhost"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ", f"listen 127.0.0.1:{secure} "),
        ("/var/log/nginx", str(folder)),
        ("127.0.0.1:8000", site.bind),
    ):
        assert old in conf, old
        conf = conf.replace(old, new)
    return conf


def _around(folder: Path, server: str) -> str:
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    return (
        f"{user} daemon off; pid {folder}/nginx.pid; events {{}}\n"
        f"http {{ access_log off; {temporary}\n{server} }}\n"
    )


def _await(front: Front, process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + 15
    while True:
        try:
            front.ask("/healthz")
            return
        except OSError:
            said = (folder / "nginx.log").read_text() + (folder / "start.log").read_text()
            assert process.poll() is None, said
            assert time.monotonic() < until, said
            time.sleep(0.1)


def test_forum_behind_nginx_with_https(front: Front) -> None:
    admin = front.site.factories.community()
    front.site.factories.category()
    guilty, innocent = front.site.factories.member(), front.site.factories.member()
    _http_leads_to_https(front)
    cookie = _signing_in_is_safe(front, innocent.email, innocent.password)
    _ten_wrong_passwords_lock_one_account(front, guilty.email, admin.email, admin.password)
    _large_picture_gets_the_forums_answer(front, cookie)
    _number_of_the_request_is_nginx_own(front)
    _doctor_finds_the_proxy_well(front)


def _http_leads_to_https(front: Front) -> None:
    line = HTTPConnection("127.0.0.1", front.plain, timeout=20)
    line.request("GET", "/latest?a=b", headers={"Host": "evil.example.org"})
    answer = line.getresponse()
    line.close()
    assert answer.status == 301
    assert answer.headers["Location"] == f"https://localhost:{front.secure}/latest?a=b"


def _signing_in_is_safe(front: Front, email: str, password: str) -> str:
    status, headers = front.sign_in(email, password, by="127.0.0.5")
    kept = [line for line in headers.get_all("Set-Cookie") or [] if "=;" not in line]
    assert status == 303
    assert all(line.startswith("__Host-") and "; Secure" in line for line in kept), kept
    hsts = headers.get("Strict-Transport-Security", "")
    assert hsts.startswith("max-age=")
    status, page, _ = front.ask("/me", Cookie=_cookies(headers))
    assert (status in (200, 303), "Sign out" in page or status == 303) == (True, True)
    return _cookies(headers)


def _ten_wrong_passwords_lock_one_account(
    front: Front, guilty: str, other: str, password: str
) -> None:
    tries = [front.sign_in(guilty, "wrong", by="127.0.0.7")[0] for _ in range(11)]
    assert tries == [422] * 10 + [429]
    assert front.sign_in(other, password, by="127.0.0.8")[0] == 303


def _large_picture_gets_the_forums_answer(front: Front, cookie: str) -> None:
    _, page, headers = front.ask("/pictures/new", Cookie=cookie)
    # The page's token has its other half in the session's cookie.
    cookie = _cookies(headers) or cookie
    fields = {**_fields(page), "decision": "decoration"}
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
