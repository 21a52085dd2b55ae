"""docs/operations/resiliency.md, written from the lines of runs: of each scenario the newest, or what broke it.

A promise that a run found broken stays broken until a later run with the same draws keeps it: another seed proves
nothing about this one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROWS = [f"F{number}" for number in range(1, 22)]
PARTS = ("PostgreSQL", "Redis", "Object store", "Edge", "Mail", "Stripe", "Web", "Workers", "Dispatcher", "Front door")

# What each part does while another is away, and the scenarios that show it.
_NOTHING = "not touched"
_FILMS = ("film-without-web-and-postgres", "film-five-minutes")
MATRIX: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "Lessons, watching, completing": {
        "PostgreSQL": ("503 until it is back, repeated by the page", ("postgres-killed", "postgres-stalled")),
        "Redis": ("goes on", ("redis-killed", "redis-stalled", "redis-flushed", "redis-late")),
        "Object store": ("goes on", ("s3-killed", "s3-stalled", "store-errors")),
        "Edge": ("goes on", ("edge-killed", "edge-stalled")),
        "Mail": ("goes on", ("mail-killed", "mail-stalled", "mail-refuses")),
        "Stripe": ("goes on", ("stripe-killed",)),
        "Web": (
            "the other group serves; who is at one that hangs waits a minute at most",
            ("web-killed", "web-worker-killed", "web-stalled", "rolling-restart"),
        ),
        "Workers": ("goes on", ("worker-killed", "worker-stalled")),
        "Dispatcher": ("goes on", ("dispatcher-killed",)),
        "Front door": ("away until it is back", ("front-killed",)),
    },
    "Film files": {
        "PostgreSQL": ("play on: keys are known for 10 min", _FILMS),
        "Redis": (_NOTHING, ()),
        "Object store": ("what is loaded plays; then waits", ("s3-killed",)),
        "Edge": ("refused until it is back", ("edge-killed", "edge-stalled")),
        "Mail": (_NOTHING, ()),
        "Stripe": (_NOTHING, ()),
        "Web": ("play on: a permission lives 10 min", _FILMS),
        "Workers": (_NOTHING, ()),
        "Dispatcher": (_NOTHING, ()),
        "Front door": ("what is loaded plays; then waits", ("front-killed",)),
    },
    "Signing in": {
        "PostgreSQL": ("503", ("postgres-killed",)),
        "Redis": ("by password: goes on, each process counts guesses", ("redis-stalled",)),
    },
    "Courses, invitations (writes)": {
        "PostgreSQL": ("503, nothing half-written, repeated once", ("postgres-killed", "postgres-reset")),
        "Redis": ("courses go on; inviting 503: nobody may mail uncounted", ("redis-killed",)),
        "Mail": ("go on; mails wait in rows", ("mail-killed", "mail-stalled")),
        "Workers": ("go on; mails wait in rows", ("worker-killed",)),
        "Dispatcher": ("go on; mails wait in rows", ("dispatcher-killed",)),
        "Web": ("the other group serves", ("web-killed",)),
    },
    "Uploads, conversion": {
        "Object store": ("refused, never called saved; go on afterwards", ("store-errors", "disk-full")),
        "Workers": ("taken up again", ("transcode-killed",)),
    },
    "Sign-up": {
        "Redis": ("refused or waits; nothing half-made", ("sign-up-without-broker",)),
        "Workers": ("waits, resumes at its step", ("provisioning-killed", "sign-up-without-broker")),
    },
    "Buying": {"Stripe": ("told to come back; intents are finished once", ("stripe-killed", "stripe-races"))},
}

_HEAD = """# What each part does when another fails

Written by `make faults` from its own runs: do not edit. A run starts the whole product on one machine with a fault
proxy on each way between it and PostgreSQL, Redis, the object store and mail, lets five learners, an author and an
owner work, and hurts one part after the other at moments drawn from a seed. Clients note each write before it is sent
and each acknowledgement when they have it; afterwards the rows and the mailbox are held against these notes. `recovery`
is the time from the moment the part was killed or let go on until the last client was served again; promised are 15 s.

Again with the same draws: `make faults FAULTS="--seed <seed> --only <id>"`. Decision:
[0087](../decisions/0087-promises-are-held-against-what-clients-saw.md).
"""


def write(page: Path, source: Path | Sequence[dict[str, Any]]) -> None:
    """Write ``page`` from lines, or from a file of them, which then keeps only those that still count."""
    lines = [json.loads(line) for line in source.read_text().splitlines()] if isinstance(source, Path) else source
    counting = _that_count(lines)
    newest = {line["id"]: line for line in counting}
    newest = dict(sorted(newest.items(), key=lambda pair: (pair[1]["planted"], pair[1]["part"], pair[0])))
    if isinstance(source, Path):
        source.write_text("".join(json.dumps(line) + "\n" for line in counting))
    page.write_text(
        "\n".join([_HEAD, *_summary(newest), *_matrix(newest), *_faults(newest), *_scenarios(newest)]) + "\n"
    )


def _that_count(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each scenario the newest line, and behind it those of its seeds that are broken to this day."""
    of_seed = {(line["id"], line["seed"]): line for line in sorted(lines, key=lambda line: line["at"])}
    newest = {line["id"]: line for line in sorted(of_seed.values(), key=lambda line: line["at"])}
    wrong = [line for line in of_seed.values() if (line["verdict"] == "broken") != line["planted"]]
    return [*newest.values(), *(line for line in wrong if line is not newest[line["id"]])]


