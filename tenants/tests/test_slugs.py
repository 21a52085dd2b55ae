from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants import slugs


@pytest.mark.parametrize("slug", ["harbour-health", "abc", "a1b2", "nordlys-rail", "x" * 40])
def test_a_plain_slug_is_free_of_refusals(slug: str) -> None:
    assert slugs.refusal_of(slug) is None


@pytest.mark.parametrize(
    ("slug", "reason"),
    [
        ("ab", "too_short"),
        ("x" * 41, "too_long"),
        ("admin", "reserved"),
        ("postgres", "reserved"),
        ("adrnin", "lookalike"),
        ("st4ff-", "format"),
        ("-abc", "format"),
        ("a_b", "format"),
        ("a--b-c", "format"),
        ("__class__", "format"),
        ("xn--80ak6aa92e", "idn"),
        ("аррӏе", "idn"),
        ("ab--cd", "idn"),
        ("biliing", "lookalike"),
    ],
)
def test_attack_06_a_slug_that_can_not_be_had_says_why(slug: str, reason: str) -> None:
    refusal = slugs.refusal_of(slug)

    assert refusal is not None
    assert refusal.reason == reason
    assert refusal.message.endswith(".")


@pytest.mark.parametrize(
    ("one", "other"), [("acme", "acrne"), ("globex", "g1obex"), ("wave", "vvave"), ("a-b-c", "abc")]
)
def test_slugs_that_read_alike_share_a_skeleton(one: str, other: str) -> None:
    assert slugs.skeleton(one) == slugs.skeleton(other)


@given(st.text(max_size=60))
def test_every_suggestion_is_itself_allowed(text: str) -> None:
    assert all(slugs.refusal_of(found) is None for found in slugs.candidates(text))


@given(st.from_regex(r"\A[a-z0-9-]{1,60}\Z"))
def test_what_no_rule_refuses_is_a_host_label(slug: str) -> None:
    if slugs.refusal_of(slug) is None:
        assert 3 <= len(slug) <= 40
        assert not slug.startswith("-")
        assert not slug.endswith("-")
        assert "--" not in slug
