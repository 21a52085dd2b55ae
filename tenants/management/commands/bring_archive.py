"""Take an archive in from a file, unread: a restore verifies it before it believes a byte of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

import tenancy
from core.errors import DomainError
from tenants.archive import services


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", type=UUID, required=True)
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with tenancy.platform():
                job = services.bring(options["organization"], options["file"])
        except (DomainError, OSError) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{job.id}: {job.size_bytes} bytes, kept until {job.expires_at:%Y-%m-%d}")
