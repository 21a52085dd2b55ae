"""The local Stripe: a server that speaks the part of Stripe's API that the product uses, with a clock to turn.

No money moves. What it answers is held to the types of the ``stripe`` package; what only Stripe itself can prove is
listed in docs/operations/embedded.md.
"""
