"""The front door of a single host with Docker: the routes of the embedded default, over TLS, for every host of ours.

The site, the console and the uploads have certificates from the start. Every other name gets one when somebody first
asks for it, and only where the product says that the name leads to an organization: Caddy asks through a door of its
own on this machine, so that either group of web processes may answer while the other is replaced.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

from devstack.edge.caddy import headers
from devstack.environment import BUCKET
from devstack.parts import caddyfile
from devstack.parts.caddyfile import Behind
from devstack.s3 import layout

DATA = Path("/var/lib/lms")
WEB = ("web-1:8000", "web-2:8000")
INSIDE = "127.0.0.1:8081"
"""Where the front door asks itself, and is asked whether it is alive. Nobody else reaches it."""

FIGURES = 9400
"""Where the front door tells its figures, in the networks of the compose file; no port of the machine leads there."""


def write() -> str:
    """The Caddyfile of docker-compose.yml. Hosts and what the certificate authority is told come from LMS_*."""
    behind = Behind(
        web=WEB,
        edge="edge:8000",
        objects=layout.object_root(DATA, BUCKET),
        assets=DATA,
        delivery=DATA / "delivery",
        access=None,
        domains=("{$LMS_SITE_HOST}", "{$LMS_TENANT_SUFFIX}", "{$LMS_STAFF_HOST}", "{$LMS_CONTENT_SUFFIX}"),
        content="{$LMS_CONTENT_SUFFIX}",
        over_tls=True,
        status=("{$LMS_SITE_HOST}", DATA / "status"),
    )
    return "\n".join(
        [
            "# Written by `make single-host`; a test holds it to the code of the embedded default.",
            _global_options(),
            "(front_door) {",
            caddyfile.site(behind),
            "}",
            "",
            "{$LMS_SITE_HOST}, {$LMS_STAFF_HOST} {",
            "\timport front_door",
            "}",
            "",
            _uploads(),
            _in_the_clear(),
            "# Organizations, below the suffix and on domains of their own.",
            "https:// {",
            "\ttls {",
            "\t\ton_demand",
            "\t}",
            "\timport front_door",
            "}",
            "",
            _inside(),
            _figures(),
        ]
    )


def _global_options() -> str:
    return f"""{{
\tadmin off
\tauto_https disable_redirects
\tmetrics
\tpersist_config off
\thttp_port 8080
\thttps_port 8443
\tgrace_period 10s
\tstorage file_system "{DATA / "caddy"}"
\temail {{$LMS_ACME_EMAIL}}
\ton_demand_tls {{
\t\task http://{INSIDE}/tls-ask/
\t}}
\tlog {{
\t\toutput stderr
\t\tlevel WARN
\t}}
\tservers {{
\t\tprotocols h1 h2
\t\ttimeouts {{
\t\t\tread_header 10s
\t\t\tidle 2m
\t\t}}
\t}}
\t{{$LMS_TLS_OPTIONS}}
}}
"""


def _in_the_clear() -> str:
    """Pages are led to TLS. What only programs ask for is refused: a redirect would hide that a password or a token has
    already travelled in the clear (OWASP ASVS 5.0, 4.1.2). CloudFront's ``https-only`` answers the same."""
    return f"""\
http:// {{
\t@programs path {" ".join(caddyfile.PROGRAMS)}
\thandle @programs {{
{indent(headers("error"), chr(9) * 2)}\t\trespond "Ask over HTTPS." 403
\t}}
\thandle {{
\t\tredir https://{{host}}{{uri}} 308
\t}}
}}
"""


def _uploads() -> str:
    """The object store's own host: browsers send films there, in parts, each under a signature of its own."""
    return f"""\
{{$LMS_S3_HOST}} {{
\troute {{
\t\theader -Server
{indent(chr(10).join(f"request_header -{name}" for name in caddyfile.UNTRUSTED_HEADERS), chr(9) * 2)}
\t\treverse_proxy store:8000 {{
\t\t\ttransport http {{
\t\t\t\tdial_timeout 2s
\t\t\t}}
\t\t}}
\t}}
}}
"""


def _inside() -> str:
    # The web server answers this question to nobody who came through a proxy: these headers would say so.
    dropped = "\n".join(f"\t\theader_up -{name}" for name in ("X-Forwarded-For", "X-Forwarded-Proto",
                                                                "X-Forwarded-Host", "Via"))  # fmt: skip
    return f"""\
http://{INSIDE} {{
\tbind 127.0.0.1
\trespond /-/healthy 200
\treverse_proxy /tls-ask/ {" ".join(WEB)} {{
\t\tlb_policy round_robin
\t\tlb_try_duration 5s
\t\tlb_try_interval 100ms
\t\tfail_duration {caddyfile.AWAY_SECONDS}s
{dropped}
\t}}
}}
"""


def _figures() -> str:
    return f"""\
http://:{FIGURES} {{
\troute {{
\t\tmetrics /metrics
\t\trespond 404
\t}}
}}
"""
