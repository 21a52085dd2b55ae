"""The staff host: who is here, with which factors. ``by`` names a role of the staff."""

from __future__ import annotations

from typing import Any

from tests.isolation.samples import ANONYMOUS, BETWEEN_FACTORS, ENROLLING, Call, Sample, World, sample
from tests.isolation.samples.staff import FINANCE, OPERATIONS, PASSWORD, SUPPORT


@sample("staff:session")
def session(world: World) -> Sample:
    wrong = {"email": "nobody@staff.example", "password": "not this one either"}
    calls = {
        "GET": Call(by=ANONYMOUS),
        "POST": Call(wrong, by=ANONYMOUS, expect=(403,)),
        "DELETE": Call(by=SUPPORT),
    }
    return Sample(calls=calls)


@sample("staff:set-up-link")
def set_up_link(world: World) -> Sample:
    token = world["staff_link"]["token"]
    return Sample(
        path={"token": token}, calls={"GET": Call(by=ANONYMOUS), "POST": Call({"password": PASSWORD}, by=ANONYMOUS)}
    )


def _factor(json: Any, *, by: str, expect: tuple[int, ...] = ()) -> Sample:
    return Sample(calls={"POST": Call(json, by=by, expect=expect)})


@sample("staff:session-totp")
def session_totp(world: World) -> Sample:
    return _factor({"code": "000 000"}, by=BETWEEN_FACTORS, expect=(403,))


@sample("staff:session-recovery")
def session_recovery(world: World) -> Sample:
    return _factor({"code": "aaaa-bbbb-cccc-dddd"}, by=BETWEEN_FACTORS, expect=(403,))


@sample("staff:session-passkey-options")
def session_passkey_options(world: World) -> Sample:
    return _factor(None, by=BETWEEN_FACTORS)


@sample("staff:session-passkey")
def session_passkey(world: World) -> Sample:
    return _factor({"credential": {"id": "none"}}, by=BETWEEN_FACTORS, expect=(403,))


@sample("staff:factor-list")
def factor_list(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=FINANCE)})


@sample("staff:factor-totp")
def factor_totp(world: World) -> Sample:
    return _factor(None, by=ENROLLING)


@sample("staff:factor-totp-confirmation")
def factor_totp_confirmation(world: World) -> Sample:
    return _factor({"code": "000000"}, by=ENROLLING, expect=(403,))


@sample("staff:factor-passkey-options")
def factor_passkey_options(world: World) -> Sample:
    return _factor(None, by=ENROLLING)


@sample("staff:factor-passkey-list")
def factor_passkey_list(world: World) -> Sample:
    return _factor({"name": "Key", "credential": {"id": "none"}}, by=ENROLLING, expect=(403,))


@sample("staff:factor-passkey-detail")
def factor_passkey_detail(world: World) -> Sample:
    return Sample(path={"passkey_id": world["staff_own"]["passkey"]}, calls={"DELETE": Call(by=OPERATIONS)})


@sample("staff:factor-recovery-codes")
def factor_recovery_codes(world: World) -> Sample:
    return _factor(None, by=SUPPORT)


@sample("staff:session-list")
def session_list(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=FINANCE)})


@sample("staff:session-detail")
def session_detail(world: World) -> Sample:
    return Sample(path={"session_id": world["staff_own"]["session"]}, calls={"DELETE": Call(by=OPERATIONS)})


@sample("staff:account-list")
def account_list(world: World) -> Sample:
    new = {"email": "omar@staff.example", "name": "Omar", "roles": [FINANCE]}
    return Sample(calls={"GET": Call(by=OPERATIONS), "POST": Call(new, by=OPERATIONS)}, fleet=True)


@sample("staff:account-detail")
def account_detail(world: World) -> Sample:
    change = {"state": "suspended", "reason": "Left"}
    return Sample(path={"account_id": world["staff_link"]["id"]}, calls={"PATCH": Call(change, by=OPERATIONS)})


@sample("staff:account-set-up-link")
def account_set_up_link(world: World) -> Sample:
    lost = {"reason": "Lost a phone"}
    return Sample(path={"account_id": world["staff_link"]["id"]}, calls={"POST": Call(lost, by=OPERATIONS)})
