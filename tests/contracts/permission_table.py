"""The permission table: who may call what, in one file that people review.

    make permissions        # or: python -m tests.contracts.permission_table

writes ``permissions.json`` from the declared permissions and the policies of the apps. A test holds the file against
both, and then against the running API.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

FILE = Path(__file__).with_name("permissions.json")


def declared() -> dict[str, dict[str, dict[str, Any]]]:
    """Return route -> method -> what it needs and who has that."""
    from tests.isolation.routes import api_routes
    from tests.isolation.samples import ANONYMOUS, ROLES, STAFF_HALVES, STAFF_ROLES
    from tests.isolation.walk import roles_with, staff_roles_with

    order = [*ROLES, *STAFF_ROLES, *STAFF_HALVES, ANONYMOUS]
    return {
        route.name: {
            method: {
                "needs": needs,
                "roles": sorted((staff_roles_with if route.surface == "staff" else roles_with)(needs), key=order.index),
            }
            for method, needs in sorted(route.permissions.items())
        }
        for route in sorted(api_routes(), key=lambda route: route.name)
    }


def committed() -> dict[str, dict[str, dict[str, Any]]]:
    """Return what the file says."""
    found: dict[str, dict[str, dict[str, Any]]] = json.loads(FILE.read_text())
    return found


def rendered() -> str:
    """Return the file's text as it should be: a line for each method, so that a change reads well."""
    lines = []
    for name, methods in declared().items():
        rows = [f'    "{method}": {json.dumps(entry)}' for method, entry in methods.items()]
        lines.append(f'  "{name}": {{\n' + ",\n".join(rows) + "\n  }")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def some_path(pattern: str) -> str:
    """Return a path of ``pattern`` whose ids are nobody's: a permission is decided before anything is looked up."""
    values = {"uuid": lambda: str(uuid4()), "int": lambda: "1"}
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: values.get(found[1] or "str", lambda: "x" * 43)(), pattern)


if __name__ == "__main__":
    import django

    django.setup()
    FILE.write_text(rendered())
