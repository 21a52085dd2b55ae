"""The measured promises: one module a promise, run by ``python -m bench [name …]``."""
