"""Whatever colour an organization has, everybody can read its pages."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.branding.colour import contrast, degrees, to_oklch
from apps.branding.solver import Theme, brand_theme, grounds_of, ink_theme, neutrals, roles

# What the reference implementation of the solver (in JavaScript) answers for 48 colours.
VECTORS = json.loads((Path(__file__).parent / "vectors" / "themes.json").read_text())
MEANINGS = ("danger", "warning", "success", "info")
LEVELS = range(0, 256, 17)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["color"])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_solver_answers_what_the_reference_answers(vector, mode):
    brand = vector["color"]
    grey = neutrals(degrees(to_oklch(brand)[2]), dark=mode == "dark")

    assert grey == vector[mode]["neutrals"]
    assert roles(brand, grey, dark=mode == "dark") == vector[mode]["roles"]


def failures(tokens: dict[str, str]) -> list[str]:
    """Return every pair that reads worse than WCAG 2.2 AA asks."""
    grounds = grounds_of(tokens)
    pairs = [
        *(("text", ground, 4.5) for ground in grounds),
        *(("text-2", ground, 4.5) for ground in grounds),
        *(("text-3", ground, 4.5) for ground in grounds),
        *(("brand-text", ground, 4.5) for ground in grounds),
        *(("link", ground, 4.5) for ground in grounds),
        *(("control", ground, 3.0) for ground in grounds),
        *(("brand-edge", ground, 3.0) for ground in grounds),
        *(("brand-focus", ground, 3.0) for ground in grounds),
        *(("control-edge", ground, 3.0) for ground in grounds),
        ("brand-on", tokens["brand-solid"], 4.5),
        ("brand-on", tokens["brand-solid-hover"], 4.5),
        ("control-on", tokens["control-solid"], 4.5),
        ("brand-soft-text", tokens["brand-soft"], 4.5),
        ("text", tokens["brand-soft"], 4.5),
        ("text-2", tokens["brand-soft"], 4.5),
    ]
    for name in MEANINGS:
        pairs += [(f"{name}-text", ground, 4.5) for ground in grounds]
        pairs += [(f"{name}-mark", ground, 3.0) for ground in grounds]
        pairs += [
            (f"{name}-on", tokens[f"{name}-solid"], 4.5),
            (f"{name}-soft-text", tokens[f"{name}-soft"], 4.5),
        ]
    return [
        f"{role} on {ground}: {contrast(tokens[role], ground):.2f} < {needed}"
        for role, ground, needed in pairs
        if contrast(tokens[role], ground) < needed
    ]


def test_our_own_theme_holds():
    theme = ink_theme()

    assert failures(theme.light) == []
    assert failures(theme.dark) == []


@given(st.integers(min_value=0, max_value=0xFFFFFF))
def test_every_pair_of_any_brand_holds(number):
    theme: Theme = brand_theme(f"#{number:06x}")

    assert failures(theme.light) == []
    assert failures(theme.dark) == []


@pytest.mark.parametrize("dark", [False, True])
def test_4096_brands_hold(dark):
    worst = {"text": 99.0, "on": 99.0, "on-hover": 99.0, "edge": 99.0, "focus": 99.0, "soft-text": 99.0}
    for red in LEVELS:
        for green in LEVELS:
            for blue in LEVELS:
                brand = f"#{red:02x}{green:02x}{blue:02x}"
                grey = neutrals(degrees(to_oklch(brand)[2]), dark=dark)
                part = roles(brand, grey, dark=dark)
                grounds = grounds_of(grey)
                worst["text"] = min(worst["text"], *(contrast(part["text"], ground) for ground in grounds))
                worst["edge"] = min(worst["edge"], *(contrast(part["edge"], ground) for ground in grounds))
                worst["focus"] = min(worst["focus"], *(contrast(part["focus"], ground) for ground in grounds))
                worst["on"] = min(worst["on"], contrast(part["on"], part["solid"]))
                worst["on-hover"] = min(worst["on-hover"], contrast(part["on"], part["solid-hover"]))
                worst["soft-text"] = min(worst["soft-text"], contrast(part["soft-text"], part["soft"]))

    assert min(worst["text"], worst["on"], worst["on-hover"], worst["soft-text"]) >= 4.5, worst
    assert min(worst["edge"], worst["focus"]) >= 3.0, worst


def test_a_brand_that_can_be_read_is_left_as_it_is():
    yellow = brand_theme("#ffd21f")

    assert yellow.light["brand-solid"] == "#ffd21f"
    assert yellow.light["brand-on"] != "#ffffff"
    assert yellow.light["brand-edge"] != "#ffd21f", "yellow on white needs an outline"


def test_a_deep_brand_is_lifted_out_of_a_dark_page():
    green = brand_theme("#0b5d3b")

    assert green.light["brand-solid"] == "#0b5d3b"
    assert green.dark["brand-solid"] == "#67c091"
