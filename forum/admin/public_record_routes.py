"""What moderators do, for everybody, where the community has decided so."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext

from forum.admin.public_record_queries import ROWS_A_PAGE, public_deeds
from forum.community.setting_queries import value_of
from forum.errors import NotFound
from forum.record.settings import PUBLIC_LOG
from forum.web.addresses import number_from
from forum.web.forms import Answer

pages = Blueprint("public_record", __name__)
ADDRESS = "/about/moderation"


@pages.get(ADDRESS)
def listed() -> Answer:
    """Day, kind and category of each deed."""
    if not value_of(PUBLIC_LOG):
        raise NotFound(gettext("This community does not show what its moderators do."))
    word = request.args.get("before")
    found = public_deeds(None if word is None else number_from(word, default=1))
    shown = found[:ROWS_A_PAGE]
    return render_template(
        "admin/public_record.html",
        deeds=shown,
        is_first=word is None,
        older=f"{ADDRESS}?before={shown[-1].id}" if len(found) > ROWS_A_PAGE else None,
        newest=ADDRESS,
    )
