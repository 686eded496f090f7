"""Archives that a seed makes up: whatever a forum may hold, in all scripts and at every limit."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from forum.admin.archive_fields import File
from forum.admin.archive_format import FILES
from forum.admin.archive_values import LARGEST, LARGEST_ID, moment_text
from forum.discussion.models import REMOVALS
from tests.admin.archives import Lines
from tests.admin.small_archive import png

# One range of letters for each of some scripts, signs that JSON or Markdown care about, and emoji.
_SCRIPTS = (
    (0x20, 0x7E), (0xA1, 0x17F), (0x391, 0x3C9), (0x410, 0x44F), (0x5D0, 0x5EA), (0x620, 0x64A),
    (0x905, 0x939), (0xE01, 0xE30), (0x3041, 0x3096), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3),
    (0x1F300, 0x1F5FF), (0x1F600, 0x1F64F), (0x20000, 0x2A6D6), (0xFFF00, 0xFFFFD), (0x22, 0x22),
    (0x5C, 0x5C), (0x300, 0x36F), (0x200C, 0x200D), (0xFE0F, 0xFE0F),
)  # fmt: skip
_MARKDOWN = (
    "# Title", "> quoted\n> again", "- one\n- two", "1. first", "```py\nx = '@ada'\n```", "*a* **b**",
    "| a | b |\n|---|:-:|\n| 1 | 2 |", "Text[^1]\n\n[^1]: Note", "[a link](https://a.example/?b=1&c)",
    "[t]{lang=fr}", "- [x] done", "@m1 and @m2, @nobody", "<script>alert(1)</script>", "a\\\nb", "---",
    "https://a.example", "~~gone~~",
)  # fmt: skip
_ZONES = sorted(available_timezones())


class Generated:
    """The lines and pictures of one archive."""

    def __init__(self, seed: int) -> None:
        self._random = random = Random(seed)
        self.lines: Lines = {file.name: [] for file in FILES}
        self.pictures: dict[str, bytes] = {}
        self._members = self._ids(1 + random.randrange(6))
        self._people()
        self._places()
        self._threads()
        self._measures()
        self._appeals()
        self._levels()
        self._log()
        for file in FILES:
            self.lines[file.name].sort(key=lambda line: _place(file, line))

    def _ids(self, count: int) -> list[int]:
        top = self._random.choice((count, 1000, LARGEST_ID))
        return sorted(self._random.sample(range(1, top + 1), count))

    def _text(self, most: int, *, least: int = 1) -> str:
        random = self._random
        length = random.choice((least, random.randint(least, most), min(most, 12), most))
        low, high = random.choice(_SCRIPTS)
        mixed = random.random() < 0.5
        signs = []
        for _ in range(length):
            if mixed:
                low, high = random.choice(_SCRIPTS)
            signs.append(chr(random.randint(low, high)))
        text = "".join(signs)
        return text if not text or text.strip() else "x" + text[1:]

    def _paragraphs(self, most: int) -> str:
        return "\n\n".join(self._text(most // 4, least=0) for _ in range(self._random.randrange(3)))

    def _at(self) -> str:
        random = self._random
        second = random.choice((0, 1_700_000_000, random.randrange(1_750_000_000)))
        fraction = random.choice((0, 1, 999_999, random.randrange(10**6)))
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second, microseconds=fraction)
        return moment_text(at)

    def _maybe(self, value: Any) -> Any:
        return value if self._random.random() < 0.5 else None

    def _somebody(self) -> int:
        return self._random.choice(self._members)

    def _people(self) -> None:
        random, lines = self._random, self.lines
        if random.random() < 0.9:
            lines["community"].append({
                "name": self._text(80), "for_whom": self._paragraphs(2000), "not_for_whom": "",
                "language": random.choice(("en", "de", "ar")), "zone": random.choice(_ZONES),
                "registration": random.choice(("open", "domain", "invitation")),
                "email_domains": "a.example b.example", "edit_minutes": self._maybe(LARGEST),
                "uuid": str(UUID(int=random.getrandbits(128))),
            })  # fmt: skip
        for name in ("contact", "feeds", "gone-since", "session_days"):
            if self._maybe(1):
                value = random.choice((None, True, False, 0, LARGEST, self._text(60, least=0)))
                lines["settings"].append({"name": name, "value": value})
        for n, member in enumerate(self._members):
            closed = self._maybe(self._at())
            email = None if closed else self._maybe(f"m{n}@{'ä' if n % 2 else 'a'}.example")
            email = email and email.replace("@ä.", "@xn--4ca.")
            lines["members"].append({
                "id": member, "name": self._text(60), "email": email,
                "handle": self._maybe(f"m{n}"), "pronouns": self._text(40, least=0),
                "unit": self._text(80, least=0), "employer": self._text(80, least=0),
                "about": self._paragraphs(1000), "zone": random.choice(_ZONES), "language": "en",
                "created_at": self._at(), "closed_at": closed,
                "unproven_at": closed,
            })  # fmt: skip
            lines["roles"] += [
                {"member": member, "role": role}
                for role in ("moderator", "admin")
                if self._maybe(1)
            ]
            lines["imported_authors"] += [
                {"site": self._text(99) + str(n), "external_id": self._text(100), "member": member}
                for _ in range(random.randrange(2))
            ]

    def _places(self) -> None:
        random, lines = self._random, self.lines
        for n, group in enumerate(self._ids(random.randrange(3))):
            lines["groups"].append({"id": group, "name": f"{n}{self._text(79)}"})
            chosen = random.sample(self._members, random.randrange(len(self._members) + 1))
            lines["group_members"] += [{"group": group, "member": m} for m in chosen]
        for n, category in enumerate(self._ids(1 + random.randrange(3))):
            lines["categories"].append({
                "id": category, "slug": f"{n}-{'z' * random.randrange(78)}", "title": self._text(80),
                "description": self._paragraphs(1000), "position": random.choice((0, -5, LARGEST)),
            })  # fmt: skip
        holders = [(role, None) for role in ("guest", "member", "moderator", "admin")]
        held = [*holders, *((None, group["id"]) for group in lines["groups"])]
        places = [None, *(category["id"] for category in lines["categories"])]
        lines["grants"] = [
            {"permission": name, "effect": effect, "role": role, "group": group, "category": place}
            for name in ("thread.see", "thread.reply", "some_plugin.brew")
            for effect in ("allow", "deny")
            for role, group in held
            for place in places
            if random.random() < 0.2
        ]  # fmt: skip

    def _threads(self) -> None:
        random = self._random
        threads = self._ids(random.randrange(5))
        wanted = {thread: random.choice((0, 1, 7)) for thread in threads}
        held = random.randrange(4) if threads else 0
        posts = self._ids(sum(wanted.values()) + held)
        shuffled = random.sample(posts, len(posts))
        given = iter(shuffled)
        for thread, count in wanted.items():
            self._thread(thread, count)
            for number, post in enumerate(islice(given, count), start=1):
                self._post(post, thread, number, count)
                # It stood behind the others once.
                if self._maybe(1):
                    self.lines["moved_numbers"].append({
                        "thread": thread, "number": count + number, "post": post,
                        "moved_at": self._at(), "is_line": False,
                    })  # fmt: skip
        for post in given:
            thread = random.choice(threads)
            self._post(post, thread, None, wanted[thread])

    def _thread(self, thread: int, count: int) -> None:
        random = self._random
        self.lines["threads"].append({
            "id": thread, "category": random.choice(self.lines["categories"])["id"],
            "title": self._text(160), "author": self._somebody(), "created_at": self._at(),
            "last_number": count, "last_posted_at": self._at() if count else None,
            "last_author": self._somebody() if count else None,
            "answer": self._maybe(count or None), "pinned_at": self._maybe(self._at()),
            "locked_at": self._maybe(self._at()), "locked_by": self._maybe(self._somebody()),
            "lock_reason": self._paragraphs(500), "locked_until": self._maybe(self._at()),
            "slow_minutes": self._maybe(random.randrange(1, 2**31)),
            "featured_at": self._maybe(self._at()), "removed_at": self._maybe(self._at()),
            "removed_by": self._maybe(self._somebody()), "removal_reason": self._paragraphs(500),
        })  # fmt: skip
        tags = {self._text(40) for _ in range(random.randrange(4))}
        self.lines["tags"] += [{"thread": thread, "tag": tag} for tag in tags]

    def _post(self, post: int, thread: int, number: int | None, last: int) -> None:
        random, before = self._random, last if number is None else number - 1
        removed = self._maybe(self._at())
        self.lines["posts"].append({
            "id": post, "thread": thread, "number": number, "author": self._somebody(),
            "in_reply_to": random.randint(1, before) if before and self._maybe(1) else None,
            "reply_thread": (other := self._maybe(thread)), "reply_number": other and 1,
            "kind": random.choice(("post", "comment")), "created_at": self._at(),
            "edited_at": self._maybe(self._at()), "removed_at": removed,
            "removed_by": self._maybe(self._somebody()),
            "removal": random.choice(REMOVALS if number else REMOVALS[:2]) if removed else None,
            "removal_reason": self._paragraphs(500), "label": self._maybe(self._text(100)),
        })  # fmt: skip
        for version in range(1, 2 + random.randrange(3)):
            self._version(post, version)
        if self._maybe(1):
            self.lines["imported_posts"].append({
                "post": post, "site": self._text(80), "external_id": f"{post}{self._text(20)}",
                "url": self._maybe("https://a.example/1") or "", "licence": self._text(80, least=0),
            })  # fmt: skip
        for kind in ("hold", "help"):
            self._case(post, kind)

    def _version(self, post: int, version: int) -> None:
        random = self._random
        emptied = self._at() if random.random() < 0.2 else None
        parts = [self._text(200), *random.sample(_MARKDOWN, 3)]
        if random.random() < 0.2:
            parts.append(f"![A {version}](/{self._picture()})")
        self.lines["revisions"].append({
            "post": post, "version": version, "source": "" if emptied else "\n\n".join(parts),
            "editor": self._somebody(), "created_at": self._at(), "emptied_at": emptied,
            "emptied_by": self._maybe(self._somebody()),
            "language": random.choice(["", "", "de", "zh-Hant-TW"]),
        })  # fmt: skip
        if emptied and f"![A {version}]" in parts[-1]:
            self.lines["revisions"][-1].update(source="\n\n".join(parts), emptied_at=None)
        for _ in range(random.randrange(3)):
            start = self._maybe(random.randrange(100))
            self.lines["findings"].append({
                "post": post, "version": version, "start": start,
                "end": None if start is None else start + 5, "rule": self._text(60),
                "severity": random.choice(("block", "hold", "warn", "hint")),
                "fingerprint": f"{random.randrange(2**64):016x}",
                "kept_at": self._maybe(self._at()), "kept_by": self._maybe(self._somebody()),
            })  # fmt: skip

    def _picture(self) -> str:
        size = (self._random.randint(1, 9), self._random.randint(1, 9))
        content = png(f"#{self._random.randrange(2**24):06x}", size=size)
        hash_ = hashlib.sha256(content).hexdigest()
        name = f"files/{hash_}.png"
        if name not in self.pictures:
            self.pictures[name] = content
            self.lines["pictures"].append({
                "hash": hash_, "format": "png", "width": size[0], "height": size[1],
                "size": len(content), "created_at": self._at(),
            })  # fmt: skip
            uploaders = self._random.sample(self._members, self._random.randrange(2))
            self.lines["uploads"] += [
                {"picture": hash_, "member": m, "created_at": self._at()} for m in uploaders
            ]
        return name

    def _case(self, post: int, kind: str) -> None:
        if self._random.random() < 0.7:
            return
        self.lines["cases"].append({
            "post": post, "kind": kind, "id": len(self.lines["cases"]) + 1,
            "reason": self._paragraphs(500), "opened_at": self._at(),
            "closed_at": self._maybe(self._at()), "closed_by": self._maybe(self._somebody()),
            "decision": self._maybe("published"), "decision_reason": self._paragraphs(500),
            "appeal_of": None, "needs_person": self._maybe("harm"),
        })  # fmt: skip
        for member in self._random.sample(self._members, self._random.randrange(2)):
            self.lines["flags"].append({
                "case": len(self.lines["cases"]), "member": member,
                "id": len(self.lines["flags"]) + 1, "words": self._paragraphs(500),
                "flagged_at": self._at(), "withdrawn_at": self._maybe(self._at()),
            })  # fmt: skip
            self.lines["case_notes"].append({
                "id": len(self.lines["case_notes"]) + 1, "case": len(self.lines["cases"]),
                "member": self._maybe(member), "written_at": self._at(),
                "words": self._paragraphs(500),
            })  # fmt: skip

    def _levels(self) -> None:
        random = self._random
        levels = [line["id"] for line in self.lines["groups"]][:1]
        self.lines["trust_levels"] = [
            {
                "group": level, "position": random.randint(-LARGEST, LARGEST),
                **{name: random.choice((0, 7, LARGEST)) for name in ("days", "posts", "answers")},
                "most_removed": random.choice((0, LARGEST)),
            }
            for level in levels
        ]  # fmt: skip
        self.lines["trust_steps"] = [
            {
                "id": number, "member": self._somebody(), "level": random.choice(levels),
                "is_reached": random.random() < 0.5, "because": random.choice(("", "removed barred")),
                "at": self._at(), "seen_at": self._maybe(self._at()),
            }
            for number in self._ids(random.randrange(1, 4))
            if levels
        ]  # fmt: skip

    def _measures(self) -> None:
        lines = self.lines["measures"]
        for number in self._ids(self._random.randrange(1, 4)):
            kind = self._random.choice(("note", "warning", "mute", "suspension"))
            later = moment_text(datetime(2999, 12, 31, tzinfo=UTC))
            end = later if kind == "mute" else None
            lines.append({
                "id": number, "member": self._somebody(), "kind": kind,
                "reason": self._paragraphs(500), "placed_at": self._at(),
                "placed_by": self._maybe(self._somebody()),
                "until": end, "lifted_at": self._maybe(self._at()),
                "lifted_by": self._maybe(self._somebody()), "seen_at": self._maybe(self._at()),
            })  # fmt: skip

    def _appeals(self) -> None:
        for line in [line for line in self.lines["measures"] if line["kind"] != "note"]:
            closed = self._maybe(self._at())
            self.lines["measure_appeals"].append({
                "id": line["id"] + 1, "measure": line["id"], "kind": line["kind"],
                "member": line["member"], "reason": self._paragraphs(500),
                "opened_at": self._at(), "closed_at": closed,
                "closed_by": self._maybe(self._somebody()),
                "decision": closed and self._random.choice(("upheld", "overturned")),
                "decision_reason": self._paragraphs(500), "seen_at": self._maybe(self._at()),
            })  # fmt: skip

    def _log(self) -> None:
        random, lines = self._random, self.lines
        for entry in self._ids(random.randrange(6)):
            before = [line["id"] for line in lines["moderation_log"]]
            undone = {line["undo_of"] for line in lines["moderation_log"]}
            free = [n for n in before if n not in undone]
            lines["moderation_log"].append({
                "id": entry, "at": self._at(), "actor": self._maybe(self._somebody()),
                "kind": random.choice(("thread.lock", "plugin.of_tomorrow")), "steps": 1,
                "thread": self._maybe(entry), "post": self._maybe(entry), "case": self._maybe(1),
                "member": self._maybe(LARGEST_ID),
                "undo_of": random.choice(free) if free and self._maybe(1) else None,
            })  # fmt: skip
            if self._maybe(1):
                lines["moderation_log_reasons"].append({
                    "entry": entry, "words": self._paragraphs(500),
                    "member": self._maybe(self._somebody()),
                })  # fmt: skip
            for _ in range(random.randrange(3)):
                values = {"title": self._text(80), "at": self._maybe(1), "tags": [self._text(9)]}
                lines["moderation_log_steps"].append({
                    "id": len(lines["moderation_log_steps"]) + 1, "entry": entry,
                    "relation": "threads", "row": random.choice((f"{entry}", f"{entry}-20-3")),
                    "after": "{}",
                    "before": json.dumps(values, ensure_ascii=False),
                    "member": self._maybe(self._somebody()),
                })  # fmt: skip


def _place(file: File, line: dict[str, Any]) -> tuple[Any, ...]:
    # Nothing before everything: this sorts the same, but is not how the forum sorts.
    return tuple(
        (value is not None, value) if value is not None else (False,)
        for value in (line[field.name] for field in file.ordered_by)
    )
