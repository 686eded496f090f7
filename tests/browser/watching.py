"""What a browser says of a page: its complaints, axe's findings, what does not fit."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Page

# WCAG 2.2, levels A and AA, and what axe's makers advise beyond it.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 900}

# What an author can get wrong, and what the forum leaves as it was written.
AUTHORS_OWN = {"heading-order", "empty-table-header", "link-name"}

_RUN_AXE = """async (options) => {
  const found = await axe.run(options);
  return found.violations.flatMap((rule) => rule.nodes.map((node) => ({
    rule: rule.id,
    in_words: Boolean(document.querySelector(node.target[0])?.closest(".words")),
    place: `${node.target.join(" ")}: ${node.html.slice(0, 200)}`,
  })));
}"""
_OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((part) => part.getBoundingClientRect().right > width + 0.5
      || part.getBoundingClientRect().left < -0.5)
    .map((part) => `${part.tagName} .${part.className} ${part.getBoundingClientRect().right}`)
    .slice(0, 5);
}"""


class Complaints:
    """What the browser's console says of a page while it is open.

    Errors, warnings, and everything that the Content-Security-Policy stops.
    """

    def __init__(self, page: Page) -> None:
        self.said: list[str] = []
        page.on("console", self._note)

    def _note(self, message: ConsoleMessage) -> None:
        # The browser calls it an error that a page of ours says 403, 404 and so on.
        is_status = message.text.startswith("Failed to load resource: the server responded")
        if message.type in ("error", "warning") and not is_status:
            self.said.append(message.text)


def axe_findings(page: Page, *, as_written: bool = False) -> list[str]:
    """What axe finds, one line for each element.

    Args:
        as_written: the page shows words that nobody has mended, imported ones or those whose author
            asks for help. What an author can get wrong is not judged inside them.
    """
    # The parts of a page are there before its style sheet is, and without it nothing has contrast.
    page.wait_for_load_state("load")
    page.evaluate(AXE_SCRIPT)
    options = {"runOnly": TAGS, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = page.evaluate(_RUN_AXE, options)
    return [
        f"{one['rule']}: {one['place']}"
        for one in found
        if not (as_written and one["in_words"] and one["rule"] in AUTHORS_OWN)
    ]


def what_sticks_out(page: Page) -> list[str]:
    """The parts of a page for which it would have to be scrolled sideways, the first few."""
    page.wait_for_load_state("load")
    found: list[str] = page.evaluate(_OVERFLOW)
    return found
