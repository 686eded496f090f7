"""``deploy/nginx.conf`` itself, with other names and ports, before a real forum: HTTPS on loopback."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup

from forum.testing.capabilities import missing
from forum.testing.forms import fields_of
from forum.testing.site import Site, StartSite, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
CONF = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
NAME = "forum.example.org"


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
        fields = {**fields_in(page), "email": email, "password": password}
        form = {"Content_Type": "application/x-www-form-urlencoded", "Cookie": cookies_in(headers)}
        status, _, found = self.ask("/sign-in", urlencode(fields).encode(), by=by, **form)
        return status, found


def fields_in(page: str) -> dict[str, str]:
    """What the page's form holds."""
    form = BeautifulSoup(page, "html.parser").select_one("main form[method=post]")
    assert form is not None, page
    return fields_of(form)


def cookies_in(headers: Any) -> str:
    """What a browser sends back of the cookies it was given."""
    return "; ".join(line.partition(";")[0] for line in headers.get_all("Set-Cookie") or [])


def nginx_program(config: pytest.Config) -> str:
    """The path of nginx; where there is none, the test is skipped."""
    unpacked = Path(sys.prefix) / "nginx" / "usr" / "sbin" / "nginx"
    found = shutil.which("nginx") or (str(unpacked) if unpacked.exists() else None)
    if found is None or shutil.which("openssl") is None:
        missing(config, "nginx", "there is no nginx or no openssl; script/test --full fetches it")
    return found


@contextmanager
def nginx_before(
    start_site: StartSite, folder: Path, program: str, database: str, example: str = CONF
) -> Iterator[Front]:
    """A forum that is set up as the example says, with nginx before it meanwhile.

    Args:
        example: another text than that of ``deploy/nginx.conf``.
    """
    plain, secure = free_port(), free_port()
    site = start_site(
        FORUM_PUBLIC_URL=f"https://localhost:{secure}",
        FORUM_TRUSTED_PROXIES="127.0.0.1",
        **({"FORUM_DATABASE": database} if database else {}),
    )
    certificate = _certificate(folder)
    conf = folder / "nginx.conf"
    conf.write_text(_around(folder, _adapted(example, site, plain, secure, folder)))
    log = (folder / "nginx.log").open("wb")
    process = subprocess.Popen(
        [program, "-p", str(folder), "-c", str(conf), "-e", str(folder / "start.log")],
        stdout=log,
        stderr=log,
    )
    front = Front(site, plain, secure, certificate)
    try:
        _await(front, process, folder)
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


def _adapted(example: str, site: Site, plain: int, secure: int, folder: Path) -> str:
    conf = re.sub(r".*listen \[::\].*\n", "", example)
    for old, new in (
        (f"https://{NAME}$", f"https://localhost:{secure}$"),
        (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", str(folder / "cert.pem")),
        (f"/etc/letsencrypt/live/{NAME}/privkey.pem", str(folder / "key.pem")),
        (NAME, "localhost"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ", f"listen 127.0.0.1:{secure} "),
        ("root /var/www/html;", f"root {_challenged(folder)};"),
        ("/var/log/nginx", str(folder)),
        ("127.0.0.1:8000", site.bind),
    ):
        assert old in conf, old
        conf = conf.replace(old, new)
    return conf


def _challenged(folder: Path) -> Path:
    """A folder with an answer to whoever gives out certificates."""
    challenges = folder / "www" / ".well-known" / "acme-challenge"
    challenges.mkdir(parents=True)
    (challenges / "trial").write_text("mine")
    return folder / "www"


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
            assert process.poll() is None, _printed(folder)
            assert time.monotonic() < until, _printed(folder)
            time.sleep(0.1)


def _printed(folder: Path) -> str:
    logs = [folder / "nginx.log", folder / "start.log"]
    # nginx makes its own when it gets that far.
    return "".join(log.read_text() for log in logs if log.exists())
