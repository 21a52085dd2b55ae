"""DNS, asked in one place. What it answers is told apart: nothing there, no such record, or no answer at all.

Everything that comes back was written by strangers: it is cut in length and number and never trusted as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
from django.conf import settings

# Seconds: for one try at one server, and for a whole question.
TRY_SECONDS = 1.5
LIFE_SECONDS = 4.0
MAX_HOPS = 8
MAX_VALUES = 20
MAX_VALUE_LENGTH = 255

Status = Literal["ok", "nxdomain", "no_data", "servfail", "timeout"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What DNS said. ``nxdomain``: the name is not there; ``no_data``: it is, without such a record.

    ``servfail`` and ``timeout`` are no statement about the name: whoever should know it did not answer.
    """

    status: Status
    values: tuple[str, ...] = ()

    @property
    def is_definite(self) -> bool:
        """Whether this says something about the name."""
        return self.status in ("ok", "nxdomain", "no_data")


def txt(name: str) -> Answer:
    """Return the texts at ``name``, each with its strings joined."""
    return _ask(name, "TXT", lambda record: b"".join(record.strings).decode("utf-8", "replace"))


def addresses(name: str) -> Answer:
    """Return the IPv4 and IPv6 addresses of ``name``, wherever its CNAMEs lead."""
    four, six = _ask(name, "A", lambda record: record.address), _ask(name, "AAAA", lambda record: record.address)
    if values := (four.values + six.values)[:MAX_VALUES]:
        return Answer("ok", values)
    return six if four.is_definite and not six.is_definite else four


def chain(name: str) -> Answer:
    """Return the names that ``name`` is an alias of, one after the other; ``no_data`` where it is none.

    A chain that is longer than eight or bites its tail ends where we stop.
    """
    found: list[str] = []
    here = name
    while len(found) < MAX_HOPS:
        answer = _ask(here, "CNAME", lambda record: record.target.to_text(omit_final_dot=True).lower())
        if answer.status != "ok" or not answer.values:
            break
        here = answer.values[0]
        if here in found or here == name:
            break
        found.append(here)
    else:
        return Answer("ok", tuple(found))
    if found:
        return Answer("ok", tuple(found))
    return answer


def _ask(name: str, kind: str, read: Any) -> Answer:
    try:
        resolver = _resolver()
        answer = resolver.resolve(dns.name.from_text(name), kind, search=False)
    except dns.resolver.NXDOMAIN:
        return Answer("nxdomain")
    except dns.resolver.NoAnswer:
        return Answer("no_data")
    except dns.resolver.YXDOMAIN:
        return Answer("servfail")
    except dns.exception.Timeout:
        return Answer("timeout")
    except dns.resolver.NoNameservers as refused:
        return Answer("timeout" if _none_answered(refused) else "servfail")
    except dns.exception.DNSException:
        return Answer("servfail")
    except OSError:
        return Answer("timeout")
    values = tuple(_cut(read(record)) for record in list(answer)[:MAX_VALUES])
    return Answer("ok", values)


def _none_answered(refused: dns.resolver.NoNameservers) -> bool:
    """Whether no server said anything: an unreachable one is not one that knows nothing."""
    errors = refused.kwargs.get("errors") or []
    return bool(errors) and all(error[4] is None for error in errors)


def _cut(text: str) -> str:
    """One line of printable characters, short enough to be kept and shown."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text[:MAX_VALUE_LENGTH])


def _resolver() -> dns.resolver.Resolver:
    """A resolver without a memory: people look again because they have just changed something."""
    server: str = settings.DNS_SERVER
    resolver = dns.resolver.Resolver(configure=not server)
    if server:
        host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "")
        resolver.nameservers = [host or server]
        resolver.port = int(port or 53)
    resolver.timeout = TRY_SECONDS
    resolver.lifetime = LIFE_SECONDS
    resolver.retry_servfail = False
    return resolver
