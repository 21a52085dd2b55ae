"""Plain data kept in this process: for values that can never change under their key."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from tenancy import binding

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """The most recently used values up to a total weight, each for one organization and generation.

    The organization is part of every key: two organizations may hold rows with one id (a restored copy, a template),
    and neither may ever see the other's.
    """

    def __init__(self, *, max_weight: int, weigh: Callable[[Value], int]) -> None:
        self._max_weight = max_weight
        self._weigh = weigh
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of ``key`` in the bound organization, made by ``make`` where it is not kept.

        What ``make`` raises is not kept.
        """
        tenant = binding.current()
        full = (tenant.id, tenant.generation, key)
        with self._lock:
            if (found := self._values.get(full)) is not None:
                self._values.move_to_end(full)
                return found[0]
        value = make()
        weight = self._weigh(value)
        with self._lock:
            if full not in self._values:
                self._values[full] = (value, weight)
                self._weight += weight
            while self._weight > self._max_weight and len(self._values) > 1:
                _, (_, freed) = self._values.popitem(last=False)
                self._weight -= freed
        return value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
            self._weight = 0
