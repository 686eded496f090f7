"""What a browser says of a page: its complaints, axe's findings, what does not fit."""

from __future__ import annotations

from playwright.sync_api import ConsoleMessage, Page

from forum.testing.axe import TAGS, axe_findings

__all__ = ["NARROW", "TAGS", "WIDE", "Complaints", "axe_findings", "what_sticks_out"]

NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 900}

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


def what_sticks_out(page: Page) -> list[str]:
    """The parts of a page for which it would have to be scrolled sideways, the first few."""
    page.wait_for_load_state("load")
    found: list[str] = page.evaluate(_OVERFLOW)
    return found
