"""Dashboards and alerts name what is really told: parsed, and held against a live scrape of every part."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from devstack.demo.browser import Refused
from devstack.settings import FIGURES
from tests.architecture.tree import ROOT
from tests.observability.conftest import Watched, until

FOLDER = ROOT / "infra" / "observability"
_RUNBOOKS = ROOT / "docs" / "operations" / "alerts.md"

# What this stack has no occasion to tell, and why. Their names are held against the code instead.
_NO_OCCASION = {
    "lms_rate_limited_total": "no limit was reached",
    "lms_certificate_expiry_timestamp_seconds": "no TLS here",
    "lms_backup_age_seconds": "nobody makes backups of a stack of a test",
    "lms_wal_archive_age_seconds": "nor archives its log",
    "lms_wal_archive_failing": "nor archives its log",
    "lms_transcodes_total": "counted as stages end",
}
_LABELS = {"lms_rate_limited_total": {"limit"}, "lms_certificate_expiry_timestamp_seconds": {"host"},
           "lms_transcodes_total": {"stage", "outcome"}}  # fmt: skip
_ADDED_BY_PROMETHEUS = {"instance", "job"}


def _rules() -> Iterator[dict[str, Any]]:
    for path in sorted((FOLDER / "alerts").glob("*.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


def _expressions() -> Iterator[tuple[str, str]]:
    for rule in _rules():
        yield rule.get("alert") or f"{rule['record']} {rule['labels']['slo']}", rule["expr"]
    for path in sorted((FOLDER / "dashboards").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                yield f"{path.stem}: {panel['title']}", target["expr"]


EXPRESSIONS = list(_expressions())
ALERTS = [rule for rule in _rules() if "alert" in rule]


def _headings() -> list[str]:
    lines = _RUNBOOKS.read_text().splitlines()
    return [line.removeprefix("## ").strip() for line in lines if line.startswith("## ")]


def _selectors(node: Any) -> Iterator[Any]:
    """The selectors in a parsed expression, wherever they stand."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    elif isinstance(node, promql_parser.MatrixSelector):
        yield node.vector_selector
    else:
        for name in ("expr", "lhs", "rhs", "args", "param"):
            inner = getattr(node, name, None)
            for one in inner if isinstance(inner, list) else [inner]:
                if one is not None and type(one).__module__.startswith("promql_parser"):
                    yield from _selectors(one)


def _named(expression: str) -> list[tuple[str, set[str]]]:
    found = list(_selectors(promql_parser.parse(expression)))
    return [(one.name, {matcher.name for matcher in one.matchers.matchers} - {"__name__"}) for one in found]


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS, ids=[where for where, _ in EXPRESSIONS])
def test_every_expression_is_promql_and_finds_names(where: str, expression: str) -> None:
    named = _named(expression)
    assert named or expression.startswith("vector("), where  # a budget is a number of its own
    # The search by the tree and a plain search by words agree, so that no name is overlooked.
    words = set(re.findall(r"\b(?:lms[_:]|caddy_)[a-z0-9_:]+", re.sub(r'"[^"]*"', "", expression)))
    assert {name for name, _ in named} == words


def test_a_wrong_expression_is_refused() -> None:
    with pytest.raises(ValueError, match="unclosed left parenthesis"):
        promql_parser.parse("sum(rate(lms_http_requests_total[5m])")


def test_what_is_made_is_what_was_made() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/build_observability.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.fixture(scope="module")
def told(watched: Watched) -> dict[str, set[str]]:
    """Every figure of a live scrape over all parts: name -> labels."""
    port = watched.environment.settings.figures_port("monitor")
    monitor = subprocess.Popen(
        [sys.executable, "manage.py", "synthetic_journey", "--every=60"],
        cwd=ROOT, env=watched.canary(LMS_METRICS_PORT=str(port)), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    found: dict[str, set[str]] = {}
    with contextlib.suppress(Refused):  # one refusal for want of a right, so that it is counted
        watched.learner().call("GET", "/api/v1/members/")
    try:
        until(lambda: _walked(watched), "a walk of the monitor")
        until(lambda: "lms_organizations" in watched.figures("dispatcher"), "a reading")
        for part in FIGURES:
            if part.startswith("web-") and part not in watched.environment.settings.web_names:
                continue
            for name, samples in watched.figures(part).items():
                found.setdefault(name, set()).update(*(one.labels for one in samples))
    finally:
        monitor.terminate()
        monitor.wait(60)
    return found


def _walked(watched: Watched) -> bool:
    try:
        return "lms_status_copy_kept" in watched.figures("monitor")  # the last thing that a walk tells
    except OSError:
        return False


def test_every_name_and_label_is_told_live(told: dict[str, set[str]], watched: Watched) -> None:
    recorded = {rule["record"] for rule in _rules() if "record" in rule}
    # Whose list of the largest is written half a minute after the first request.
    late = {f"lms_top_{measure}_per_second" for measure in ("requests", "errors", "cpu_seconds", "db_seconds")}
    problems = []
    for where, expression in EXPRESSIONS:
        for name, labels in _named(expression):
            if name in recorded:
                known: set[str] | None = {"slo"}
            elif name in _NO_OCCASION:
                known = told.get(name) or _LABELS.get(name, set())
            elif name in late:
                known = {"organization"}
            else:
                known = told.get(name)
            if known is None:
                problems.append(f"{where}: nobody tells {name}")
            elif unknown := labels - known - _ADDED_BY_PROMETHEUS - {"le"}:
                problems.append(f"{where}: {name} has no label {', '.join(sorted(unknown))}")
    assert problems == []


def test_what_has_no_occasion_here_is_in_the_code() -> None:
    code = "".join(path.read_text() for path in (ROOT / "platform").rglob("*.py") if "tests" not in path.parts)
    for name in _NO_OCCASION:
        assert f'"{name.removesuffix("_total")}"' in code


@pytest.mark.parametrize("rule", ALERTS, ids=[rule["alert"] for rule in ALERTS])
def test_every_alert_leads_to_its_page(rule: dict[str, Any]) -> None:
    path, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert Path(ROOT / path) == _RUNBOOKS
    headings = {
        line.removeprefix("## ").strip().lower()
        for line in _RUNBOOKS.read_text().splitlines()
        if line.startswith("## ")
    }
    assert anchor in headings
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"].endswith(".")


def test_no_page_is_of_an_alert_that_is_gone() -> None:
    headings = [
        line.removeprefix("## ").strip() for line in _RUNBOOKS.read_text().splitlines() if line.startswith("## ")
    ]
    assert sorted(headings) == sorted(rule["alert"] for rule in ALERTS)


def test_burns_are_those_of_the_objectives() -> None:
    slo = yaml.safe_load((FOLDER / "slo.yml").read_text())
    by_name = {rule["alert"]: rule for rule in ALERTS}
    assert [(burn["factor"], burn["long"], burn["short"]) for burn in slo["burn"]] == [
        (14.4, "1h", "5m"),
        (6, "6h", "30m"),
    ]
    assert "> 0.0144 and" in by_name["BurnAvailability1h"]["expr"]
    assert "rate6h" in by_name["BurnAvailability6h"]["expr"]
    assert "rate30m" in by_name["BurnAvailability6h"]["expr"]
    assert "> 0.006 and" in by_name["BurnAvailability6h"]["expr"]
    assert len([name for name in by_name if name.startswith("Burn")]) == 2 * len(slo["objectives"])
    page = (ROOT / "docs" / "operations" / "slo.md").read_text()
    for one in slo["objectives"]:
        assert f"`{one['name']}`" in page
        assert f"{one['objective']} %" in page
