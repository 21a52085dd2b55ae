"""A worker of the product with one listener more: it hears bells, and leaves a mark for each in the delivery's commit.

Run as ``python -m tests.support.bell_worker``; ends by SIGTERM.
"""

from __future__ import annotations

import django


def main() -> None:
    django.setup()
    from config.celery import app
    from events import base
    from events.tests.conftest import BellRang, leave_a_mark

    base.subscriber("tests.bell", BellRang)(leave_a_mark)
    app.worker_main(
        ["worker", "--queues=events", "--concurrency=2", "--loglevel=WARNING", "--without-gossip", "--without-mingle"]
    )


if __name__ == "__main__":
    main()
