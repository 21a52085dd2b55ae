"""An Idempotency-Key: the first answer is the only one, and a refusal leaves the key free."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import RequestFactory
from rest_framework.response import Response

import tenancy
from core.clock import now
from core.errors import DomainError
from core.http.idempotency import KeyReused, idempotent
from core.http.request import Request
from core.http.views import PUBLIC, APIView
from core.ids import new_id
from events.idempotency import purge, store
from events.models import IdempotencyKey
from tenancy import TenantRecord

ACTOR = UUID(int=7)


class Counter:
    """A call that says how often it ran."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> tuple[int, Any]:
        self.calls += 1
        return 201, {"call": self.calls}


def run(call: Any, *, key: str = "k", sha: bytes = b"a" * 32, actor_id: UUID = ACTOR) -> Any:
    return store.run(actor_id=actor_id, key=key, request_sha256=sha, call=call)


def test_a_repetition_gets_the_first_answer(acme: TenantRecord) -> None:
    call = Counter()
    assert run(call) == (201, {"call": 1}, False)
    assert run(call) == (201, {"call": 1}, True)
    assert call.calls == 1


def test_a_key_belongs_to_one_request(acme: TenantRecord) -> None:
    run(Counter())
    with pytest.raises(KeyReused):
        run(Counter(), sha=b"b" * 32)


def test_a_key_belongs_to_one_person_in_one_organization(acme: TenantRecord, globex: TenantRecord) -> None:
    call = Counter()
    run(call)
    run(call, actor_id=uuid4())
    with tenancy.bind(globex):
        run(call)
    with tenancy.platform():
        run(call)
    assert call.calls == 4


@pytest.mark.parametrize("failure", [DomainError("full"), LookupError(), OperationalError("deadlock detected")])
def test_a_call_that_fails_leaves_the_key_free_and_fails_as_itself(acme: TenantRecord, failure: Exception) -> None:
    def fails() -> Any:
        raise failure

    with pytest.raises(type(failure)) as raised:
        run(fails)
    assert raised.value is failure
    assert run(Counter()) == (201, {"call": 1}, False)


def test_two_at_once_run_once(world: Any, django_db_blocker: Any) -> None:
    acme, key, inside = world.organizations["acme"], f"bell {new_id()}", threading.Event()
    ran: list[int] = []

    def slow() -> tuple[int, Any]:
        ran.append(1)
        inside.set()
        threading.Event().wait(0.3)
        return 201, {"winner": True}

    answers: list[Any] = []

    def work() -> None:
        with tenancy.bind(acme):
            answers.append(run(slow, key=key))
        connection.close()

    with django_db_blocker.unblock():
        first = threading.Thread(target=work)
        first.start()
        assert inside.wait(timeout=60)
        work()
        first.join()
        with tenancy.platform():
            IdempotencyKey.objects.filter(key=key).delete()
        connection.close()
    assert ran == [1]
    assert sorted(answers, key=lambda answer: answer[2]) == [
        (201, {"winner": True}, False),
        (201, {"winner": True}, True),
    ]


def test_keys_are_forgotten_after_three_days(acme: TenantRecord) -> None:
    run(Counter())
    with tenancy.platform():
        assert purge() == 0
        with time_machine.travel(now() + timedelta(hours=73), tick=False):
            assert purge() >= 1
    assert run(Counter()) == (201, {"call": 1}, False)


class Bells(APIView):
    """A resource whose answers hold what JSON has no word for, and set a cookie."""

    authentication_classes = []
    permissions = {"POST": PUBLIC}

    @idempotent
    def post(self, request: Request) -> Response:
        response = Response({"id": new_id(), "rung_at": now()}, status=201)
        response.set_cookie("rung", "yes")
        return response


def _post(body: dict[str, Any], key: str = "k") -> Any:
    request = RequestFactory().post("/bells/", json.dumps(body), "application/json", headers={"Idempotency-Key": key})
    return Bells.as_view()(request).render()


def test_a_view_answers_a_repetition_in_the_same_bytes(acme: TenantRecord) -> None:
    first, again = _post({"a": 1}), _post({"a": 1})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert first.cookies["rung"].value == "yes"


def test_a_view_refuses_a_key_of_another_request_and_one_that_is_too_long(acme: TenantRecord) -> None:
    _post({"a": 1})
    assert _post({"a": 2}).data["code"] == "idempotency_key_reused"
    assert _post({"a": 1}, key="k" * 256).data["code"] == "idempotency_key_too_long"
