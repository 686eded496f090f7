"""Links: each can be seen and heard, and its words say where it leads and what waits there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from forum.accessibility.addresses import file_type, is_long_address
from forum.accessibility.document import Document, Link
from forum.accessibility.link_names import LinkNames, has_words, is_own, says_type
from forum.accessibility.link_repairs import (
    is_name_for,
    kept_apart,
    named_after_target,
    named_by_address,
    named_by_title,
    target_of,
)
from forum.accessibility.phrases import is_vague
from forum.accessibility.registry import Fault, Mends, rule
from forum.accessibility.wordlists import NO_SUBJECT
from forum.phrases import Phrase as _
from forum.review import Repair, Severity, Span
from forum.text.lines import is_visible

_INVITATION = re.compile(
    r"(?:click here|(?:read|learn|see|find out) more|more (?:information|info|details))", re.I
)
_SUBJECT = re.compile(
    r"(?P<words> (?:about|on|for)(?: [^\s.,;:!?()\[\]<>*_`~|\\&]+){1,8})(?=[.!?\n]|\Z)"
)

_BETWEEN = re.compile(r"[\W_]{0,40}")
"""What does not keep two links apart: space, punctuation, the marks of emphasis."""
NEAR = 30
"""Characters beside a link in which its file's type may be said."""


@rule(
    "link-empty",
    wcag="2.4.4",
    act=("c487ae",),
    severity=Severity.BLOCK,
    message=_("This link has no words, so nobody can see or hear it: please write where it leads."),
    help=_(
        "A screen reader only says “link”, and there is nothing to click. Write the name of the "
        "page between the square brackets: instead of [](/guide) write [Setup guide](/guide). "
        "If the link holds a picture, describe the picture there."
    ),
    bad="[](https://example.org/guide)",
    good="[Setup guide](https://example.org/guide)",
)
def link_empty(document: Document) -> Iterator[Fault]:
    """Links without a name; a picture's link may also be named by the link's title."""
    names = LinkNames(document)
    for link in document.links:
        is_titled = link.pictures and is_visible(link.title)
        if not is_visible(link.text) and not is_titled:
            source = link.span.of(document.source)
            repair = kept_apart(document, link, _name_or_remove(names, link))
            yield Fault(link.span, source, repair)


def _name_or_remove(names: LinkNames, link: Link) -> Repair | None:
    """A picture's alternative is the author's to write; else the title, the address, or nothing."""
    if link.pictures or link.label is None:
        return None
    if link.leads_nowhere:
        return Repair(link.span, "", _("Remove the empty link"))
    if is_name_for(names, link.title, link):
        return named_by_title(names.document.source, link, link.label)
    return named_by_address(names, link, link.href)


@rule(
    "link-vague",
    wcag="2.4.9",
    act=("aizyf1", "5effbb"),
    severity=Severity.WARN,
    message=_("The words of this link do not say where it leads: please name the page instead."),
    help=_(
        "Many people jump from link to link and hear only the words of each link. Let them name "
        "what is behind it: instead of “For the handover checklist [click here](/handover)” write "
        "“Use the [handover checklist](/handover)”."
    ),
    bad='[click here](https://example.org/handover "Handover checklist")',
    good="[Handover checklist](https://example.org/handover)",
)
def link_vague(document: Document) -> Iterator[Fault]:
    """Links whose words are all vague (WCAG failure F84), a picture's alternative included."""
    names = LinkNames(document)
    for link in document.links:
        if is_vague(link.text, document.language):
            yield Fault(link.span, link.text, _say_where(names, link))


def _say_where(names: LinkNames, link: Link) -> Repair | None:
    if link.label is None or link.pictures:
        return None
    if is_name_for(names, link.title, link):
        return named_by_title(names.document.source, link, link.label)
    named = named_after_target(names, link, link.label)
    return named or _take_in_subject(names, link, link.label)


def _take_in_subject(names: LinkNames, link: Link, label: Span) -> Repair | None:
    """``[Read more](…) about tokens.`` becomes ``[Read more about tokens](…).``"""
    source = names.document.source
    if not _INVITATION.fullmatch(link.text.strip()):
        return None
    subject = _SUBJECT.match(source, link.span.end)
    if subject is None or set(subject["words"].casefold().split()) <= NO_SUBJECT:
        return None
    if not names.is_free(link.text + subject["words"], link):
        return None
    span = Span(label.end, subject.end())
    target = target_of(source, link, label)
    return Repair(span, subject["words"] + target, _("Take the next words into the link"))


@rule(
    "link-address",
    wcag="2.4.9",
    severity=Severity.WARN,
    message=_("This long address is hard to listen to: please give the link a few words."),
    help=_(
        "A screen reader reads out every sign of an address, and nobody hears from it what is "
        "behind it. Put words in square brackets and the address in round ones: write "
        "[Minutes of the last meeting](https://example.org/…) instead of the bare address."
    ),
    bad="https://example.org/minutes/2026/11/27/last-meeting.html?view=print",
    good="[Minutes of the last meeting](https://example.org/minutes/2026/11/27/last-meeting.html)",
)
def link_address(document: Document) -> Iterator[Fault]:
    """Links whose words are a long address; in what is quoted they are somebody else's."""
    names = LinkNames(document)
    for link in document.links:
        if is_long_address(link.text) and not link.pictures and is_own(document, link):
            repair = named_by_address(names, link, link.text)
            yield Fault(link.span, link.text, kept_apart(document, link, repair))


