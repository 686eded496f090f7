"""Sound, film and pages inside the page: what a post cannot hold at all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from forum.accessibility.html.names import is_seen, name_of
from forum.accessibility.html.registry import Fault, html_rule
from forum.accessibility.html.roles import is_tabbable
from forum.accessibility.html.rules.links import same_page
from forum.accessibility.html.tree import Element, Page, Text
from forum.phrases import Phrase as _

_PART = re.compile(r"#t=(?:npt:)?([0-9.]*)(?:,([0-9.]+))?")
LONGEST_SOUND = 3.0
"""Seconds that may play by themselves (WCAG 2.2, 1.4.2)."""
LONGEST_SRCDOC = 10_000
"""Characters; longer ones are not looked into."""
_TINY = 2


@html_rule(
    "media-autoplay",
    wcag="1.4.2",
    act=("80f0bf", "aaa1bf", "4c31df"),
    message=_("This plays by itself, over what a screen reader says, and cannot be stopped."),
    bad='<audio src="/talk.mp3" autoplay></audio>',
    good='<audio src="/talk.mp3" controls></audio>',
)
def media_autoplay(page: Page) -> Iterator[Fault]:
    """Sound that begins by itself, lasts, and has nothing to stop it."""
    for element in page.tagged("audio", "video"):
        has = element.attributes
        if (
            "autoplay" in has
            and "muted" not in has
            and "controls" not in has
            and not _is_short(element)
        ):
            yield Fault(element)


def _is_short(element: Element) -> bool:
    sources = [element, *(each for each in element.elements if each.tag == "source")]
    addresses = [address for each in sources if (address := each.get("src"))]
    return bool(addresses) and all(map(_is_short_part, addresses))


def _is_short_part(address: str) -> bool:
    """Whether the address names a part of the recording that is over soon (Media Fragments)."""
    part = _PART.search(address)
    if part is None or not part[2]:
        return False
    try:
        return float(part[2]) - float(part[1] or 0) <= LONGEST_SOUND
    except ValueError:
        return False


@html_rule(
    "media-no-text",
    wcag="1.2.1",
    act=("e7aa44", "2eb176"),
    message=_("There is nothing to read for those who cannot hear this recording."),
    bad='<audio src="/talk.mp3" controls></audio>',
    good='<audio src="/talk.mp3" controls></audio><p><a href="/talk.html">Transcript</a></p>',
)
def media_no_text(page: Page) -> Iterator[Fault]:
    """Sound on a page that has no other words to be seen, so no transcript either."""
    for element in [] if _has_words_beside(page) else page.tagged("audio"):
        if "controls" in element.attributes and not element.silent:
            yield Fault(element)


@html_rule(
    "video-no-captions",
    wcag="1.2.2",
    act=("eac66b", "f51b46"),
    message=_("This film has neither captions nor words beside it."),
    bad='<video src="/talk.mp4" controls></video>',
    good='<video src="/talk.mp4" controls><track kind="captions" src="/talk.vtt"></video>',
)
def video_no_captions(page: Page) -> Iterator[Fault]:
    """Films without captions on a page without other words."""
    for element in [] if _has_words_beside(page) else page.tagged("video"):
        if element.silent or "muted" in element.attributes:
            continue
        tracks = (each for each in element.elements if each.tag == "track")
        has_captions = any(each.get("kind") in ("captions", "subtitles", None) for each in tracks)
        if not has_captions:
            yield Fault(element)


def _has_words_beside(page: Page) -> bool:
    """Whether there are words to be seen and heard outside of recordings."""
    for each in page.elements:
        words = any(isinstance(child, Text) and child.text.strip() for child in each.children)
        if (
            words
            and not each.silent
            and is_seen(each)
            and each.tag not in ("audio", "video")
            and each.within("audio", "video") is None
        ):
            return True
    return False


@html_rule(
    "frame-without-name",
    wcag="4.1.2",
    act=("cae760",),
    message=_("This page inside the page has no title, so nobody hears what it is."),
    bad='<iframe src="https://example.org/map"></iframe>',
    good='<iframe src="https://example.org/map" title="Map of the studios"></iframe>',
)
def frame_without_name(page: Page) -> Iterator[Fault]:
    """Frames without a name that the keyboard can reach."""
    for element in page.tagged("iframe"):
        if (
            not element.silent
            and is_tabbable(element)
            and not _is_tiny(element)
            and not name_of(page, element)
        ):
            yield Fault(element)


@html_rule(
    "frame-same-name",
    wcag="4.1.2",
    act=("4b1c6c",),
    message=_("Two pages inside the page have the same title and are not the same."),
    bad='<iframe src="/a" title="Map"></iframe><iframe src="/b" title="Map"></iframe>',
    good='<iframe src="/a" title="Map of A"></iframe><iframe src="/b" title="Map of B"></iframe>',
)
def frame_same_name(page: Page) -> Iterator[Fault]:
    """Frames with one name and several addresses."""
    named: dict[str, list[Element]] = defaultdict(list)
    for element in page.tagged("iframe"):
        if not element.silent and (name := name_of(page, element)):
            named[name.casefold()].append(element)
    for frames in named.values():
        first, *others = frames
        yield from (Fault(each) for each in others if _shown(each) != _shown(first))


def _shown(frame: Element) -> str:
    """What a frame shows: its own text or an address, without what browsers add to it."""
    if "srcdoc" in frame.attributes:
        return "srcdoc:" + " ".join(frame.attributes["srcdoc"].split())
    return same_page(frame.get("src") or "")


@html_rule(
    "frame-unreachable",
    wcag="2.1.1",
    act=("akn7bn",),
    message=_("What is in this page inside the page cannot be reached with the keyboard."),
    bad='<iframe tabindex="-1" srcdoc="&lt;a href=/&gt;Home&lt;/a&gt;"></iframe>',
    good='<iframe srcdoc="&lt;a href=/&gt;Home&lt;/a&gt;"></iframe>',
)
def frame_unreachable(page: Page) -> Iterator[Fault]:
    """Frames left out of the order of the Tab key that hold something to use."""
    for element in page.tagged("iframe"):
        is_out = (element.get("tabindex") or "").strip().startswith("-")
        if is_out and not element.hidden and not _is_tiny(element) and _has_controls(element):
            yield Fault(element, ("tabindex",))


def _is_tiny(frame: Element) -> bool:
    sizes = (frame.get("width") or "", frame.get("height") or "")
    return any(size.strip().isdigit() and int(size) <= _TINY for size in sizes)


def _has_controls(frame: Element) -> bool:
    srcdoc = frame.get("srcdoc") or ""
    # One inside the other would be unfolded again and again.
    inside = Page(srcdoc) if 0 < len(srcdoc) <= LONGEST_SRCDOC else Page("")
    return any(is_tabbable(each) and not each.hidden for each in inside.elements)


@html_rule(
    "page-moves-on",
    wcag="2.2.1",
    act=("bc659a", "bisz58"),
    message=_("This page would move on by itself while it is being read."),
    bad='<meta http-equiv="refresh" content="30; url=/next"><p>Read this</p>',
    good='<p>Read this, <a href="/next">then go on to the next page</a>.</p>',
)
def page_moves_on(page: Page) -> Iterator[Fault]:
    """Delayed redirections and reloads; one at once is not noticed."""
    for element in page.tagged("meta"):
        if (element.get("http-equiv") or "").strip().lower() == "refresh":
            delay = re.match(r"\s*([0-9]+)", element.get("content") or "")
            if delay and 0 < int(delay[1][:9]) <= 20 * 60 * 60:
                yield Fault(element)


@html_rule(
    "text-moves",
    wcag="2.2.2",
    message=_("This text moves or blinks, so that many cannot read it."),
    bad="<marquee>Open today</marquee>",
    good="<p>Open today</p>",
)
def text_moves(page: Page) -> Iterator[Fault]:
    """``marquee`` and ``blink``."""
    return (Fault(each) for each in page.tagged("marquee", "blink") if not each.hidden)


RULES = (
    media_autoplay,
    media_no_text,
    video_no_captions,
    frame_without_name,
    frame_same_name,
    frame_unreachable,
    page_moves_on,
    text_moves,
)
