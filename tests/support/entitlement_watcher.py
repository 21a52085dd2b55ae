"""Another web process, as far as it matters here: it looks at an organization's record again and again.

python -m tests.support.entitlement_watcher acme.lms.localhost priority_support

Prints ``<value> <seconds since the epoch>`` when it listens and has first looked, and whenever it sees another value.
"""

from __future__ import annotations

import sys
import time

import django


def main(host: str, feature: str) -> None:
    django.setup()
    from tenancy import catalog

    catalog._listener.ensure()
    while not catalog._cache._cleared:  # its subscription empties the cache: from then on it hears of changes
        time.sleep(0.005)
    said: object = object()
    while True:
        entry = catalog.resolve(host)
        found = entry.tenant.entitlements.value(feature) if entry else None
        if found != said:
            said = found
            print(found, time.time(), flush=True)
        time.sleep(0.005)


if __name__ == "__main__":
    main(*sys.argv[1:3])
