"""Pictures: each says in words what it shows, or that it shows nothing that matters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forum.accessibility.alternatives import (
    is_file_name,
    is_placeholder,
    is_too_long,
    says_again,
    says_picture,
    shows_text_untold,
)
from forum.accessibility.beside import Shown, pictures_with_words_beside
from forum.accessibility.document import Document, Picture
from forum.accessibility.link_names import LinkNames
from forum.accessibility.phrases import is_vague
from forum.accessibility.picture_words import OPENINGS
from forum.accessibility.registry import Fault, Mends, rule
from forum.phrases import Phrase as _
from forum.review import Repair, Severity, Span
from forum.text.allowed import is_own_picture
from forum.text.lines import is_visible

DECORATIVE = "{decorative}"
_MARK = re.compile(r"\{([^{}]*)\}")
_EXAMPLE = "/files/" + "0" * 64 + ".png"
_LONG = (
    "In January there were 40 failures, in February 38, in March 33, in April 31, in May 29, in "
    "June 28, in July 27, in August 25, in September 24, in October 22, in November 21 and in "
    "December 20, after the new way of cooling had been brought in at all kilns in spring."
)
_ENGLISH = re.compile(OPENINGS["en"], re.IGNORECASE)


@rule(
    "picture-undecided",
    wcag="1.1.1",
    act=("23a2a8",),
    severity=Severity.BLOCK,
    message=_("This picture has no words: please say what it shows, or mark it as decoration."),
    help=_(
        "Who cannot see it learns nothing from it, and not even whether something is missing. "
        "Write between the square brackets what you would say of it on the phone: "
        "![Bowl with a fine crackle all over](…) instead of ![](…). If the text says the same "
        "already, or the picture is only there to look nice, mark it as decoration; screen "
        "readers then pass it over."
    ),
    bad=f"![]({_EXAMPLE})",
    good=f"![Bowl with a fine crackle all over]({_EXAMPLE})",
)
def picture_undecided(document: Document) -> Iterator[Fault]:
    """Our own pictures without alternative and without mark; others become links anyway. One that
    is all a link has is found by ``link-empty``: it can be no decoration (WCAG technique H30)."""
    for picture in document.pictures:
        undecided = not picture.decorative and not is_visible(picture.text)
        if undecided and not picture.names_link and is_own_picture(picture.address):
            repair = Repair(picture.marks, _marked(document, picture), _("Mark it as decoration"))
            yield Fault(picture.span, picture.span.of(document.source), repair)


def _marked(document: Document, picture: Picture) -> str:
    return DECORATIVE + picture.marks.of(document.source)


@rule(
    "picture-both",
    wcag="1.1.1",
    severity=Severity.HINT,
    message=_("This picture has words and is marked as decoration: the words are read out."),
    help=_(
        "A picture either says something or is decoration. The words count, so that nobody "
        "misses them; if it is decoration, write ![](…){decorative} instead of "
        "![words](…){decorative}."
    ),
    bad=f"![Bowl with a fine crackle]({_EXAMPLE}){{decorative}}",
    good=f"![Bowl with a fine crackle]({_EXAMPLE})",
    mends=Mends.SAFELY,
)
def picture_both(document: Document) -> Iterator[Fault]:
    """Our own pictures with an alternative and the mark."""
    for picture in document.pictures:
        if picture.decorative and is_visible(picture.text) and is_own_picture(picture.address):
            text = picture.text
            yield Fault(
                Span(picture.span.start, picture.marks.end), text, _unmarked(document, picture)
            )


def _unmarked(document: Document, picture: Picture) -> Repair:
    """Only the one word goes: ``{decorative lang=fr}`` keeps the language."""
    kept = _MARK.sub(_without_decorative, picture.marks.of(document.source))
    return Repair(picture.marks, kept, _("Keep the words, take the mark away"))


def _without_decorative(mark: re.Match[str]) -> str:
    kept = " ".join(word for word in mark[1].split() if word != "decorative")
    return f"{{{kept}}}" if kept else ""


@rule(
    "picture-file-name",
    wcag="1.1.1",
    act=("9eb3f6", "qt1vmo"),
    severity=Severity.WARN,
    message=_("The words of this picture are only the name of its file: please say what it shows."),
    help=_(
        "Who cannot see the picture hears letters and numbers and learns nothing. Write what you "
        "would say of it on the phone: ![Bowl with a fine crackle all over](…) instead of "
        "![IMG_2041.jpg](…)."
    ),
    bad=f"![IMG_2041.jpg]({_EXAMPLE})",
    good=f"![Bowl with a fine crackle all over]({_EXAMPLE})",
    mends=Mends.NOTHING,
)
def picture_file_name(document: Document) -> Iterator[Fault]:
    """Our own pictures whose alternative is the name of a file."""
    return (_fault(p) for p in filter(_is_ours, document.pictures) if is_file_name(p.text))


@rule(
    "picture-placeholder",
    wcag="1.1.1",
    act=("qt1vmo",),
    severity=Severity.WARN,
    message=_("The words of this picture do not say what it shows: please describe it."),
    help=_(
        "A screen reader says by itself that there is a picture. Write what it shows, or what it "
        "is there for: ![Bowl with a fine crackle all over](…) instead of ![Picture](…). If it is "
        "only there to look nice, leave the words out and mark it as decoration."
    ),
    bad=f"![Picture 3]({_EXAMPLE})",
    good=f"![Bowl with a fine crackle all over]({_EXAMPLE})",
    mends=Mends.NOTHING,
)
def picture_placeholder(document: Document) -> Iterator[Fault]:
    """Our own pictures whose alternative stands for words that are still to come."""
    return (_fault(p) for p in filter(_is_ours, document.pictures) if is_placeholder(p.text))


@rule(
    "picture-again",
    wcag="1.1.1",
    act=("qt1vmo",),
    severity=Severity.WARN,
    message=_("The words of this picture stand right beside it, too: they are read out twice."),
    help=_(
        "Let the words of a picture say what its caption or the link beside it does not: "
        "![Bowl with a fine crackle](…) Celadon, second firing, instead of ![Celadon, second "
        "firing](…) Celadon, second firing. If there is nothing more to say, leave the words out "
        "and mark it as decoration: ![](…){decorative}."
    ),
    bad=f"[![Setup guide]({_EXAMPLE}) Setup guide](https://example.org/guide)",
    good=f"[![]({_EXAMPLE}){{decorative}} Setup guide](https://example.org/guide)",
)
def picture_again(document: Document) -> Iterator[Fault]:
    """Our own pictures whose alternative is also their caption, or the link or text beside them."""
    names = LinkNames(document)
    for shown in pictures_with_words_beside(document):
        if _is_worded(shown.picture) and _is_said_beside(shown):
            yield _fault(shown.picture, _as_decoration(names, shown))


def _is_said_beside(shown: Shown) -> bool:
    return any(says_again(shown.picture.text, text) for text in shown.beside)


def _as_decoration(names: LinkNames, shown: Shown) -> Repair | None:
    """Inside a link whose words say the same, the picture adds nothing (WCAG technique H2)."""
    picture, link = shown.picture, shown.link
    if link is None or picture.label is None or picture.decorative or link.pictures > 1:
        return None
    rest, document = link.text.replace(picture.text, "", 1), names.document
    target = document.source[picture.label.end : picture.span.end]
    if not says_again(picture.text, rest) or is_vague(rest, document.language):
        return None
    if not (names.is_free(rest, link) and names.is_free(link.text, link)):
        return None
    has_more = picture.title or is_too_long(picture.text) or shows_text_untold(picture.text)
    if has_more or not target.startswith("]("):
        return None
    span = Span(picture.label.start, picture.marks.end)
    return Repair(span, target + _marked(document, picture), _("Mark it as decoration"))


@rule(
    "picture-long",
    wcag="1.1.1",
    severity=Severity.WARN,
    message=_("The words of this picture are very long: please move the details into your text."),
    help=_(
        "They are read out in one go, and nobody can stop, go back or look up a word. Write in one "
        "or two sentences what matters, and the rest below the picture: ![Failures halved within a "
        "year](…) and the numbers in your text, instead of all numbers in the picture’s words."
    ),
    bad=f"![{_LONG}]({_EXAMPLE})",
    good=f"![Failures halved within a year]({_EXAMPLE})\n\n{_LONG}",
    mends=Mends.NOTHING,
)
def picture_long(document: Document) -> Iterator[Fault]:
    """Our own pictures whose alternative has over 250 characters."""
    return (_fault(p) for p in _worded(document) if is_too_long(p.text))


@rule(
    "picture-of-text",
    wcag="1.4.5",
    act=("0va7u6",),
    severity=Severity.HINT,
    message=_("If this picture shows text, please write that text into your post, too."),
    help=_(
        "A picture of text cannot be read out, searched, copied or made larger. Write ![Screenshot "
        "of the error: “Disk full”](…) instead of ![Screenshot of the error](…), or copy the text "
        "below the picture."
    ),
    bad=f"![Screenshot of the error]({_EXAMPLE})",
    good=f"![Screenshot of the error: “Disk full”]({_EXAMPLE})",
    mends=Mends.NOTHING,
)
def picture_of_text(document: Document) -> Iterator[Fault]:
    """Our own pictures that are called a screenshot and do not say what is written there."""
    return (_fault(p) for p in _worded(document) if shows_text_untold(p.text))


@rule(
    "picture-announced",
    wcag="1.1.1",
    severity=Severity.HINT,
    message=_(
        "A screen reader says by itself that this is a picture: please begin with what it shows."
    ),
    help=_(
        "“Picture of” is heard before every picture anyway. Write ![Bowl with a fine crackle](…) "
        "instead of ![Picture of a bowl with a fine crackle](…). “Photo of” or “Painting of” are "
        "fine where it matters which it is."
    ),
    bad=f"![Picture of a bowl with a fine crackle]({_EXAMPLE})",
    good=f"![Bowl with a fine crackle]({_EXAMPLE})",
)
def picture_announced(document: Document) -> Iterator[Fault]:
    """Our own pictures whose alternative begins with what is announced anyway."""
    for shown in pictures_with_words_beside(document):
        picture, text = shown.picture, shown.picture.text
        is_asked_for_more = is_too_long(text) or _is_said_beside(shown)
        if _is_worded(picture) and says_picture(text) and not is_asked_for_more:
            repair = None if shown.link else _unannounced(document.source, picture)
            yield _fault(picture, repair)


def _unannounced(source: str, picture: Picture) -> Repair | None:
    """In English only: elsewhere what follows would have to change its case."""
    text, label = picture.text, picture.label
    opening = says_picture(text)
    rest = text.removeprefix(opening).strip()
    if label is None or label.of(source) != text or not _ENGLISH.fullmatch(opening):
        return None
    words = rest[:1].upper() + rest[1:]
    faults = (is_file_name, is_placeholder, says_picture, shows_text_untold)
    if not words[:1].isalnum() or any(is_fault(words) for is_fault in faults):
        return None
    return Repair(label, words, _("Leave the announcement out"))


def _worded(document: Document) -> Iterator[Picture]:
    return filter(_is_worded, document.pictures)


def _is_worded(picture: Picture) -> bool:
    """Whether it is our own and has an alternative that at least could say something.

    Other pictures are shown as links with the alternative as their words; and a picture is asked
    for one thing at a time.
    """
    return _is_ours(picture) and not is_file_name(picture.text) and not is_placeholder(picture.text)


def _is_ours(picture: Picture) -> bool:
    return is_visible(picture.text) and is_own_picture(picture.address)


def _fault(picture: Picture, repair: Repair | None = None) -> Fault:
    """The place is the alternative, which is where the author writes on."""
    return Fault(picture.label or picture.span, picture.text, repair)


RULES = (
    picture_undecided,
    picture_both,
    picture_file_name,
    picture_placeholder,
    picture_again,
    picture_long,
    picture_of_text,
    picture_announced,
)
