"""What a call may be given. Anything else is refused by name, as Stripe does, instead of being passed over."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from devstack.stripe.errors import BadParameters

Check = Callable[[Any, str], Any]
"""Takes what came and the parameter's name; returns it typed, or refuses."""


@dataclass(frozen=True)
class Obj:
    """An object with these fields; ``needs`` names those that have to be there."""

    fields: dict[str, Any]
    needs: tuple[str, ...] = ()
    clears: bool = field(default=True)

    def __call__(self, value: Any, name: str) -> Any:
        if value == "" and self.clears and name:
            return None
        if not isinstance(value, dict):
            raise BadParameters("Invalid object", param=name)
        found = {}
        for key, given in value.items():
            full = f"{name}[{key}]" if name else key
            check = self.fields.get(key)
            if check is None:
                raise BadParameters(
                    f"Received unknown parameter: {full} (the local Stripe does not know it)",
                    code="parameter_unknown",
                    param=full,
                )
            found[key] = check(given, full)
        for key in self.needs:
            if found.get(key) is None:
                full = f"{name}[{key}]" if name else key
                raise BadParameters(f"Missing required param: {full}.", code="parameter_missing", param=full)
        return found


def obj(*needs: str, **fields: Any) -> Obj:
    """An object of these fields, those named first being required."""
    return Obj(fields, needs)


def text(value: Any, name: str) -> str | None:
    if not isinstance(value, str):
        raise BadParameters("Invalid string", param=name)
    if len(value) > 5000:
        raise BadParameters("Invalid string: longer than 5000 characters", param=name, code="parameter_invalid_string")
    return value or None


def integer(value: Any, name: str) -> int | None:
    if value == "":
        return None
    if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,18}", value):
        raise BadParameters(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
    return int(value)


def count(value: Any, name: str) -> int | None:
    """An integer that is not negative."""
    number = integer(value, name)
    if number is not None and number < 0:
        raise BadParameters(
            "This value must be greater than or equal to 0.", code="parameter_invalid_integer", param=name
        )
    return number


def decimal(value: Any, name: str) -> str | None:
    if value == "":
        return None
    try:
        number = Decimal(value)
    except (InvalidOperation, TypeError) as error:
        raise BadParameters(f"Invalid decimal: {value}", param=name) from error
    if not number.is_finite():
        raise BadParameters(f"Invalid decimal: {value}", param=name)
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def boolean(value: Any, name: str) -> bool | None:
    if value == "":
        return None
    if value not in ("true", "false"):
        raise BadParameters(f"Invalid boolean: {value}", param=name)
    return bool(value == "true")


def one_of(*choices: str) -> Check:
    """One of these words."""

    def check(value: Any, name: str) -> str | None:
        if value == "":
            return None
        if value not in choices:
            raise BadParameters(f"Invalid {name}: must be one of {', '.join(choices)}", param=name)
        return str(value)

    check.choices = choices  # type: ignore[attr-defined]
    return check


def many(check: Check) -> Check:
    """A list of them; an empty string empties it."""

    def checks(value: Any, name: str) -> list[Any] | None:
        if value == "":
            return []
        if not isinstance(value, list):
            raise BadParameters("Invalid array", param=name)
        found = [check(each, f"{name}[{position}]") for position, each in enumerate(value)]
        if None in found:
            where = f"{name}[{found.index(None)}]"
            raise BadParameters(
                "You passed an empty string for an entry of a list.", code="parameter_invalid_empty", param=where
            )
        return found

    return checks


def mapping(check: Check) -> Check:
    """Any names, each with such a value."""

    def checks(value: Any, name: str) -> dict[str, Any] | None:
        if value == "":
            return None
        if isinstance(value, list):  # ``metadata[0]=…`` reads as a list; it is a name like any other
            value = {str(position): each for position, each in enumerate(value)}
        if not isinstance(value, dict):
            raise BadParameters("Invalid object", param=name)
        return {key: check(each, f"{name}[{key}]") for key, each in value.items()}

    return checks


def metadata(value: Any, name: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = mapping(lambda each, where: each if each == "" else text(each, where))(value, name)
    if found is not None and (len(found) > 50 or any(len(key) > 40 or len(each) > 500 for key, each in found.items())):
        raise BadParameters("Metadata has at most 50 keys of 40 characters with values of 500.", param=name)
    return found


def moment(*words: str) -> Check:
    """Seconds since 1970, or one of these words."""

    def check(value: Any, name: str) -> int | str | None:
        return value if value in words and value else integer(value, name)

    return check


def created(value: Any, name: str) -> Any:
    """A moment, or a range of them."""
    if isinstance(value, str):
        return {"gte": integer(value, name), "lte": integer(value, name)}
    return Obj({"gt": integer, "gte": integer, "lt": integer, "lte": integer})(value, name)


EXPAND = many(text)
ADDRESS = obj(city=text, country=text, line1=text, line2=text, postal_code=text, state=text)
NOTHING = obj(expand=EXPAND)


def listing(**filters: Any) -> Obj:
    """The parameters of a list: where it begins, how long it is, and these filters."""
    return obj(limit=count, starting_after=text, ending_before=text, expand=EXPAND, **filters)


def merge_metadata(old: dict[str, str], given: dict[str, str] | None) -> dict[str, str]:
    """Stripe's rule: given keys replace, an empty value removes, an empty parameter removes all."""
    if given is None:
        return {}
    return {key: value for key, value in {**old, **given}.items() if value != ""}
