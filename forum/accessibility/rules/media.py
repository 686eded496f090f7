"""Media: whoever cannot hear or see a recording learns beforehand whether there is another way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forum.accessibility.addresses import recording
from forum.accessibility.document import Document
from forum.accessibility.picture_words import ALTERNATIVES_TO_SOUND
from forum.accessibility.registry import Fault, Mends, rule
from forum.phrases import Phrase as _
from forum.review import Severity

_SAYS = re.compile(
    "|".join(re.escape(word.strip()) for word in ALTERNATIVES_TO_SOUND.split("|")), re.IGNORECASE
)
_CLOSED_CAPTIONS = re.compile(r"\bCC\b")


def says_how_to_follow(text: str) -> bool:
    """Whether ``text`` speaks of captions or of a transcript, be it to say that there are none."""
    return bool(_SAYS.search(text) or _CLOSED_CAPTIONS.search(text))


@rule(
    "media-captions",
    wcag="1.2.2",
    severity=Severity.HINT,
    message=_(
        "This link leads to a recording: please say whether it has captions or a transcript."
    ),
    help=_(
        "People who cannot hear, or who sit in a train, want to know before they follow the link; "
        "a sentence about what is said there helps everybody. Write “[How to centre clay](…) "
        "(7 minutes, with captions)” instead of “[How to centre clay](…)”."
    ),
    bad="[How to centre clay](https://example.org/centring.mp4)",
    good="[How to centre clay](https://example.org/centring.mp4) (7 minutes, with captions)",
    mends=Mends.NOTHING,
)
def media_captions(document: Document) -> Iterator[Fault]:
    """Links to recordings about which neither their paragraph nor those beside it say anything.

    A paragraph with two links to the same recording is asked once.
    """
    recordings = [link for link in document.links if recording(link.href)]
    told = _told(document) if recordings else set()
    asked: set[tuple[int, str]] = set()
    for link in recordings:
        place = (link.passage, link.href)
        is_told = not told.isdisjoint(range(link.passage - 1, link.passage + 2))
        if not is_told and place not in asked and not document.passages[link.passage].quoted:
            yield Fault(link.span, link.text)
        asked.add(place)


def _told(document: Document) -> set[int]:
    """The passages that speak of it. They are read as they are written: a link to captions counts
    by its address, too."""
    told = {link.passage for link in document.links if says_how_to_follow(link.title + link.href)}
    for number, passage in enumerate(document.passages):
        if passage.runs:
            start, end = passage.runs[0].span.start, passage.runs[-1].span.end
            if says_how_to_follow(document.source[start:end]):
                told.add(number)
    return told


RULES = (media_captions,)
