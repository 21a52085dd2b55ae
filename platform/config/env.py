"""The environment, typed: every setting that differs between machines, with its unit and meaning.

Secrets may be given as ``<NAME>_FILE``. A missing value is a refusal to start that names all that are missing.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core import processes, secret_files
from core.rates import Rate

KEK_BYTES = 32  # AES-256
KEY_CHARACTERS = 50
_DIFFERENT_CHARACTERS = 20
# What stands in examples, tests and other people's settings.
_KNOWN_KEYS = re.compile(
    r"django-insecure|change.?(?:me|this)|secret.?key|only-for-tests|example|password|12345678", re.I
)
# A statement that waits longer than this for a lock fails: threads must not pile up behind it.
LOCK_TIMEOUT_SECONDS = 5


def key_is_weak(key: str) -> str:
    """Return why ``key`` must not sign anything, or nothing where it may."""
    if len(key) < KEY_CHARACTERS:
        return f"it has fewer than {KEY_CHARACTERS} characters"
    if len(set(key)) < _DIFFERENT_CHARACTERS:
        return f"it has fewer than {_DIFFERENT_CHARACTERS} different characters"
    if _KNOWN_KEYS.search(key):
        return "it is one that stands in examples"
    return ""


class Env(BaseSettings):
    """Read from variables that begin with ``LMS_``."""

    # What is refused is not repeated: a key with a slip of the hand is nearly that key, and errors go to logs.
    model_config = SettingsConfigDict(env_prefix="LMS_", extra="ignore", hide_input_in_errors=True)

    site_host: str = Field("lms.localhost", description="Host of the public site and of sign-up.")
    tenant_suffix: str = Field("", description="Organizations live at <slug>.<suffix>. Default: the site host.")
    staff_host: str = Field("", description="Host of the staff console. Default: staff.<site host>.")
    content_suffix: str = Field("", description="Hosts of user-made active content. Default: content.<site host>.")
    domain_target: str = Field(
        "", description="Where custom domains point their CNAME. Default: domains.<tenant suffix>."
    )
    domain_addresses: str = Field(
        "", description="IP addresses, by comma, that the domain target has: what a bare domain points to."
    )
    dns_server: str = Field("", description="host[:port] of the resolver that proves domains. Default: the system's.")
    internal_networks: str = Field(
        "127.0.0.0/8,::1/128", description="Networks, by comma, from which the front door asks about certificates."
    )
    proxy_hops: int = Field(
        0,
        ge=0,
        le=4,
        description="Proxies in front that append to X-Forwarded-For: 2 behind a CDN and a load balancer. "
        "0: the front door sets X-Real-IP.",
    )
    security_contact: str = Field(
        "", description="Where to report a hole: mailto:… or https://…, for /.well-known/security.txt. Empty: none."
    )
    public_scheme: Literal["http", "https"] = Field("http", description="Scheme that browsers use.")
    port: int = Field(8000, description="Port that browsers use.")

    secret_key: SecretStr = Field(
        min_length=KEY_CHARACTERS, description="Signs sessions and tokens. At least 50 random characters."
    )
    kek: SecretStr = Field(
        description="Key-encryption key, base64 of 32 bytes: seals what is secret in rows. Others behind it, by comma, "
        "only open."
    )

    kek_previous: SecretStr = Field(
        SecretStr(""),
        description="Those others, by comma, where they are kept apart: they open until `manage.py reseal` is through.",
    )

    database_url: SecretStr = Field(description="postgresql://… of the application's login, which owns nothing.")
    owner_database_url: SecretStr | None = Field(
        None, description="postgresql://… of the login that owns the schemas. The provisioner's only."
    )
    redis_url: SecretStr = Field(description="redis://… for the cache, the queues and invalidation.")
    s3_url: SecretStr = Field(
        description="http(s)://KEY:SECRET@host/bucket?region=… of the object store. "
        "Without KEY:SECRET@ the machine's own role is used."
    )
    s3_public_url: str = Field("", description="The object store's address as browsers use it. Default: from s3_url.")
    delivery_logs: str = Field(
        "",
        description="Folder, or s3://bucket/prefix of a CDN's logs, from which delivered bytes are counted. "
        "Empty: they are not measured.",
    )
    transcoder: Literal["local", "mediaconvert"] = Field(
        "local", description="Who encodes films: ffmpeg on the workers, or MediaConvert."
    )
    mediaconvert_role: str = Field("", description="ARN of the role that MediaConvert takes to read and write films.")
    mediaconvert_queue: str = Field("", description="ARN of the MediaConvert queue that jobs are put into.")
    mediaconvert_events: str = Field("", description="URL of the SQS queue that MediaConvert's events arrive in.")
    mediaconvert_kms_key: str = Field(
        "", description="ARN of the KMS key that encodes are encrypted with. Empty: as the bucket says."
    )
    mediaconvert_patience: int = Field(
        12,
        ge=1,
        le=500,
        description="An encode elsewhere is given up after two hours and so many times the film's length.",
    )
    aws_region: str = Field("", description="Region of the AWS services other than the object store.")
    aws_endpoint_url: str = Field("", description="A local server in AWS's place. Default: AWS.")
    media_edge: Literal["local", "cloudfront"] = Field(
        "local", description="What delivers media: the verifier behind our front door, or CloudFront."
    )
    cloudfront_pools: str = Field(
        "", description="Ids, by comma, of the shared distributions whose behaviours of organizations are this cell's."
    )
    cloudfront_front: str = Field(
        "",
        description="Id of the distribution that has the site and organizations without a pool: it is made to forget"
        " the images of who is deleted. Empty: it is not asked.",
    )
    cloudfront_template: str = Field(
        "", description="Id of the multi-tenant distribution of distribution tenants. Empty: there are none."
    )
    cloudfront_function_keys: str = Field(
        "", description="ARN of the KeyValueStore of the template's function; this cell's alone."
    )
    cloudfront_origin_media: str = Field("media", description="Id of the origin, in each distribution, of the bucket.")
    cloudfront_origin_app: str = Field("app", description="Id of the origin, in each distribution, of the application.")
    smtp_url: str = Field("smtp://127.0.0.1:25", description="smtp://[user:password@]host:port for outgoing mail.")

    stripe_secret_key: SecretStr = Field(
        SecretStr(""), description="Secret or restricted key of the Stripe account. Without one nothing can be bought."
    )
    stripe_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Signing secret (whsec_…) of the webhook endpoint. Without it no event is taken."
    )
    stripe_api_url: str = Field(
        "", description="A server in place of Stripe's, as the embedded default has. Default: Stripe."
    )

    cell: str = Field("local", description="Name of the cell that this process belongs to.")
    cell_databases: SecretStr = Field(
        SecretStr("{}"),
        description="JSON: name of another cell -> postgresql://… of its owning login. The archivist's.",
    )
    moved_kept_days: int = Field(7, ge=0, description="Days that the cell an organization left keeps what it had.")

    mail_port: int = Field(0, description="Port of the embedded mailbox; 0 where mail leaves for good.")
    embedded: bool = Field(False, description="True where the embedded default runs: demo data and mailbox exist.")
    data_dir: Path = Field(Path(".local"), description="Where the embedded default keeps everything.")
    frontend_dist: Path = Field(Path("frontend/dist"), description="The built single-page application.")
    assets: str = Field(
        "",
        description="Where a release puts its built files beside those before: a folder, or `store` for the object "
        "store. Empty: nowhere, the front door has them.",
    )
    ffmpeg: str = Field("", description="Path of ffmpeg. Default: the one in the imageio-ffmpeg wheel.")
    listen: str = Field(processes.LISTEN, description="host:port on which this process listens, where it is a server.")
    trusted_proxies: str = Field(
        processes.TRUSTED_PROXIES,
        description="Addresses, by comma, or *: from where the web server believes that a request came over https.",
    )
    web_workers: int = Field(processes.WEB_WORKERS, ge=1, le=256, description="Processes of a web server.")
    web_threads: int = Field(processes.WEB_THREADS, ge=1, le=256, description="Threads in each of them.")
    stop_seconds: int = Field(
        processes.STOP_SECONDS, ge=1, le=256, description="Seconds that a stopping web server gives its last requests."
    )
    media_concurrency: int = Field(
        processes.MEDIA_CONCURRENCY, ge=1, le=256, description="Films that a transcoder works on at once."
    )
    process: Literal["web", "worker"] = Field(
        "worker", description="Kind of process, which decides the time a statement may take. The web server says web."
    )
    web_statement_timeout: int = Field(
        5, ge=1, description="Seconds that a statement of a request may take: somebody waits, and others behind it."
    )
    worker_statement_timeout: int = Field(
        60, ge=1, description="Seconds that a statement of a worker, the dispatcher or a command may take."
    )
    web_share: int = Field(
        75, ge=1, le=100, description="Percent of a web process's threads that one organization may hold at a time."
    )
    web_steady: int = Field(
        70,
        ge=1,
        le=800,
        description="Percent of a second's work (processor time and waiting for PostgreSQL) that one organization may "
        "take of a web process each second, before others' requests go first.",
    )
    web_saved_ms: int = Field(
        1500, ge=1, description="Milliseconds of such work that it may have saved up, for when a class begins."
    )
    conn_max_age: int = Field(600, ge=0, description="Seconds after which a database connection is renewed.")
    conn_tenants: int = Field(
        250, ge=0, description="Organizations after which a database connection is renewed; 0.6 MB each. 0: never."
    )
    sign_ups_per_ip: int = Field(20, description="Sign-ups that one address on the network may start an hour.")
    rate_organization: str = Field(
        "3000/30", description="API requests of one organization: how many / in how many seconds, or off."
    )
    rate_person: str = Field("300/30", description="API requests of one session, as above.")
    rate_visitor: str = Field("600/60", description="API requests without a session, of one address in a place.")
    rate_address: str = Field("1500/30", description="Requests of one address, over all organizations.")
    rate_sign_in: str = Field("150/60", description="Tries to sign in of one address, over all organizations.")
    pool_target: int = Field(4, description="Warm schemas kept ready for sign-ups, at least.")
    pool_ceiling: int = Field(
        24, description="Warm schemas kept ready at most, however many the busiest ten minutes took."
    )
    pool_cap: int = Field(64, description="Schemas that may be built an hour, whatever the demand.")
    fleet_canaries: str = Field(
        "", description="Hosts, by comma, of the organizations that get a new schema first. Default: one in a hundred."
    )
    jobs_in_flight: int = Field(
        64, ge=1, description="Deliveries, mails and duties of organizations handed to the workers at once, in all."
    )
    jobs_in_flight_each: int = Field(8, ge=1, description="The same, of one organization.")
    debug: bool = Field(False, description="Django's DEBUG. Never on a public host.")

    release: str = Field("", description="Version of the image: what logs, traces and health say is running.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="The least that is logged.")
    request_id_header: str = Field(
        "",
        description="Header in which our front door numbers requests, over whatever the client sent. Empty: none does.",
    )
    health_token: SecretStr = Field(
        SecretStr(""), description="What /healthz/deep asks for as a bearer token. Without one it is not there."
    )
    metrics_port: int = Field(
        0, ge=0, le=65535, description="Port of this service's own on which Prometheus finds its figures. 0: none."
    )
    metrics_address: str = Field(
        "127.0.0.1", description="Address that the figures' port listens on. Never one that the front door leads to."
    )
    figures_log_seconds: int = Field(
        0, ge=0, description="Seconds after which the dispatcher writes the fleet's figures into its log. 0: never."
    )
    backup_stamp: str = Field(
        "", description="File that is touched after each backup that succeeded: its age is told. Empty: nobody does."
    )
    canary_host: str = Field("", description="Host of the organization that the synthetic journey learns in.")
    canary_email: str = Field("", description="Mail address of its learner, enrolled in a course with a film.")
    canary_password: SecretStr = Field(SecretStr(""), description="That learner's password.")
    canary_via: str = Field(
        "", description="host:port that the journey connects to. Default: what the host resolves to."
    )
    status_copy: str = Field(
        "",
        description="Folder of the status page's copy, which the front door serves while nobody renders it, or `store` "
        "for the object store of a monitor elsewhere.",
    )
    otlp_endpoint: str = Field(
        "", description="http(s)://host:port of an OTLP/HTTP collector. Empty: no trace is made and none leaves."
    )
    trace_percent: float = Field(
        10, ge=0, le=100, description="Percent of requests whose trace is recorded, with all that follows from them."
    )

    @property
    def keks(self) -> tuple[str, ...]:
        """The key that seals, then those that only open."""
        return (*_by_comma(self.kek), *_by_comma(self.kek_previous))

    @property
    def statement_timeout(self) -> int:
        """Seconds that a statement of this process may take."""
        return self.web_statement_timeout if self.process == "web" else self.worker_statement_timeout

    @field_validator("rate_organization", "rate_person", "rate_visitor", "rate_address", "rate_sign_in")
    @classmethod
    def _rates_are_rates(cls, rate: str) -> str:
        Rate.parse(rate)
        return rate

    @field_validator("secret_key")
    @classmethod
    def _secret_key_is_one(cls, key: SecretStr) -> SecretStr:
        """What anybody can read in an example signs sessions for anybody: there is no start with it."""
        if why := key_is_weak(key.get_secret_value()):
            raise ValueError(f"cannot be used: {why}")
        return key

    @model_validator(mode="after")
    def _a_service_that_encodes_is_known_by_name(self) -> Self:
        """An order without a role or a queue would only fail when the first film comes."""
        wanted = ("mediaconvert_role", "mediaconvert_queue", "mediaconvert_events")
        missing = [f"LMS_{name.upper()}" for name in wanted if not getattr(self, name)]
        if self.transcoder == "mediaconvert" and missing:
            raise ValueError(f"LMS_TRANSCODER=mediaconvert needs {', '.join(missing)}")
        return self

    @field_validator("kek", "kek_previous")
    @classmethod
    def _kek_is_a_key(cls, kek: SecretStr, info: ValidationInfo) -> SecretStr:
        """A key of another length would only fail when the first organization's signing key is sealed."""
        given = _by_comma(kek)
        if (info.field_name == "kek" and not given) or any(
            len(b64decode(one, validate=True)) != KEK_BYTES for one in given
        ):
            raise ValueError(f"must be base64 of {KEK_BYTES} bytes")
        return kek


