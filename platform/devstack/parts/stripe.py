"""The local Stripe: where plans are bought while no real money is meant."""

from __future__ import annotations

import sys

from devstack import environment, ports
from devstack.credentials import Credentials
from devstack.part import Part
from devstack.settings import Settings


def part(settings: Settings, credentials: Credentials) -> Part:
    """API, pages and deliveries in one process. It knows its own key and the secret it signs with, nothing else."""
    port = settings.ports["stripe"]
    return Part(
        name="stripe",
        title="Local Stripe",
        argv=(sys.executable, "-m", "devstack.stripe"),
        env={
            **environment.for_python(),
            **environment.places(settings),
            **environment.stripe(settings, credentials),
        },
        port=port,
        port_setting="LMS_STRIPE_PORT",
        probe=lambda pid: ports.answers_http(port, "/local/health", "127.0.0.1"),
    )
