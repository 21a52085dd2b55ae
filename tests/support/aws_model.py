"""Requests as AWS's own service models describe them: what botocore ships, read for the server's side of the wire."""

from __future__ import annotations

import re
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape, StructureShape


class Refused(Exception):
    """An answer that is an error, as AWS gives it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code = status, code
        super().__init__(message)


class Model:
    """The shapes of one service, checked by the names of the wire. botocore's own client checks no enum or pattern."""

    def __init__(self, service: str) -> None:
        self._model = ServiceModel(Loader().load_service_model(service, "service-2"))

    def check(self, shape: str, value: Any) -> None:
        """Refuse a value that the shape does not describe.

        Raises:
            Refused: with the path of the first fault.
        """
        self._check(self._model.shape_for(shape), value, "")

    def _check(self, shape: Shape, value: Any, at: str) -> None:
        kind = shape.type_name
        if isinstance(shape, StructureShape):
            self._structure(shape, value, at)
        elif kind == "list":
            _expect(isinstance(value, list), at, "should be an array")
            for number, item in enumerate(value):
                self._check(shape.member, item, f"{at}/{number}")  # type: ignore[attr-defined]
        elif kind == "map":
            _expect(isinstance(value, dict), at, "should be an object")
            for name, item in value.items():
                self._check(shape.value, item, f"{at}/{name}")  # type: ignore[attr-defined]
        elif kind == "string":
            _expect(isinstance(value, str), at, "should be a string")
            self._string(shape, value, at)
        elif kind in ("integer", "long", "double", "float"):
            whole = kind in ("integer", "long")
            _expect(isinstance(value, int if whole else (int, float)) and value is not True, at, f"should be {kind}")
            _within(shape, value, at)
        elif kind == "boolean":
            _expect(isinstance(value, bool), at, "should be a boolean")

    def _structure(self, shape: StructureShape, value: Any, at: str) -> None:
        _expect(isinstance(value, dict), at, "should be an object")
        members = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
        for name in value:
            _expect(name in members, f"{at}/{name}", "is no property of this")
        there = {members[name][0] for name in value}
        for needed in shape.required_members:
            _expect(needed in there, at, f"{needed} is a required property")
        for name, item in value.items():
            self._check(members[name][1], item, f"{at}/{name}")

    def _string(self, shape: Shape, value: str, at: str) -> None:
        allowed = shape.metadata.get("enum")
        _expect(not allowed or value in allowed, at, f"should be one of {allowed}")
        pattern = shape.metadata.get("pattern")
        _expect(not pattern or re.search(pattern, value) is not None, at, f"should match {pattern}")
        _within(shape, len(value), at)


def _within(shape: Shape, size: float, at: str) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    _expect(least is None or size >= least, at, f"should be at least {least}")
    _expect(most is None or size <= most, at, f"should be at most {most}")


def _expect(holds: bool, at: str, why: str) -> None:
    if not holds:
        raise Refused(400, "BadRequestException", f"{at or '/'}: {why}")
