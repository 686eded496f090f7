"""Pictures that the tests draw, and files that only pretend to be some."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

from forum.db import transaction
from forum.files.actions import add_picture, receive
from forum.testing.factories import Factories, Person
from forum.text.pictures import picture_address

RED, BLUE = (200, 30, 30), (30, 30, 200)


def halves(width: int = 40, height: int = 20, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image.convert(mode)


def saved(image: Image.Image, format_: str, **options: Any) -> bytes:
    """The picture as a file."""
    out = BytesIO()
    image.save(out, format_.upper(), **options)
    return out.getvalue()


def drawn(format_: str, width: int = 40, height: int = 20, **options: Any) -> bytes:
    """A small picture of this format."""
    return saved(halves(width, height), format_, **options)


def uploaded_by(factories: Factories, person: Person, width: int = 40) -> str:
    """The address of a picture that this member has just uploaded."""
    actor = factories.actor(person)
    with factories.app.test_request_context():
        received = receive(actor, drawn("png", width))
        with transaction():
            add_picture(actor, received)
    return picture_address(received.hash, received.picture.format)


def opened(data: bytes) -> Image.Image:
    """The picture in the bytes, decoded."""
    image = Image.open(BytesIO(data))
    image.load()
    return image


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG (PNG Specification, 5.3)."""
    check = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + check


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes whose header claims to be so large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def png_with(*chunks: bytes) -> bytes:
    """A whole PNG with further chunks behind its header."""
    data = drawn("png")
    return data[:33] + b"".join(chunks) + data[33:]


def text_bomb(mebibytes: int) -> bytes:
    """A chunk of a few kilobytes that becomes so much text."""
    packed = zlib.compress(b"x" * mebibytes * 1024**2)
    return chunk(b"zTXt", b"Comment\0\0" + packed)


def jpeg_of_many_scans(scans: int, width: int = 4000, height: int = 3000) -> bytes:
    """A progressive JPEG that repeats its smallest scan."""
    data = saved(Image.new("L", (width, height), 128), "jpeg", progressive=True)
    last = data.rindex(b"\xff\xda")
    scan = data[last:-2]
    return data[:-2] + scan * scans + b"\xff\xd9"
