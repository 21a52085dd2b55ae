"""The embedded default: one command starts every part of the product on this machine, without Docker and without root.

It stands beside the product: it may import ``core`` and ``media.edge.policy``, and nothing of the product imports it.
How to run it and what it keeps where is in docs/operations/embedded.md.
"""
