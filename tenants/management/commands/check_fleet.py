"""Compare every organization's schema with what the template of its release makes; exit status 1 where one differs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenants.fleet import drift


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.OWNER_DATABASE_URL:
            raise CommandError("Set LMS_OWNER_DATABASE_URL: only the login that owns the schemas sees all of them.")
        found = drift.check()
        for organization_id, lines in found.drifted.items():
            self.stdout.write(f"{organization_id} (release {found.releases[organization_id]})")
            for line in lines:
                self.stdout.write(f"  {line}")
        words = f"{found.checked} checked in {found.duration_ms / 1000:.1f} s"
        if found.unknown:
            words += f", {found.unknown} on a release that this code does not hold"
        if found.drifted:
            raise CommandError(f"{words}; {len(found.drifted)} differ from their template.")
        self.stdout.write(f"{words}; all are what their template makes.")
