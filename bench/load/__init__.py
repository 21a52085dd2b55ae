"""What the running product bears: the student mix through the front door, at 1, 10 and 100 organizations.

``load_per_core_N``   requests a second for each core that the product's processes use, at the fastest pace at which the
                      95th percentile still holds (N organizations, the busiest asking most)
``load_p95_N``        that percentile, counted from when a request was due, not from when a client got round to it
``load_noisy``        p95 of the others while one organization asks as fast as it can / p95 without it
``load_noisy_simulated``  the same on a simulated machine, where nobody else disturbs: what the rules are worth
``load_class``        seconds until two hundred learners of one organization who open a lesson at the same moment have
                      it, all of them, while the others go on; what that does to the others stands beside it
``load_routes``       the costliest request of the mix in CPU milliseconds; statements and CPU of each beside it

``python -m bench.load.neighbours`` measures the noisy one and the class alone (``make neighbours``);
``python -m bench.load.soak`` keeps the mix up for as long as wished and reports slopes.

The clients share the two cores with the product, in a process whose CPU is not the product's: what it took is said.
"""

from __future__ import annotations


def run() -> None:
    """Measure all of it; ``SIZES=10`` only what is said for ten organizations."""
    from bench.load import bearing

    bearing.run()
