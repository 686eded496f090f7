"""Pictures: each says in words what it shows, or that it shows nothing that matters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from forum.accessibility.alternatives import (
    is_file_name,
    is_placeholder,
    is_too_long,
    says_again,
    says_picture,
)
from forum.accessibility.html.names import is_exposed, name_of, text_of
from forum.accessibility.html.registry import Fault, same_rule
from forum.accessibility.html.roles import PRESENTATION, given_role, natural_role, role_of
from forum.accessibility.html.tree import Element, Page
from forum.accessibility.rules import pictures
from forum.phrases import Phrase as _
from forum.text.lines import is_visible


@same_rule(
    pictures.picture_undecided,
    act=("23a2a8",),
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


@same_rule(
    pictures.picture_file_name,
    act=("9eb3f6", "qt1vmo"),
    bad='<p><img src="/files/kiln_02.png" alt="kiln_02.png"></p>',
    good='<p><img src="/files/kiln_02.png" alt="Kiln with its door open"></p>',
)
def picture_file_name(page: Page) -> Iterator[Fault]:
    """Pictures whose alternative is the name of a file, their own or another one."""
    for element, name in _named(page):
        if is_file_name(name) or _is_own_file(element, name):
            yield Fault(element, _carriers(element), name)


def _is_own_file(element: Element, name: str) -> bool:
    """A word may be both: the file ``Nyhavn`` shows Nyhavn; with numbers in it, it is none."""
    file = unquote(urlsplit(_address(element)).path.rpartition("/")[2])
    stem = file.rpartition(".")[0] or file
    is_code = bool(re.search(r"[0-9_]", name)) and not re.search(r"\s", name)
    return bool(name) and is_code and name.casefold() in (file.casefold(), stem.casefold())


def _address(element: Element) -> str:
    address = element.get("src") or ""
    # In square brackets an address of version 6 is expected.
    return "" if "[" in address or address.startswith("data:") else address


def _named(page: Page) -> Iterator[tuple[Element, str]]:
    """Pictures that can be heard, with their names."""
    for element in page.elements:
        if _is_picture(element) and is_exposed(element) and (name := name_of(page, element)):
            yield element, name


def _worded(page: Page) -> Iterator[tuple[Element, str]]:
    """Those whose names could at least say something: a picture is asked for one thing at a time."""
    for element, name in _named(page):
        if not (is_file_name(name) or is_placeholder(name)):
            yield element, name


@same_rule(
    pictures.picture_placeholder,
    bad='<p><img src="/files/kiln.png" alt="image 3"></p>',
    good='<p><img src="/files/kiln.png" alt="Kiln with its door open"></p>',
)
def picture_placeholder(page: Page) -> Iterator[Fault]:
    """Pictures whose alternative stands for words that are still to come."""
    for element, name in _named(page):
        if is_placeholder(name):
            yield Fault(element, _carriers(element), name)


@same_rule(
    pictures.picture_again,
    bad='<p><a href="/guide"><img src="/files/kiln.png" alt="Setup guide"> Setup guide</a></p>',
    good='<p><a href="/guide"><img src="/files/kiln.png" alt=""> Setup guide</a></p>',
)
def picture_again(page: Page) -> Iterator[Fault]:
    """Pictures whose alternative is also their title, their caption, or in the link around them."""
    for element, name in _worded(page):
        if element.tag == "img" and any(says_again(name, said) for said in _beside(element)):
            yield Fault(element, (), name)


def _beside(element: Element) -> Iterator[str]:
    # A title that is the only name is read out once.
    yield (element.get("title") or "") if element.get("alt") else ""
    figure = element.within("figure")
    captions = [] if figure is None else [e for e in figure.elements if e.tag == "figcaption"]
    yield from map(text_of, captions)
    link = element.within("a")
    yield "" if link is None else text_of(link)


@same_rule(
    pictures.picture_long,
    bad=f'<p><img src="/files/kiln.png" alt="{"The kiln is open. " * 15}"></p>',
    good='<p><img src="/files/kiln.png" alt="Kiln with its door open"></p>',
)
def picture_long(page: Page) -> Iterator[Fault]:
    """Pictures whose alternative has over 250 characters."""
    for element, name in _worded(page):
        if is_too_long(name):
            yield Fault(element, _carriers(element), name)


@same_rule(
    pictures.picture_announced,
    bad='<p><img src="/files/kiln.png" alt="Picture of a kiln"></p>',
    good='<p><img src="/files/kiln.png" alt="Kiln with its door open"></p>',
)
def picture_announced(page: Page) -> Iterator[Fault]:
    """Pictures whose alternative begins with what is announced anyway."""
    for element, name in _worded(page):
        if says_picture(name) and not is_too_long(name):
            yield Fault(element, _carriers(element), name)


RULES = (
    picture_undecided,
    picture_file_name,
    picture_placeholder,
    picture_again,
    picture_long,
    picture_announced,
)
