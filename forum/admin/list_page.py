"""The one page on which administrators see a list, search it and take it away as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from flask import Response, render_template, request, stream_with_context

from forum.admin.listing import (
    LONGEST_SEARCH,
    MOST_COUNTED,
    Listing,
    Wanted,
    all_rows,
    as_csv,
    as_json_lines,
    page_of,
)
from forum.errors import NotFound
from forum.web.addresses import number_from
from forum.web.forms import Answer

# Without it Excel reads a CSV file in the code page of its machine.
BYTE_ORDER_MARK = "\ufeff"


def answer_list(listing: Listing, links: Sequence[tuple[str, str]] = ()) -> Answer | Response:
    """The page, or with ``?as=csv`` or ``?as=jsonl`` all that was searched as a file.

    Ask for the permission first. ``links`` are further ways: (label, address).
    """
    wanted = _wanted(listing)
    kind = request.args.get("as", "")
    if kind:
        return _file(listing, wanted, kind)
    after, before = request.args.get("after"), request.args.get("before")
    found = page_of(
        listing,
        wanted,
        after=None if after is None else number_from(after, default=1),
        before=None if before is None else number_from(before, default=1),
    )
    return render_template(
        "admin/list.html",
        listing=listing,
        links=links,
        wanted=wanted,
        found=found,
        most_counted=MOST_COUNTED,
        longest_search=LONGEST_SEARCH,
        is_narrowed=bool(_query(wanted)),
        older=found.older and _address(wanted, after=found.older),
        newer=found.newer and _address(wanted, before=found.newer),
        csv=_address(wanted, **{"as": "csv"}),
        jsonl=_address(wanted, **{"as": "jsonl"}),
    )


def _wanted(listing: Listing) -> Wanted:
    chosen = {one.name: request.args.get(one.name, "") for one in listing.filters}
    return Wanted(request.args.get("search", "").strip(), chosen)


def _query(wanted: Wanted) -> dict[str, str]:
    return {
        name: word for name, word in {"search": wanted.search, **wanted.filters}.items() if word
    }


def _address(wanted: Wanted, **more: str | int) -> str:
    return f"{request.path}?{urlencode({**_query(wanted), **more})}"


def _file(listing: Listing, wanted: Wanted, kind: str) -> Response:
    rows = all_rows(listing, wanted)
    if kind == "csv":
        lines, media = _marked(as_csv(listing, rows)), "text/csv; charset=utf-8"
    elif kind == "jsonl":
        lines, media = as_json_lines(listing, rows), "application/jsonl; charset=utf-8"
    else:
        raise NotFound("")
    answer = Response(stream_with_context(lines), content_type=media)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{listing.name}.{kind}")
    return answer


def _marked(lines: Iterator[str]) -> Iterator[str]:
    yield BYTE_ORDER_MARK
    yield from lines
