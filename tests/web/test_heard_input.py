"""What was read of a request is kept until it is answered, and reading it is as before."""

from __future__ import annotations

from io import BytesIO

from forum.web.doors import HeardInput


def test_reader_gives_all_that_there_is_and_keeps_it() -> None:
    lines = [b"a\n", b"b\n", b"c\n", b"d"]
    body = HeardInput(BytesIO(b"".join(lines)))
    assert (body.readline(), body.read(2), body.readlines(1)) == (b"a\n", b"b\n", [b"c\n"])
    assert list(body) == [b"d"]
    assert bytes(body.heard) == b"".join(lines)
