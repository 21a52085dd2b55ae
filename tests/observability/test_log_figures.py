"""What CloudWatch counts of the log is really written: each pattern finds lines of the running product."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.tree import ROOT
from tests.observability.conftest import Watched, logs, until
from tests.observability.patterns import matches, value_of

WATCHED = yaml.safe_load((ROOT / "infra" / "observability" / "cloudwatch.yml").read_text())
OBJECTIVES: dict[str, dict[str, Any]] = WATCHED["objectives"]
# Nothing is bought in this stack: a settled event is looked at where one is, in platform/billing.
NO_OCCASION = {"webhooks-in-60-s"}
# A line of each objective that is bad, by what is changed in a good one.
SPOILED = {
    "learning-path": {"status": 503},
    "reads-in-300-ms": {"dur_ms": 300.1},
    "writes-in-500-ms": {"dur_ms": 501},
    "all-in-1-s": {"dur_ms": 1000.5},
    "journey": {"good": False},
    "video-start-in-2-s": {"film_ms": 2000},
    "webhooks-in-60-s": {"lag_ms": 60_001},
    "mails-in-2-min": {"lag_ms": 120_001},
    "effects-in-15-s": {"lag_ms": 15_001},
}


@pytest.fixture(scope="module")
def lines(watched: Watched) -> dict[str, list[dict[str, Any]]]:
    """The log of each kind of process, after a learner's walk."""
    walked = watched.walk()
    assert walked.returncode == 0, walked.stdout

    def read() -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {"monitor": _json(walked.stderr)}
        for name, text in logs(watched.environment).items():
            found.setdefault(Path(name).stem.split("-")[0], []).extend(_json(text))
        return found

    until(
        lambda: [one for one in read().get("dispatcher", []) if one.get("event") == "figures.told"], "a line of figures"
    )
    return read()


def _json(text: str) -> list[dict[str, Any]]:
    # The last line of a log may be one that is being written.
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.startswith("{") and line.endswith("\n")]


@pytest.mark.parametrize("name", [name for name in OBJECTIVES if name not in NO_OCCASION])
def test_an_objectives_lines_are_written(lines: dict[str, list[dict[str, Any]]], name: str) -> None:
    objective = OBJECTIVES[name]
    found = [line for line in lines[objective["process"]] if matches(objective["all"], line)]
    assert found
    bad = f"{objective['all']} && {objective['bad']}"
    spoiled = found[0] | SPOILED[name]
    assert matches(bad, spoiled)
    assert not matches(bad, spoiled | {"event": "something.else"})


def test_a_good_line_is_not_bad(lines: dict[str, list[dict[str, Any]]]) -> None:
    [walked] = [line for line in lines["monitor"] if line.get("event") == "journey.walked"]
    assert not matches(OBJECTIVES["journey"]["bad"], walked)
    assert walked["film_ms"] == pytest.approx(
        sum(walked["steps"][name] for name in ("grant", "manifest", "segment")), abs=3
    )


def test_what_should_not_happen_is_looked_for() -> None:
    """The reasons of a refused second factor are those of platform/staff/accounts/signing_in.py."""
    line = {"event": "staff.sign_in_failed", "reason": "totp"}
    refused = [count["lines"] for count in WATCHED["counts"].values() if line["event"] in count["lines"]]
    assert refused
    for lines in refused:
        assert matches(lines, line)
        assert not matches(lines, line | {"reason": "limited"})
    [lost] = [count["lines"] for count in WATCHED["counts"].values() if count["lines"] not in refused]
    assert matches(lost, {"event": "journey.copy_not_kept", "error": "ClientError"})
    assert not matches(lost, {"event": "journey.walked"})


def test_every_figure_is_told(lines: dict[str, list[dict[str, Any]]]) -> None:
    told = [line for line in lines["dispatcher"] if line.get("event") == "figures.told"][-1]
    values = {name: value_of(told, path) for name, path in WATCHED["figures"].items()}
    assert {name for name, value in values.items() if not isinstance(value, float)} == set()
    assert values["broker-up"] == 1


@pytest.mark.parametrize(
    ("pattern", "line", "found"),
    [
        ('$.a = "x*"', {"a": "xy"}, True),
        ('$.a = "x"', {"a": "xy"}, False),
        ("$.a.b >= 2", {"a": {"b": 2}}, True),
        ("$.a.b >= 2", {"a": 2}, False),
        ("$.a IS FALSE", {"a": False}, True),
        ("$.a IS FALSE", {"a": 0}, False),
        ("$.a = *", {"b": 1}, False),
        ('$.a = 1 && ($.b = "x" || $.b = "y")', {"a": 1, "b": "y"}, True),
        ('$.a = 1 && ($.b = "x" || $.b = "y")', {"a": 2, "b": "y"}, False),
    ],
)
def test_patterns_are_read_as_cloudwatch_says(pattern: str, line: dict[str, Any], found: bool) -> None:
    assert matches(pattern, line) is found


def test_an_unknown_pattern_is_refused() -> None:
    with pytest.raises(ValueError, match="not a pattern"):
        matches("$.a ~ 2", {})
