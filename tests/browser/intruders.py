"""A browser that notes everything by which a string of somebody's could have become a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Dialog, Page, Route

# What scripts call to show that they run, made to tell instead, with the post they stand in.
_TELL = """for (const name of ["alert", "confirm", "prompt", "print", "open"]) {
  window[name] = (...words) => {
    const cause = document.currentScript ?? window.event?.target;
    window.__hit(cause?.closest?.("article")?.id ?? "", `${name}(${words})`);
  };
}
document.addEventListener("securitypolicyviolation", (event) =>
  window.__hit(event.target?.closest?.("article")?.id ?? "", `stopped: ${event.blockedURI}`));"""

# Everything in the parsed page that is a script, would become one, or loads one. Our own scripts
# stand in the head; the words of posts have no frames, forms or style either.
_LOOK = r"""() => {
  const found = [], tell = (part, what) =>
    found.push([part.closest("article")?.id ?? "", `${what} in ${part.outerHTML.slice(0, 200)}`]);
  const ours = ["cases", "drafts", "findings", "forum", "quoting"].map((name) => `/static/${name}.js`);
  const own = (part) => part.matches("head > script") && ours.includes(part.getAttribute("src"));
  for (const part of document.querySelectorAll("*")) {
    if (part.localName === "script" && !own(part)) tell(part, "script");
    for (const { name, value } of part.attributes) {
      if (/^on/i.test(name)) tell(part, name);
      const address = value.replace(/[\u0000-\u0020\u007f-\u00a0]/g, "");
      if (/^(javascript|vbscript|data):/i.test(address) && IS_ADDRESS.test(name)) tell(part, name);
      if (name === "style" || name === "srcdoc") tell(part, name);
    }
  }
  const strange = "base, embed, form, frame, iframe, link, math, meta, object, style, svg, template";
  for (const part of document.querySelectorAll(`.words :is(${strange})`)) tell(part, "element");
  return found;
}""".replace("IS_ADDRESS", "/^(href|src|action|formaction|data|poster|cite|background|.*:href)$/i")

_SETTLED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that should not have happened: in which post, if that is known, and what."""

    post: int | None
    what: str


class Watch:
    """A page on a site; it reaches that site only.

    Args:
        url: where the site is.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.hits: list[Hit] = []
        page.expose_function("__hit", self._from_page)
        page.add_init_script(_TELL)
        page.on("dialog", self._dialog)
        page.on("pageerror", lambda error: self._note(f"a script ran into {error}"))
        page.on("popup", lambda opened: self._note(f"a window opened: {opened.url}"))
        page.context.route("**/*", self._pass_or_block)

    def _from_page(self, place: str, what: str) -> None:
        self.hits.append(Hit(int(place[1:]) if place else None, what))

    def _note(self, what: str) -> None:
        self.hits.append(Hit(None, what))

    def _dialog(self, dialog: Dialog) -> None:
        self._note(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _pass_or_block(self, route: Route) -> None:
        if route.request.url.startswith(self.url):
            route.continue_()
        else:
            self._note(f"the page wanted {route.request.url}")
            route.abort()

    def load(self, address: str) -> list[Hit]:
        """Load a page: everything that happened and everything that stands in it."""
        self.hits.clear()
        self.page.goto(self.url + address)
        return self.look(self.url + address)

    def look(self, expected: str) -> list[Hit]:
        """What has happened on the page that is open, which should be at ``expected``."""
        self.page.evaluate(_SETTLED)
        if self.page.url != expected:
            self._note(f"the page went to {self.page.url}")
        for place, what in self.page.evaluate(_LOOK):
            self._from_page(place, what)
        return list(self.hits)

    def posts_with_hits(self, address: str) -> list[int]:
        """The posts of this page that do something; where that is unclear, each is loaded alone."""
        hits = self.load(address)
        if all(hit.post is not None for hit in hits):
            return sorted({hit.post for hit in hits if hit.post is not None})
        return [number for number in self._numbers() if self._alone(address, number)]

    def _numbers(self) -> list[int]:
        ids = self.page.locator("article").evaluate_all("parts => parts.map((part) => part.id)")
        return [int(place[1:]) for place in ids]

    def _alone(self, address: str, number: int) -> list[Hit]:
        answer = self.page.context.request.get(self.url + address)
        page = _only_post(answer.text(), number)
        pattern = re.compile(re.escape(self.url + address) + "$")
        self.page.route(pattern, lambda route: route.fulfill(response=answer, body=page))
        try:
            return self.load(address)
        finally:
            self.page.unroute(pattern)


def _only_post(html: str, number: int) -> str:
    head, *articles = html.split('<article class="post"')
    tail = articles[-1].rpartition("</article>")[2]
    only = next(article for article in articles if article.startswith(f' id="p{number}"'))
    return f'{head}<article class="post"{only.rpartition("</article>")[0]}</article>{tail}'


@contextmanager
def watching(browser: Browser, url: str, cookies: list[dict[str, Any]]) -> Iterator[Watch]:
    """A browser on the site at ``url``, with the cookies of whoever looks."""
    context = browser.new_context(service_workers="block")
    context.add_cookies(cookies)  # type: ignore[arg-type]
    try:
        yield Watch(context.new_page(), url)
    finally:
        context.close()
