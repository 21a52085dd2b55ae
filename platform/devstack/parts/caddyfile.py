"""The configuration of the front door, written from the settings.

What decides where a request goes, in this order: the mailbox by its host; ``/media/t/*`` only after the edge verifier
has said yes; ``/media/p/*`` public images; ``/assets/*`` the built application; everything else the web server.
"""

from __future__ import annotations

from pathlib import Path

from devstack import ports
from devstack.settings import Settings

YEAR_SECONDS = 31_536_000

# Content types of what a player loads: the system's own table differs from machine to machine.
MEDIA_TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "m4s": "video/iso.segment",
    "mp4": "video/mp4",
    "ts": "video/mp2t",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "vtt": "text/vtt; charset=utf-8",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "avif": "image/avif",
    "svg": "image/svg+xml",
}

# A client may send these; whoever stands behind us would take them for ours.
UNTRUSTED_HEADERS = (
    "X-Forwarded-*",
    "Forwarded",
    "X-Real-Ip",
    "X-Original-Url",
    "X-Original-Uri",
    "X-Rewrite-Url",
    "X-Http-Method-Override",
    "Proxy",
)


def write(settings: Settings, *, object_root: Path, frontend_dist: Path) -> str:
    """The whole Caddyfile. ``object_root`` holds the stored objects by key, ``frontend_dist`` the built application."""
    return "\n".join(
        [
            _global_options(settings),
            f"http://:{settings.ports['front']} {{",
            f"\tbind {ports.HOST}",
            *(f"\trequest_header -{name}" for name in UNTRUSTED_HEADERS),
            _mailbox(settings),
            _private_media(settings, object_root),
            _public_media(object_root),
            _assets(frontend_dist),
            _application(settings),
            _errors(),
            "}",
            "",
        ]
    )


def _global_options(settings: Settings) -> str:
    return f"""{{
\tadmin off
\tpersist_config off
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


def _mailbox(settings: Settings) -> str:
    return f"""
\t@mailbox host {settings.mail_host}
\thandle @mailbox {{
\t\treverse_proxy {ports.HOST}:{settings.ports["mail"]}
\t}}"""


def _private_media(settings: Settings, object_root: Path) -> str:
    """Signed media. The verifier gets the request line as it came (X-Forwarded-Uri) and the Host with its port.

    ``route`` keeps the order: nothing is said about caching before the verifier has agreed.
    """
    return f"""
\thandle /media/t/* {{
\t\troute {{
\t\t\tforward_auth {ports.HOST}:{settings.ports["edge"]} {{
\t\t\t\turi /verify
\t\t\t}}
\t\t\turi strip_prefix /media
{_types()}
\t\t\t@growing path *.m3u8
\t\t\theader @growing Cache-Control "private, max-age=1"
\t\t\t@fixed not path *.m3u8
\t\t\theader @fixed Cache-Control "private, max-age={YEAR_SECONDS}, immutable"
\t\t\theader X-Content-Type-Options nosniff
\t\t\tfile_server {{
\t\t\t\troot "{object_root}"
\t\t\t\tdisable_canonical_uris
\t\t\t\tindex off
\t\t\t}}
\t\t}}
\t}}"""


def _public_media(object_root: Path) -> str:
    """Public images: named by their content, so they may be kept for ever. An SVG among them may run nothing."""
    return f"""
\thandle /media/p/* {{
\t\troute {{
\t\t\turi strip_prefix /media
{_types()}
\t\t\theader Cache-Control "public, max-age={YEAR_SECONDS}, immutable"
\t\t\theader X-Content-Type-Options nosniff
\t\t\theader Content-Security-Policy "default-src 'none'; style-src 'unsafe-inline'; sandbox"
\t\t\tfile_server {{
\t\t\t\troot "{object_root}"
\t\t\t\tdisable_canonical_uris
\t\t\t\tindex off
\t\t\t}}
\t\t}}
\t}}"""


def _types() -> str:
    return "\n".join(f'\t\t\theader *.{suffix} Content-Type "{name}"' for suffix, name in MEDIA_TYPES.items())


def _assets(frontend_dist: Path) -> str:
    """The built application: file names carry a hash of their content."""
    return f"""
\thandle /assets/* {{
\t\troute {{
\t\t\tencode zstd gzip
\t\t\theader Cache-Control "public, max-age={YEAR_SECONDS}, immutable"
\t\t\theader X-Content-Type-Options nosniff
\t\t\tfile_server {{
\t\t\t\troot "{frontend_dist}"
\t\t\t\tdisable_canonical_uris
\t\t\t\tindex off
\t\t\t\tprecompressed br gzip
\t\t\t}}
\t\t}}
\t}}"""


def _application(settings: Settings) -> str:
    """Everything else. While the web server restarts, a request waits a moment instead of failing."""
    return f"""
\thandle {{
\t\tencode zstd gzip
\t\treverse_proxy {ports.HOST}:{settings.ports["web"]} {{
\t\t\tlb_try_duration 5s
\t\t\tlb_try_interval 100ms
\t\t\ttransport http {{
\t\t\t\tdial_timeout 2s
\t\t\t\tkeepalive 60s
\t\t\t\tkeepalive_idle_conns_per_host 64
\t\t\t}}
\t\t}}
\t}}"""


def _errors() -> str:
    """What the front door says itself: that something is not there, or that who should answer does not."""
    return """
\thandle_errors {
\t\theader Cache-Control no-store
\t\theader Content-Type "text/plain; charset=utf-8"
\t\t@away expression {http.error.status_code} >= 502
\t\theader @away Retry-After 2
\t\trespond @away "This part of the platform is starting. Try again in a moment." {http.error.status_code}
\t\trespond "{http.error.status_code} {http.error.status_text}" {http.error.status_code}
\t}"""
