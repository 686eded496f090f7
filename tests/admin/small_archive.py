"""A small archive that has a line in every file, written by hand."""

from __future__ import annotations

import hashlib
from io import BytesIO

from PIL import Image

from tests.admin.archives import Lines, written

AT = "2026-02-01T10:00:00.000000Z"
NOBODY = {"pronouns": "", "unit": "", "employer": "", "about": "", "zone": "UTC", "language": "en"}
CURATED = {"removed_at": None, "removed_by": None, "removal_reason": ""}
UNLOCKED = {
    "pinned_at": None, "locked_at": None, "locked_by": None, "lock_reason": "",
    "locked_until": "2999-01-31T17:00:00.000000Z", "slow_minutes": 10, "featured_at": None,
}  # fmt: skip


def png(colour: str = "teal", *, size: tuple[int, int] = (3, 2)) -> bytes:
    """A small picture."""
    target = BytesIO()
    Image.new("RGB", size, colour).save(target, "PNG")
    return target.getvalue()


PNG = png()
HASH = hashlib.sha256(PNG).hexdigest()
PICTURE = f"files/{HASH}.png"


def small_lines() -> Lines:
    """The lines, new each time."""
    person = {**NOBODY, "created_at": AT, "closed_at": None, "unproven_at": None}
    post = {
        **CURATED, "thread": 9, "author": 3, "in_reply_to": None, "kind": "post",
        "reply_thread": None, "reply_number": None,
        "created_at": AT, "edited_at": None, "removal": None, "label": None,
    }  # fmt: skip
    thread = {
        **CURATED, **UNLOCKED, "id": 9, "category": 2, "title": "Crackle", "author": 3,
        "created_at": AT, "last_number": 2, "last_posted_at": AT, "last_author": 4, "answer": 2,
    }  # fmt: skip
    revision = {
        "version": 1, "editor": 3, "created_at": AT, "emptied_at": None, "emptied_by": None,
        "language": "",
    }  # fmt: skip
    deed = {
        "at": AT, "kind": "thread.file", "thread": 9, "post": None, "member": 3, "case": None,
    }  # fmt: skip
    step = {"relation": "threads", "row": "9", "member": 3}
    return {
        "community": [{
            "name": "Potters", "for_whom": "Us", "not_for_whom": "", "language": "en",
            "zone": "Europe/Berlin", "registration": "open", "email_domains": "",
            "edit_minutes": None, "uuid": "3f0f6b1e-0e7c-4d3a-9a55-6e1f0c0a7b42",
        }],
        "settings": [{"name": "feeds", "value": False}, {"name": "session_days", "value": 7}],
        "groups": [{"id": 1, "name": "Masters"}],
        "categories": [
            {"id": 2, "slug": "glazes", "title": "Glazes", "description": "", "position": 0}
        ],
        "members": [
            {**person, "id": 3, "name": "Ada", "email": "ada@example.org", "handle": "ada"},
            {**person, "id": 4, "name": "Bo", "email": None, "handle": None},
        ],
        "roles": [{"member": 3, "role": "admin"}],
        "group_members": [{"group": 1, "member": 3}],
        "imported_authors": [{"site": "pots", "external_id": "u4", "member": 4}],
        "grants": [
            {"permission": "thread.see", "effect": "allow", "role": "guest", "group": None,
             "category": 2},
            {"permission": "thread.see", "effect": "deny", "role": None, "group": 1,
             "category": None},
        ],
        "pictures": [
            {"hash": HASH, "format": "png", "width": 3, "height": 2, "size": len(PNG),
             "created_at": AT}
        ],
        "uploads": [{"picture": HASH, "member": 3, "created_at": AT}],
        "threads": [thread],
        "tags": [{"thread": 9, "tag": "cone-6"}],
        "posts": [
            {**post, "id": 20, "number": 1},
            {**post, "id": 21, "number": 2, "author": 4, "in_reply_to": 1},
            {**post, "id": 22, "number": None},
        ],
        "revisions": [
            {**revision, "post": 20, "source": f"Look: ![Teal](/files/{HASH}.png)"},
            {**revision, "post": 20, "version": 2, "source": "Look: [here](https://a.example)"},
            {**revision, "post": 21, "source": "Slowly, @ada.", "editor": 4},
            {**revision, "post": 22, "source": "Held"},
        ],
        "findings": [{
            "post": 20, "version": 2, "start": 6, "end": 31, "rule": "link-vague",
            "severity": "warn", "fingerprint": "0123456789abcdef",
            "kept_at": AT, "kept_by": 4,
        }],
        "imported_posts": [{
            "post": 21, "site": "pots", "external_id": "p1", "url": "https://pots.example/1",
            "licence": "CC-BY-SA-3.0",
        }],
        "cases": [{
            "post": 22, "kind": "hold", "id": 30, "reason": "It sells.", "opened_at": AT,
            "closed_at": None, "closed_by": None, "decision": None, "decision_reason": "",
            "appeal_of": None, "needs_person": "harm",
        }],
        "flags": [{
            "case": 30, "member": 4, "id": 60, "words": "Sells.", "flagged_at": AT,
            "withdrawn_at": None,
        }],
        "case_notes": [{
            "id": 70, "case": 30, "member": 3, "written_at": AT, "words": "Again.",
        }],
        "measures": [{
            "id": 35, "member": 4, "kind": "mute", "reason": "Loud.", "placed_at": AT,
            "placed_by": 3, "until": "2999-12-31T00:00:00.000000Z", "lifted_at": None,
            "lifted_by": None, "seen_at": None,
        }],
        "measure_appeals": [{
            "id": 37, "measure": 35, "kind": "mute", "member": 4, "reason": "I was not loud.",
            "opened_at": AT, "closed_at": AT, "closed_by": 3, "decision": "upheld",
            "decision_reason": "You were.", "seen_at": None,
        }],
        "trust_levels": [{
            "group": 1, "position": 1, "days": 30, "posts": 10, "answers": 2, "most_removed": 1,
        }],
        "trust_steps": [{
            "id": 36, "member": 4, "level": 1, "is_reached": False, "because": "posts barred",
            "at": AT, "seen_at": None,
        }],
        "moved_numbers": [
            {"thread": 9, "number": 5, "post": 20, "moved_at": AT, "is_line": False},
        ],
        "moderation_log": [
            {**deed, "id": 40, "actor": 3, "steps": 1, "undo_of": None},
            {**deed, "id": 41, "actor": None, "steps": 1, "undo_of": 40},
        ],
        "moderation_log_reasons": [{"entry": 40, "words": "Settled.", "member": 3}],
        "moderation_log_steps": [
            {**step, "id": 50, "entry": 40, "before": '{"title": "A"}', "after": '{"title": "B"}'},
            {**step, "id": 51, "entry": 41, "before": '{"title": "B"}', "after": '{"title": "A"}'},
        ],
    }  # fmt: skip


def small_archive() -> bytes:
    """These lines and their picture."""
    return written(small_lines(), {PICTURE: PNG})
