"""What explains an archive to the person who opens it: generated from the models, so that it can't be out of date."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

from tenants.archive import ports, secrets
from tenants.archive.snapshot import Table
from tenants.models import Organization

# What a column's name says about its values.
_UNITS = (
    ("_permille", "thousandths, 0 to 1000"),
    ("_seconds", "seconds"),
    ("_ms", "milliseconds"),
    ("_bytes", "bytes"),
    ("_milli", "thousandths of a point"),
    ("_minor", "minor units of the currency"),
    ("_at", "UTC"),
    ("_on", "day, UTC"),
)


def schema(tables: list[Table]) -> dict[str, Any]:
    """Return the description of every table and column of the archive."""
    by_table = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    hidden = secrets.sealed()
    return {
        "tables": [_table(by_table.get(found.name), found, hidden.get(found.name, ())) for found in tables],
        "shared": [
            {
                "table": found.table,
                "file": f"shared/{found.table}.jsonl",
                "meaning": found.meaning,
                "comes_back_with_a_restore": found.returns,
                "columns": [
                    _column(field, "", ())
                    for field in found.model._meta.concrete_fields
                    if field.column not in found.left_out
                ],
            }
            for found in ports.shared_tables()
        ],
    }


def _table(model: type[models.Model] | None, table: Table, sealed: tuple[str, ...]) -> dict[str, Any]:
    fields = {field.column: field for field in model._meta.concrete_fields} if model else {}
    personal = str(getattr(model, "pii", "")) if model else ""
    return {
        "table": table.name,
        "file": f"tables/{table.name}.jsonl",
        "meaning": _meaning(model),
        "personal_data": personal or "see the columns",
        "on_erasure": str(getattr(model, "erase", "")) if model else "",
        "columns": [
            _column(fields[column.name], personal, sealed)
            if column.name in fields
            else {"name": column.name, "type": column.type}
            for column in table.columns
        ],
    }


def _meaning(model: type[models.Model] | None) -> str:
    words = " ".join((model.__doc__ or "").split()) if model else ""
    # Django writes Model(field, field…) where nobody wrote anything.
    return "" if model is None or words.startswith(f"{model.__name__}(") else words


def _column(field: models.Field[Any, Any], personal: str, sealed: tuple[str, ...]) -> dict[str, Any]:
    name = str(field.column)
    found: dict[str, Any] = {"name": name, "type": _type(field), "may_be_null": field.null}
    if unit := next((unit for ending, unit in _UNITS if name.endswith(ending)), ""):
        found["unit"] = unit
    if meaning := " ".join(str(field.help_text).split()):
        found["meaning"] = meaning
    if field.choices:
        found["values"] = [str(value) for value, _ in field.flatchoices]
    if field.remote_field is not None and not isinstance(field.remote_field.model, str):
        found["references"] = field.remote_field.model._meta.db_table
    if field.name in personal.replace(",", " ").split() or name in personal:
        found["personal_data"] = True
    if name in sealed:
        found["sealed"] = "only this platform can read it, and only to restore the organization"
    return found


def _type(field: models.Field[Any, Any]) -> str:
    kind = field.get_internal_type()
    if field.remote_field is not None:
        return "id of another row"
    return {
        "UUIDField": "uuid",
        "DateTimeField": "timestamp, ISO 8601",
        "DateField": "date, ISO 8601",
        "BooleanField": "true or false",
        "JSONField": "JSON",
        "BinaryField": "bytes, hexadecimal after \\x",
    }.get(kind, "number" if "Integer" in kind or "Float" in kind or "Decimal" in kind or "Auto" in kind else "text")


def schema_file(found: dict[str, Any]) -> bytes:
    """Return the description for programs."""
    return json.dumps(found, indent=1, ensure_ascii=False).encode() + b"\n"


def schema_words(found: dict[str, Any]) -> bytes:
    """Return the description for people."""
    return "\n".join(_words(found)).encode() + b"\n"


def _words(found: dict[str, Any]) -> Iterator[str]:
    yield "# Tables\n"
    yield "One file a table, one line a row, each line a JSON object. Rows are in the order of their key.\n"
    for table in (*found["tables"], *found["shared"]):
        yield f"## {table['table']}\n"
        yield f"`{table['file']}`\n"
        if table["meaning"]:
            yield f"{table['meaning']}\n"
        yield "| column | type | meaning |"
        yield "|---|---|---|"
        for column in table["columns"]:
            notes = [column.get("meaning", ""), column.get("unit", "")]
            notes.append(f"-> {column['references']}" if "references" in column else "")
            notes.append("one of " + ", ".join(column["values"]) if "values" in column else "")
            notes.append("personal data" if column.get("personal_data") else "")
            notes.append("sealed" if "sealed" in column else "")
            words = "; ".join(note for note in notes if note).replace("|", "\\|")
            yield f"| {column['name']} | {column['type']} | {words} |"
        yield ""


def readme(organization: Organization, host: str, snapshot_at: str) -> bytes:
    """Return what a person reads first."""
    return f"""# {organization.name}: everything

This archive holds the whole of {organization.name} ({host}) as it was at {snapshot_at}.

| what | where |
|---|---|
| people, courses, enrollments, progress, the audit | `tables/`: one file a table, one JSON object a line (JSON Lines) |
| uploads, encodes, storage and other facts that the platform keeps | `shared/` |
| films and pictures | `media/private/` and `media/public/`; `objects.jsonl` lists them |
| what each table and column means | `schema/schema.md` for people, `schema/schema.json` for programs |
| counts and SHA-256 of every file | `manifest.json` |

Open it with any unzip program. A line of `tables/accounts_member.jsonl` is one member; `jq`, a spreadsheet's JSON
import or ten lines of any language read it.

## What you can't read here, and why

`sealed/` holds what only a restore needs: hashes of passwords, seeds of authenticator apps, passkeys. Whoever has this
file can't read them: they open with a key that never leaves the platform. Sessions, confirmation links and the keys
that sign films are not in the archive at all. After a restore everybody signs in again.

Payments and invoices are here to read. A restore never changes them.

## Is it whole?

`manifest.json` names every file with its size and SHA-256. `manifest.seal` is the platform's seal over the manifest:
an archive that somebody changed is not restored.
""".encode()
