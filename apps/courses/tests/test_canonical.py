from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.courses.canonical import NotCanonical, canonical, canonical_bytes, digest

_texts = st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12)
_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(-1e6, 1e6, allow_nan=False) | _texts,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(_texts.map(lambda text: unicodedata.normalize("NFC", text)), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(_values)
def test_the_canonical_form_survives_json_and_itself(value: object) -> None:
    form = canonical(value)
    assert canonical(form) == form
    assert canonical_bytes(json.loads(json.dumps(form))) == canonical_bytes(value)


def test_order_of_keys_spelling_of_numbers_and_of_accents_do_not_matter() -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    assert digest({"b": 1.0, "a": [composed]}) == digest({"a": [decomposed], "b": 1})


def test_what_reads_differently_hashes_differently() -> None:
    assert digest({"a": True}) != digest({"a": 1})
    assert digest(["a", "b"]) != digest(["b", "a"])
    assert digest("1") != digest(1)


def test_two_keys_that_become_one_are_refused() -> None:
    with pytest.raises(NotCanonical):
        canonical({"caf\u00e9": 1, "cafe\u0301": 2})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "a\x00b", "\ud800", {1: 2}, object()])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_a_bottomless_value_is_refused() -> None:
    value: list[object] = []
    for _ in range(1_000):
        value = [value]
    with pytest.raises(NotCanonical):
        canonical(value)
