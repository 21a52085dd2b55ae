"""The wall behind logs: what is hidden for its name, for its form, and in the words of errors."""

from __future__ import annotations

from typing import Any

import pytest

from core.telemetry.redaction import HIDDEN, clean, clean_text
from core.telemetry.tracebacks import text_of

CANARY = "c4nary7f3aPlanted9"


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "token", "login_code", "otp", "cookies", "Authorization", "api_key", "signature",
     "email", "to", "body", "args", "query_string", "url", "csrftoken", "csrf", "session_key", "payload", "headers"],
)  # fmt: skip
@pytest.mark.parametrize("value", [f"{CANARY} and words", {"inner": CANARY}, [CANARY], 123456])
def test_a_value_is_hidden_for_its_name(name: str, value: Any) -> None:
    assert clean({"event": "x", name: value}) == {"event": "x", name: HIDDEN}


@pytest.mark.parametrize(
    "text",
    [
        f"https://acme.lms.example/password/reset?key={CANARY}",
        f"GET /hand-over/?code={CANARY}&next=/studio",
        f"/media/t/x/y.m3u8?Policy={CANARY}&Signature={CANARY}~&Key-Pair-Id=K",
        f"Cookie: __Host-session={CANARY}; other=1",
        f"CloudFront-Signature={CANARY}__",
        f"Stripe-Signature: t=1,v1={CANARY}",
        f"whsec_{CANARY}",
        f"sk_live_{CANARY}",
        f"Authorization: Bearer {CANARY}",
        f"postgresql://lms_app:{CANARY}@127.0.0.1/lms",
        f"mail to ada.{CANARY}@people.example was refused",
        f'duplicate key value\nDETAIL:  Key (email)=({CANARY}) already exists.',
        f"null value\nDETAIL:  Failing row contains (1, {CANARY}, t).",
        f"invitation {CANARY}{CANARY}",
        f"/api/v1/invitation-links/{CANARY}{CANARY}/acceptance/",
        f"password={CANARY}",
        f"eyJhbGciOiJIUzI1NiJ9.{CANARY}.{CANARY}",
    ],
)  # fmt: skip
def test_a_secret_is_hidden_for_its_form(text: str) -> None:
    assert CANARY not in clean_text(text)
    assert CANARY not in str(clean({"event": text, "list": [{"deep": text}]}))


@pytest.mark.parametrize(
    "text",
    [
        "dispatcher.duty_failed",
        "/api/v1/courses/<uuid:course_id>/draft/nodes/<uuid:item_id>/",
        "019abcde-0000-7000-8000-000000000000",
        "events.tasks.deliver_everything_that_is_due",
        "t/019abcde-0000-7000-8000-000000000000/v/019abcde-0000-7000-8000-000000000001/",
        "canceling statement due to statement timeout",
    ],
)
def test_what_finds_a_fault_is_kept(text: str) -> None:
    assert clean_text(text) == text
    assert clean({"event": text}) == {"event": text}


def test_names_and_numbers_of_ours_are_kept() -> None:
    line = {"status": 200, "dur_ms": 1.5, "route": "/api/v1/me/", "code": "rate_limited", "attempts": 3, "ok": True}
    assert clean(line) == line


def test_a_traceback_says_where_and_what_kind_but_no_value() -> None:
    def signing_in(password: str, code: int) -> None:
        kept = {"password": password}
        try:
            kept[f"{CANARY} {code}"]
        except KeyError as missing:
            raise ValueError(f"cannot take {password!r}") from missing

    number = int("424242")
    with pytest.raises(ValueError) as caught:
        signing_in(f"{CANARY}-horse", number)
    written = text_of(caught.value)
    assert "ValueError" in written
    assert "KeyError" in written
    assert "in signing_in" in written
    assert CANARY not in written
    assert "424242" not in written


def test_a_plain_name_in_an_error_is_kept() -> None:
    with pytest.raises(KeyError) as missing:
        {}["title"]
    assert text_of(missing.value).endswith("KeyError: 'title'")
