"""An uploaded picture: told by its content, checked before it is decoded, and made anew.

Nothing of the uploaded bytes is kept: the points are decoded, turned upright, brought to sRGB,
scaled down where there are very many, and encoded again. Whatever else the file carried (place,
time and camera, comments, a hidden second file behind the picture) is gone.

Measured on pictures of 25 million points and of 10 MB, of all kinds: 0.2 to 2.1 seconds of CPU and
70 to 390 MB of memory (a WebP), for one picture at a time in each process.
"""

from __future__ import annotations

import logging
import threading
import warnings
from dataclasses import dataclass
from io import BytesIO

from flask_babel import format_decimal, gettext
from PIL import Image, ImageCms, ImageOps

from forum.errors import Invalid

FORMATS = ("png", "jpeg", "webp", "gif")
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 25_000_000
"""Enough for the 24 million points that phones give at present (5,712 by 4,284)."""
MOST_SIDE = 20_000
LONGEST_SIDE = 2_560
"""A stored picture is at most so wide and high: three times the column on a dense screen."""
MOST_STORED = 5 * 1024 * 1024
MOST_SCANS = 64
"""A progressive JPEG has about ten. A hostile one has thousands of a few bytes each, and every one
of them makes the decoder walk the whole picture (libjpeg-turbo, "two issues with the JPEG format")."""

QUALITY = 85
_SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N", "I")
_HEIC = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis")

log = logging.getLogger("forum.files")

# We refuse by ourselves; Pillow's own limit stands behind ours, for its plugins' inner pictures.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

# Each takes up to 390 MB; one process must not hold several at once.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture as it will be stored: ``moved`` says that the upload was an animation."""

    data: bytes
    format: str
    width: int
    height: int
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """What a picture's bytes are: their format and the size in pixels."""

    format: str
    width: int
    height: int


def encoded(data: bytes) -> Encoded:
    """The picture in ``data``, made anew. Of an animation the first frame (WCAG 2.2.2).

    A GIF becomes a PNG, which holds the same points. The same bytes always give the same.

    Raises:
        Invalid: ``"picture"``; it is too large, broken, or no picture in one of our formats.
    """
    kind = _format_of(data)
    with _one_at_a_time:
        try:
            return _made_anew(data, kind)
        except Invalid:
            raise
        except Exception as error:
            # Pillow's decoders raise whatever the bytes lead them to; all of it means the same.
            log.info("a picture could not be decoded: %s", type(error).__name__)
            raise _damaged(error) from None


def shape_of(data: bytes) -> Shape:
    """What the picture in ``data`` is, as its header says, without making it anew.

    Raises:
        Invalid: as :func:`encoded`.
    """
    kind = _format_of(data)
    try:
        with Image.open(BytesIO(data), formats=[kind]) as image:
            _require_size(image.width, image.height)
            return Shape(kind, image.width, image.height)
    except Invalid:
        raise
    except Exception as error:
        # See above.
        raise _damaged(error) from None


def _format_of(data: bytes) -> str:
    if not data:
        raise _invalid(gettext("This file is empty. Choose another."))
    if len(data) > MOST_BYTES:
        raise _invalid(
            gettext(
                "A picture may have %(most)d MB; this file has %(n)s. Save it smaller, or as JPEG.",
                most=MOST_BYTES // 1024**2,
                n=format_decimal(len(data) / 1024**2, "0.0"),
            )
        )
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    raise _invalid(_what_it_is(data))


def _what_it_is(data: bytes) -> str:
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        words = gettext(
            "This picture is in a format of phones (HEIC or AVIF) that not everybody's browser "
            "shows. Save or share it as JPEG, then choose that file."
        )
    elif data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        words = gettext(
            "This file is a page or a drawing in code (HTML or SVG), whatever its name says. "
            "Save it as PNG, then choose that file."
        )
    else:
        words = gettext(
            "This file is no picture in PNG, JPEG, WebP or GIF, whatever its name says. "
            "Save it as one of these, then choose that file."
        )
    return str(words)


