"""What a cell costs a month for so many organizations, by formula: ``python infra/cost/sheet.py`` writes the page.

Prices are in ``prices.toml``, what an organization does in ``load.toml``. Nothing is asked over the network.
"""

from __future__ import annotations

import math
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "operations" / "cost.md"
FLEETS = (10, 100, 1000)
HOURS = 730  # a month
ZONES = 2
ENDPOINTS = 8  # modules/network: endpoint_services
KEYS = 9  # with the account's own, of Terraform's state
SECRETS = 10
ALARMS = 74  # metrics that alarms look at: each is paid for
SCALING = 5  # policies of autoscaling, each with two alarms of its own
HOSTED_ZONES = 4  # the last is the status page's
WALLS = 2  # firewalls: the product's, and the status page's
RULES = 5  # of both
POOL = 70  # organizations a distribution
METRICS = 60  # of the containers
FIGURES = 30  # counted from the log: infra/observability/cloudwatch.yml
TRANSCODER_CORES = 2


@dataclass(frozen=True)
class Sizes:
    """What stands there, as ``infra/terraform/environments`` says it."""

    web_tasks: int
    worker_tasks: int
    connections: int
    database_class: str
    database_memory_gb: float
    database_gb: int
    cache_class: str
    pools: int


@dataclass(frozen=True)
class Sheet:
    """Sizes and the month's cost by part, in USD."""

    organizations: int
    sizes: Sizes
    traffic: dict[str, float]
    cost: dict[str, float]

    @property
    def total(self) -> float:
        """The whole month."""
        return sum(self.cost.values())


