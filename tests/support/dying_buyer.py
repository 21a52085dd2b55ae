"""A process that buys, changes or looks into events, and is killed inside a step, by SIGKILL, with all it has open.

Runs as the application. Reads ``<url> <key> <organization> <at> <step> [<argument>]`` a line, forks, and answers
``killed``, ``refused <code>`` (``busy``: the account's lock was not had in time) or what the step returned. Forking
spares starting Django for each death. ``at`` is the number of an SQL statement (after it was executed), ``asked:<n>``
(Stripe did what the n-th changing call asked for, and its answer is lost), ``asking:<n>`` (just before that call), or
``0``: it may live.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn
from uuid import UUID

import django

# What one step of buying may take at most, however slow the machine is; then it is an error, and no wait for ever.
MOST_SECONDS = 120


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


@contextlib.contextmanager
def _dying_at(at: str) -> Iterator[None]:
    import stripe
    from django.db import connection

    kind, _, number = at.rpartition(":")
    last, count, calls = int(number), 0, 0
    real = stripe.RequestsClient.request

    def counting(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal count
        result = execute(sql, params, many, context)
        count += 1
        if not kind and count == last:
            _die()
        return result

    def calling(self: Any, method: str, url: str, *rest: Any, **more: Any) -> Any:
        nonlocal calls
        changes = method.lower() != "get"
        calls += changes
        if changes and kind == "asking" and calls == last:
            _die()
        answer = real(self, method, url, *rest, **more)
        if changes and kind == "asked" and calls == last:
            _die()
        return answer

    stripe.RequestsClient.request = calling  # type: ignore[method-assign]
    with connection.execute_wrapper(counting):
        yield


def _buy(organization_id: UUID, choice: str) -> str:
    from billing.subscriptions import checkout
    from billing.subscriptions.checkout import Choice

    return checkout.start(organization_id, Choice(**json.loads(choice)))


def _change(organization_id: UUID, token: str) -> str:
    from billing.subscriptions import changes

    changes.apply(organization_id, token)
    return "changed"


def _look(organization_id: UUID, _: str) -> str:
    from billing.inbox import looking

    return f"settled {looking.look()}"


_STEPS: dict[str, Callable[[UUID, str], str]] = {"buy": _buy, "change": _change, "look": _look}


def _child(url: str, key: str, organization: str, at: str, step: str, argument: str = "") -> str:
    from django.conf import settings
    from django.db import OperationalError

    import tenancy
    from core.errors import DomainError
    from events.idempotency import LOCK_NOT_AVAILABLE

    settings.STRIPE_API_URL, settings.STRIPE_SECRET_KEY = url, key
    with tenancy.platform(), _dying_at(at):
        try:
            return _STEPS[step](UUID(organization), argument)
        except DomainError as refused:
            return f"refused {refused.code}"
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", "") != LOCK_NOT_AVAILABLE:
                raise
            return "refused busy"


def main() -> None:
    django.setup()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.alarm(MOST_SECONDS)
            code = 1
            try:
                os.write(1, f"{_child(*line.split())}\n".encode())
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            print("killed" if os.WTERMSIG(status) == signal.SIGKILL else "too late", flush=True)
        elif status:
            print("error", flush=True)


if __name__ == "__main__":
    main()
