"""The object store and the edge verifier: small servers of our own, each with no more rights than it needs."""

from __future__ import annotations

import sys

from devstack import environment
from devstack.credentials import Credentials
from devstack.part import Part
from devstack.settings import Settings


def s3(settings: Settings, credentials: Credentials) -> Part:
    """The object store. It knows its own keys and nothing of the database."""
    return Part(
        name="s3",
        title="Object store (S3)",
        argv=(sys.executable, "-m", "devstack.s3"),
        env={
            **environment.for_python(),
            **environment.places(settings),
            "LMS_S3_URL": environment.s3_url(settings, credentials),
        },
        port=settings.ports["s3"],
        port_setting="LMS_S3_PORT",
    )


def edge(settings: Settings, credentials: Credentials) -> Part:
    """The verifier behind the front door. Its login reads key groups; a store elsewhere it may sign for."""
    return Part(
        name="edge",
        title="Edge verifier",
        argv=(sys.executable, "-m", "devstack.edge"),
        env={
            **environment.for_python(),
            **environment.places(settings),
            **environment.edge(settings, credentials),
        },
        after=("schema",),
        port=settings.ports["edge"],
        port_setting="LMS_EDGE_PORT",
    )
