"""A CloudFront for tests: its API by botocore's own model of it, and the rules that the real one enforces.

What moto has no part of is here: distribution tenants, the key-value store, updates of key groups, quotas, deployments
that take their time, versions that have to match. The code under test reaches it over HTTP only.
"""
