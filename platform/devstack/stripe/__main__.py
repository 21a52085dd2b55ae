"""``python -m devstack.stripe``: serve the local Stripe on 127.0.0.1."""

from __future__ import annotations

import fcntl
import logging
import sys

import uvicorn

from devstack import ports
from devstack.stripe import config
from devstack.stripe.server import application


def main() -> int:
    """Serve until stopped. Returns 2 where settings are wrong or another process serves the same folder."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    log = logging.getLogger("devstack.stripe")
    try:
        settings = config.from_environ()
    except (config.ConfigError, ValueError) as error:
        log.error("%s", error)
        return 2
    folder = settings.data_dir / "stripe"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.error("another process serves %s", folder)
            return 2
        uvicorn.run(
            application(settings),
            host=ports.HOST,
            port=settings.port,
            log_level="warning",
            access_log=False,
            server_header=False,
            forwarded_allow_ips="",
            timeout_graceful_shutdown=3,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
