"""An upload becomes a picture that holds the points and nothing else, or a refusal that helps."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from forum.errors import Invalid
from forum.files.pictures import (
    LONGEST_SIDE,
    MOST_BYTES,
    MOST_SIDE,
    MOST_STORED,
    Shape,
    encoded,
    shape_of,
)
from forum.testing.pace import cpu_seconds
from tests.files.drawing import (
    chunk,
    drawn,
    halves,
    jpeg_of_many_scans,
    opened,
    png_claiming,
    png_with,
    saved,
    text_bomb,
)

SECRET = b"51.5007 N, 0.1246 W"


def near(left: object, right: tuple[int, ...]) -> bool:
    """Whether two colours differ by no more than an encoder changes."""
    assert isinstance(left, tuple)
    return all(abs(a - b) <= 12 for a, b in zip(left, right, strict=True))


def refusal(data: bytes) -> str:
    """What somebody who uploads this is told."""
    with pytest.raises(Invalid) as caught:
        encoded(data)
    assert caught.value.field == "picture"
    return caught.value.message


@pytest.mark.parametrize(
    ("format_", "stored"), [("png", "png"), ("jpeg", "jpeg"), ("webp", "webp"), ("gif", "png")]
)
def test_each_format_keeps_its_points(format_: str, stored: str) -> None:
    made = encoded(drawn(format_))
    image = opened(made.data).convert("RGB")
    assert (made.format, made.width, made.height, made.moved) == (stored, 40, 20, False)
    assert near(image.getpixel((5, 10)), (200, 30, 30))
    assert near(image.getpixel((35, 10)), (30, 30, 200))
    assert shape_of(made.data) == Shape(stored, 40, 20)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGBA", "I;16"])
def test_each_kind_of_png_keeps_how_light_it_is(mode: str) -> None:
    grey = Image.new("L", (10, 10), 180)
    sixteen = Image.new("I;16", (10, 10), 180 * 257)
    image = sixteen if mode == "I;16" else grey.convert("RGBA").convert(mode.replace("PA", "P"))
    found = opened(encoded(saved(image, "png")).data).convert("RGBA").convert("L").reduce(10)
    assert found.getpixel((0, 0)) == pytest.approx(180, abs=15)


def test_picture_of_a_printing_house_becomes_one_for_screens() -> None:
    made = encoded(saved(halves(mode="CMYK"), "jpeg"))
    assert (opened(made.data).mode, made.format) == ("RGB", "jpeg")


@pytest.mark.parametrize("format_", ["png", "webp", "gif"])
def test_what_is_transparent_stays_so(format_: str) -> None:
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    image.paste((200, 30, 30, 255), (0, 0, 4, 8))
    found = opened(encoded(saved(image, format_)).data).convert("RGBA")
    alpha = [found.getchannel("A").getpixel(at) for at in ((1, 4), (6, 4))]
    assert alpha == [255, 0]


@pytest.mark.parametrize("format_", ["png", "jpeg", "webp", "gif"])
def test_nothing_that_the_upload_said_of_itself_is_kept(format_: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    options = {
        "png": {"exif": exif},
        "jpeg": {"exif": exif, "comment": SECRET, "xmp": b"<x>" + SECRET + b"</x>"},
        "webp": {"exif": exif, "xmp": b"<x>" + SECRET + b"</x>"},
        "gif": {"comment": SECRET},
    }[format_]
    data = drawn(format_, **options)
    data = data if format_ != "png" else png_with(chunk(b"tEXt", b"Comment\0" + SECRET))
    assert SECRET in data
    made = encoded(data + b"PK\x03\x04" + SECRET)
    image = opened(made.data)
    assert SECRET not in made.data
    assert (dict(image.getexif()), image.info.get("icc_profile")) == ({}, None)


def test_second_file_behind_a_picture_is_gone() -> None:
    script = b"<script>alert(1)</script>PK\x03\x04"
    assert encoded(drawn("gif") + script).data == encoded(drawn("gif")).data


@pytest.mark.parametrize("format_", ["png", "jpeg", "webp"])
@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [
        (1, (40, 20), (2, 10)),
        (3, (40, 20), (37, 10)),
        (6, (20, 40), (10, 2)),
        (8, (20, 40), (10, 37)),
    ],
)
def test_picture_stands_upright(
    format_: str, orientation: int, size: tuple[int, int], red_at: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    made = encoded(drawn(format_, exif=exif))
    assert ((made.width, made.height), opened(made.data).size) == (size, size)
    assert near(opened(made.data).convert("RGB").getpixel(red_at), (200, 30, 30))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_is_left_out_and_the_picture_kept() -> None:
    data = drawn("jpeg", exif=b"Exif\0\0MM\0*\xff\xff\xff\xffnonsense")
    assert encoded(data).width == 40


def test_colours_of_another_profile_become_those_of_screens() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (lab, b"no profile at all", b""):
        made = encoded(saved(halves(), "png", icc_profile=profile))
        assert near(opened(made.data).convert("RGB").getpixel((5, 10)), (200, 30, 30))
        assert "icc_profile" not in opened(made.data).info


@pytest.mark.parametrize("format_", ["gif", "webp", "png"])
def test_of_an_animation_the_first_frame_stays(format_: str) -> None:
    frames = [halves(), Image.new("RGB", (40, 20), (0, 200, 0))]
    data = saved(frames[0], format_, save_all=True, append_images=frames[1:], duration=100)
    made = encoded(data)
    image = opened(made.data)
    assert (made.moved, getattr(image, "n_frames", 1)) == (True, 1)
    assert near(image.convert("RGB").getpixel((5, 10)), (200, 30, 30))


@pytest.mark.parametrize(
    ("size", "smaller"),
    [
        ((5120, 100), (2560, 50)),
        ((100, 5120), (50, 2560)),
        ((2561, 3), (2560, 2)),
        ((9000, 1), (2560, 1)),
    ],
)
@pytest.mark.parametrize("format_", ["png", "jpeg"])
def test_large_picture_is_scaled_down(
    format_: str, size: tuple[int, int], smaller: tuple[int, int]
) -> None:
    made = encoded(drawn(format_, *size))
    assert (opened(made.data).size, max(made.width, made.height)) == (smaller, LONGEST_SIDE)


def test_same_picture_gives_the_same_bytes() -> None:
    data = drawn("jpeg")
    assert encoded(data) == encoded(data)


def test_picture_that_stays_large_is_packed_harder() -> None:
    noise = Image.effect_noise((2000, 1600), 60)
    data = saved(Image.merge("RGB", (noise, noise.rotate(90).resize(noise.size), noise)), "png")
    made = encoded(data)
    assert len(data) > MOST_STORED
    assert (made.format, len(made.data) < MOST_STORED) == ("webp", True)


DISGUISED = {
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'\xef\xbb\xbf <?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "zip": b"PK\x03\x04" + bytes(100),
    "pdf": b"%PDF-1.7\n",
    "tiff": b"II*\0" + bytes(100),
    "bmp": b"BM" + bytes(100),
    "heic": b"\0\0\0\x18ftypheic" + bytes(100),
    "text": b"GIF88a is no picture",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n",
}


@pytest.mark.parametrize("kind", DISGUISED)
def test_disguised_file_is_named_for_what_it_is(kind: str) -> None:
    words = {"html": "in code", "svg": "in code", "heic": "a format of phones"}
    assert words.get(kind, "no picture in PNG, JPEG, WebP or GIF") in refusal(DISGUISED[kind])


def test_empty_file_is_refused() -> None:
    assert refusal(b"") == "This file is empty. Choose another."


def test_file_over_the_limit_is_refused_with_limit_and_size() -> None:
    data = drawn("png") + bytes(MOST_BYTES)
    assert refusal(data).startswith("A picture may have 10 MB; this file has 10.0.")


@pytest.mark.parametrize(
    "data",
    [
        png_claiming(100_000, 100_000),
        png_claiming(100_000, 1),
        png_claiming(1, MOST_SIDE + 1),
        png_claiming(6_000, 6_000),
        png_claiming(2**31 - 1, 2**31 - 1),
        drawn("gif").replace(struct.pack("<HH", 40, 20), struct.pack("<HH", 65_535, 65_535), 1),
    ],
    ids=["both", "wide", "high", "points", "most", "gif"],
)
def test_header_that_claims_too_much_is_refused_before_anything_is_decoded(data: bytes) -> None:
    spent = cpu_seconds(lambda: refusal(data), enough=0.2)
    assert (spent < 0.2, refusal(data)) == (
        True,
        "A picture may have 25 million points and be 20000 wide or high; this one has more. "
        "Save it smaller.",
    )


@pytest.mark.parametrize("format_", ["png", "jpeg", "webp", "gif"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_truncated_picture_is_refused(format_: str, part: float) -> None:
    data = drawn(format_, 300, 200)
    assert "damaged or not complete" in refusal(data[: int(len(data) * part)])


def test_header_without_a_picture_is_refused() -> None:
    for data in (
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"GIF89a",
        b"RIFF\0\0\0\0WEBPVP8 ",
        png_claiming(0, 5),
    ):
        assert "damaged or not complete" in refusal(data)


def test_hidden_text_that_grows_is_refused() -> None:
    assert "more hidden text" in refusal(png_with(text_bomb(2)))
    assert "more hidden text" in refusal(
        png_with(*[chunk(b"tEXt", b"A\0" + b"x" * 900_000)] * 8 + [text_bomb(1)] * 70)
    )


def test_jpeg_of_very_many_scans_is_refused_at_once() -> None:
    data = jpeg_of_many_scans(2_000)
    assert cpu_seconds(lambda: refusal(data), enough=0.2) < 0.2
    assert "would take long to show" in refusal(data)


@given(st.data())
def test_file_with_flipped_bytes_is_a_picture_or_refused(data: st.DataObject) -> None:
    format_ = data.draw(st.sampled_from(["png", "jpeg", "webp", "gif"]))
    raw = bytearray(drawn(format_))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(4, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Invalid):
        made = encoded(bytes(raw))
        assert opened(made.data).size == (made.width, made.height)
