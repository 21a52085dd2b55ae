from __future__ import annotations

from uuid import UUID

import pytest

from apps.courses import configs
from apps.courses.bodies import lesson_body
from apps.courses.configs import ItemConfig
from apps.courses.dto import CompletionRule
from apps.courses.errors import BodyRefused

ASSET = "01900000-0000-7000-8000-000000000001"


def _text(words: str) -> dict[str, object]:
    return {
        "type": "text",
        "doc": {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": words}]}]},
    }


def test_a_body_is_stored_with_html_made_here() -> None:
    sent = {"v": 1, "blocks": [{"type": "video", "asset": ASSET}, {**_text("Hello"), "html": "<script>1</script>"}]}
    body = lesson_body(sent)
    assert body.value["blocks"][1]["html"] == "<p>Hello</p>"
    assert body.assets == (UUID(ASSET),)
    assert body.plain_text == "Hello"
    assert lesson_body(body.value).sha256 == body.sha256


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        (None, "body"),
        ({"v": 2, "blocks": []}, "body"),
        ({"v": 1, "blocks": [{"type": "iframe"}]}, "body/blocks/0"),
        ({"v": 1, "blocks": ["x"]}, "body/blocks/0"),
        ({"v": 1, "blocks": [{"type": "video", "asset": "nope"}]}, "body/blocks/0"),
        ({"v": 1, "blocks": [{"type": "video", "asset": ASSET}] * 2}, "body/blocks/1"),
        ({"v": 1, "blocks": [_text("ok"), _text("a\ud800")]}, "body/blocks/1"),
        ({"v": 1, "blocks": [_text("x" * 1_100_000)]}, "body"),
    ],
)
def test_a_body_that_cannot_be_says_where_and_why(sent: object, pointer: str) -> None:
    with pytest.raises(BodyRefused) as refusal:
        lesson_body(sent)
    assert pointer in refusal.value.errors


def test_the_rule_follows_what_the_lesson_holds_until_someone_chooses() -> None:
    config = ItemConfig()
    assert config.rule_for(has_video=True) == CompletionRule("watched", 900)
    assert config.rule_for(has_video=False) == CompletionRule("viewed")
    chosen = configs.merge(config, {"completion": {"rule": "manual"}})
    assert chosen.rule_for(has_video=True) == CompletionRule("manual")
    assert configs.load(chosen.stored()) == chosen
    assert configs.merge(chosen, {"completion": None}).rule is None
    assert configs.merge(chosen, chosen.shown(has_video=True)) == chosen
    assert configs.merge(config, config.shown(has_video=True)) == config


@pytest.mark.parametrize(
    "given",
    [
        [],
        {"completion": {"rule": "magic"}},
        {"completion": {"rule": "watched", "permille": 0}},
        {"completion": {"rule": "watched", "permille": 1001}},
        {"completion": {"rule": "watched", "permille": True}},
        {"required": "yes"},
        {"weight": 0},
    ],
)
def test_a_setting_out_of_range_is_refused(given: object) -> None:
    with pytest.raises(BodyRefused):
        configs.merge(ItemConfig(), given)
