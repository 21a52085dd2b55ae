"""The fault campaign: every part of the running product killed and stalled under load, and what became of each write.

``python -m tests.faults.campaign`` prints one JSON line a scenario and writes docs/operations/resiliency.md. A scenario
draws its moments and victims from its seed; ``--only`` and ``--seed`` run one again. What is judged is what a client
saw: it notes each write before it sends it and each acknowledgement when it has it (:mod:`.ledger`), and afterwards the
database and the mailbox are held against those notes (:mod:`.judge`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.campaign.model import Scenario


def all_scenarios() -> list[Scenario]:
    """Return every scenario, in the order in which they run."""
    from tests.faults.campaign import drill, films, kills, known, stalls, worlds  # noqa: F401 - each registers its own
    from tests.faults.campaign.model import SCENARIOS

    return SCENARIOS
