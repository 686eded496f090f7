"""The page of roles: what each may do, and who has them."""

from __future__ import annotations

from flask import Blueprint, render_template

from forum.accounts.member_queries import holders_of_roles
from forum.admin.people_queries import ROLES
from forum.admin.role_queries import permission_rows
from forum.permissions import require
from forum.web.forms import Answer
from forum.web.visit import current_actor

pages = Blueprint("admin_roles", __name__, url_prefix="/admin/roles")


@pages.get("")
def roles() -> Answer:
    """What each role may do, and who is moderator or administrator."""
    require(current_actor(), "community.manage")
    return render_template(
        "admin/roles.html", permissions=permission_rows(), roles=ROLES, holders=holders_of_roles()
    )
