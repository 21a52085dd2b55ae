"""``python -m devstack.mailbox``: SMTP and the mailbox's pages in one process."""

from __future__ import annotations

import asyncio
import os
import sys

import uvicorn

from devstack import ports
from devstack.mailbox import smtp, web
from devstack.mailbox.store import Store
from devstack.settings import Settings


async def serve(settings: Settings) -> None:
    """Serve both until the process is told to stop."""
    store = Store(settings.data_dir / "mail")
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: smtp.protocol(store), ports.HOST, settings.ports["smtp"])
    config = uvicorn.Config(
        web.application(store, settings),
        host=ports.HOST,
        port=settings.ports["mail"],
        log_level="warning",
        access_log=False,
        server_header=False,
        forwarded_allow_ips="",  # no header may say who asks: the page does not care, and nobody should believe it does
        lifespan="off",
    )
    async with listener:
        await uvicorn.Server(config).serve()


def main() -> int:
    """Anybody who can open the page can read every mail: so it runs in the embedded default or not at all."""
    if os.environ.get("LMS_EMBEDDED") != "1":
        print("The mailbox belongs to the embedded default and refuses to run outside it.", file=sys.stderr)
        return 1
    asyncio.run(serve(Settings.from_environ()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
