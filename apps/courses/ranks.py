"""Fractional ranks: a text key between any two others, so that a move writes one row.

A rank is an integer part of variable length followed by a fraction, both in base 62 (0-9 A-Z a-z, the order of their
bytes). The first letter says how long the integer part is: ``a`` + 1 digit, ``b`` + 2, ...; ``Z`` + 1, ``Y`` + 2 for
the negative side. Adding at either end counts the integer up or down, so ranks stay short however many items are
appended (500 lessons: three characters); only inserting between two neighbours makes the fraction grow.
After "Implementing Fractional Indexing" (D. Greenspan, Observable) as in rocicorp/fractional-indexing.
Compare ranks by bytes: the column has collation "C".
"""

from __future__ import annotations

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FIRST = "a0"
_SMALLEST = "A" + "0" * 26


def between(before: str | None, after: str | None) -> str:
    """Return a rank that sorts after ``before`` and before ``after``; None is the open end.

    Raises:
        ValueError: ``before`` is not smaller than ``after``, or one of them is no rank.
    """
    for rank in (before, after):
        if rank is not None:
            _check(rank)
    if before is not None and after is not None and before >= after:
        raise ValueError(f"{before!r} does not sort before {after!r}")
    if before is None:
        return FIRST if after is None else _before(after)
    if after is None:
        return _after(before)
    whole_a, whole_b = _whole(before), _whole(after)
    if whole_a == whole_b:
        return whole_a + _midpoint(before[len(whole_a) :], after[len(whole_b) :])
    counted = _increment(whole_a)
    if counted is not None and counted < after:
        return counted
    return whole_a + _midpoint(before[len(whole_a) :], None)


def _before(after: str) -> str:
    whole = _whole(after)
    if whole == _SMALLEST:
        return whole + _midpoint("", after[len(whole) :])
    if whole < after:
        return whole
    counted = _decrement(whole)
    if counted is None:
        raise ValueError("no rank is smaller than this one")
    return counted


def _after(before: str) -> str:
    whole = _whole(before)
    counted = _increment(whole)
    return whole + _midpoint(before[len(whole) :], None) if counted is None else counted


def _check(rank: str) -> None:
    whole = _whole(rank)
    if any(character not in DIGITS for character in rank) or rank == _SMALLEST:
        raise ValueError(f"{rank!r} is no rank")
    if rank[len(whole) :].endswith("0"):
        raise ValueError(f"{rank!r} ends in a zero, so nothing could sort just before it")


def _whole(rank: str) -> str:
    head = rank[:1]
    if "a" <= head <= "z":
        length = ord(head) - ord("a") + 2
    elif "A" <= head <= "Z":
        length = ord("Z") - ord(head) + 2
    else:
        raise ValueError(f"{rank!r} is no rank")
    if len(rank) < length:
        raise ValueError(f"{rank!r} is no rank")
    return rank[:length]


def _midpoint(a: str, b: str | None) -> str:
    """Return a fraction strictly between ``a`` and ``b`` (None = one), without a trailing zero."""
    if b is not None:
        shared = 0
        while shared < len(b) and (a[shared] if shared < len(a) else "0") == b[shared]:
            shared += 1
        if shared:
            return b[:shared] + _midpoint(a[shared:], b[shared:])
    low = DIGITS.index(a[0]) if a else 0
    high = DIGITS.index(b[0]) if b is not None else len(DIGITS)
    if high - low > 1:
        return DIGITS[(low + high) // 2]
    if b is not None and len(b) > 1:
        return b[0]
    return DIGITS[low] + _midpoint(a[1:], None)


def _increment(whole: str) -> str | None:
    """Return the next integer part, or None after the largest."""
    head, digits = whole[0], list(whole[1:])
    for place in reversed(range(len(digits))):
        value = DIGITS.index(digits[place]) + 1
        if value < len(DIGITS):
            digits[place] = DIGITS[value]
            return head + "".join(digits)
        digits[place] = DIGITS[0]
    if head == "Z":
        return "a" + DIGITS[0]
    if head == "z":
        return None
    longer = chr(ord(head) + 1)
    return longer + (DIGITS[0] * (len(digits) + 1) if longer > "a" else "".join(digits[1:]))


def _decrement(whole: str) -> str | None:
    """Return the integer part before ``whole``, or None before the smallest."""
    head, digits = whole[0], list(whole[1:])
    for place in reversed(range(len(digits))):
        value = DIGITS.index(digits[place]) - 1
        if value >= 0:
            digits[place] = DIGITS[value]
            return head + "".join(digits)
        digits[place] = DIGITS[-1]
    if head == "a":
        return "Z" + DIGITS[-1]
    if head == "A":
        return None
    shorter = chr(ord(head) - 1)
    return shorter + (DIGITS[-1] * (len(digits) + 1) if shorter < "Z" else "".join(digits[1:]))
