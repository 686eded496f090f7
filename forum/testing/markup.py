"""The Nu Html Checker, which knows the HTML standard, in a process of its own on this machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from forum.testing.capabilities import missing
from forum.testing.site import free_port

# Where script/test puts it.
JAR = Path(sys.prefix) / "vnu" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
START_SECONDS = 60
OPTIONS = (
    # Its grammars need a deeper stack than Java gives by itself.
    "-Xss4m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    # It would guess a page's language by its longest words.
    "-Dnu.validator.checker.enableLangDetection=0",
    "-Dnu.validator.servlet.bind-address=127.0.0.1",
)

MarkupFaults = Callable[[str], list[str]]


@pytest.fixture(scope="session")
def markup_faults(pytestconfig: pytest.Config) -> Iterator[MarkupFaults]:
    """Call it with a page's source: what the checker says of it, remarks included."""
    java = shutil.which("java")
    if java is None:
        missing(pytestconfig, "vnu", "java is not on PATH. Install a Java runtime, 11 or newer")
    if not JAR.is_file():
        missing(pytestconfig, "vnu", f"{JAR} is not there. script/test fetches it with npm")
    with _served(java) as url:
        yield lambda source: _faults(url, source)


@contextmanager
def _served(java: str) -> Iterator[str]:
    port = free_port()
    command = [java, *OPTIONS, "-cp", str(JAR), "nu.validator.servlet.Main", str(port)]
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}/?out=json"
        _await(process, url)
        yield url
    finally:
        process.kill()
        process.wait()


def _await(process: subprocess.Popen[bytes], url: str) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            _faults(url, "")
        except (urllib.error.URLError, ConnectionError):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the Nu Html Checker did not start") from None
            time.sleep(0.05)
        else:
            return


def _faults(url: str, source: str) -> list[str]:
    request = urllib.request.Request(  # noqa: S310 - http, this machine
        url, source.encode(), {"Content-Type": "text/html; charset=utf-8"}
    )
    with urllib.request.urlopen(request, timeout=START_SECONDS) as answer:  # noqa: S310 - as above
        said = json.load(answer)["messages"]
    return [f"{one['message']} {one.get('extract', '')!r}" for one in said]
