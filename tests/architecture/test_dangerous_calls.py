"""Calls that become holes when a stranger's text reaches them: banned, or kept to the modules that say why."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, dotted, imports, name_of, parsed, python_files

PRODUCT = [path for path in python_files() if not name_of(path).startswith("platform/devstack/")]
Rule = Callable[[Path], list[str]]

# Who may speak to whom over the network. No address here comes from somebody who uses the product.
NETWORK = {
    "platform/config/deep_health.py",  # the mail server of the settings
    "platform/config/journey.py",  # the product's own pages, as a learner of its own canary opens them
    "platform/core/probe.py",  # this machine's own web server
    "platform/core/tasks.py",  # the exceptions of smtplib
    "platform/events/mails.py",
    "tenants/tasks.py",
    "tenants/lifecycle/notices.py",
    "platform/config/tracing.py",  # the machine's own name
    "platform/events/journal.py",
    "platform/media/management/commands/check_content.py",  # a package of its own, on a host that we named
    "platform/media/testing.py",
    "tenants/archive/mailbox.py",  # the embedded mailbox, of the settings
}
# What reads XML: a strict reader with everything that XML can reach outside of itself switched off.
XML = {"apps/branding/imaging/svg.py"}
# Chance that decides nothing about who gets in: pauses and shares.
CHANCE = {
    *("platform/tenancy/postgresql/base.py", "platform/tenancy/fitting.py"),
    *("tenants/fleet/runner.py", "tenants/tasks.py"),
}
UNESCAPED = {
    "config/shell.html": {"head.css"},  # variables that the solver made, and addresses of the build
    "config/plain.html": {"theme", "picture"},
    "config/closed.html": {"theme", "face"},
    "config/status.html": {"css"},  # a file of the source
}

_ASKED = {"request", "query_params", "GET", "POST", "data", "validated_data", "body"}
_LOOKUPS = {"filter", "exclude", "annotate", "alias", "aggregate", "Q"}
_OF_MANAGERS = {"get", "create", "update", "get_or_create", "update_or_create"}


def _mentions_a_request(node: ast.AST) -> bool:
    return any(
        (isinstance(inner, ast.Name) and inner.id in _ASKED)
        or (isinstance(inner, ast.Attribute) and inner.attr in _ASKED)
        for inner in ast.walk(node)
    )


def _last(call: ast.Call) -> str:
    return dotted(call.func).rsplit(".", 1)[-1]


def _calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]


def _splat_of_a_request(path: Path) -> list[str]:
    """CVE-2025-64459: whoever names the keywords of a lookup writes its SQL."""
    return [
        f"{name_of(path)}:{call.lineno} {_last(call)}(**…)"
        for call in _calls(path)
        if (_last(call) in _LOOKUPS or (_last(call) in _OF_MANAGERS and ".objects." in dotted(call.func)))
        and any(kw.arg is None and _mentions_a_request(kw.value) for kw in call.keywords)
    ]


def _order_of_a_request(path: Path) -> list[str]:
    return [
        f"{name_of(path)}:{call.lineno}"
        for call in _calls(path)
        if _last(call) in ("order_by", "distinct", "values", "values_list", "only", "defer")
        and any(_mentions_a_request(argument) for argument in call.args)
    ]


def _shell(path: Path) -> list[str]:
    found = []
    for call in _calls(path):
        name = dotted(call.func)
        shell = any(kw.arg == "shell" and not _is_false(kw.value) for kw in call.keywords)
        if shell or name in ("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"):
            found.append(f"{name_of(path)}:{call.lineno} {name}")
    return found


def _is_false(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _code_from_data(path: Path) -> list[str]:
    modules = {"pickle", "cPickle", "marshal", "shelve", "dill", "jsonpickle", "cloudpickle"}
    found = [f"{name_of(path)}:{line} {name}" for line, name in imports(path) if name.split(".")[0] in modules]
    for call in _calls(path):
        name = dotted(call.func)
        if name in ("eval", "exec", "compile", "__import__"):
            found.append(f"{name_of(path)}:{call.lineno} {name}")
        if name.startswith("yaml.") and name not in ("yaml.safe_load", "yaml.safe_dump"):
            found.append(f"{name_of(path)}:{call.lineno} {name}")
    return found


def _markup(path: Path) -> list[str]:
    names = {"mark_safe", "SafeString", "SafeText", "csrf_exempt"}
    return [f"{name_of(path)}:{line} {name}" for line, name in imports(path) if name.rsplit(".", 1)[-1] in names]


def _weak_crypto(path: Path) -> list[str]:
    found = []
    for call in _calls(path):
        name = dotted(call.func)
        if name in ("hashlib.md5", "hashlib.sha1") and not any(
            kw.arg == "usedforsecurity" and _is_false(kw.value) for kw in call.keywords
        ):
            found.append(f"{name_of(path)}:{call.lineno} {name}")
        if any(kw.arg in ("verify", "check_hostname") and _is_false(kw.value) for kw in call.keywords):
            found.append(f"{name_of(path)}:{call.lineno} {name} does not verify")
        if name.endswith(("_create_unverified_context", "tempfile.mktemp")):
            found.append(f"{name_of(path)}:{call.lineno} {name}")
    return found


def _network(path: Path) -> list[str]:
    modules = (
        "requests",
        "httpx",
        "aiohttp",
        "urllib.request",
        "urllib3",
        "http.client",
        "socket",
        "smtplib",
        "ftplib",
    )
    return [f"{name_of(path)}:{line} {name}" for line, name in imports(path) if name.startswith(modules)]


def _xml(path: Path) -> list[str]:
    return [
        f"{name_of(path)}:{line} {name}"
        for line, name in imports(path)
        if name.startswith(("xml.", "lxml")) and not name.startswith("xml.sax.saxutils")
    ]


def _chance(path: Path) -> list[str]:
    return [f"{name_of(path)}:{line}" for line, name in imports(path) if name.split(".")[0] == "random"]


def _broken(rule: Rule, *, but: set[str] = frozenset()) -> list[str]:  # type: ignore[assignment]
    return [found for path in PRODUCT if name_of(path) not in but for found in rule(path)]


def test_attack_65_no_lookup_takes_its_keywords_from_a_request() -> None:
    assert _broken(_splat_of_a_request) == []


def test_attack_66_no_order_comes_from_a_request() -> None:
    assert _broken(_order_of_a_request) == []


def test_attack_68_no_program_is_started_through_a_shell() -> None:
    assert _broken(_shell) == []


def test_attack_69_no_data_becomes_code() -> None:
    assert _broken(_code_from_data) == []


def test_attack_62_only_named_modules_speak_to_a_network() -> None:
    """Server-side request forgery needs a server that fetches what somebody names: nothing here does."""
    assert _broken(_network, but=NETWORK) == []


def test_markup_is_escaped_but_where_it_is_made() -> None:
    assert _broken(_markup, but={"platform/config/reports.py", "platform/billing/rest/webhooks.py"}) == []


def test_what_is_not_escaped_in_a_template_is_named() -> None:
    found = {}
    for folder in ("platform", "tenants", "apps"):
        for path in (ROOT / folder).rglob("templates/**/*.html"):
            if "devstack" in path.parts:
                continue
            text = path.read_text()
            assert "{% autoescape off" not in text, path
            if names := set(re.findall(r"\{\{\s*([\w.]+)\s*\|\s*safe", text)):
                found["/".join(path.parts[-2:])] = names
    assert found == UNESCAPED


def test_no_broken_hash_and_no_unverified_certificate() -> None:
    assert _broken(_weak_crypto) == []


def test_xml_is_read_in_one_place() -> None:
    assert _broken(_xml, but=XML) == []


def test_secrets_are_not_made_by_chance() -> None:
    assert _broken(_chance, but=CHANCE) == []


SEEDS: dict[str, tuple[Rule, str]] = {
    "splat": (_splat_of_a_request, "Course.objects.filter(**request.GET.dict())\n"),
    "splat of a body": (_splat_of_a_request, "Q(**serializer.validated_data)\n"),
    "order": (_order_of_a_request, "rows.order_by(request.query_params['sort'])\n"),
    "shell": (_shell, "subprocess.run(f'ffmpeg {name}', shell=True)\n"),
    "system": (_shell, "os.system('ls')\n"),
    "pickle": (_code_from_data, "import pickle\n"),
    "yaml": (_code_from_data, "yaml.load(text)\n"),
    "eval": (_code_from_data, "eval(text)\n"),
    "markup": (_markup, "from django.utils.safestring import mark_safe\n"),
    "md5": (_weak_crypto, "hashlib.md5(secret)\n"),
    "verify": (_weak_crypto, "httpx.get(url, verify=False)\n"),
    "fetch": (_network, "import httpx\n"),
    "xml": (_xml, "from xml.etree import ElementTree\n"),
    "chance": (_chance, "import random\n"),
}


@pytest.mark.parametrize("seed", SEEDS, ids=list(SEEDS))
def test_each_rule_finds_its_seed(seed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule, source = SEEDS[seed]
    file = tmp_path / "seeded.py"
    file.write_text(source)
    monkeypatch.setattr("tests.architecture.test_dangerous_calls.name_of", lambda path: path.name)
    assert rule(file)
