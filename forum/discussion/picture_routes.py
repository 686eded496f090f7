"""Pictures as they are served."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, send_file

from forum.discussion.picture_queries import pictures_open_to
from forum.errors import NotFound
from forum.files.storage import path_of
from forum.text.pictures import ADDRESS, picture_address
from forum.web.visit import current_actor

pages = Blueprint("pictures", __name__)

log = logging.getLogger("forum.files")

YEAR_SECONDS = 365 * 24 * 3600
# The address names the bytes. Only the reader's own browser keeps them: others may not see them.
FOREVER = f"private, max-age={YEAR_SECONDS}, immutable"
# Opened by itself, a picture may load nothing and run nothing, whatever a browser takes it for.
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@pages.get("/files/<name>")
def picture(name: str) -> Response:
    """A picture, for who may see a post that shows it; for others there is none."""
    asked = ADDRESS.fullmatch(f"/files/{name}")
    if asked is None:
        raise NotFound("")
    found = pictures_open_to(current_actor(), [asked["hash"]]).get(asked["hash"])
    if found is None or picture_address(found.hash, found.format) != asked[0]:
        raise NotFound("")
    try:
        answer = send_file(
            path_of(found.hash, found.format),
            mimetype=f"image/{found.format}",
            etag=found.hash,
            download_name=f"picture-{found.hash[:12]}.{found.format}",
        )
    except FileNotFoundError:
        log.error("the file of picture %s is missing", found.hash)
        raise NotFound("") from None
    # When somebody uploaded it is nobody's business.
    answer.headers.pop("Last-Modified", None)
    answer.headers["Cache-Control"] = FOREVER
    answer.headers["Content-Security-Policy"] = POLICY
    return answer