@rule(
    "link-file",
    wcag="2.4.9",
    severity=Severity.HINT,
    message=_("This link opens a file: please say in its words what kind of file it is."),
    help=_(
        "A file opens in another program or is downloaded, which surprises people who expect a "
        "page and costs those on a phone. Write [Handbook (PDF)](/handbook.pdf) instead of "
        "[Handbook](/handbook.pdf)."
    ),
    bad="[Handbook](https://example.org/handbook.pdf)",
    good="[Handbook (PDF)](https://example.org/handbook.pdf)",
    mends=Mends.SAFELY,
)
def link_file(document: Document) -> Iterator[Fault]:
    """Links to files of which neither their words nor those right beside them name the type.

    Links that need other words first are left to the rules above.
    """
    for index, link in enumerate(document.links):
        if file_type(link.href) and is_own(document, link) and has_words(document, link):
            said = f"{link.text} {link.title} {_beside(document, index)}"
            if not says_type(said, link.href):
                yield Fault(link.span, link.text, _say_type(document.source, link))


def _beside(document: Document, index: int) -> str:
    """What stands right before and after a link, up to the next link or an empty line."""
    links, span = document.links, document.links[index].span
    start = max(span.start - NEAR, links[index - 1].span.end if index else 0)
    end = min([span.end + NEAR, *(link.span.start for link in links[index + 1 : index + 2])])
    before, after = document.source[start : span.start], document.source[span.end : end]
    return before.rpartition("\n\n")[2] + " " + after.partition("\n\n")[0]


def _say_type(source: str, link: Link) -> Repair | None:
    if link.label is None:
        return None
    words = f" ({file_type(link.href)})" + target_of(source, link, link.label)
    return Repair(Span(link.label.end, link.span.end), words, _("Say what kind of file it is"))


@rule(
    "link-twice",
    wcag="2.4.4",
    severity=Severity.WARN,
    message=_("Two links beside each other lead to the same place: please make them one."),
    help=_(
        "Whoever goes from link to link meets the same place twice and wonders what is different. "
        "Write [Setup guide](/guide) instead of [Setup](/guide) [guide](/guide)."
    ),
    bad="[Setup](https://example.org/guide) [guide](https://example.org/guide)",
    good="[Setup guide](https://example.org/guide)",
    mends=Mends.SAFELY,
)
def link_twice(document: Document) -> Iterator[Fault]:
    """Neighbours with the same address and nothing but space and punctuation between them."""
    names = LinkNames(document)
    leading = [link for link in document.links if not link.leads_nowhere]
    for link, after in pairwise(leading):
        if _is_again(document.source, link, after) and is_own(document, link):
            span = Span(link.span.start, after.span.end)
            yield Fault(span, f"{link.text} {after.text}", _merged(names, link, after))


def _is_again(source: str, link: Link, after: Link) -> bool:
    same = link.href == after.href and link.passage == after.passage
    return same and bool(_BETWEEN.fullmatch(source, link.span.end, after.span.start))


def _merged(names: LinkNames, link: Link, after: Link) -> Repair | None:
    """Both as one, where only space parts them and no rule asks for other words; of two with the
    same words one."""
    source = names.document.source
    between = source[link.span.end : after.span.start]
    if link.label is None or after.label is None or between.strip():
        return None
    is_same = link.text.strip() == after.text.strip() and not link.pictures + after.pictures
    further = "" if is_same else between + after.label.of(source)
    said = (link.text, after.text, link.text if is_same else f"{link.text}{between}{after.text}")
    is_named = all(is_name_for(names, words, link) for words in said)
    is_typed = all(says_type(words, link.href) for words in said)
    has_more = link.title or after.title or source.startswith("{", after.span.end)
    if has_more or not (is_named and is_typed):
        return None
    words = further + target_of(source, link, link.label)
    return Repair(Span(link.label.end, after.span.end), words, _("Make one link of both"))


@rule(
    "link-same-words",
    wcag="2.4.9",
    act=("b20e66", "fd3a94"),
    severity=Severity.HINT,
    message=_(
        "Two links have the same words and lead to different places: please say which is which."
    ),
    help=_(
        "Many people have the links of a page listed and choose by their words. Write [minutes of "
        "May](/may) and [minutes of June](/june) instead of [minutes](/may) and [minutes](/june)."
    ),
    bad="The [minutes](https://example.org/may) and the [minutes](https://example.org/june)",
    good="The [minutes of May](https://example.org/may), [of June](https://example.org/june)",
    mends=Mends.NOTHING,
)
def link_same_words(document: Document) -> Iterator[Fault]:
    """Links with the words of an earlier one and another address, if those words name something.

    Each place is found once, however often the post leads there.
    """
    for link in LinkNames(document).ambiguous():
        yield Fault(link.label or link.span, link.text)


RULES = (link_empty, link_vague, link_address, link_file, link_twice, link_same_words)
