"""What axe finds in a page, for the forum's own pages and those of plugins."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# WCAG 2.2, levels A and AA, and what axe's makers advise beyond it.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

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
