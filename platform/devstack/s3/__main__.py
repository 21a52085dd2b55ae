"""``python -m devstack.s3``: serve the object store. Settings: ``LMS_S3_URL`` and friends, ``LMS_LISTEN``."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import sys
from collections.abc import AsyncIterator

import uvicorn

from core import secret_files
from devstack.s3 import config, sigv4
from devstack.s3.app import S3App
from devstack.s3.cors import Cors
from devstack.s3.errors import S3Error
from devstack.s3.layout import Layout
from devstack.s3.names import check_bucket
from devstack.s3.store import Store

_SWEEP_SECONDS = 3600
_ABANDONED_SECONDS = 3 * 24 * 3600

log = logging.getLogger("devstack.s3")


def build(settings: config.Config) -> S3App:
    """Return the application, with its bucket made."""
    store = Store(Layout.under(settings.data_dir), durable=settings.durable)
    with contextlib.suppress(S3Error):
        store.create_bucket(check_bucket(settings.bucket))
    cors = Cors(
        scheme=settings.public_scheme,
        tenant_suffix=settings.tenant_suffix,
        port=settings.public_port,
        other_hosts=settings.other_hosts,
    )
    return S3App(store, sigv4.Credentials(settings.access_key, settings.secret_key, settings.region), cors)


@contextlib.asynccontextmanager
async def _sweeping(app: S3App) -> AsyncIterator[None]:
    async def sweep() -> None:
        while True:
            dropped = await asyncio.to_thread(app.multipart.sweep, _ABANDONED_SECONDS)
            if dropped:
                log.info("dropped %d multipart uploads that nobody finished in three days", dropped)
            await asyncio.sleep(_SWEEP_SECONDS)

    task = asyncio.create_task(sweep())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _serve(settings: config.Config) -> None:
    app = build(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            http="httptools",
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=75,
        )
    )
    async with _sweeping(app):
        log.info("object store on http://%s:%d/%s", settings.host, settings.port, settings.bucket)
        await server.serve()


def main() -> int:
    """Serve until stopped. Returns 2 where settings are wrong or another process serves the same folder."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)
    try:
        secret_files.unfold(os.environ)
        settings = config.from_env()
    except (OSError, config.ConfigError, ValueError) as error:
        log.error("%s", error)
        return 2
    layout = Layout.under(settings.data_dir)
    layout.prepare()
    with layout.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.error("another process serves %s", layout.root)
            return 2
        try:
            import uvloop
        except ImportError:
            asyncio.run(_serve(settings))
        else:
            uvloop.run(_serve(settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
