"""Pictures: each says in words what it shows, or that it shows nothing that matters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from forum.accessibility.html.names import is_exposed, name_of
from forum.accessibility.html.registry import Fault, html_rule
from forum.accessibility.html.roles import PRESENTATION, given_role, natural_role, role_of
from forum.accessibility.html.tree import Element, Page
from forum.accessibility.rules import pictures
from forum.phrases import Phrase as _
from forum.text.lines import is_visible

_FILE_NAME = re.compile(
    r"[^\s/\\]+(?:[ _-][^\s/\\]+){0,9}\.(?:jpe?g|png|gif|webp|svg|bmp|tiff?|avif|heic|ico)", re.I
)


@html_rule(
    pictures.picture_undecided.id,
    wcag="1.1.1",
    act=("23a2a8",),
    severity=pictures.picture_undecided.severity,
    message=pictures.picture_undecided.message,
    help=_(
        "Who cannot see it learns nothing from it. Say in its alt attribute what you would say of "
        'it on the phone; of mere decoration an empty one, alt="", tells screen readers to pass '
        "it over."
    ),
    bad='<p><img src="/files/kiln.png"></p>',
    good='<p><img src="/files/kiln.png" alt="Kiln with its door open"></p>',
)
def picture_undecided(page: Page) -> Iterator[Fault]:
    """Pictures without a name that are not marked as decoration; one that is all a link has is
    that link's fault."""
    for element in page.elements:
        # Who writes aria-hidden="" means to hide it, though browsers do not.
        if not is_exposed(element) or not _is_picture(element) or element.get("aria-hidden") == "":
            continue
        if not is_visible(name_of(page, element)) and not _names_link(page, element):
            act = ("23a2a8",) if element.tag != "object" else ("8fc3b6",)
            yield Fault(element, _carriers(element), act=act)


def _is_picture(element: Element) -> bool:
    if element.tag == "img":
        return role_of(element) not in PRESENTATION
    if given_role(element) in ("img", "image", "graphics-symbol", "graphics-document"):
        return True
    return element.tag == "area" and "href" in element.attributes


def _carriers(element: Element) -> tuple[str, ...]:
    """A picture is one by itself; what a role makes one is none without it."""
    return () if element.tag in ("img", "area") else ("role",)


def _names_link(page: Page, element: Element) -> bool:
    link = element.within("a")
    return link is not None and natural_role(link) == "link" and not name_of(page, link)


@html_rule(
    "picture-file-name",
    wcag="1.1.1",
    act=("9eb3f6", "qt1vmo"),
    message=_("This picture has a file name for words: please say what it shows instead."),
    bad='<p><img src="/files/kiln_02.png" alt="kiln_02.png"></p>',
    good='<p><img src="/files/kiln_02.png" alt="Kiln with its door open"></p>',
)
def picture_file_name(page: Page) -> Iterator[Fault]:
    """Pictures whose alternative is the name of a file, their own or another one."""
    for element in page.elements:
        if _is_picture(element) and is_exposed(element):
            name = name_of(page, element)
            if _FILE_NAME.fullmatch(name) or _is_own_file(element, name):
                yield Fault(element, text=name)


def _is_own_file(element: Element, name: str) -> bool:
    """A single word may be both: the file ``Nyhavn`` shows Nyhavn."""
    file = unquote(urlsplit(_address(element)).path.rpartition("/")[2])
    stem = file.rpartition(".")[0] or file
    is_code = bool(re.search(r"[0-9_]", name)) and not re.search(r"\s", name)
    return bool(name) and is_code and name.casefold() in (file.casefold(), stem.casefold())


def _address(element: Element) -> str:
    address = element.get("src") or ""
    return "" if "[" in address or address.startswith("data:") else address


RULES = (picture_undecided, picture_file_name)
