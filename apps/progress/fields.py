"""A column of whole seconds: PostgreSQL's int4multirange, which psycopg2 has no type for."""

from __future__ import annotations

from typing import Any

from django.db import models

from apps.progress.watch import NOTHING, Seconds, dump, load


class SecondsField(models.Field):
    """Holds :data:`apps.progress.watch.Seconds`; crosses the wire as text, cast by the database."""

    description = "A set of whole seconds"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", NOTHING)
        super().__init__(*args, **kwargs)

    def db_type(self, connection: Any) -> str:
        return "int4multirange"

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        return "%s::int4multirange"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Seconds | None:
        return load(value) if isinstance(value, str) else value

    def to_python(self, value: Any) -> Seconds | None:
        return load(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> str | None:
        return value if value is None or isinstance(value, str) else dump(value)

    def value_to_string(self, obj: models.Model) -> str:
        seconds: Any = self.value_from_object(obj)
        return dump(seconds or NOTHING)
