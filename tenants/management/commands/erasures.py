"""The ledger of erasures, for when the whole database is put back to an earlier moment (docs/operations/backups.md).

``erasures --since <time>`` writes it as JSON lines, and how many they are as the last of them. ``erasures --again
<where>`` makes them again in what came back: a file, ``-`` for what is piped in, or the lines themselves where neither
reaches the container. It ends with 1, and names them, where organizations could not be worked in: give it the owning
login, which paused ones are open to, and the same ledger again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import tenancy
from tenants import erasures


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=_moment, help="Only those since then, ISO 8601. Default: all.")
        parser.add_argument("--again", metavar="WHERE", help="What this command wrote: erase them all again.")

    def handle(self, *args: Any, **options: Any) -> None:
        with tenancy.platform():
            if options["again"] is None:
                count = 0
                for line in erasures.written(options["since"]):
                    self.stdout.write(json.dumps(line))
                    count += 1
                self.stdout.write(json.dumps({"erasures": count}))
                return
            again = erasures.make_again(_read(options["again"]))
        self.stdout.write(f"{again.erased} erased again, {again.before} had nothing left to erase.")
        for name, why in again.left_out.items():
            self.stderr.write(f"{name} was left out: it is {why}")
        if again.left:
            whose = f"of {len(again.left_out)} organizations"
            raise CommandError(f"{again.left} are NOT erased, {whose}. Let nobody in before you know why.")


def _read(where: str) -> list[Mapping[str, Any]]:
    """Return the lines of one ledger, or of several behind each other.

    Raises:
        CommandError: it cannot be read, or is not whole: whoever is missing would be back for good.
    """
    try:
        lines = [json.loads(line) for line in _text(where).splitlines() if line.strip()]
    except (OSError, ValueError) as unreadable:
        raise CommandError(f"The ledger cannot be read: {unreadable}") from unreadable
    found: list[Mapping[str, Any]] = []
    begun = 0
    for line in lines:
        if set(line) == {"erasures"}:
            if line["erasures"] != len(found) - begun:
                raise CommandError(
                    f"The ledger says that it has {line['erasures']} lines: {len(found) - begun} are here."
                )
            begun = len(found)
        else:
            found.append(line)
    if not lines or begun != len(found):
        raise CommandError("The ledger is cut off: its last line has to say how many they are.")
    return found


def _text(where: str) -> str:
    if where == "-":
        return sys.stdin.read()
    return where if where.startswith("{") else Path(where).read_text()


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
