"""The tests' own server: nothing of it stays open when a browser goes away."""

from __future__ import annotations

import gc
import socket
import struct
import urllib.request

from tests.browser.stage import Stage

FONT = "/static/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2"


def test_file_is_closed_when_a_browser_drops_the_connection(stage: Stage) -> None:
    """An open file would be a warning, and with it a failure, whenever it is cleared away."""
    for _ in range(10):
        with socket.create_connection(("127.0.0.1", int(stage.url.rpartition(":")[2]))) as browser:
            browser.sendall(f"GET {FONT} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            browser.recv(1)
            # Closing it now sends a reset instead of a farewell.
            browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with urllib.request.urlopen(stage.url + "/about") as answer:
        assert answer.status == 200
    gc.collect()
