"""People at a browser: one who points and clicks, one who has only a keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from email.message import EmailMessage
from itertools import product
from typing import Any

from playwright.sync_api import Locator, Page

from forum.testing.factories import PASSWORD, Person
from forum.testing.site import Site

# For ``evaluate`` of a picture, which is fetched when it comes near: its width once it is there.
WIDTH = "picture => picture.decode().then(() => picture.naturalWidth)"

# What is wrong with where the keyboard is now; empty when a person sees it. A stop counts as seen
# when it has an outline, lies on the screen and nothing covers it (WCAG 2.4.7 and 2.4.11).
_UNSEEN_FOCUS = """() => {
  const stop = document.activeElement;
  if (!stop || stop === document.body) return "";
  // An empty link in the preview is the author's, who is being told of it.
  if (stop.matches("#preview a:empty")) return "";
  const style = getComputedStyle(stop), box = stop.getClientRects()[0];
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) return "no outline";
  if (!box || box.width < 2 || box.height < 2) return "too small to see";
  // Browsers leave a tall field where it is when its caret shows: part of it is enough (2.4.11).
  const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
  // They scroll by whole pixels, and a line may end at a part of one.
  if (bottom - top < Math.min(box.height, 24) - 1) return "covered or off the screen";
  const x = box.left + box.width / 2, y = (top + bottom) / 2;
  const there = document.elementFromPoint(x, y);
  return there && (stop.contains(there) || there.contains(stop)) ? "" : "covered or off the screen";
}"""
_NAME = """() => {
  const stop = document.activeElement;
  if (!stop || stop === document.body) return "";
  const label = stop.labels?.[0] ?? stop;
  const words = stop.getAttribute("aria-label") ?? label.textContent;
  return words.trim().replace(/\\s+/g, " ").slice(0, 60);
}"""
MOST_STOPS = 150


class Visitor:
    """Somebody who points and clicks."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, address: str) -> None:
        """Go to an address, as from a letter."""
        self.page.goto(address)

    def write(self, label: str, text: str) -> None:
        """Write into a field, in place of what stands there."""
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def tick(self, label: str) -> None:
        """Choose one of a group of choices."""
        self.page.get_by_label(label, exact=True).check()

    def press(self, name: str, *, inside: str = "body") -> None:
        """Press the first button of this name, and wait for the page it leads to."""
        self._go(self.page.locator(inside).get_by_role("button", name=name, exact=True).first)

    def send(self, name: str) -> None:
        """Press the button of this name, which gives a file and leaves the page as it is."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str, *, inside: str = "body") -> None:
        """Follow the first link of this name, and wait for the page it leads to."""
        self._go(self.page.locator(inside).get_by_role("link", name=name).first)

    def _go(self, target: Locator) -> None:
        with self._arriving():
            target.click()

    def _arriving(self) -> AbstractContextManager[Any]:
        return self.page.expect_navigation(wait_until="load")

    def text(self, selector: str) -> str:
        """The words in a part of the page, white space folded."""
        return " ".join(self.page.locator(selector).inner_text().split())

    def texts(self, selector: str) -> list[str]:
        """The words in each such part of the page."""
        return [" ".join(words.split()) for words in self.page.locator(selector).all_inner_texts()]


class KeyboardVisitor(Visitor):
    """Somebody who has only a keyboard, and must always see where they are."""

    def write(self, label: str, text: str) -> None:
        """Go there with Tab and type; a moment is given as ``2026-11-30T17:05``."""
        field = self.page.get_by_label(label, exact=True)
        self._reach(field)
        if field.get_attribute("type") == "datetime-local":
            self._type_moment(datetime.fromisoformat(text))
            return
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(text)

    def _type_moment(self, moment: datetime) -> None:
        # Chromium in English asks for the parts in this order; a year may have more than four digits,
        # so it does not go on to the hour by itself.
        self.page.keyboard.type(f"{moment:%m%d%Y}")
        self.page.keyboard.press("ArrowRight")
        self.page.keyboard.type(f"{moment:%I%M%p}")

    def choose(self, label: str, option: str) -> None:
        """Go there with Tab and type the option's words."""
        self._reach(self.page.get_by_label(label, exact=True))
        self.page.keyboard.type(option)

    def tick(self, label: str) -> None:
        """Go to the group with Tab, then on with the arrow keys; where nothing is chosen yet, Tab leads
        to the first choice, and the space bar chooses it."""
        choice = self.page.get_by_label(label, exact=True)
        group = self.page.locator(f"input[type=radio][name='{choice.get_attribute('name')}']")
        chosen = group.and_(self.page.locator(":checked"))
        if chosen.count():
            self._reach(chosen)
        else:
            self._reach(group.first)
            self.page.keyboard.press("Space")
        for _ in range(MOST_STOPS):
            if choice.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrow keys do not lead to {label!r}")

    def send(self, name: str) -> None:
        """Go there with Tab and press it."""
        self._reach(self.page.get_by_role("button", name=name, exact=True))
        self.page.keyboard.press("Space")

    def _go(self, target: Locator) -> None:
        self._reach(target)
        is_link = target.evaluate("part => part.tagName === 'A'")
        with self._arriving():
            self.page.keyboard.press("Enter" if is_link else "Space")

    def _reach(self, target: Locator) -> None:
        passed = []
        for _ in range(MOST_STOPS):
            if target.evaluate("part => part === document.activeElement"):
                return
            passed.append(self.next_stop())
        raise AssertionError(f"Tab does not lead to {target}, only to {passed}")

    def next_stop(self) -> str:
        """Press Tab: the name of where that leads; empty behind the last stop.

        Raises:
            AssertionError: nobody could see that the keyboard is there.
        """
        self.page.keyboard.press("Tab")
        name: str = self.page.evaluate(_NAME)
        wrong = self.page.evaluate(_UNSEEN_FOCUS)
        assert wrong == "", f"{name!r} at {self.page.url} has the focus: {wrong}"
        return name

    def stops(self) -> list[str]:
        """The names of all stops of Tab on this page, in order, from where it is now."""
        names: list[str] = []
        while name := self.next_stop():
            names.append(name)
            assert len(names) < MOST_STOPS, names
        return names


OpenVisitor = Callable[[Site], Visitor]
Enter = Callable[[Person], Visitor]


def in_pairs() -> list[tuple[str, ...]]:
    """Ways through a journey, in half of all combinations: whichever two things one thinks of (how
    somebody moves, where an administrator works, which database) meet in one of them."""
    moving, places = ("javascript", "no-javascript", "keyboard"), ("page", "command")
    every = product(enumerate(moving), enumerate(places), enumerate(("sqlite", "postgresql")))
    return [tuple(name for _, name in one) for one in every if not sum(n for n, _ in one) % 2]


def sign_in(visitor: Visitor, email: str, password: str = PASSWORD) -> None:
    """Fill in the page to sign in, which is open."""
    visitor.write("E-mail address (required)", email)
    visitor.write("Password (required)", password)
    visitor.press("Sign in")


def link_in(letter: EmailMessage) -> str:
    """The last address that a letter names before its signature."""
    words = letter.get_content().partition("\n-- \n")[0]
    links: list[str] = re.findall(r"http://\S+", words)
    return links[-1]
