"""Ask CloudFront what only CloudFront can answer, and print a line each. Exit 1 where something is missing.

Nothing is changed, unless ``--try`` says so: then a public key and a key group are made and deleted again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

import tenancy
from core.ids import new_id
from media import keys
from media.aws.cloudfront import control_plane
from media.edge import behaviours, naming, quotas
from media.edge.plane import Refused
from media.edge.registry import CLOUDFRONT
from media.models import EdgeBinding


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--try", action="store_true", dest="try_it", help="make a key and a group and delete them")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MEDIA_EDGE != CLOUDFRONT:
            raise CommandError("CloudFront serves nothing here: LMS_MEDIA_EDGE is not cloudfront.")
        self.plane, self.failed = control_plane(), 0
        self.stdout.write(f"CloudFront {settings.AWS_ENDPOINT_URL or 'itself'}, cell {settings.CELL}")
        with tenancy.platform():
            self._line("quotas", self._quotas)
            for pool in settings.CLOUDFRONT_POOLS:
                self._line(f"shared distribution {pool}", lambda pool=pool: self._distribution(pool))  # type: ignore[misc]
            if settings.CLOUDFRONT_TEMPLATE:
                self._line(f"template {settings.CLOUDFRONT_TEMPLATE}", self._template)
                self._line("the function's store", lambda: f"{len(self.plane.values())} keys")
            self._line("organizations", self._organizations)
            if options["try_it"]:
                self._line("a key and a group", self._round_trip)
        if self.failed:
            sys.exit(1)

    def _line(self, what: str, look: Callable[[], str]) -> None:
        try:
            found, is_well = look(), True
        except (Refused, behaviours.Misconfigured, LookupError) as refused:
            found, is_well = str(refused), False
        self.failed += not is_well
        self.stdout.write(f"{'ok  ' if is_well else 'FAIL'} {what}: {found}")

    def _quotas(self) -> str:
        """Return what the account may have. What Service Quotas does not list is taken from the guide's page."""
        said = self.plane.quotas()
        limits = {**quotas.DEFAULTS, **said}
        used = {quotas.PUBLIC_KEYS: len(self.plane.public_keys()), quotas.KEY_GROUPS: len(self.plane.key_groups())}
        for name, most in limits.items():
            source = "as AWS says" if name in said else "the guide's default: AWS does not list it"
            self.stdout.write(f"     {used[name]} of {most} " if name in used else f"     {most} ", ending="")
            self.stdout.write(f"{quotas.WORDS[name]} ({source})")
        room = min(
            quotas.room(limits, used, quotas.PUBLIC_KEYS) // quotas.KEYS_EACH,
            quotas.room(limits, used, quotas.KEY_GROUPS),
        )
        low = quotas.nearly(limits, used)
        if low:
            raise LookupError(f"ask AWS for more: {'; '.join(low)}. There is room for {room} organizations")
        return f"room for {room} more organizations on shared distributions"

    def _distribution(self, distribution: str, *, template: bool = False) -> str:
        found = self.plane.distribution(distribution)
        behaviours.check(found.config, settings.CLOUDFRONT_ORIGIN_MEDIA, template=template)
        origins = {one["Id"] for one in behaviours.items(found.config["Origins"])}
        if settings.CLOUDFRONT_ORIGIN_APP not in origins:
            raise LookupError(f"there is no origin {settings.CLOUDFRONT_ORIGIN_APP}")
        in_the_clear = behaviours.in_the_clear(found.config)
        if in_the_clear:
            raise LookupError(f"answers {', '.join(in_the_clear)} without TLS: docs/operations/media-edge.md")
        there = behaviours.organizations(found.config)
        strangers = there.keys() - set(EdgeBinding.objects.values_list("organization_id", flat=True))
        if strangers:
            self.stdout.write(f"     {len(strangers)} behaviours of organizations that this cell does not know")
        state = "deployed" if found.is_deployed else "being deployed"
        return f"{state}, {len(there)} organizations, {len(behaviours.aliases(found.config))} names"

    def _template(self) -> str:
        tenants = self.plane.tenants(settings.CLOUDFRONT_TEMPLATE)
        off = [f"{one.name}: {name}" for one in tenants for name, served in one.domains.items() if not served]
        for one in off:
            self.stdout.write(f"     not served yet (its certificate, or its DNS): {one}")
        return f"{self._distribution(settings.CLOUDFRONT_TEMPLATE, template=True)}, {len(tenants)} distribution tenants"

    def _organizations(self) -> str:
        rows = EdgeBinding.objects.all()
        troubled = rows.exclude(problem="")
        for one in troubled[:20]:
            self.stdout.write(f"     {one.organization_id}: {one.problem}")
        if troubled.exists():
            raise LookupError(f"{troubled.count()} of {rows.count()} are not as they should be")
        return f"{rows.filter(state=EdgeBinding.State.DEPLOYED).count()} of {rows.count()} are served"

    def _round_trip(self) -> str:
        key = keys.new_key(new_id())
        name = f"{naming.prefix(settings.CELL)}check-{key.kid}"
        begun = time.monotonic()
        key_id = self.plane.create_public_key(name, key.public_pem)
        try:
            group = self.plane.create_key_group(name, [key_id])
            self.plane.delete_key_group(group.id)
        finally:
            self.plane.delete_public_key(key_id)
        return f"made and deleted in {time.monotonic() - begun:.1f} s"
