"""Walk the learner's way through the public address: once, or again and again."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import journey, metrics, monitor


class Command(BaseCommand):
    help = "Sign in as the canary's learner, open a lesson, play its film, report progress. 1 where a step fails."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, default=0, help="Seconds from walk to walk. 0: walk once and end.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            who = monitor.learner()
        except ValueError as missing:
            raise CommandError(str(missing)) from None
        period = options["every"]
        if not period:
            walked = monitor.look(who)
            for step in walked.steps:
                went = "good" if step.is_good else "FAILED"
                self.stdout.write(f"{went:6} {step.name:10} {step.seconds:.3f} s {step.why}")
            if not walked.is_good:
                raise CommandError("The journey failed.")
            return
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        metrics.serve()
        kept = journey.Kept()
        while not stopping.is_set():
            began = time.monotonic()
            monitor.look(who, kept)
            stopping.wait(max(0.0, period - (time.monotonic() - began)))
