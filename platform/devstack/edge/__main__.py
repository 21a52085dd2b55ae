"""``python -m devstack.edge``: the verifier. Settings: ``LMS_EDGE_DATABASE_URL``, ``LMS_LISTEN`` (127.0.0.1 and
``LMS_EDGE_PORT`` without it), ``LMS_PUBLIC_SCHEME``; ``LMS_EDGE_S3_URL`` where the files lie in a store elsewhere."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys

from core import secret_files
from devstack.edge.keys import KeyReader
from devstack.edge.server import Edge, serve
from devstack.edge.store import RemoteStore

log = logging.getLogger("devstack.edge")


async def _run(database_url: str, host: str, port: int, scheme: str, store: RemoteStore | None) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    reader = KeyReader(database_url)
    edge = Edge(reader, scheme, store=store)
    await edge.refresh()
    # What is alive now stays alive; it need not be looked at in every collection.
    gc.freeze()
    log.info("edge verifier on http://%s:%d, %d organizations", host, port, len(edge.snapshot.tenants))
    try:
        await serve(edge, host, port, stopping)
    finally:
        reader.close()


def main() -> int:
    """Serve until stopped. Returns 2 where settings are missing."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)
    secret_files.unfold(os.environ)
    database_url = os.environ.get("LMS_EDGE_DATABASE_URL", "")
    if not database_url:
        log.error("LMS_EDGE_DATABASE_URL is missing: postgresql://lms_edge:…@host/database")
        return 2
    own = int(os.environ.get("LMS_EDGE_PORT") or int(os.environ.get("LMS_PORT", "8000")) + 4)
    host, _, port = (os.environ.get("LMS_LISTEN") or f"127.0.0.1:{own}").rpartition(":")
    scheme = os.environ.get("LMS_PUBLIC_SCHEME", "http")
    elsewhere = os.environ.get("LMS_EDGE_S3_URL", "")
    run = _run(database_url, host, int(port), scheme, RemoteStore.parse(elsewhere) if elsewhere else None)
    try:
        import uvloop
    except ImportError:
        asyncio.run(run)
    else:
        uvloop.run(run)
    return 0


if __name__ == "__main__":
    sys.exit(main())
