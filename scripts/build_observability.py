"""Makes what Prometheus and Grafana read from what people read: burn alerts from slo.yml, dashboards from this list.

``build_observability.py`` writes infra/observability; ``--check`` says what differs and ends with 1.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parents[1] / "infra" / "observability"
_WINDOWS = ("5m", "30m", "1h", "6h", "30d")
_RECORDED = "lms:slo_errors:ratio_"

Panel = tuple[str, str, list[tuple[str, str]]]

_REQUESTS = "sum(rate(lms_http_requests_total[5m]))"


def _quantiles(name: str) -> list[tuple[str, str]]:
    return [
        (f"histogram_quantile({q}, sum by (le) (rate({name}_bucket[5m])))", f"p{round(q * 100)}")
        for q in (0.5, 0.95, 0.99)
    ]


DASHBOARDS: dict[str, tuple[str, list[Panel]]] = {
    "overview": (
        "LMS: overview",
        [
            ("Requests a second", "reqps", [("sum by (surface) (rate(lms_http_requests_total[5m]))", "{{surface}}")]),
            ("Errors of ours", "percentunit", [
                ('sum(rate(lms_http_requests_total{status=~"5.."}[5m])) / ' + _REQUESTS, "5xx"),
            ]),
            ("Time to answer", "s", _quantiles("lms_http_request_seconds")),
            ("Processor and database a request", "s", [
                ("sum(rate(lms_http_cpu_seconds_total[5m])) / " + _REQUESTS, "Python"),
                ("sum(rate(lms_http_db_seconds_total[5m])) / " + _REQUESTS, "PostgreSQL"),
            ]),
            ("The synthetic learner", "short", [("min by (step) (lms_journey_step_good)", "{{step}}")]),
            ("Its steps", "s", [("max by (step) (lms_journey_step_seconds)", "{{step}}")]),
            ("Error budget burned (1 = evenly)", "short", [
                (f"{_RECORDED}rate1h / on (slo) group_left () lms:slo_budget", "{{slo}} 1 h"),
                (f"{_RECORDED}rate6h / on (slo) group_left () lms:slo_budget", "{{slo}} 6 h"),
            ]),
            ("Organizations", "short", [("max by (state) (lms_organizations)", "{{state}}")]),
        ],
    ),
    "routes": (
        "LMS: routes",
        [
            ("Busiest", "reqps", [
                ("topk(15, sum by (method, route) (rate(lms_http_requests_total[5m])))", "{{method}} {{route}}"),
            ]),
            ("Slowest at p95", "s", [
                ("topk(15, histogram_quantile(0.95, "
                 "sum by (le, method, route) (rate(lms_http_request_seconds_bucket[15m]))))", "{{method}} {{route}}"),
            ]),
            ("Errors", "reqps", [
                ('topk(15, sum by (method, route, status) (rate(lms_http_requests_total{status=~"5.."}[5m])))',
                 "{{status}} {{method}} {{route}}"),
            ]),
            ("Most time in the database", "s", [
                ("topk(15, sum by (method, route) (rate(lms_http_db_seconds_total[5m])))", "{{method}} {{route}}"),
            ]),
            ("Statements a request", "short", [
                ("topk(15, sum by (method, route) (rate(lms_http_db_statements_total[5m])) "
                 "/ sum by (method, route) (rate(lms_http_requests_total[5m])))", "{{method}} {{route}}"),
            ]),
            ("Most processor time", "s", [
                ("topk(15, sum by (method, route) (rate(lms_http_cpu_seconds_total[5m])))", "{{method}} {{route}}"),
            ]),
            ("Refusals by code", "reqps", [("sum by (code) (rate(lms_http_refusals_total[5m]))", "{{code}}")]),
            ("Tries to sign in", "reqps", [
                ('sum by (outcome, reason) (rate(lms_sign_ins_total{surface="tenant"}[5m]))', "{{outcome}} {{reason}}"),
            ]),
            ("Tries to sign in to the console", "short", [
                (
                    'sum by (outcome, reason) (increase(lms_sign_ins_total{surface="staff"}[15m]))',
                    "{{outcome}} {{reason}}",
                ),
            ]),
            ("Refused for want of a right", "reqps", [
                ("sum by (surface) (rate(lms_permission_denied_total[5m]))", "{{surface}}"),
            ]),
            ("429 by limit", "reqps", [("sum by (limit) (rate(lms_rate_limited_total[5m]))", "{{limit}}")]),
            ("Time in an organization's line", "s", _quantiles("lms_http_aside_seconds")),
            ("Requests that had to wait in one", "reqps", [("sum(rate(lms_http_aside_seconds_count[5m]))", "aside")]),
        ],
    ),
    "work": (
        "LMS: work",
        [
            ("Age of the oldest message", "s", [("max by (queue) (lms_queue_age_seconds)", "{{queue}}")]),
            ("Messages that wait", "short", [("max by (queue) (lms_queue_length)", "{{queue}}")]),
            ("Rows that wait", "short", [("max by (lane) (lms_lane_pending)", "{{lane}}")]),
            ("Age of the oldest row", "s", [("max by (lane) (lms_lane_lag_seconds)", "{{lane}}")]),
            ("From fact to effect", "s", _quantiles("lms_delivery_seconds")),
            ("Given up", "short", [
                ("max by (lane) (lms_lane_parked)", "{{lane}}"),
                ("max(lms_webhook_parked)", "events of Stripe"),
            ]),
            ("Tasks by outcome", "ops", [
                ("sum by (task, outcome) (rate(lms_tasks_total[5m]))", "{{task}} {{outcome}}"),
            ]),
            ("Time of tasks at p95", "s", [
                ("histogram_quantile(0.95, sum by (le, task) (rate(lms_task_seconds_bucket[15m])))", "{{task}}"),
            ]),
            ("Time in the queue at p95", "s", [
                ("histogram_quantile(0.95, sum by (le, queue) (rate(lms_task_wait_seconds_bucket[15m])))", "{{queue}}"),
            ]),
            ("Time of tasks in the database", "s", [
                ("sum by (task) (rate(lms_task_db_seconds_total[5m]))", "{{task}}"),
            ]),
            ("Deliveries by outcome", "ops", [("sum by (outcome) (rate(lms_deliveries_total[5m]))", "{{outcome}}")]),
            ("Mails", "ops", [("sum by (outcome) (rate(lms_mails_total[5m]))", "{{outcome}}")]),
            ("Mails: time until they are out, p99", "s", [
                ("histogram_quantile(0.99, sum by (le) (rate(lms_mail_seconds_bucket[15m])))", "p99"),
            ]),
            ("Stripe: oldest event that waits", "s", [("max(lms_webhook_lag_seconds)", "oldest")]),
            ("Stripe: time to an effect, p99", "s", [
                ("histogram_quantile(0.99, sum by (le) (rate(lms_webhook_seconds_bucket[15m])))", "p99"),
            ]),
            ("Dispatcher", "s", [
                ("min(lms_dispatcher_beat_age_seconds)", "since it spoke"),
                ("max(lms_schedule_lag_seconds)", "latest duty of an organization"),
                ("max(lms_duty_lag_seconds)", "latest duty of the platform"),
                ("min(lms_fleet_reading_age_seconds)", "age of these figures"),
            ]),
            ("Failing duties of organizations", "short", [("max(lms_schedule_failing)", "failing")]),
        ],
    ),
    "films": (
        "LMS: films",
        [
            ("Encoding speed (1 = as fast as they play)", "short", [
                ("sum by (stage) (rate(lms_transcoded_media_seconds_total[15m])) "
                 "/ sum by (stage) (rate(lms_transcode_work_seconds_total[15m]))", "{{stage}}"),
            ]),
            ("Films that wait, and are encoded", "short", [
                ("max(lms_transcode_waiting)", "waiting"),
                ("max(lms_transcode_running)", "running"),
                ("max(lms_transcode_failed_24h)", "failed today"),
            ]),
            ("How long the oldest has waited", "s", [("max(lms_transcode_lag_seconds)", "oldest")]),
            ("Stages by outcome", "ops", [
                ("sum by (stage, outcome) (rate(lms_transcodes_total[15m]))", "{{stage}} {{outcome}}"),
            ]),
        ],
    ),
    "data": (
        "LMS: database and backups",
        [
            ("Connections", "short", [
                ("max by (login, process) (lms_db_connections)", "{{login}} {{process}}"),
                ("max(lms_db_connections_limit)", "limit"),
            ]),
            ("Connections that wait for a lock", "short", [
                ("max by (login, process) (lms_db_waiting_for_locks)", "{{login}} {{process}}"),
            ]),
            ("Longest statement", "s", [("max(lms_db_longest_statement_seconds)", "longest")]),
            ("Organizations that a connection knows", "short", [
                ("max by (instance) (lms_db_known_organizations)", "{{instance}}"),
            ]),
            ("Connections renewed", "ops", [
                ("sum by (instance) (rate(lms_db_connections_renewed_total[15m]))", "{{instance}}"),
            ]),
            ("Schema releases", "short", [
                ("max(lms_schema_release)", "release"),
                ("max(lms_migration_skew)", "organizations behind"),
            ]),
            ("Age of the last backup", "s", [("max(lms_backup_age_seconds)", "age")]),
            ("Certificates end in", "s", [
                ("min by (host) (lms_certificate_expiry_timestamp_seconds) - time()", "{{host}}"),
            ]),
        ],
    ),
    "organizations": (
        "LMS: who asks for the most",
        [
            ("Requests", "reqps", [
                ("topk(20, sum by (organization) (lms_top_requests_per_second))", "{{organization}}"),
            ]),
            ("Errors", "reqps", [
                ("topk(20, sum by (organization) (lms_top_errors_per_second))", "{{organization}}"),
            ]),
            ("Processor time", "s", [
                ("topk(20, sum by (organization) (lms_top_cpu_seconds_per_second))", "{{organization}}"),
            ]),
            ("Time in the database", "s", [
                ("topk(20, sum by (organization) (lms_top_db_seconds_per_second))", "{{organization}}"),
            ]),
        ],
    ),
    "front-door": (
        "LMS: front door",
        [
            ("Answers by status", "reqps", [
                ("sum by (code) (rate(caddy_http_request_duration_seconds_count[5m]))", "{{code}}"),
            ]),
            ("Time to answer", "s", _quantiles("caddy_http_request_duration_seconds")),
            ("Being answered", "short", [("sum(caddy_http_requests_in_flight)", "now")]),
            ("Incidents told", "short", [("max(lms_incidents_open)", "open")]),
        ],
    ),
}  # fmt: skip


def burn_alerts(slo: dict[str, Any]) -> dict[str, Any]:
    """Return the rule file: the ratio of errors over each window, the budget, and two alerts an objective."""
    recorded, alerts = [], []
    for one in slo["objectives"]:
        budget = round(1 - one["objective"] / 100, 6)
        recorded.append({"record": "lms:slo_budget", "expr": f"vector({budget})", "labels": {"slo": one["name"]}})
        recorded += [
            {"record": f"{_RECORDED}rate{window}", "expr": _ratio(one, window), "labels": {"slo": one["name"]}}
            for window in _WINDOWS
        ]
        for burn in slo["burn"]:
            limit = round(burn["factor"] * budget, 8)
            name = _alert_name(one["name"], burn["long"])
            both = [f'{_RECORDED}rate{burn[w]}{{slo="{one["name"]}"}} > {limit}' for w in ("long", "short")]
            pace = f"{burn['factor']} times the pace over {burn['long']}"
            alerts.append(
                {
                    "alert": name,
                    "expr": " and ".join(both),
                    "labels": {"severity": burn["severity"], "slo": one["name"]},
                    "annotations": {
                        "summary": f"{one['name']} burns its budget at {pace}.",
                        "runbook": f"docs/operations/alerts.md#{name.lower()}",
                    },
                }
            )
    return {"groups": [{"name": "slo-ratios", "rules": recorded}, {"name": "slo-burn", "rules": alerts}]}


def _ratio(one: dict[str, Any], window: str) -> str:
    if "ratio" in one:
        return str(one["ratio"]).replace("WINDOW", window)
    errors, total = (str(one[side]).replace("WINDOW", window) for side in ("errors", "total"))
    return f"({errors}) / ({total})"


def _alert_name(slo: str, window: str) -> str:
    return "Burn" + "".join(word.capitalize() for word in slo.split("-")) + window.capitalize()


def dashboard(name: str, title: str, panels: list[Panel]) -> dict[str, Any]:
    """Return one dashboard as Grafana imports it: two panels a row, the data source chosen on top."""
    source = {"type": "prometheus", "uid": "${source}"}
    return {
        "uid": f"lms-{name}",
        "title": title,
        "tags": ["lms"],
        "timezone": "utc",
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "source", "label": "Data source", "type": "datasource", "query": "prometheus"}]
        },
        "panels": [
            {
                "id": at + 1,
                "type": "timeseries",
                "title": heading,
                "datasource": source,
                "gridPos": {"x": 12 * (at % 2), "y": 8 * (at // 2), "w": 12, "h": 8},
                "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
                "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
                "targets": [
                    {"refId": chr(65 + number), "expr": expression, "legendFormat": legend, "datasource": source}
                    for number, (expression, legend) in enumerate(targets)
                ],
            }
            for at, (heading, unit, targets) in enumerate(panels)
        ],
    }


def made() -> dict[Path, str]:
    """Return every generated file and what has to be in it."""
    slo = yaml.safe_load((FOLDER / "slo.yml").read_text())
    head = "# Made from slo.yml by scripts/build_observability.py (make observability). Change that.\n"
    files = {FOLDER / "alerts" / "slo.yml": head + yaml.safe_dump(burn_alerts(slo), sort_keys=False, width=1000)}
    for name, (title, panels) in DASHBOARDS.items():
        text = json.dumps(dashboard(name, title, panels), indent=2, ensure_ascii=False)
        files[FOLDER / "dashboards" / f"{name}.json"] = text + "\n"
    return files


def main() -> int:
    """Write, or with ``--check`` compare."""
    checking = "--check" in sys.argv[1:]
    stale = [path for path, text in made().items() if not path.exists() or path.read_text() != text]
    if checking:
        for path in stale:
            print(f"{path.relative_to(FOLDER.parents[1])} is not what slo.yml and the script make: make observability")
        return 1 if stale else 0
    for path, text in made().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    print(f"{len(stale)} of {len(made())} files were written anew")
    return 0


if __name__ == "__main__":
    sys.exit(main())
