"""Run the dispatcher until SIGTERM or SIGINT."""

from __future__ import annotations

import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from events.dispatcher import Dispatcher


class Command(BaseCommand):
    help = "Relay the outbox and run periodic duties. One runs at a time; a second waits."

    def handle(self, *args: Any, **options: Any) -> None:
        dispatcher = Dispatcher()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: dispatcher.stop())
        import_string(settings.DISPATCHER_FIGURES)()
        dispatcher.run()