def _invalid(message: str) -> Invalid:
    return Invalid("picture", message)


def _damaged(error: Exception) -> Invalid:
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return _too_many_points()
    if isinstance(error, ValueError) and "text" in str(error).lower():
        return _invalid(
            gettext(
                "This picture carries more hidden text than it has reason to. Save it anew "
                "without metadata, then choose that file."
            )
        )
    return _invalid(
        gettext("This picture is damaged or not complete. Open it, save it anew, and choose that.")
    )


def _too_many_points() -> Invalid:
    return _invalid(
        gettext(
            "A picture may have %(most)d million points and be %(side)d wide or high; this one has "
            "more. Save it smaller.",
            most=MOST_PIXELS // 10**6,
            side=MOST_SIDE,
        )
    )


def _require_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS or max(width, height) > MOST_SIDE:
        raise _too_many_points()


def _made_anew(data: bytes, kind: str) -> Encoded:
    if kind == "jpeg" and data.count(b"\xff\xda") > MOST_SCANS:
        raise _invalid(
            gettext("This JPEG is built in a way that would take long to show. Save it anew.")
        )
    with Image.open(BytesIO(data), formats=[kind]) as image:
        _require_size(image.width, image.height)
        size = _fitted(image.width, image.height)
        image.draft(None, size)
        image.load()
        picture = _upright(_in_srgb(_scaled(image, size)), _orientation(image))
        return _stored(picture, kind, moved=bool(getattr(image, "is_animated", False)))


def _fitted(width: int, height: int) -> tuple[int, int]:
    longest = max(width, height)
    if longest <= LONGEST_SIDE:
        return width, height
    return max(1, width * LONGEST_SIDE // longest), max(1, height * LONGEST_SIDE // longest)


def _scaled(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image
    # Where the picture is far larger, a quick average first: a third of the time, no visible loss.
    return _plain(image).resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _plain(image: Image.Image) -> Image.Image:
    """The picture in a mode whose points can be reckoned with, 8 bits deep."""
    if image.mode in _SIXTEEN_BITS:
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.mode != "RGBA" and image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in ("L", "RGB", "RGBA", "CMYK") else image.convert("RGB")


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode == "P" and not profile:
        return image
    plain = _plain(image)
    if profile:
        try:
            plain = _converted(plain, profile)
        except (ImageCms.PyCMSError, OSError, ValueError):
            # A broken or unfit profile says nothing of the colours; they stay as they are.
            log.info("a picture's colour profile could not be used")
    return plain.convert("RGB") if plain.mode == "CMYK" else plain


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    found = ImageCms.profileToProfile(
        image, source, ImageCms.createProfile("sRGB"), outputMode=mode
    )
    assert found is not None
    return found


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception as error:
        # The picture is whole; only what it says of itself cannot be read.
        log.info("a picture's EXIF could not be read: %s", type(error).__name__)
        return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    clean = image.copy()
    # Nothing that the upload said of itself reaches an encoder.
    clean.info = {k: v for k, v in image.info.items() if k == "transparency" and image.mode == "P"}
    if orientation not in range(2, 9):
        return clean
    exif = clean.getexif()
    exif[0x0112] = orientation
    return ImageOps.exif_transpose(clean)


def _stored(image: Image.Image, kind: str, *, moved: bool) -> Encoded:
    image.info = {k: v for k, v in image.info.items() if k == "transparency"}
    format_ = "png" if kind == "gif" else kind
    data = _written(image, format_)
    if len(data) > MOST_STORED:
        format_, data = "webp", _written(image, "webp")
    return Encoded(data, format_, image.width, image.height, moved)


def _written(image: Image.Image, format_: str) -> bytes:
    out = BytesIO()
    if format_ == "jpeg":
        image.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    elif format_ == "webp":
        image.save(out, "WEBP", quality=QUALITY, method=3)
    else:
        image.save(out, "PNG")
    return out.getvalue()
