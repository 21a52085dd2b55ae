"""What a person may set: the environment variables of the embedded default, read once and checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# name -> (variable, distance from LMS_PORT). The distance keeps two checkouts apart with one setting.
PORTS: dict[str, tuple[str, int]] = {
    "front": ("LMS_PORT", 0),
    "postgres": ("LMS_PG_PORT", 1),
    "redis": ("LMS_REDIS_PORT", 2),
    "s3": ("LMS_S3_PORT", 3),
    "edge": ("LMS_EDGE_PORT", 4),
    "web-1": ("LMS_WEB_PORT", 5),
    "mail": ("LMS_MAIL_PORT", 6),
    "smtp": ("LMS_SMTP_PORT", 7),
}
MOST_WEB_GROUPS = 8
PORTS |= {f"web-{group}": (f"LMS_WEB_PORT_{group}", 6 + group) for group in range(2, MOST_WEB_GROUPS + 1)}
PORTS |= {"stripe": ("LMS_STRIPE_PORT", 15)}
# Who tells figures, each at a port of its own behind LMS_METRICS_PORT.
FIGURES = (
    "front", "dispatcher", "worker", "provisioner", "archivist", "media", "monitor",
    *(f"web-{group}" for group in range(1, MOST_WEB_GROUPS + 1)),
)  # fmt: skip
PORTS_A_STACK = 16
"""Neighbouring ports that belong to one stack: two stacks side by side are at least this far apart."""

# variable -> (how its value may begin, embedded part it replaces)
EXTERNAL: dict[str, tuple[tuple[str, ...], str]] = {
    "LMS_DATABASE_URL": (("postgres://", "postgresql://"), "postgres"),
    "LMS_REDIS_URL": (("redis://", "rediss://", "unix://"), "valkey"),
    "LMS_S3_URL": (("http://", "https://"), "s3"),
    "LMS_SMTP_URL": (("smtp://", "smtps://", "smtp+tls://"), "mailbox"),
    "LMS_STRIPE_SECRET_KEY": (("sk_test_", "rk_test_", "sk_live_", "rk_live_"), "stripe"),
}


class SettingsError(Exception):
    """The environment cannot be used as it is. The text says which variable, and what it would accept."""


@dataclass(frozen=True)
class Settings:
    """One stack: where it lives, on which hosts and ports, and what it does not have to start itself."""

    data_dir: Path
    ports: Mapping[str, int]
    site_host: str = "lms.localhost"
    tenant_suffix: str = "lms.localhost"
    staff_host: str = "staff.lms.localhost"
    content_suffix: str = "content.lms.localhost"
    public_scheme: str = "http"
    external: Mapping[str, str] = field(default_factory=dict)
    """Addresses the user gave (of Stripe: the key), by variable: each replaces the part that ``EXTERNAL`` names."""
    ffmpeg: str | None = None
    throwaway: bool = False
    """For tests: no fsync, and the owner login may create databases. A power cut may cost the data."""
    web_groups: int = 2
    """Groups of web processes. An organization's requests go to one of them, so that only its connections know it."""
    web_workers: int = 1
    """Processes in each group."""
    web_threads: int = 8
    """Threads in each process."""
    media_concurrency: int = 2
    sends_on: bool = False
    """Whether there are other cells: the front door sends requests on for organizations that live there."""
    figures_base: int = 0
    """First of the neighbouring ports at which parts tell their figures to Prometheus, in the order of FIGURES. 0: none
    does."""
    pg_buffers_mb: int = 512
    """PostgreSQL's shared buffers: catalogue and busy pages of all organizations together. Taken as they are used."""
    pg_archive: Path | None = None
    """Folder that the embedded server's log and base backups go to; best on another disk. None: nothing is kept."""
    pg_archive_seconds: int = 60
    """A stretch of log that is not full goes to the archive after so long: what a lost disk can cost."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read and check the environment.

        Raises:
            SettingsError: one message that names every variable that cannot be used.
        """
        reader = _Reader(environ)
        base = reader.port("LMS_PORT", 8000)
        site_host = reader.host("LMS_SITE_HOST", "lms.localhost")
        web_groups = reader.count("LMS_WEB_GROUPS", 2, most=MOST_WEB_GROUPS)
        unused = {f"web-{group}" for group in range(web_groups + 1, MOST_WEB_GROUPS + 1)}
        settings = cls(
            data_dir=(ROOT / environ.get("LMS_DATA_DIR", ".local")).resolve(),
            ports={
                name: reader.port(variable, base + distance)
                for name, (variable, distance) in PORTS.items()
                if name not in unused
            },
            site_host=site_host,
            tenant_suffix=reader.host("LMS_TENANT_SUFFIX", site_host),
            staff_host=reader.host("LMS_STAFF_HOST", f"staff.{site_host}"),
            content_suffix=reader.host("LMS_CONTENT_SUFFIX", f"content.{site_host}"),
            public_scheme=environ.get("LMS_PUBLIC_SCHEME", "http"),
            external={name: given for name in EXTERNAL if (given := reader.external(name)) is not None},
            ffmpeg=reader.executable("LMS_FFMPEG"),
            throwaway=reader.flag("LMS_THROWAWAY"),
            web_groups=web_groups,
            web_workers=reader.count("LMS_WEB_WORKERS", 1),
            web_threads=reader.count("LMS_WEB_THREADS", 8),
            media_concurrency=reader.count("LMS_MEDIA_CONCURRENCY", 2),
            sends_on=reader.flag("LMS_OTHER_CELLS"),
            figures_base=reader.base("LMS_METRICS_PORT"),
            pg_buffers_mb=reader.count("LMS_PG_BUFFERS_MB", 512, most=1 << 20),
            pg_archive=reader.folder("LMS_PG_ARCHIVE"),
            pg_archive_seconds=reader.count("LMS_PG_ARCHIVE_SECONDS", 60, most=3600),
        )
        reader.check_distinct(settings.ports)
        if reader.problems:
            raise SettingsError("\n".join(dict.fromkeys(reader.problems)))
        return settings

    @property
    def web_names(self) -> tuple[str, ...]:
        """The groups of web processes, as parts and their ports are called."""
        return tuple(f"web-{group}" for group in range(1, self.web_groups + 1))

    @property
    def mail_host(self) -> str:
        return f"mail.{self.site_host}"

    @property
    def s3_host(self) -> str:
        return f"s3.{self.site_host}"

    @property
    def stripe_url(self) -> str:
        """Where the local Stripe is, for programs and for browsers alike."""
        return f"http://127.0.0.1:{self.ports['stripe']}"

    @property
    def log_dir(self) -> Path:
        return self.data_dir / "log"

    @property
    def delivery_dir(self) -> Path:
        """Where the front door's log of sent media lies, from which delivered bytes are counted."""
        return self.data_dir / "delivery"

    @property
    def status_dir(self) -> Path:
        """Where the copy of the status page lies, which the front door serves while nobody else can."""
        return self.data_dir / "status"

    def figures_port(self, part: str) -> int:
        """The port at which a part tells its figures; 0 where none does."""
        return self.figures_base + FIGURES.index(part) if self.figures_base else 0

    @property
    def run_dir(self) -> Path:
        return self.data_dir / "run"

    def url(self, host: str, path: str = "") -> str:
        """The address a browser uses for one of our hosts."""
        default = {"http": 80, "https": 443}.get(self.public_scheme)
        port = "" if self.ports["front"] == default else f":{self.ports['front']}"
        return f"{self.public_scheme}://{host}{port}{path}"


