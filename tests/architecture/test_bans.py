"""What linters cannot see: doors around the binding, the catalogue and the vendors, closed by reading the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, dotted, imports, name_of, parsed, python_files

# Raw SQL is written here and nowhere else: each of these says why it needs it.
RAW_SQL = (
    "platform/tenancy/postgresql/",
    "platform/tenancy/fitting.py",  # policies of shared tables, one table locked at a time
    "platform/events/admission.py",  # the fair queue skips from one organization to the next in the index
    "platform/events/delivery.py",  # takes a delivery and marks it done in one statement
    "platform/events/schedule.py",  # rows for every organization in one statement, and a claim that skips locked ones
    "platform/billing/inbox/looking.py",  # a lease that skips what others look into
    "platform/billing/usage/",  # one statement for the meters, days and marks of every organization
    "platform/events/dispatcher.py",  # one dispatcher a database: an advisory lock
    "platform/media/edge/settling.py",  # one writer a distribution: advisory locks of the session
    "platform/config/health.py",  # asks whether the database answers
    "platform/config/deep_health.py",  # the same
    "platform/config/management/",  # roles and grants
    "platform/devstack/parts/",  # the embedded server is set up before Django exists
    "platform/devstack/edge/",  # a server of its own with a login of its own
    "apps/accounts/session_rows.py",  # session, member and roles in one statement, on every request
    "apps/progress/store.py",  # one statement an event: the figure that the watch map is held to
    "tenants/cells/",  # two clusters at once: COPY from one to the other, walls and locks, rows of tables by name
    "tenants/archive/",  # COPY of whole tables as one instant has them, and a search through every column
    "tenants/schema/",  # schemas are made of reviewed SQL
    "tenants/provisioning/",
    "tenants/fleet/",  # claims that skip what is locked, locks of the database, a look through the catalogue
    "tenants/management/",
    "tenants/lifecycle/door.py",  # the one function that lends the right to open and close a door
)
# Only the backend changes who the connection is.
SESSION_STATE = (
    "platform/tenancy/postgresql/",
    "platform/devstack/edge/",
    "tenants/schema/",
    "tenants/cells/link.py",  # a connection of its own, to another cell
    "tenants/archive/snapshot.py",  # a connection of its own that reads as the organization's role
)

PRODUCT = sorted(python_files())
Rule = Callable[[Path], list[str]]


def _broken(rule: Rule, *, but: tuple[str, ...] = ()) -> list[str]:
    return [violation for path in PRODUCT if not _may(path, but) for violation in rule(path)]


def _may(path: Path, allowed: tuple[str, ...]) -> bool:
    return name_of(path).startswith(allowed)


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call))


def _strings(path: Path) -> Iterator[tuple[int, str]]:
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def _raw_sql(path: Path) -> list[str]:
    found = []
    for call in _calls(path):
        name = dotted(call.func)
        last = name.rsplit(".", 1)[-1]
        if last == "cursor" or (last in ("extra", "raw") and ".objects." in name) or last in ("RawSQL", "RunSQL"):
            found.append(f"{name_of(path)}:{call.lineno} {name}")
    found += [f"{name_of(path)}:{line} {name}" for line, name in imports(path) if name.startswith("psycopg")]
    return found


def _session_state(path: Path) -> list[str]:
    pattern = re.compile(
        r"set_config\s*\(|\bSET\s+(LOCAL\s+|SESSION\s+)?(ROLE|search_path|SESSION AUTHORIZATION)\b", re.I
    )
    # "SET search_path = …" behind CREATE FUNCTION belongs to the function, not to the session.
    return [
        f"{name_of(path)}:{line}"
        for line, text in _strings(path)
        if pattern.search(re.sub(r"(?is)CREATE\s+(OR\s+REPLACE\s+)?FUNCTION.*?\bAS\b|--[^\n]*", "", text))
    ]


def _tenant_contexts(path: Path) -> list[str]:
    banned = {"schema_context", "tenant_context", "set_tenant", "set_schema", "set_schema_to_public"}
    found = [
        f"{name_of(path)}:{call.lineno} {dotted(call.func)}"
        for call in _calls(path)
        if dotted(call.func).rsplit(".", 1)[-1] in banned
    ]
    found += [
        f"{name_of(path)}:{line} {name}"
        for line, name in imports(path)
        if name.startswith("django_tenants.") and name.rsplit(".", 1)[-1] in banned
    ]
    return found


def _cached_rows(path: Path) -> list[str]:
    """Functions whose result the process keeps although it came from an organization's tables."""
    rows = {
        name.rsplit(".", 1)[-1]
        for _, name in imports(path)
        if {"models", "selectors", "services", "api"} & set(name.split(".")[:-1])
    }
    found = []
    for node in ast.walk(parsed(path)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        kept = {dotted(mark).rsplit(".", 1)[-1] for mark in node.decorator_list} & {"cache", "lru_cache"}
        names = {dotted(inner).split(".")[0] for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        touches = names & rows or any(
            isinstance(inner, ast.Attribute) and inner.attr == "objects" for inner in ast.walk(node)
        )
        if kept and touches:
            found.append(f"{name_of(path)}:{node.lineno} {node.name}")
    return found


def _lookups_by_name(path: Path) -> list[str]:
    return [f"{name_of(path)}:{call.lineno}" for call in _calls(path) if dotted(call.func).endswith("apps.get_model")]


def _vendors(path: Path) -> list[str]:
    vendors = {"boto3", "botocore", "stripe"}
    return [f"{name_of(path)}:{line} {name}" for line, name in imports(path) if name.split(".")[0] in vendors]


def _knows_that_it_is_tested(path: Path) -> list[str]:
    words = {"pytest", "TEST_SUITE", "TESTING", "PYTEST_CURRENT_TEST"}
    names = {
        dotted(node).rsplit(".", 1)[-1] for node in ast.walk(parsed(path)) if isinstance(node, ast.Name | ast.Attribute)
    }
    told = {text for _, text in _strings(path)}
    return [f"{name_of(path)} {word}" for word in (names | told) & words]


def _side_channels(path: Path) -> list[str]:
    rows = ("pre_init", "post_init", "pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed")
    banned = (*(f"django.db.models.signals.{name}" for name in rows), "django.contrib.contenttypes.fields")
    return [f"{name_of(path)}:{line} {name}" for line, name in imports(path) if name.startswith(banned)]


def test_raw_sql_stays_in_named_modules() -> None:
    assert _broken(_raw_sql, but=RAW_SQL) == []


def test_only_the_backend_changes_role_and_search_path() -> None:
    assert _broken(_session_state, but=SESSION_STATE) == []


def test_nobody_uses_django_tenants_own_contexts() -> None:
    assert _broken(_tenant_contexts) == []


def test_no_process_keeps_rows_of_an_organization() -> None:
    assert _broken(_cached_rows, but=("platform/devstack/",)) == []


def test_models_are_imported_not_looked_up_by_name() -> None:
    assert _broken(_lookups_by_name) == []


def test_vendors_stay_in_their_module() -> None:
    assert _broken(_vendors, but=("platform/media/aws/", "platform/billing/gateway.py", "platform/devstack/")) == []


def test_the_product_does_not_know_that_it_is_tested() -> None:
    assert _broken(_knows_that_it_is_tested) == []


def test_apps_do_not_talk_by_model_signals_or_generic_keys() -> None:
    assert _broken(_side_channels) == []


def test_bare_signing_and_other_clocks_are_excused_in_known_places_only() -> None:
    excused = {
        name_of(path)
        for path in PRODUCT
        if "noqa: TID251" in path.read_text() and not _may(path, ("platform/devstack/",))
    }
    assert excused == {"platform/tenancy/signing.py", "platform/core/clock.py"}


def test_no_file_is_too_long_to_read_whole() -> None:
    lines = {name_of(path): len(path.read_text().splitlines()) for path in PRODUCT}
    assert {name: count for name, count in lines.items() if count > 450} == {}


SEEDS: dict[str, tuple[Rule, str]] = {
    "cursor": (_raw_sql, "from django.db import connection\nwith connection.cursor() as c:\n    c.execute('x')\n"),
    "driver": (_raw_sql, "import psycopg2\n"),
    "extra": (_raw_sql, "Course.objects.extra(where=['1=1'])\n"),
    "role": (_session_state, "run(\"SELECT set_config('role', 'r_b', false)\")\n"),
    "path": (_session_state, "run('SET search_path = t_b')\n"),
    "context": (_tenant_contexts, "from django_tenants.utils import schema_context\n"),
    "set tenant": (_tenant_contexts, "connection.set_tenant(other)\n"),
    "kept rows": (
        _cached_rows,
        "from functools import lru_cache\nfrom apps.courses.models import Course\n@lru_cache\ndef f(i):\n"
        "    return Course.objects.get(id=i)\n",
    ),
    "lookup": (_lookups_by_name, "from django.apps import apps\nM = apps.get_model('courses', 'Course')\n"),
    "vendor": (_vendors, "def f():\n    import boto3\n"),
    "test flag": (_knows_that_it_is_tested, "if settings.TEST_SUITE:\n    pass\n"),
    "signals": (_side_channels, "from django.db.models.signals import post_save\n"),
}


@pytest.mark.parametrize("seed", SEEDS, ids=list(SEEDS))
def test_each_rule_finds_its_seed(seed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule, source = SEEDS[seed]
    file = tmp_path / "seeded.py"
    file.write_text(source)
    monkeypatch.setattr("tests.architecture.test_bans.name_of", lambda path: path.name)
    assert rule(file)


def test_the_root_is_the_projects() -> None:
    assert (ROOT / "pyproject.toml").exists()
    assert len(PRODUCT) > 50
