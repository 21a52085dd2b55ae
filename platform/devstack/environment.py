"""The environment of the product's processes: every address and secret, and the owner's login only where it belongs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from devstack import ports
from devstack.credentials import Credentials
from devstack.parts import postgres, valkey
from devstack.settings import EXTERNAL, PORTS, Settings

BUCKET = "lms-media"
REQUEST_ID_HEADER = "X-Request-Id"
"""In which the front door numbers each request: the web server and our log lines say the same number."""
REGION = "us-east-1"


def places(settings: Settings) -> dict[str, str]:
    """Hosts, ports and the data dir: no secret among them, so every part of ours may have it."""
    return {
        "LMS_EMBEDDED": "1",
        "LMS_DATA_DIR": str(settings.data_dir),
        "LMS_PUBLIC_SCHEME": settings.public_scheme,
        "LMS_SITE_HOST": settings.site_host,
        "LMS_TENANT_SUFFIX": settings.tenant_suffix,
        "LMS_STAFF_HOST": settings.staff_host,
        "LMS_CONTENT_SUFFIX": settings.content_suffix,
        **{PORTS[name][0]: str(port) for name, port in settings.ports.items()},
    }


# Who may build schemas in other cells is whoever may build them here.
_CELLS = ("LMS_CELL_DATABASES", "LMS_CELL_DATABASES_FILE")
_OWNERS_ONLY = ("LMS_OWNER_DATABASE_URL", *_CELLS)


def product(settings: Settings, credentials: Credentials) -> dict[str, str]:
    """What web, workers, dispatcher and commands get: the login that may create nothing."""
    return {
        **places(settings),
        "LMS_DATABASE_URL": database_url(settings, "lms_app", credentials.pg_app),
        "LMS_REDIS_URL": settings.external.get("LMS_REDIS_URL") or valkey.url(settings, credentials),
        "LMS_S3_URL": settings.external.get("LMS_S3_URL") or s3_url(settings, credentials),
        "LMS_S3_PUBLIC_URL": s3_public_url(settings),
        "LMS_DELIVERY_LOGS": str(settings.delivery_dir),
        "LMS_SMTP_URL": settings.external.get("LMS_SMTP_URL") or f"smtp://{ports.HOST}:{settings.ports['smtp']}",
        "LMS_SECRET_KEY": credentials.secret_key,
        "LMS_KEK": credentials.kek,
        "LMS_REQUEST_ID_HEADER": REQUEST_ID_HEADER,
        "LMS_STATUS_COPY": str(settings.status_dir),
        "LMS_METRICS_PORT": "0",  # a part that serves is given one of its own
        **stripe(settings, credentials),
        **({"LMS_FFMPEG": settings.ffmpeg} if settings.ffmpeg else {}),
    }


def stripe(settings: Settings, credentials: Credentials) -> dict[str, str]:
    """Where payments are asked for: the local Stripe, or the real one with the user's own key and endpoint secret."""
    given = settings.external.get("LMS_STRIPE_SECRET_KEY")
    if given is None:
        return {
            "LMS_STRIPE_SECRET_KEY": credentials.stripe_key,
            "LMS_STRIPE_WEBHOOK_SECRET": credentials.stripe_webhook,
            "LMS_STRIPE_API_URL": settings.stripe_url,
        }
    more = ("LMS_STRIPE_WEBHOOK_SECRET", "LMS_STRIPE_API_URL")
    return {"LMS_STRIPE_SECRET_KEY": given, **{name: os.environ.get(name, "") for name in more}}


def for_product(settings: Settings, credentials: Credentials, *, owner: bool = False) -> dict[str, str]:
    """The whole environment of a process of the product: ours, what Python needs, its addresses and secrets."""
    return {
        **inherited(),
        **for_python(),
        **product(settings, credentials),
        **(owners(settings, credentials) if owner else {}),
    }


def serving(settings: Settings, credentials: Credentials, part: str, *, owner: bool = False) -> dict[str, str]:
    """The environment of a part that goes on: as :func:`for_product`, and the port at which it tells its figures."""
    port = {"LMS_METRICS_PORT": str(settings.figures_port(part))}
    return {**for_product(settings, credentials, owner=owner), **port}


def owners(settings: Settings, credentials: Credentials) -> dict[str, str]:
    """What the provisioner and ``prepare_database`` get beside it: logins that own schemas, here and in other cells."""
    cells = {name: os.environ[name] for name in _CELLS if name in os.environ}
    return {"LMS_OWNER_DATABASE_URL": owner_database_url(settings, credentials), **cells}


def edge(settings: Settings, credentials: Credentials) -> dict[str, str]:
    """What the edge verifier gets: a login that reads key groups, and the keys of a store elsewhere if there is one."""
    given = settings.external.get("LMS_S3_URL")
    return {
        "LMS_EDGE_DATABASE_URL": database_url(settings, "lms_edge", credentials.pg_edge),
        **({"LMS_EDGE_S3_URL": given} if given else {}),
    }


def for_python() -> dict[str, str]:
    """What a Python process of ours needs beside its settings. Its output reaches the log line by line."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }


def database_url(settings: Settings, login: str, password: str) -> str:
    """Address of the product's database for one of its logins, on the embedded server or on the user's own."""
    given = settings.external.get("LMS_DATABASE_URL")
    if given is None:
        return postgres.url(settings, login, password)
    address = urlsplit(given)
    place = address.netloc.rpartition("@")[2]
    return urlunsplit(address._replace(netloc=f"{login}:{password}@{place}"))


def owner_database_url(settings: Settings, credentials: Credentials) -> str:
    """The login that may create roles: ours, or the one the user gave."""
    return settings.external.get("LMS_DATABASE_URL") or postgres.url(settings, "lms_owner", credentials.pg_owner)


def s3_url(settings: Settings, credentials: Credentials) -> str:
    """Address, keys and bucket of the embedded object store in one line."""
    place = f"{ports.HOST}:{settings.ports['s3']}"
    return f"http://{credentials.s3_key}:{credentials.s3_secret}@{place}/{BUCKET}?region={REGION}"


def s3_public_url(settings: Settings) -> str:
    """Where a browser reaches the object store: signatures are made for this host."""
    given = settings.external.get("LMS_S3_URL")
    if given is None:
        return f"http://{settings.s3_host}:{settings.ports['s3']}"
    address = urlsplit(given)
    return urlunsplit((address.scheme, address.netloc.rpartition("@")[2], "", "", ""))


def inherited(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Our own environment without the addresses that carry more rights than the part we start should have."""
    return {name: value for name, value in environ.items() if name not in {*EXTERNAL, *_OWNERS_ONLY}}