class _Reader:
    """Reads one variable after the other and keeps what was wrong, so that a person sees all of it at once."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def port(self, name: str, default: int) -> int:
        return self._integer(name, default, 1, 65535, "a port number from 1 to 65535")

    def count(self, name: str, default: int, most: int = 256) -> int:
        return self._integer(name, default, 1, most, f"a whole number from 1 to {most}")

    def base(self, name: str) -> int:
        """The first of several ports, 0 for none."""
        return self._integer(name, 0, 0, 65535 - len(FIGURES), "0 or a port number with room for those after it")

    def _integer(self, name: str, default: int, low: int, high: int, wanted: str) -> int:
        text = self.environ.get(name, "")
        if not text:
            if not low <= default <= high:
                self.problems.append(
                    f"{name} would be {default}, which is not {wanted}. Set {name} or a lower LMS_PORT."
                )
            return default
        if text.isascii() and text.isdigit() and low <= int(text) <= high:
            return int(text)
        self.problems.append(f"{name}={text!r} is not {wanted}.")
        return default

    def host(self, name: str, default: str) -> str:
        text = self.environ.get(name, "") or default
        labels = text.split(".")
        if not all(label and label.isascii() and label.replace("-", "").isalnum() for label in labels):
            self.problems.append(f"{name}={text!r} is not a host name (no scheme, no port).")
        return text.lower()

    def flag(self, name: str) -> bool:
        text = self.environ.get(name, "").lower()
        if text not in ("", "0", "1", "false", "true", "no", "yes"):
            self.problems.append(f"{name}={text!r} is neither 1 nor 0.")
        return text in ("1", "true", "yes")

    def external(self, name: str) -> str | None:
        text = self.environ.get(name, "")
        if not text:
            return None
        beginnings = EXTERNAL[name][0]
        if not text.startswith(beginnings):
            self.problems.append(f"{name} has to begin with {' or '.join(beginnings)}.")
        return text

    def folder(self, name: str) -> Path | None:
        text = self.environ.get(name, "")
        return (ROOT / text).resolve() if text else None

    def executable(self, name: str) -> str | None:
        text = self.environ.get(name, "")
        if text and not os.access(text, os.X_OK):
            self.problems.append(f"{name}={text!r} is not a program that can be run.")
        return text or None

    def check_distinct(self, ports: Mapping[str, int]) -> None:
        seen: dict[int, str] = {}
        for name, port in ports.items():
            variable = PORTS[name][0]
            if port in seen:
                self.problems.append(f"{seen[port]} and {variable} are both {port}: each part needs a port of its own.")
            seen[port] = variable
