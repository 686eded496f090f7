"""Links: each has words, and these say where it leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit, urlunsplit

from forum.accessibility.html.names import has_seen_text, is_exposed, name_of, text_of
from forum.accessibility.html.registry import Fault, html_rule, same_rule
from forum.accessibility.html.roles import given_role, role_of
from forum.accessibility.html.tables import MOST_HEADERS, assigned_headers
from forum.accessibility.html.tree import Element, Page, Text
from forum.accessibility.phrases import is_vague
from forum.accessibility.rules import links
from forum.phrases import Phrase as _
from forum.review import Severity
from forum.text.lines import is_visible

LONGEST_CONTEXT = 500
"""Characters around a link that are looked at: nobody keeps more in mind."""

# fmt: off
FORMATS = frozenset({
    "avi", "csv", "doc", "docx", "epub", "gif", "html", "jpeg", "jpg", "json", "md", "mobi",
    "mov", "mp3", "mp4", "odp", "ods", "odt", "ogg", "pdf", "plain text", "png", "ppt", "pptx",
    "ps", "rtf", "svg", "tex", "text", "tsv", "txt", "wav", "webm", "xls", "xlsx", "xml", "zip",
})
"""Words that say what kind of file is there, but not what is in it."""
# fmt: on


def links_of(page: Page) -> Iterator[Element]:
    """What a screen reader calls a link."""
    for element in page.elements:
        if element.space != "math" and role_of(element) == "link" and is_exposed(element):
            yield element


def _carriers(element: Element) -> tuple[str, ...]:
    return () if element.tag in ("a", "area") else ("role",)


@same_rule(
    links.link_empty,
    help=_(
        "A screen reader only says “link”. Write the name of the page between <a> and </a>; if the "
        "link holds a picture, describe the picture in its alt attribute."
    ),
    bad='<p><a href="/guide"></a></p>',
    good='<p><a href="/guide">Setup guide</a></p>',
)
def link_empty(page: Page) -> Iterator[Fault]:
    """Links without a name."""
    for element in links_of(page):
        if not says_something(name_of(page, element)):
            yield Fault(element, _carriers(element), element.span.of(page.source))


def says_something(name: str) -> bool:
    """Whether anything of a name is read out: letters, numbers, or signs that have a name."""
    return any(char.isalnum() or (is_visible(char) and ord(char) > 0x2000) for char in name)


@same_rule(
    links.link_vague,
    bad='<p><a href="/handover">click here</a></p>',
    good='<p>Use the <a href="/handover">handover checklist</a>.</p>',
)
def link_vague(page: Page) -> Iterator[Fault]:
    """Links whose words are all vague, and names of formats with nothing around that explains them.

    The one ACT rule judges the words alone, the other only where nothing around them explains.
    """
    for element in links_of(page):
        name = name_of(page, element)
        is_format = name.casefold() in FORMATS
        if is_format or is_vague(_without_brackets(name), _language(page, element)):
            explained = _is_explained(page, element, name)
            if explained and not is_format:
                yield Fault(element, _carriers(element), name, ("aizyf1",))
            elif not explained:
                yield Fault(element, _carriers(element), name)


def _without_brackets(name: str) -> str:
    """``Click here (opens in new window)`` says no more about where it leads."""
    before, opened, inside = name.partition("(")
    says_window = any(word in inside.casefold() for word in ("window", "tab", "fenster"))
    return before if opened and before.strip() and says_window else name


def _language(page: Page, element: Element) -> str:
    around = (element, *element.ancestors())
    return next((tag for e in around if (tag := (e.get("lang") or "").strip())), page.language)


def _is_explained(page: Page, element: Element, name: str) -> bool:
    """Whether a screen reader can say words around that go with the link (WCAG 2.2, "programmatically
    determined link context"), other than those of further links."""
    described = page.referred(element, "aria-describedby")[:MOST_HEADERS]
    words = [text_of(each)[:LONGEST_CONTEXT] for each in described]
    words.append(element.get("title") or "")
    words += _context(page, element)
    others = {word.casefold() for word in " ".join(words).split()}
    return bool({w.strip(".,:;!?()…") for w in others} - set(name.casefold().split()) - {""})


def _context(page: Page, element: Element) -> Iterator[str]:
    for around in element.ancestors():
        role = role_of(around)
        if around.tag == "p" or role == "paragraph" or role == "listitem":
            yield _own_words(page, around)
        elif role in ("cell", "gridcell"):
            yield _own_words(page, around)
            yield from (
                text_of(header)[:LONGEST_CONTEXT] for header in assigned_headers(page, around)
            )
            return


def _own_words(page: Page, element: Element) -> str:
    """The first words inside, without those of links and of lists further in."""
    if (_own_words, element) not in page.kept:
        page.kept[_own_words, element] = _read_own_words(element)[:LONGEST_CONTEXT]
    words: str = page.kept[_own_words, element]
    return words


def _read_own_words(element: Element) -> str:
    parts: list[str] = []
    pending = element.children[::-1]
    while pending:
        child = pending.pop()
        if isinstance(child, Text):
            parts.append(child.text)
        elif not child.silent and child.tag not in ("a", "ul", "ol"):
            pending += child.children[::-1]
    return "".join(parts)


@html_rule(
    "link-same-words",
    wcag="2.4.9",
    act=("b20e66", "fd3a94"),
    severity=Severity.HINT,
    message=_(
        "Two links have the same words and lead to different places: please tell them apart."
    ),
    help=_(
        "Who hears a list of the links cannot tell which is which. Name in each what is behind it: "
        "“minutes of May” and “minutes of June” instead of “minutes” twice."
    ),
    bad='<p><a href="/may">Minutes</a> and <a href="/june">Minutes</a></p>',
    good='<p><a href="/may">Minutes of May</a> and <a href="/june">Minutes of June</a></p>',
)
def link_same_words(page: Page) -> Iterator[Fault]:
    """Links with the name of an earlier one and another address."""
    named: dict[str, list[Element]] = defaultdict(list)
    for element in links_of(page):
        name = name_of(page, element).casefold()
        if name and _target(element) is not None:
            named[name].append(element)
    for group in named.values():
        targets: set[str | None] = set()
        by_place: dict[tuple[str, ...], set[str | None]] = defaultdict(set)
        for element in group:
            target, here = _target(element), by_place[_place(element)]
            if targets - {target}:
                act = ("fd3a94", "b20e66") if here - {target} else ("b20e66",)
                yield Fault(element, _carriers(element), name_of(page, element), act)
            targets.add(target)
            here.add(target)


def _target(element: Element) -> str | None:
    href = element.get("href") or element.get("xlink:href")
    if href is None:
        return element.get("onclick")
    return same_page(href)


def _place(element: Element) -> tuple[str, ...]:
    """The words around a link that a screen reader can say with it."""
    around = []
    for each in element.ancestors():
        if each.tag in ("p", "td", "th", "li") or role_of(each) in ("listitem", "cell"):
            around.append(text_of(each))
    return tuple(around)


@html_rule(
    "link-as-button",
    wcag="4.1.2",
    severity=Severity.HINT,
    message=_("This link leads nowhere: please give it an address, or take the link away."),
    bad='<p><a href="#">Menu</a></p>',
    good='<p><a href="/menu">Menu</a></p>',
)
def link_as_button(page: Page) -> Iterator[Fault]:
    """Links to ``#`` alone, or a place that is not there, which scripts would have answered."""
    for element in links_of(page):
        href = element.attributes.get("href", "?").strip()
        is_widget = given_role(element) or "aria-expanded" in element.attributes
        if (
            (href in ("#", "#0", "#!", "") or href.lower().startswith("javascript:"))
            and not is_widget
            and has_seen_text(element)
        ):
            yield Fault(element)


def same_page(address: str) -> str:
    """An address without what makes no difference: the order of a query, a slash at the end."""
    try:
        parts = urlsplit(urljoin("https://here.invalid/", address.strip()))
    except ValueError:
        return address.strip()
    path = parts.path.removesuffix("index.html").rstrip("/")
    query = "&".join(sorted(parts.query.split("&")))
    return urlunsplit((parts.scheme, parts.netloc.casefold(), path, query, parts.fragment))


RULES = (link_empty, link_vague, link_same_words, link_as_button)