def read() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return prices and load."""
    return tomllib.loads((HERE / "prices.toml").read_text()), tomllib.loads((HERE / "load.toml").read_text())


def work_out(organizations: int, prices: dict[str, Any], load: dict[str, Any]) -> Sheet:
    """Return the sheet of a cell with so many organizations."""
    traffic = _traffic(organizations, load)
    sizes = _sizes(organizations, traffic, prices, load)
    return Sheet(organizations, sizes, traffic, _cost(organizations, sizes, traffic, prices, load))


def _traffic(organizations: int, load: dict[str, Any]) -> dict[str, float]:
    org, calls, film = load["organization"], load["traffic"], load["film"]
    learning_hours = organizations * org["learners"] * org["hours"]
    watched_hours = learning_hours * org["share_watching"]
    requests = learning_hours * 3600 / calls["seconds_a_request"]
    film_hours = organizations * org["new_film_hours"]
    kept_hours = film_hours * org["months_kept"]
    return {
        "requests": requests,
        "peak_requests": requests / (calls["busy_hours"] * 3600) * calls["peak"],
        "watched_gb": watched_hours * film["watched_kbit"] * 3600 / 8e6,
        "segments": watched_hours * 3600 / film["segment_seconds"] * 2,  # picture and sound
        "film_minutes": film_hours * 60,
        "stored_gb": kept_hours * 3600 * (film["ladder_kbit"] + film["source_kbit"]) / 8e6,
        "objects": kept_hours * 3600 / film["segment_seconds"] * 5,
        "mails": organizations * org["learners"] * org["mails"],
    }


def _sizes(organizations: int, traffic: dict[str, float], prices: dict[str, Any], load: dict[str, Any]) -> Sizes:
    tasks, database = load["tasks"], load["database"]
    cores = traffic["peak_requests"] * load["traffic"]["cpu_ms_a_request"] / 1000 / tasks["web_cpu_target"]
    web = max(2, math.ceil(cores))
    worker = max(2, math.ceil(cores / 4))
    # A web task is one process of so many threads; workers, dispatchers and the others hold two each.
    connections = web * tasks["threads"] + (worker + 7) * 2
    known = min(organizations, database["connection_most"])
    need = (
        database["base_gb"]
        + (connections * known * database["connection_mb"] + organizations * database["buffers_mb"]) / 1024
    ) / database["fill"]
    chosen = _smallest(prices["rds"]["classes"], need, at_least="db.m7g.large")
    stored = organizations * load["organization"]["database_mb"] / 1024
    cache = _smallest(prices["elasticache"]["classes"], 0.4 + organizations * 0.002)
    return Sizes(
        web_tasks=web,
        worker_tasks=worker,
        connections=connections,
        database_class=chosen["name"],
        database_memory_gb=round(need, 1),
        database_gb=max(100, math.ceil(stored * 1.5)),
        cache_class=cache["name"],
        pools=max(2, math.ceil(organizations / POOL)),
    )


def _smallest(classes: list[dict[str, Any]], need_gb: float, at_least: str = "") -> dict[str, Any]:
    names = [found["name"] for found in classes]
    fitting = classes[names.index(at_least) if at_least else 0 :]
    for found in fitting:
        if found["memory_gb"] >= need_gb:
            return found
    raise SystemExit(f"No class has {need_gb:.0f} GiB: that is more than one cell, see docs/operations/cells.md.")


def _cost(
    organizations: int, sizes: Sizes, traffic: dict[str, float], prices: dict[str, Any], load: dict[str, Any]
) -> dict[str, float]:
    return {
        name: amount * prices["region_factor"] for name, amount in _regional(sizes, traffic, prices, load).items()
    } | {"Delivery (CloudFront, firewall)": _delivery(traffic, prices)}


def _regional(
    sizes: Sizes, traffic: dict[str, float], prices: dict[str, Any], load: dict[str, Any]
) -> dict[str, float]:
    fargate, rds, network, s3 = prices["fargate"], prices["rds"], prices["network"], prices["s3"]
    classes = {found["name"]: found for found in [*rds["classes"], *prices["elasticache"]["classes"]]}

    def task(cores: float, memory_gb: float, disk_gb: float = 20) -> float:
        hour = cores * fargate["vcpu"] + memory_gb * fargate["gb"] + max(0, disk_gb - 20) * fargate["disk_gb"]
        return hour * HOURS

    tasks = (
        sizes.web_tasks * task(1, 2)
        + sizes.worker_tasks * task(0.5, 1)
        + 4 * task(0.5, 1)  # two dispatchers, two provisioners
        + task(0.25, 0.5)  # monitor
        + task(0.5, 1, 60)  # archivist
        + task(TRANSCODER_CORES, 4, 100)
    )
    backups = sizes.database_gb * 0.5
    database = (
        2 * classes[sizes.database_class]["hour"] * HOURS
        + 2 * sizes.database_gb * rds["gb_month"]
        + backups * rds["backup_gb_month"]
    )
    sent_gb = traffic["requests"] * load["traffic"]["response_kb"] / 1e6
    ways = (
        ZONES * network["nat_hour"] * HOURS
        + 20 * network["nat_gb"]
        + ZONES * ENDPOINTS * network["endpoint_hour"] * HOURS
        + network["balancer_hour"] * HOURS
        + max(1.0, sent_gb / HOURS) * network["unit_hour"] * HOURS
    )
    new_objects = traffic["film_minutes"] * 60 / load["film"]["segment_seconds"] * 5
    storage = (
        traffic["stored_gb"] * s3["gb_month"]
        + new_objects / 1000 * s3["put_1000"]
        + traffic["segments"] * 0.2 / 1000 * s3["get_1000"]  # what the edge did not have
        + traffic["objects"] / 1000 * s3["watch_1000"]
    )
    convert = prices["mediaconvert"]
    a_minute = 2 * convert["hd"] + 2 * convert["sd"] + 2 * convert["audio"] + load["film"]["fast_share"] * convert["sd"]
    watch, others = prices["cloudwatch"], prices["others"]
    return {
        "Tasks (Fargate)": tasks,
        "PostgreSQL (RDS, with standby)": database,
        "Valkey (ElastiCache, two nodes)": 2 * classes[sizes.cache_class]["hour"] * HOURS,
        "Network (NAT, endpoints, load balancer)": ways,
        "Storage (S3)": storage,
        "Encoding (MediaConvert)": traffic["film_minutes"] * a_minute,
        "Logs, alarms, keys, mail": (
            traffic["requests"] * load["traffic"]["log_bytes_request"] / 1e9 * watch["log_gb"]
            + (ALARMS + 2 * SCALING) * watch["alarm"]
            + (METRICS + FIGURES) * watch["metric"]
            + KEYS * others["kms_key"]
            + SECRETS * others["secret"]
            + HOSTED_ZONES * others["zone"]
            + traffic["mails"] / 1000 * others["mails_1000"]
        ),
    }


def _delivery(traffic: dict[str, float], prices: dict[str, Any]) -> float:
    edge, others = prices["cloudfront"], prices["others"]
    asked = traffic["requests"] + traffic["segments"]
    gb = traffic["watched_gb"] + traffic["requests"] * 6 / 1e6
    bytes_sent, floor = 0.0, float(edge["free_gb"])
    for up_to_tb, usd in edge["tiers"]:
        ceiling = up_to_tb * 1024 + edge["free_gb"]
        bytes_sent += max(0.0, min(gb, ceiling) - floor) * usd
        floor = ceiling
    return float(
        bytes_sent
        + max(0, asked - edge["free_requests"]) / 10_000 * edge["requests_10000"]
        + max(0, asked - edge["free_functions"]) / 1e6 * edge["function_million"]
        + WALLS * others["waf_acl"]
        + RULES * others["waf_rule"]
        + asked / 1e6 * others["waf_million"]
    )


def page(sheets: Iterable[Sheet], prices: dict[str, Any], load: dict[str, Any]) -> str:
    """Return docs/operations/cost.md: ``page.template.md`` with the figures in it."""
    found = list(sheets)
    org, film = load["organization"], load["film"]
    own = [_own_encoding(sheet, prices, load) for sheet in found]
    sizes = {
        "learners who come": [f"{sheet.organizations * org['learners']:,}" for sheet in found],
        "requests a second at the peak": [f"{sheet.traffic['peak_requests']:,.1f}" for sheet in found],
        "films watched, GB a month": [f"{sheet.traffic['watched_gb']:,.0f}" for sheet in found],
        "films kept, GB": [f"{sheet.traffic['stored_gb']:,.0f}" for sheet in found],
        "web tasks (1 vCPU, 2 GB)": [str(sheet.sizes.web_tasks) for sheet in found],
        "workers (0.5 vCPU, 1 GB)": [str(sheet.sizes.worker_tasks) for sheet in found],
        "connections to PostgreSQL": [str(sheet.sizes.connections) for sheet in found],
        "memory PostgreSQL wants, GiB": [f"{sheet.sizes.database_memory_gb:g}" for sheet in found],
        "`instance_class`": [sheet.sizes.database_class for sheet in found],
        "`node_type`": [sheet.sizes.cache_class for sheet in found],
        "`pools`": [str(sheet.sizes.pools) for sheet in found],
    }
    costs = {part: [f"{sheet.cost[part]:,.0f}" for sheet in found] for part in found[0].cost} | {
        "**a month**": [f"**{sheet.total:,.0f}**" for sheet in found],
        "an organization": [f"{sheet.total / sheet.organizations:,.2f}" for sheet in found],
        "a learner": [f"{sheet.total / sheet.organizations / org['learners']:,.3f}" for sheet in found],
        "encoding by ourselves, instead": [f"{usd:,.0f}" for usd in own],
    }
    return Template((HERE / "page.template.md").read_text()).substitute(
        region=prices["region"],
        as_of=prices["as_of"],
        factor=prices["region_factor"],
        learners=org["learners"],
        hours=org["hours"],
        watching=f"{org['share_watching']:.0%}",
        film_hours=org["new_film_hours"],
        months=org["months_kept"],
        source_share=f"{film['source_kbit'] / (film['source_kbit'] + film['ladder_kbit']):.0%}",
        sizes=_table("organizations", found, sizes),
        costs=_table("USD a month", found, costs),
    )


def _table(corner: str, sheets: list[Sheet], rows: dict[str, list[str]]) -> str:
    head = [corner, *(f"{sheet.organizations:,}" for sheet in sheets)]
    lines = [head, ["---", *["---:"] * len(sheets)], *([name, *values] for name, values in rows.items())]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _own_encoding(sheet: Sheet, prices: dict[str, Any], load: dict[str, Any]) -> float:
    """What the same films cost on the transcoder's tasks: cores, and two GB beside each."""
    core_hours = sheet.traffic["film_minutes"] * load["film"]["core_seconds_a_minute"] / 3600
    fargate = prices["fargate"]
    return float(core_hours * (fargate["vcpu"] + 2 * fargate["gb"]) * prices["region_factor"])


def main() -> int:
    """Write the page."""
    prices, load = read()
    PAGE.write_text(page([work_out(count, prices, load) for count in FLEETS], prices, load))
    sys.stdout.write(f"{PAGE.relative_to(HERE.parents[1])}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
