"""Imports every model of the core, so that the metadata is whole for migrations and mappers."""

from forum.accounts import models as accounts
from forum.categories import models as categories
from forum.community import models as community
from forum.discussion import models as discussion
from forum.files import models as files
from forum.jobs import models as jobs
from forum.moderation import models as moderation
from forum.notifications import models as notifications
from forum.plugin_host import models as plugin_host
from forum.record import models as record

__all__ = [
    "accounts",
    "categories",
    "community",
    "discussion",
    "files",
    "jobs",
    "moderation",
    "notifications",
    "plugin_host",
    "record",
]
