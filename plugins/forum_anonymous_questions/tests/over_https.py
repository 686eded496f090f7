"""Asking behind nginx, over HTTPS: what the tests of it share."""

from __future__ import annotations

from forum.testing.browser import OpenPage
from forum.testing.factories import Person
from tests.browser.visitors import KeyboardVisitor, Visitor, sign_in

TITLE = "Why do my glazes crawl?"
TEXT = "They crawl at the rim whenever the clay is damp. What helps?"


def entered(address: str, open_page: OpenPage, way: str, person: Person | None = None) -> Visitor:
    """Somebody at a browser of their own, signed in if they are a member."""
    page = open_page(address, java_script_enabled=way == "keyboard", ignore_https_errors=True)
    visitor = KeyboardVisitor(page) if way == "keyboard" else Visitor(page)
    if person is not None:
        visitor.open("/sign-in")
        sign_in(visitor, person.email)
    return visitor


def asked(visitor: Visitor) -> str:
    """Ask a question: its claim code."""
    visitor.follow("Ask anonymously", inside=".bar")
    visitor.follow("Write a question")
    visitor.write("Title", TITLE)
    visitor.choose("Category", "Glazes")
    visitor.write("Text", TEXT)
    visitor.press("Preview")
    assert TEXT in visitor.text("#preview")
    visitor.press("Send it sealed")
    return visitor.page.get_by_label("Your claim code").input_value().strip()


def opened(visitor: Visitor, code: str) -> None:
    """Enter the claim code."""
    visitor.open("/ask/claim")
    visitor.write("Claim code", code)
    visitor.press("Open the question")
    assert visitor.text("h1") == TITLE
