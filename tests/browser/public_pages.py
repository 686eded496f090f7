"""Everything that somebody reaches in a forum, to be compared or searched."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from urllib.parse import urldefrag, urljoin

from bs4 import BeautifulSoup

from forum.testing.site import Site

# The token of a form, and the task of a browser that registers, are drawn for each answer.
_DRAWN = re.compile(rb'(name="csrf_token"[^>]* value=|data-task=)"[^"]*"')
_LEADING = {"a": "href", "link": "href", "img": "src", "script": "src"}

Answer = tuple[int, str, bytes]


def public_pages(site: Site, *, cookie: str = "") -> dict[str, Answer]:
    """Whatever a guest, or whoever has this cookie, reaches from the front page by links, pictures and
    feeds included: by path the status, the kind and the content, without tokens and tasks, and without the
    site's own address."""
    found: dict[str, Answer] = {}
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = answer_of(site, path, Cookie=cookie)
            waiting += _links(site, path, found[path])
    return found


def answer_of(site: Site, path: str, **headers: str) -> Answer:
    """The same of one path, asked for with these headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items() if value}
    try:
        answer = urllib.request.urlopen(urllib.request.Request(site.url + path, headers=named))
    except urllib.error.HTTPError as refused:
        answer = refused
    with answer:
        content = _DRAWN.sub(rb'\1""', answer.read()).replace(site.url.encode(), b"")
        return answer.status, answer.headers["Content-Type"], content


def _links(site: Site, path: str, answer: Answer) -> list[str]:
    if not answer[1].startswith("text/html"):
        return []
    page = BeautifulSoup(answer[2], "html.parser")
    found = [tag.get(_LEADING[tag.name]) for tag in page.find_all(list(_LEADING))]
    addresses = {urldefrag(urljoin(site.url + path, str(link))).url for link in found if link}
    here = f"{site.url}/"
    return sorted(one.removeprefix(site.url) for one in addresses if one.startswith(here))
