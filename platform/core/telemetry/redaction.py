"""What must not stand in a log, taken out by name and by form.

Nobody should log a secret; this is the wall behind that rule. A value is hidden for the name it stands under, and every
text is searched for what secrets look like: keys of ours and of services, signatures of addresses, cookies, bearer
tokens, e-mail addresses, and the values that PostgreSQL repeats in its errors.
"""

from __future__ import annotations

import re
from typing import Any

HIDDEN = "[hidden]"

_NAMES = re.compile(
    r"(?:^|_|-)(?:pass(?:word|wd|phrase)?\d?|secret|token|code|otp|totp|pin|cookies?|authorization|auth|api_?key|kek|"
    r"private_?key|signature|policy|credentials?|csrf\w*|nonce|session(?:_?key|id)?|e?mails?|address(?:es)?|to|recipients?|"
    r"phone|body|payload|args|kwargs|params|query(?:_?string)?|url|uri|href|link|dsn|headers?|form|post|answers?)$",
    re.I,
)
# Ours by these names are stable words, not what somebody typed.
_PLAIN_NAMES = frozenset({"code", "to", "address", "link", "policy", "session", "auth"})
_PLAIN_WORD = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_KEPT = frozenset(
    {"logger", "level", "timestamp", "request_id", "trace_id", "organization", "organization_id", "release"}
)

_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    # PostgreSQL's own repetition of a row: "DETAIL:  Key (email)=(ada@x.example) already exists."
    (
        re.compile(r"(DETAIL|HINT|CONTEXT|STATEMENT):[^\n]*(?:\n(?![A-Z][a-z]+Error|\s*File )\s+[^\n]*)*"),
        rf"\1: {HIDDEN}",
    ),
    (re.compile(r"Failing row contains[^\n]*"), f"Failing row contains {HIDDEN}"),
    (re.compile(r"\b((?:sk|rk|pk)_(?:test|live)|whsec|xox[abp]|gh[pousr])_[A-Za-z0-9_-]{6,}"), rf"\1_{HIDDEN}"),
    (re.compile(r"\bAKIA[0-9A-Z]{12,}"), HIDDEN),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic|digest)\s+[A-Za-z0-9+/=._~-]{8,}"), rf"\1 {HIDDEN}"),
    # Credentials in an address: postgresql://login:password@host.
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@]+@"), rf"\1{HIDDEN}@"),
    # Everything behind the question mark of an address, and in a fragment.
    (re.compile(r"((?:https?://[^\s\"'<>?#]+|(?<![\w.])/[\w./~*%-]+))[?#][^\s\"'<>]+"), rf"\1?{HIDDEN}"),
    # A signature or a token by its name in any text: t=1,v1=abc, CloudFront-Policy=…, X-Amz-Signature=…
    (
        re.compile(
            r"(?i)((?:CloudFront-[A-Za-z-]+|X-Amz-(?:Signature|Credential|Security-Token)|Signature|Key-Pair-Id|Policy|"
            r"__Host-[\w-]+|sessionid|csrftoken|password|passwd|secret|token|otp|\bv1)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&)}\]]+"
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), HIDDEN),
)
# A run of 24 and more that holds letters and digits is a token, unless it is an id of ours or a dotted or worded name.
_RUN = re.compile(r"(?<![\w./-])[A-Za-z0-9_-]{24,}(?![\w-])|(?<=/)[A-Za-z0-9_-]{24,}(?![\w-])")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Most of what is logged: a name, a number, a route. Too short and too plain for any of the forms above.
_HARMLESS = re.compile(r"[\w./<>-]{0,23}")
_DEPTH = 4


def clean(event: dict[str, Any]) -> dict[str, Any]:
    """Return a log line's members without what must not stand in it; names that logs themselves give are kept."""
    return {
        name: value if name in _KEPT and _is_short(value) else _member(name, value, 0) for name, value in event.items()
    }


def clean_text(text: str) -> str:
    """Return ``text`` without what looks like a secret or a person's address."""
    if _HARMLESS.fullmatch(text):
        return text
    for form, instead in _FORMS:
        text = form.sub(instead, text)
    return _RUN.sub(_hide_run, text)


def _is_short(value: Any) -> bool:
    return isinstance(value, int | float | bool) or value is None or (isinstance(value, str) and len(value) <= 64)


def _member(name: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int | float):
        # A code of six digits is a number too.
        return HIDDEN if _NAMES.search(name) and isinstance(value, int) and not isinstance(value, bool) else value
    if _NAMES.search(name):
        if name in _PLAIN_NAMES and isinstance(value, str) and _PLAIN_WORD.fullmatch(value):
            return value
        return HIDDEN
    return _value(value, depth)


def _value(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth >= _DEPTH:
        return HIDDEN
    if isinstance(value, dict):
        return {str(name): _member(str(name), inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(inner, depth + 1) for inner in value]
    return clean_text(str(value))


def _hide_run(found: re.Match[str]) -> str:
    run = found[0]
    if _UUID.fullmatch(run):
        return run
    has_digit = any(letter.isdigit() for letter in run)
    has_letter = any(letter.isalpha() for letter in run)
    return HIDDEN if has_digit and has_letter else run
