"""What tests look at: what a page shows, and everything that the database holds."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from forum.db import Base, db


def page_of(answer: TestResponse) -> BeautifulSoup:
    """The page as a parser sees it."""
    return BeautifulSoup(answer.text, "html.parser")


def words_of(answer: TestResponse, selector: str) -> list[str]:
    """The words of each element that fits, white space folded."""
    return [" ".join(found.get_text().split()) for found in page_of(answer).select(selector)]


def links_of(answer: TestResponse, selector: str) -> list[str]:
    """Where the links lead."""
    return [str(link["href"]) for link in page_of(answer).select(selector)]


def text_given_back(answer: TestResponse) -> str | None:
    """What stands in the page's large text field, or ``None`` when there is none."""
    for name in ("source", "kept-2", "kept-1"):
        field = page_of(answer).select_one(f"textarea#{name}")
        if field is not None:
            return field.get_text().removeprefix("\n")
    return None


def form_of(answer: TestResponse, selector: str = "main form[method=post]") -> Tag:
    """The page's form."""
    found = page_of(answer).select_one(selector)
    assert found is not None, answer.text
    return found


def everything(app: Flask, *, less: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, ``less`` some tables."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in less]
    with app.app_context():
        return {
            table.name: sorted((tuple(row) for row in db.session.execute(select(table))), key=repr)
            for table in tables
        }
