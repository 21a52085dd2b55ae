"""The stage of the walk: acme's world built by its people, globex made its poisoned twin, both signed in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

import tenancy
from billing.meters import DELIVERED_BYTES
from billing.usage import days
from core.clock import now
from tests.isolation import database, traffic, twin
from tests.isolation.routes import api_routes
from tests.isolation.samples import ROLES, World, all_samples
from tests.isolation.walk import Report, Stage
from tests.support import plugin
from tests.support.names import name_server
from tests.support.stripe_server import StripeServer

_FRONTEND = {
    "src/theme/scheme-boot.ts": {"file": "assets/scheme.js"},
    **{f"{name}.html": {"file": f"assets/{name}.js", "css": []} for name in ("site", "learn", "studio", "staff")},
}


@dataclass
class Tally:
    """What the run prints at its end."""

    report: Report = field(default_factory=Report)
    mutants: list[str] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    counted = Tally()
    yield counted
    line = {
        "routes": len(counted.report.routes),
        "roles": len(counted.report.roles),
        "checks": counted.report.checks,
        "leaks": len(counted.report.findings),
        "mutants": len(counted.mutants),
        "caught": len(counted.mutants) - len(counted.survivors),
        "survivors": counted.survivors,
    }
    plugin.say(request.config, json.dumps(line))


@pytest.fixture(scope="package")  # no longer: whatever runs after these tests works on the run's own database
def stage(world: Any, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Build A's things through the product, copy A to B, and sign both casts in."""
    a, b = world.organizations["acme"], world.organizations["globex"]
    cast = {person.role: person.id for person in reversed(world.people.values()) if person.organization.id == a.id}
    dist, frontend, names = tmp_path_factory.mktemp("dist"), settings.FRONTEND_DIST, settings.DNS_SERVER
    _write_manifest(dist)
    # A name server that answers: thousands of requests would else wait for one that does not.
    with django_db_blocker.unblock(), database.copied(), name_server() as (address, _), StripeServer() as stripe:
        settings.FRONTEND_DIST, settings.DNS_SERVER = dist, address
        paying = (settings.STRIPE_SECRET_KEY, settings.STRIPE_API_URL, settings.STRIPE_WEBHOOK_SECRET)
        settings.STRIPE_SECRET_KEY, settings.STRIPE_API_URL = stripe.secret_key, stripe.url
        settings.STRIPE_WEBHOOK_SECRET = stripe.webhook_secret
        try:
            yield _set(a, b, {role: cast[role] for role in ROLES})
        finally:
            settings.FRONTEND_DIST, settings.DNS_SERVER = frontend, names
            settings.STRIPE_SECRET_KEY, settings.STRIPE_API_URL, settings.STRIPE_WEBHOOK_SECRET = paying
            traffic.store().flushdb()


def _set(a: Any, b: Any, cast: dict[str, Any]) -> Stage:
    traffic.store().flushdb()
    ours = traffic.Traffic(a, cast, other=b)
    ours.sign_in()
    built = World(a, cast, ours.direct)
    factories = all_samples()
    samples = {route.name: factories[route.name](built) for route in api_routes() if route.name in factories}
    support, support_over = built["support_open"]["token"], built["support_over"]["token"]
    with tenancy.platform(), transaction.atomic():  # watched films are counted by the front door, which is not here
        days.add({days.Day(a.id, DELIVERED_BYTES, now().date(), None): 1_000})
    traffic.keep_cache()
    copy = twin.make(a, b, secrets=built.secrets)
    theirs = traffic.Traffic(b, cast, other=a)
    theirs.sign_in()
    ours.sign_staff_in()
    ours.watch_other()
    return Stage(copy, ours, theirs, samples, built.secrets, support, support_over)


def _write_manifest(folder: Path) -> None:
    (folder / ".vite").mkdir()
    (folder / ".vite" / "manifest.json").write_text(json.dumps(_FRONTEND))
