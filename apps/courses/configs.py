"""The settings of an item in a draft and in a version: completion rule, required, weight.

A draft keeps only what an author chose. What they left open is decided by what the lesson holds: a lesson with a video
is completed by watching it, one without by opening it. A version keeps the decision, so later changes of these defaults
change no published course.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.courses.dto import CompletionRule, RuleKind
from apps.courses.errors import BodyRefused

VERSION = 1
DEFAULT_WATCHED_PERMILLE = 900
MAX_WEIGHT = 100
_KINDS: tuple[RuleKind, ...] = ("watched", "viewed", "manual")


@dataclass(frozen=True, slots=True)
class ItemConfig:
    """``rule`` None means: by what the lesson holds."""

    rule: CompletionRule | None = None
    required: bool = True
    weight: int = 1

    def rule_for(self, *, has_video: bool) -> CompletionRule:
        """Return the rule that holds for a lesson with or without a video."""
        if self.rule is None or (self.rule.kind == "watched" and not has_video):
            return CompletionRule("watched", DEFAULT_WATCHED_PERMILLE) if has_video else CompletionRule("viewed")
        return self.rule

    def stored(self) -> dict[str, Any]:
        """Return the value of the ``config`` column."""
        out: dict[str, Any] = {"v": VERSION, "required": self.required, "weight": self.weight}
        if self.rule is not None:
            out["completion"] = rule_json(self.rule)
        return out

    def shown(self, *, has_video: bool) -> dict[str, Any]:
        """Return the form of the API: always with the rule that holds; ``automatic`` where nobody chose it."""
        return {
            "completion": rule_json(self.rule_for(has_video=has_video)),
            "automatic": self.rule is None,
            "required": self.required,
        }


def rule_json(rule: CompletionRule) -> dict[str, Any]:
    """Return ``rule`` as JSON; ``permille`` only where it means something."""
    return {"rule": rule.kind, "permille": rule.permille} if rule.kind == "watched" else {"rule": rule.kind}


def load(stored: dict[str, Any]) -> ItemConfig:
    """Return the config that :meth:`ItemConfig.stored` wrote."""
    chosen = stored.get("completion")
    return ItemConfig(
        rule=load_rule(chosen) if chosen else None,
        required=bool(stored.get("required", True)),
        weight=int(stored.get("weight", 1)),
    )


def load_rule(stored: dict[str, Any]) -> CompletionRule:
    """Return the rule that :func:`rule_json` wrote."""
    return CompletionRule(stored["rule"], int(stored.get("permille", 1000)))


def merge(current: ItemConfig, given: Any) -> ItemConfig:
    """Return ``current`` with what ``given`` (from a client) changes.

    ``completion: null`` or ``automatic: true`` gives the choice back to what the lesson holds.

    Raises:
        BodyRefused: an unknown rule, or a number out of its range.
    """
    if not isinstance(given, dict):
        raise BodyRefused(errors={"config": "Settings are an object."})
    rule = current.rule
    if given.get("automatic") is True or ("completion" in given and given["completion"] is None):
        rule = None
    elif "completion" in given:
        rule = _given_rule(given["completion"])
    required = given.get("required", current.required)
    if not isinstance(required, bool):
        raise BodyRefused(errors={"config/required": "This is either on or off."})
    weight = given.get("weight", current.weight)
    if not isinstance(weight, int) or isinstance(weight, bool) or not 1 <= weight <= MAX_WEIGHT:
        raise BodyRefused(errors={"config/weight": f"A weight is a whole number from 1 to {MAX_WEIGHT}."})
    return ItemConfig(rule=rule, required=required, weight=weight)


def _given_rule(given: Any) -> CompletionRule:
    kind = given.get("rule") if isinstance(given, dict) else None
    if kind not in _KINDS:
        raise BodyRefused(errors={"config/completion": "A lesson is completed by watching, by opening or by hand."})
    if kind != "watched":
        return CompletionRule(kind)
    permille = given.get("permille", DEFAULT_WATCHED_PERMILLE)
    if not isinstance(permille, int) or isinstance(permille, bool) or not 1 <= permille <= 1000:
        raise BodyRefused(errors={"config/completion": "The share to watch is between 0.1 % and 100 %."})
    return CompletionRule("watched", permille)
