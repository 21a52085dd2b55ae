"""Django's makemigrations, bound as the schema's owner: it compares the shared schema's history with the code."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.makemigrations import Command as MakeMigrations

import tenancy


class Command(MakeMigrations):
    def handle(self, *args: Any, **options: Any) -> None:
        with tenancy.schema_owner():
            super().handle(*args, **options)
