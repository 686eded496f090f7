"""What can be told from an address alone: how long it is to hear, what kind of file or recording it
leads to, and how it is said in few words."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import SplitResult, urlsplit

LONGEST = 40
"""Characters of an address that can still be listened to. So many fit into one line on a phone;
both checkers for authors that we compare with begin to warn there."""

LONGEST_PLAIN = 50
"""Characters, without scheme and ``www.``, of an address of words alone: no digits, no signs."""

SHOWN = 60
"""Characters of an address that stand for it as words, less what a link to it has to repeat."""

_UNSAID = re.compile(r"^(?:https?://)?(?:[^/?#]*@)?(?:www\.)?", re.IGNORECASE)
_PLAIN_WORDS = re.compile(r"(?:[^\W\d]|[/_.,:'’()#-])+")
_PARTS = "/-_+."
_LAST_PART = re.compile(r"[/_+.-][^/_+.-]*\Z")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_WEB = ("http", "https", "")
_SHOWS_A_PAGE = re.compile(r"/(?:blob|wiki)/", re.IGNORECASE)
_SHARED = re.compile(r"https?://(?:www\.)?dropbox\.com/(?!.*[?&](?:dl|raw)=1\b)", re.IGNORECASE)
"""Addresses of a host that shows whatever is shared in a page of its own, unless asked for the file
itself: so its help for sharing says."""
_FILE = re.compile(r"\.([a-z0-9]{2,4})/?\Z", re.IGNORECASE)

FILE_TYPES = {
    "PDF": "pdf",
    "Word": "doc docx docm dot dotx",
    "Excel": "xls xlsx xlsm",
    "PowerPoint": "ppt pptx pps ppsx",
    "OpenDocument": "odt ods odp",
    "RTF": "rtf",
    "EPUB": "epub",
    "ZIP": "zip",
    "7z": "7z",
    "RAR": "rar",
    "TAR": "tar tgz gz",
}
"""Files that another program opens, by the name that people know them by, with their endings."""

_TYPES = {ending: name for name, listed in FILE_TYPES.items() for ending in listed.split()}
_VIDEO_FILES = "mp4 m4v webm mov avi mkv ogv wmv flv mpg mpeg"
_AUDIO_FILES = "mp3 m4a oga ogg opus wav flac aac wma aiff"
_VIDEO_PAGE = re.compile(
    r"""(?:(?:www|m)\.)?youtube(?:-nocookie)?\.com/(?:watch\?(?:.*&)?v=|(?:shorts|live|embed|v)/[^?])
    |youtu\.be/[^?]
    |(?:www\.)?vimeo\.com/(?:.*/)?[0-9]{4,}
    |player\.vimeo\.com/video/.
    |(?:www\.)?dailymotion\.com/video/.|dai\.ly/[^?]
    |(?:www\.)?twitch\.tv/videos/.|clips\.twitch\.tv/[^?]
    |(?:www\.)?facebook\.com/(?:watch/?\?|.*/videos/).|fb\.watch/[^?]
    |(?:www\.)?tiktok\.com/@[^/]*/video/.
    |(?:www\.)?bilibili\.com/video/.
    |(?:www\.)?loom\.com/share/.
    |media\.ccc\.de/v/.
    |[^/]*/(?:videos/watch|w)/[0-9A-Za-z]{22}\b
    |[^/]*/videos/watch/[0-9a-f-]{36}\b""",
    re.IGNORECASE | re.VERBOSE,
)
_AUDIO_PAGE = re.compile(
    r"""(?:(?:www|m)\.)?soundcloud\.com/[^/?\#]+/[^/?\#]+
    |on\.soundcloud\.com/[^?]
    |open\.spotify\.com/(?:intl-[a-z]+/)?(?:episode|show)/.
    |podcasts\.apple\.com/.*/podcast/.*[?&]i=""",
    re.IGNORECASE | re.VERBOSE,
)


def is_address(text: str) -> bool:
    """Whether ``text`` as a whole is an address of the web."""
    return bool(_ADDRESS.fullmatch(text.strip()))


def is_long_address(text: str) -> bool:
    """Whether ``text`` as a whole is an address that takes long to be read out.

    One of plain words, such as ``https://www.example.org/wiki/Injective_metric_space``, may be longer.
    """
    if len(text.strip()) <= LONGEST or not is_address(text):
        return False
    said = _UNSAID.sub("", text.strip()).rstrip("/")
    return len(said) > LONGEST_PLAIN or not _PLAIN_WORDS.fullmatch(said)


def file_type(address: str) -> str:
    """What kind of file ``address`` leads to, such as ``PDF``; empty for pages and pictures.

    Pages that show a file (of a wiki, of a repository, of a host where files are shared) end like
    the file itself, and are pages.
    """
    return "" if _SHARED.match(address) else _TYPES.get(_ending(address), "")


def recording(address: str) -> Literal["video", "audio", ""]:
    """Whether ``address`` leads to a video, or to something that is only heard."""
    ending, place = _ending(address), _parts(address)
    page = f"{place.netloc}{place.path}?{place.query}" if place.netloc else ""
    if ending in _VIDEO_FILES.split() or _VIDEO_PAGE.match(page):
        return "video"
    return "audio" if ending in _AUDIO_FILES.split() or _AUDIO_PAGE.match(page) else ""


def undressed(address: str) -> str:
    """``address`` without what only machines need, where it is short enough to stand as words."""
    said = _UNSAID.sub("", address.strip())
    return said if len(said) <= SHOWN else ""


def shortened(address: str) -> str:
    """The beginning of a long ``address``, up to the end of a word, and an ellipsis.

    Without what only machines read: the scheme, ``www.``, a password, and all from a question mark.
    """
    said = _UNSAID.sub("", address.strip())
    page = re.split("[?#]", said, maxsplit=1)[0].rstrip("/")
    if len(page) >= SHOWN:
        start = page[: SHOWN - 1]
        page = start if page[SHOWN - 1] in _PARTS else _LAST_PART.sub("", start)
    return page.rstrip(_PARTS) + "…" * (len(page) < len(said.rstrip("/")))


def _ending(address: str) -> str:
    """What the file's name ends in, in small letters."""
    place = _parts(address)
    if place.scheme not in _WEB or _SHOWS_A_PAGE.search(place.path):
        return ""
    found = _FILE.search(place.path)
    return found[1].lower() if found else ""


def _parts(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        # An address that the standard library refuses, such as ``http://[x``, tells nothing.
        return SplitResult("", "", "", "", "")