def _by_comma(secret: SecretStr) -> list[str]:
    return [found.strip() for found in secret.get_secret_value().split(",") if found.strip()]


@lru_cache(maxsize=1)
def read() -> Env:
    """Return the environment, reading ``LMS_*_FILE`` secrets first.

    Raises:
        pydantic.ValidationError: naming every variable that is missing or wrong.
    """
    secret_files.unfold(os.environ)
    env = Env()  # type: ignore[call-arg]  # values come from the environment
    env.tenant_suffix = env.tenant_suffix or env.site_host
    env.staff_host = env.staff_host or f"staff.{env.site_host}"
    env.content_suffix = env.content_suffix or f"content.{env.site_host}"
    env.domain_target = env.domain_target or f"domains.{env.tenant_suffix}"
    return env


def database(
    url: str,
    *,
    owner: bool = False,
    process: str = "worker",
    max_age_seconds: int = 600,
    statement_seconds: int = 60,
) -> dict[str, object]:
    """Return Django's DATABASES entry for ``url``. Schema work, the owner's, may wait and run as long as it takes.

    ``process`` is the kind of process; PostgreSQL lists its connections under it.
    """
    parts = urlsplit(url)
    options: dict[str, object] = {"connect_timeout": 5, "application_name": f"lms-{process}"}
    if not owner:
        options["options"] = f"-c lock_timeout={LOCK_TIMEOUT_SECONDS}s -c statement_timeout={statement_seconds}s"
    options |= {name: values[0] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "tenancy.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or 5432),
        "CONN_MAX_AGE": max_age_seconds,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }
