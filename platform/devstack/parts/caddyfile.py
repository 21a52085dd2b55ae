"""The configuration of the front door, written from the settings.

What decides where a request goes, in this order: what only the front door itself may ask is refused; the mailbox by
its host; ``/media/*`` by the rules of the edge, private media only after the verifier has said yes; ``/assets/*`` the
built application; everything else the web server.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

from core.headers import HEADERS, HSTS_SECONDS, hsts
from devstack import ports
from devstack.edge.caddy import delivery_log, headers, media_routes
from devstack.edge.store import RemoteStore
from devstack.environment import REQUEST_ID_HEADER
from devstack.parts import cells
from devstack.settings import Settings

TAB = "\t"
AWAY_SECONDS = 2
"""How long a group of web processes that could not be reached, or did not answer, is left out before it is asked."""
TRY_SECONDS = 5
"""How long a group is looked for that a request reaches. Shorter than an answer is waited for: what was sent and not
answered is sent to nobody else.
"""
ANSWER_SECONDS = 60
"""How long a group may take to begin its answer, and to take the next bytes of a request.

CloudFront and the load balancer wait as long (``origin_read_timeout`` and ``idle_timeout`` in ``infra/terraform``); a
test holds this to them. The longest that is meant to be waited for is ten seconds in line (``config.fair_worker``),
then Stripe asked three times for ten.
"""
LATE_SECONDS = 30
"""When somebody whom nobody answered is told to come back."""
LATE = (
    "Nobody answered within a minute. What you sent, if you sent something, may have been kept all the same:"
    " look before you send it again."
)

PROGRAMS = ("/_allauth/*", "/api/*")
"""What no browser opens as a page. Terraform's distributions say the same (local.programs)."""

ACCESS_LOG = "access"
REQUEST_ID_FIELD = "request_id"
_ROLL_MIB = 32
_ROLLED_KEPT = 4
# Up to three short parts of a path say what was asked for; what is longer, or last, may open something.
_KEPT_OF_PATH = "^(/(?:[A-Za-z0-9_.-]{0,20}/){0,3}).*$"

# A client may send these; whoever stands behind us would take them for ours.
UNTRUSTED_HEADERS = (
    "X-Forwarded-*",
    "X-Edge-*",
    "X-Lms-Cell",
    "Forwarded",
    "X-Real-Ip",
    "X-Original-Url",
    "X-Original-Uri",
    "X-Rewrite-Url",
    "X-Http-Method-Override",
    "Proxy",
)


@dataclass(frozen=True)
class Behind:
    """Who stands behind a front door, and where the files lie that it sends by itself."""

    web: tuple[str, ...]
    """Groups of web processes, host:port. An organization's requests go to one of them."""
    edge: str
    objects: Path | RemoteStore
    """The stored objects by key, or the store elsewhere that has them."""
    assets: Path
    """The folder that holds ``assets/`` of the built application."""
    delivery: Path
    """The folder for the log from which delivered bytes are counted."""
    access: Path | None
    """The folder for the log of requests; None writes it to standard output."""
    domains: tuple[str, ...]
    """Every domain of ours: what browsers are told of it holds below it too."""
    content: str
    """Domain of user-made content."""
    over_tls: bool
    """Whether browsers speak TLS."""
    mailbox: tuple[str, str] | None = None
    """The local mailbox: its host, and who answers there."""
    sends_on: bool = False
    status: tuple[str, Path] | None = None
    """The site's host, and the folder where the monitor leaves its copy of the status page."""

    @property
    def groups(self) -> str:
        """The web groups as a proxy's list."""
        return " ".join(self.web)

    @property
    def choice(self) -> str:
        """Which of the groups a request goes to, and how long it waits there: directives of a proxy."""
        # The only group is never left out: that would be the whole product away for as long.
        leave_out = f"fail_duration {AWAY_SECONDS}s\n" if len(self.web) > 1 else ""
        return f"""\
lb_policy header Host
lb_try_duration {TRY_SECONDS}s
lb_try_interval 100ms
{leave_out}transport http {{
	dial_timeout 2s
	response_header_timeout {ANSWER_SECONDS}s
	write_timeout {ANSWER_SECONDS}s
	keepalive 60s
	keepalive_idle_conns_per_host 64
}}
"""


def write(settings: Settings, *, objects: Path | RemoteStore, frontend_dist: Path) -> str:
    """The whole Caddyfile. ``objects`` holds the stored objects by key, ``frontend_dist`` the built application."""
    behind = Behind(
        web=tuple(f"{ports.HOST}:{settings.ports[name]}" for name in settings.web_names),
        edge=f"{ports.HOST}:{settings.ports['edge']}",
        objects=objects,
        assets=frontend_dist,
        delivery=settings.delivery_dir,
        access=settings.log_dir,
        domains=(settings.site_host, settings.tenant_suffix, settings.staff_host, settings.content_suffix),
        content=settings.content_suffix,
        over_tls=settings.public_scheme == "https",
        mailbox=(settings.mail_host, f"{ports.HOST}:{settings.ports['mail']}"),
        sends_on=settings.sends_on,
        status=(settings.site_host, settings.status_dir),
    )
    return "\n".join(
        [
            _global_options(settings),
            f"http://:{settings.ports['front']} {{",
            f"\tbind {ports.HOST}",
            site(behind),
            "}",
            _figures(settings),
            "",
        ]
    )


def site(behind: Behind) -> str:
    """What stands in a site's block: logs, what is refused, where each request goes, and what is said when it can't."""
    return "\n".join(
        [
            indent(delivery_log(behind.delivery), "\t"),
            indent(access_log(behind.access), "\t"),
            "\troute {",  # in the order in which it is written
            "\t\theader -Server",
            indent(_only_over_tls(behind), TAB),
            # Media under grants are in a log of their own, from which bytes are counted.
            "\t\t@uncounted not path /media/t/*",
            f"\t\tlog_name @uncounted {ACCESS_LOG}",
            f"\t\tlog_append {REQUEST_ID_FIELD} {{http.request.uuid}}",
            *(f"\t\trequest_header -{name}" for name in UNTRUSTED_HEADERS),
            f"\t\trequest_header {REQUEST_ID_HEADER} {{http.request.uuid}}",
            _inside(),
            _content(behind),
            *([_mailbox(*behind.mailbox)] if behind.mailbox else []),
            indent(
                media_routes(
                    objects=behind.objects,
                    edge=behind.edge,
                    refused=indent(cells.where(behind.groups, behind.choice), "\t\t") if behind.sends_on else "",
                ),
                "\t\t",
            ),
            _assets(behind.assets),
            _application(behind),
            "\t}",
            _errors(behind),
        ]
    )


def _global_options(settings: Settings) -> str:
    counted = "\tmetrics\n" if settings.figures_port("front") else ""
    return f"""{{
\tadmin off
{counted}\tpersist_config off
\tauto_https off
\tgrace_period 3s
\tstorage file_system "{settings.data_dir / "caddy"}"
\tlog {{
\t\toutput stderr
\t\tlevel WARN
\t}}
\tservers {{
\t\tprotocols h1
\t\ttimeouts {{
\t\t\tread_header 10s
\t\t\tidle 2m
\t\t}}
\t}}
}}
"""


def access_log(folder: Path | None) -> str:
    """Return the directive for a log of every request but those of media under grants, a line each.

    A line says when, which host, method, the beginning of the path, status, bytes and how long it took, and the number
    of the request. Who asked and what they sent, with its cookies, its query and its referrer, is in none.
    """
    dropped = ("request>remote_ip", "request>remote_port", "request>client_ip", "request>headers", "resp_headers",
               "user_id", "request>tls", "logger", "level")  # fmt: skip
    fields = "".join(f"\t\t\t{name} delete\n" for name in dropped)
    rolled = f"""{{
		roll_size {_ROLL_MIB}MiB
		roll_uncompressed
		roll_keep {_ROLLED_KEPT}
		roll_keep_for 168h
	}}"""
    output = "stdout" if folder is None else f'file "{folder / "front-access.log"}" {rolled}'
    return f"""\
log {ACCESS_LOG} {{
	no_hostname
	output {output}
	format filter {{
		wrap json
		fields {{
{fields}			request>uri regexp `{_KEPT_OF_PATH}` "$1"
		}}
	}}
}}
"""


def _below(domains: tuple[str, ...]) -> str:
    """Return the condition that the host is one of these, or lies below one. A domain may stand in twice."""
    return " || ".join(f'("." + {{http.request.host}}).endsWith(".{host}")' for host in dict.fromkeys(domains))


def _only_over_tls(behind: Behind) -> str:
    """HSTS on everything, where browsers speak TLS: in place of what the web server says, which is the same."""
    if not behind.over_tls:
        return ""
    return f"""\
\t@ours expression `{_below(behind.domains)}`
\theader @ours >Strict-Transport-Security "{hsts(HSTS_SECONDS, ours=True)}"
\t@theirs expression `!({_below(behind.domains)})`
\theader @theirs >Strict-Transport-Security "{hsts(HSTS_SECONDS, ours=False)}"
"""


def _inside() -> str:
    """What only the front door itself may ask: whether a host is ours, and which cell has it."""
    return """
\t\t@inside path /tls-ask /tls-ask/* /cell-ask /cell-ask/*
\t\terror @inside 404"""


def _content(behind: Behind) -> str:
    """User-made content: hosts without the application, media and assets, to which no cookie is passed on."""
    return f"""
\t\t@content expression `{_below((behind.content,))}`
\t\trequest_header @content -Cookie
{_application(behind, "@content ")}"""


def _mailbox(host: str, address: str) -> str:
    return f"""
\t\t@mailbox host {host}
\t\thandle @mailbox {{
\t\t\treverse_proxy {address}
\t\t}}"""


def _assets(frontend_dist: Path) -> str:
    """The built application: file names carry a hash of their content."""
    return f"""
\t\thandle /assets/* {{
\t\t\troute {{
\t\t\t\tencode zstd gzip
{indent(headers("asset"), TAB * 4)}\t\t\t\tfile_server {{
\t\t\t\t\troot "{frontend_dist}"
\t\t\t\t\tdisable_canonical_uris
\t\t\t\t\tindex off
\t\t\t\t\tprecompressed br gzip
\t\t\t\t}}
\t\t\t}}
\t\t}}"""


def _application(behind: Behind, matcher: str = "") -> str:
    """Everything else: each host to a group of web processes of its own, so that few connections know its schema.

    Rendezvous hashing: while a group is away its hosts are spread over the others, and only those; they return with it.
    A request that reached nobody is tried elsewhere, or waits a moment where there is no other group. One that was sent
    and not answered in time is never sent again, whatever it was: the group may have done what it asks.
    """
    asked = indent(cells.ask_for_writes(behind.groups, behind.choice), TAB * 4) if behind.sends_on else ""
    elsewhere = indent(cells.ELSEWHERE, TAB * 5) if behind.sends_on else ""
    return f"""
\t\thandle {matcher}{{
\t\t\troute {{
\t\t\t\tencode zstd gzip
{asked}\t\t\t\treverse_proxy {behind.groups} {{
{indent(behind.choice, TAB * 5)}\t\t\t\t\theader_up X-Real-Ip {{http.request.remote.host}}
\t\t\t\t\theader_down -{cells.HEADER}
{elsewhere}\t\t\t\t}}
\t\t\t}}
\t\t}}"""


def _figures(settings: Settings) -> str:
    """The front door's own figures, at a port of their own that no host of ours leads to."""
    port = settings.figures_port("front")
    if not port:
        return ""
    return f"""
http://:{port} {{
\tbind {ports.HOST}
\troute {{
\t\tmetrics /metrics
\t\trespond 404
\t}}
}}"""


def _errors(behind: Behind) -> str:
    """What the front door says itself: that something is not there, or that who should answer does not.

    The status page stands then too, as the monitor last wrote it: it is for such moments.
    """
    locks = indent(headers("error"), TAB * 3)
    return f"""
\thandle_errors {{
\t\theader -Server
{indent(_only_over_tls(behind), TAB)}\t\t@away expression {{http.error.status_code}} in [502, 503]
\t\theader @away Retry-After 2
\t\t@late expression {{http.error.status_code}} == 504
\t\theader @late Retry-After {LATE_SECONDS}
{_status(*behind.status) if behind.status else ""}{_late(locks)}\t\thandle {{
{locks}\t\t\theader Content-Type "text/plain; charset=utf-8"
\t\t\trespond @away "This part of the platform is starting. Try again in a moment." {{http.error.status_code}}
\t\t\trespond @late "{LATE}" 504
\t\t\trespond "{{http.error.status_code}} {{http.error.status_text}}" {{http.error.status_code}}
\t\t}}
\t}}"""


def _late(locks: str) -> str:
    """What a program is told when nobody answered it in time: a problem, like every other refusal of the API."""
    problem = {
        "type": "/docs/problems/no-answer",
        "title": "Nobody answered in time",
        "status": 504,
        "detail": LATE,
        "code": "no_answer",
        "retry_after_seconds": LATE_SECONDS,
    }
    return f"""\
\t\t@late_program {{
\t\t\texpression {{http.error.status_code}} == 504
\t\t\tpath {" ".join(PROGRAMS)}
\t\t}}
\t\thandle @late_program {{
{locks}\t\t\theader Content-Type "application/problem+json"
\t\t\trespond `{json.dumps(problem)}` 504
\t\t}}
"""


def _status(host: str, folder: Path) -> str:
    """The copy of the status page. Its policy is its own: it says which style it has, and nothing else is allowed."""
    locks = "".join(
        f'\t\t\theader {name} "{value}"\n'
        for name, value in HEADERS["error"].items()
        if name != "Content-Security-Policy"
    )
    return f"""\
\t\t@status {{
\t\t\thost {host}
\t\t\tpath /status
\t\t\tfile {{
\t\t\t\troot "{folder}"
\t\t\t\ttry_files /status.html
\t\t\t}}
\t\t}}
\t\thandle @status {{
{locks}\t\t\trewrite * /status.html
\t\t\tfile_server {{
\t\t\t\troot "{folder}"
\t\t\t}}
\t\t}}
"""