def _summary(lines: dict[str, dict[str, Any]]) -> list[str]:
    real = [line for line in lines.values() if not line["planted"]]
    planted = [line for line in lines.values() if line["planted"]]
    kept = sum(line["verdict"] == "kept" for line in real)
    figures = {name: sum(line.get(name, 0) for line in real) for name in ("acked", "lost", "twice", "mails")}
    longest = max((line["recovery_s"] for line in real if "recovery_s" in line), default=0)
    found = sum(line["verdict"] == "broken" for line in planted)
    return [
        f"{kept} of {len(real)} promises kept. {figures['acked']:,} writes were acknowledged under these faults: "
        f"{figures['lost']} lost, {figures['twice']} done twice; {figures['mails']:,} mails, each as "
        "one (a copy has the same Message-ID). "
        f"Longest recovery {longest} s. Losses planted behind the product's back: {found} of {len(planted)} found.\n"
    ]


def _mark(lines: dict[str, dict[str, Any]], ids: Sequence[str]) -> str:
    verdicts = {lines[one]["verdict"] if one in lines else "not run" for one in ids}
    if "broken" in verdicts:
        return "**broken**"
    return "not run" if verdicts == {"not run"} else "kept" if verdicts == {"kept"} else "kept, in part not run"


def _matrix(lines: dict[str, dict[str, Any]]) -> list[str]:
    found = [
        "## Who does what while something is away\n",
        f"| | {' | '.join(PARTS)} |",
        "|---" * (len(PARTS) + 1) + "|",
    ]
    for who, cells in MATRIX.items():
        texts = []
        for part in PARTS:
            words, ids = cells.get(part, ("", ()))
            texts.append(f"{words}: {_mark(lines, ids)}" if ids else words)
        found.append(f"| **{who}** | {' | '.join(texts)} |")
    return [*found, ""]


def _faults(lines: dict[str, dict[str, Any]]) -> list[str]:
    found = ["## By row of the fault table\n", "| row | verdict | scenarios |", "|---|---|---|"]
    for row in ROWS:
        ids = sorted(line["id"] for line in lines.values() if row in line["rows"] and not line["planted"])
        found.append(f"| {row} | {_mark(lines, ids) if ids else 'not run'} | {', '.join(ids)} |")
    return [*found, ""]


_SHOWN = (
    "acked", "lost", "twice", "failed_as", "learning_requests", "learning_refused", "learning_hanging", "added_p95_ms",
    "invited", "mails", "mail_copies", "mail_longest_s", "media_recovery_s", "longest_answer_s", "kills", "victims",
    "played_s", "pauses", "files_fetched", "in_hand_s", "p95_ratio", "refused", "slowest_refusal_s", "failed_requests",
    "sign_in_status", "half_made", "stray_schemas", "organizations", "passed", "rpo_s", "rto_s", "tables",
    "digests_equal", "playable_after_s", "part_statuses", "hit", "noticed", "served_by_others", "without_it_s",
    "film_while_away", "buying", "completion_503", "completion_403",
)  # fmt: skip


def _scenarios(lines: dict[str, dict[str, Any]]) -> list[str]:
    found = [
        "## Every scenario\n",
        "`load` is how many processes wanted to run when the scenario began, over the machine's cores.\n",
        "| scenario | fault | promise | verdict | recovery | seed | date | load | figures |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for line in lines.values():
        figures = "; ".join(
            f"{name.removesuffix('_s').replace('_', ' ')} {_shown(name, line[name])}" for name in _SHOWN if name in line
        )
        figures += "".join(f"; **{words[:200].replace('|', '/').replace(chr(10), ' ')}**" for words in line["broken"])
        verdict = line["verdict"] if line["verdict"] == "kept" else "**broken**"
        verdict += " (as it must)" if line["planted"] else ""
        recovery = f"{line['recovery_s']} s" if "recovery_s" in line else ""
        found.append(
            f"| `{line['id']}` | {line['part']}: {line['fault']} | {line['promise']} | {verdict} | {recovery} |"
            f" {line['seed']} | {line['at'][:10]} | {line.get('load')} / {line.get('cores')} | {figures} |"
        )
    return found


def _shown(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {count}" for key, count in value.items()) or "none"
    return f"{value} s" if name.endswith("_s") else str(value)
