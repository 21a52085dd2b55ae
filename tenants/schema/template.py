"""The versioned template: the committed SQL that makes an organization's schema."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

SCHEMA_TOKEN = "tenant_template_schema"  # noqa: S105 - a placeholder, not a secret
ROLE_TOKEN = "tenant_template_role"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Template:
    """``sql`` with the two tokens in place of names; ``sha256`` names its content."""

    release: int
    sha256: str
    sql: str

    def rendered(self, *, schema: str, role: str) -> str:
        """Return the SQL for one schema and role."""
        return rendered(self.sql, schema=schema, role=role)


def rendered(sql: str, *, schema: str, role: str) -> str:
    """Return ``sql`` for one schema and role. Both names are ours: lower case letters, digits, underscores."""
    for name in (schema, role):
        if not name.replace("_", "").isalnum() or not name.isascii() or name != name.lower():
            raise ValueError(f"not a name of ours: {name!r}")
    return sql.replace(SCHEMA_TOKEN, schema).replace(ROLE_TOKEN, role)


@lru_cache(maxsize=1)
def current() -> Template:
    """Return the committed template. Its release is that of the newest file in ``releases``."""
    folder = resources.files("tenants.schema")
    sql = folder.joinpath("template.sql").read_text(encoding="utf-8")
    numbers = [int(file.name[:4]) for file in folder.joinpath("releases").iterdir() if file.name[:4].isdigit()]
    return Template(max(numbers), hashlib.sha256(sql.encode()).hexdigest(), sql)
