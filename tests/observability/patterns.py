"""A reader of CloudWatch Logs' patterns for JSON lines: as much of them as ``infra/observability/cloudwatch.yml`` uses.

See https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html: comparisons of a path with a
number, a word that may end in a star, or a truth; joined by ``&&`` and ``||``, with parentheses.
"""

from __future__ import annotations

import fnmatch
import operator
import re
from typing import Any

_COMPARISON = re.compile(
    r"""\$\.(?P<path>[\w.]+)[ ]*
    (?:IS[ ](?P<truth>TRUE|FALSE)|(?P<how>>=|<=|=|>|<)[ ]*(?:"(?P<word>[^"]*)"|(?P<number>-?[\d.]+)|(?P<any>\*)))""",
    re.X,
)
_HOW = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}


def value_of(line: dict[str, Any], path: str) -> Any:
    """Return what stands under a path of names joined by dots; None where nothing does."""
    found: Any = line
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def matches(pattern: str, line: dict[str, Any]) -> bool:
    """Return whether the line is one of the pattern.

    Raises:
        ValueError: the pattern has what this reader does not know.
    """
    text = _COMPARISON.sub(lambda found: "T" if _holds(found, line) else "F", pattern).replace(" ", "")
    while inner := re.search(r"\(([TF&|]+)\)", text):
        text = text[: inner.start()] + ("T" if _joined(inner[1]) else "F") + text[inner.end() :]
    if not re.fullmatch(r"[TF](?:(?:&&|\|\|)[TF])*", text):
        raise ValueError(f"not a pattern that is known here: {pattern}")
    return _joined(text)


def _joined(text: str) -> bool:
    return any(all(one == "T" for one in part.split("&&")) for part in text.split("||"))


def _holds(found: re.Match[str], line: dict[str, Any]) -> bool:
    value = value_of(line, found["path"])
    if found["any"]:
        return value is not None
    if found["truth"]:
        return value is (found["truth"] == "TRUE")
    if found["word"] is not None:
        return isinstance(value, str) and fnmatch.fnmatchcase(value, found["word"].replace("[", "[[]"))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and bool(_HOW[found["how"]](value, float(found["number"])))
