"""What reaches a page's style is colour variables and nothing else."""

import re

import pytest

from apps.branding import theme
from apps.branding.solver import brand_theme


def test_the_css_dresses_light_and_dark():
    css = theme.css_of(brand_theme("#0b5d3b"), "newsreader")

    light, dark = re.findall(r"\{(.*?)\}", css)
    assert "--brand-solid:#0b5d3b" in light
    assert "--brand-solid:#67c091" in dark
    assert "--font-head:'Newsreader Variable'" in light
    for name in ("canvas", "text-3", "danger-text", "link", "progress-edge", "track", "control-solid", "overlay"):
        assert f"--{name}:" in light
        assert f"--{name}:" in dark


def test_a_stored_theme_comes_back_whole():
    solved = brand_theme("#c4185c")

    assert theme.from_json(theme.to_json(solved)) == solved


@pytest.mark.parametrize(
    "broken",
    [
        {"v": 2, "light": {}, "dark": {}},
        {"v": 1, "light": {"canvas": "red;}</style><script>"}, "dark": {}},
        {"v": 1, "light": {}, "dark": {"a:b;x": "#ffffff"}},
    ],
)
def test_a_stored_theme_that_is_no_theme_is_refused(broken):
    with pytest.raises(ValueError):
        theme.from_json(broken)
