"""Django inside a benchmark: the product's settings on a PostgreSQL and a Valkey of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from devstack.embedded import StackEnvironment

ROOT = Path(__file__).resolve().parents[1]


@contextlib.contextmanager
def database(*, owner: bool = False) -> Iterator[dict[str, str]]:
    """Start PostgreSQL (durable, as in production) and Valkey, prepare the database, set Django up.

    ``owner`` gives this process the provisioner's login. Yields the environment of the product's processes.
    """
    from devstack import embedded

    with embedded.running(parts={"postgres", "valkey"}, fsync=True) as env:
        os.environ.update(env)
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
        owned = {**os.environ, **env.owner}
        subprocess.run(
            [sys.executable, "manage.py", "prepare_database", "--verbosity=0"], cwd=ROOT, env=owned, check=True
        )
        if owner:
            os.environ.update(env.owner)
        import django

        django.setup()
        yield dict(env) | dict(env.owner)


def join(env: StackEnvironment) -> dict[str, str]:
    """Set Django up for a stack that runs; return the environment of the product's processes, the owner's with it."""
    os.environ.update(env)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django

    django.setup()
    return dict(env) | dict(env.owner)


def organization(environment: dict[str, str], slug: str) -> str:
    """Sign an organization up and provision it in a process of the provisioner; return its id."""
    return organizations(environment, [slug])[0]


def organizations(environment: dict[str, str], slugs: Sequence[str]) -> list[str]:
    """The same for several, in one process; their owners are ``owner@<slug>.example``."""
    words = [word for slug in slugs for word in (slug, slug.title(), f"owner@{slug}.example", "Olga Owner")]
    made = subprocess.run(
        [sys.executable, "-m", "tests.support.organizations", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return made.stdout.split()[-len(slugs) :]


def backend_pid(alias: str = "default") -> int:
    """Return the process id of the PostgreSQL backend behind a connection; something must be bound."""
    from django.db import connections

    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
