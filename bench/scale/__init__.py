"""How far it goes: from the cost of a request, a connection and an event to a million learners.

``python -m bench.scale`` simulates it and writes ``docs/operations/scale.md``. What is measured and what is assumed
stands in ``units.toml``, prices in ``infra/cost/prices.toml``.
"""
