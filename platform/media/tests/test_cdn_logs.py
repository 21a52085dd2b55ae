"""Delivered bytes from CloudFront's log files in a bucket: each line once, whoever is killed, whatever form it has."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection
from pytest_django.fixtures import Settings

import tenancy
from billing import api as billing
from billing.models import UsageDay, UsageEvent
from billing.usage import delivered as delivered_logs
from core.clock import now
from core.ids import new_id
from media.aws import s3
from media.aws.s3 import S3Store
from media.edge import policy
from media.edge.settling import only_one
from media.errors import StorageUnavailable
from media.models import PlaybackSession
from media.services import cdn_logs
from media.storage import ObjectGone

AT = datetime(2026, 11, 20, 9, 30, 15, tzinfo=UTC)
FIELDS = "date time sc-bytes cs-method cs-uri-stem sc-status cs-uri-query cs(Cookie)"


@pytest.fixture
def logs(store: S3Store, settings: Settings) -> Iterator[S3Store]:
    """A bucket of its own for logs."""
    name = f"logs-{uuid4()}"
    settings.DELIVERY_LOGS = f"s3://{name}/cdn/"
    s3.bucket.cache_clear()
    found = s3.bucket(name)
    found.ensure_bucket()
    yield found
    s3.bucket.cache_clear()


def uri(organization_id: UUID, asset_id: UUID | None = None) -> str:
    return f"/media/t/{organization_id}/v/{asset_id or new_id()}/{new_id()}/film_360p_000000001.cmfv"


def as_json(path: str, size: int, *, status: str = "200", query: str = "-", **more: str) -> str:
    said = {"date": f"{AT:%Y-%m-%d}", "time": f"{AT:%H:%M:%S}", "sc-bytes": str(size), "cs-method": "GET"}
    return json.dumps({**said, "cs-uri-stem": path, "sc-status": status, "cs-uri-query": query, **more})


def as_columns(path: str, size: int, *, status: str = "200", query: str = "-", cookie: str = "-") -> str:
    return "\t".join([f"{AT:%Y-%m-%d}", f"{AT:%H:%M:%S}", str(size), "GET", path, status, query, cookie])


def put(logs: S3Store, name: str, lines: list[str], *, columns: bool = False, packed: bool = True) -> None:
    head = ["#Version: 1.0", f"#Fields: {FIELDS}"] if columns else []
    body = ("\n".join([*head, *lines]) + "\n").encode()
    body = gzip.compress(body) if packed else body
    logs.put_bytes(f"cdn/{name}", body, content_type="application/gzip")


def count() -> int:
    with tenancy.platform():
        return cdn_logs.count_all()


def delivered(organization_id: UUID) -> dict[UUID | None, int]:
    with tenancy.platform():
        rows = UsageDay.objects.filter(organization_id=organization_id, meter=billing.DELIVERED_BYTES, on=AT.date())
        return dict(rows.values_list("course_id", "amount"))


def session(asset_id: UUID, course_id: UUID | None, *, grant: str = "") -> None:
    PlaybackSession.objects.bulk_create(
        [
            PlaybackSession(
                organization_id=tenancy.current().id,
                member_id=new_id(),
                asset_id=asset_id,
                rev_id=new_id(),
                right="enrollment",
                course_id=course_id,
                policy_hash=grant,
                issued_at=AT - timedelta(minutes=5),
                ends_at=AT + timedelta(minutes=5),
            )
        ]
    )


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("columns", [True, False])
def test_every_form_is_read_and_counted_once(
    acme: tenancy.TenantRecord, globex: tenancy.TenantRecord, logs: S3Store, columns: bool, packed: bool
) -> None:
    line = as_columns if columns else as_json
    path = uri(acme.id)
    lines = [
        line(path, 1000),
        line(path, 234, status="206"),
        line(path, 9999, status="403"),
        line(path, 9999, status="000"),
        line(uri(globex.id), 70),
        line("/api/v1/courses/", 5000),
        line("/media/p/x.png", 5000),
        "nonsense",
    ]
    put(logs, "2026/11/20/09/E1.gz", lines, columns=columns, packed=packed)
    put(logs, "2026/11/20/10/E2.gz", [line(path, 1)], columns=columns, packed=packed)

    assert count() == 2
    assert count() == 0
    assert count() == 0

    assert delivered(acme.id) == {None: 1235}
    assert delivered(globex.id) == {None: 70}


def test_a_late_file_is_counted_on_the_day_it_is_of(acme: tenancy.TenantRecord, logs: S3Store) -> None:
    put(logs, "b.gz", [as_json(uri(acme.id), 10)])
    count()
    put(logs, "a-that-came-late.gz", [as_json(uri(acme.id), 5)])

    assert count() == 1
    assert delivered(acme.id) == {None: 15}


def test_killed_between_two_pieces_of_a_file_the_rest_counts_and_nothing_twice(
    acme: tenancy.TenantRecord, logs: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cdn_logs, "CHUNK_BYTES", 2000)
    path = uri(acme.id)
    put(logs, "long.gz", [as_columns(path, 1) for _ in range(500)], columns=True)
    real, calls = billing.note_delivered, 0

    class Killed(BaseException):
        pass

    def dying(*args: object, **kwargs: object) -> bool:
        nonlocal calls
        calls += 1
        if calls % 3 == 0:
            raise Killed
        return bool(real(*args, **kwargs))  # type: ignore[arg-type]

    monkeypatch.setattr(billing, "note_delivered", dying)
    deaths = 0
    for _ in range(200):
        try:
            if count():
                break
        except Killed:
            deaths += 1
    assert deaths > 5
    assert delivered(acme.id) == {None: 500}
    with tenancy.platform():
        events = UsageEvent.objects.filter(organization_id=acme.id, meter=billing.DELIVERED_BYTES, counted_on=AT.date())
        assert sum(events.values_list("amount", flat=True)) == 500


def test_the_course_is_the_grants_or_the_one_in_which_the_film_was_open(
    acme: tenancy.TenantRecord, logs: S3Store
) -> None:
    one, two, course, other = new_id(), new_id(), new_id(), new_id()
    raw = policy.custom_policy("https://acme.example/media/*", 1_900_000_000)
    session(one, course, grant=policy.policy_hash(raw))
    session(two, course)
    session(two, other)
    alone = new_id()
    session(alone, other)
    cookie = quote(f"theme=dark; CloudFront-Policy={policy.encode(raw)}")
    lines = [
        as_columns(uri(acme.id, one), 100, query=f"Policy={policy.encode(raw)}&Key-Pair-Id=K"),
        as_columns(uri(acme.id, one), 20, cookie=cookie),
        as_columns(uri(acme.id, alone), 3),  # one course had it open
        as_columns(uri(acme.id, two), 4000),  # two had
        as_columns(uri(acme.id), 50_000),  # none had
    ]
    put(logs, "x.gz", lines, columns=True)

    count()

    assert delivered(acme.id) == {course: 120, other: 3, None: 54_000}


def test_a_damaged_file_counts_as_far_as_it_can_be_read_and_keeps_no_other(
    acme: tenancy.TenantRecord, logs: S3Store
) -> None:
    lines = [as_json(uri(acme.id), 1, query=str(new_id())) for _ in range(3000)]
    whole = gzip.compress(("\n".join(lines) + "\n").encode())
    logs.put_bytes("cdn/a.gz", whole[: len(whole) // 2] + bytes(2000), content_type="application/gzip")
    put(logs, "b.gz", [as_json(uri(acme.id), 1_000_000)])

    count()

    [amount] = delivered(acme.id).values()
    assert 1_000_000 < amount < 1_003_000
    assert count() == 0


def test_what_is_older_than_its_positions_are_kept_is_not_counted_again(
    acme: tenancy.TenantRecord, logs: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(logs, "x.gz", [as_json(uri(acme.id), 10)])
    assert count() == 1
    with tenancy.platform():
        assert delivered_logs.forget_logs(unused_for=timedelta(seconds=-1)) >= 2
    monkeypatch.setattr(cdn_logs, "LIFE", timedelta(seconds=-1))

    assert count() == 0
    assert delivered(acme.id) == {None: 10}


def test_a_line_that_is_none_is_no_reason_to_stop(acme: tenancy.TenantRecord, logs: S3Store) -> None:
    odd = [
        "{}",
        "[]",
        as_json("/media/t/../x", 5),
        as_json(uri(acme.id), -5),
        json.dumps({"cs-uri-stem": uri(acme.id), "sc-status": "200", "sc-bytes": "many", "date": "x", "time": "y"}),
        as_json(uri(acme.id), 7, **{"cs-method": "HEAD"}),
    ]
    put(logs, "x.gz", [*odd, as_json(uri(acme.id), 1, **{"timestamp(ms)": f"{AT.timestamp() * 1000:.0f}"})])

    assert count() == 1
    assert delivered(acme.id) == {None: 1}


def test_one_file_that_can_not_be_read_keeps_no_other(
    acme: tenancy.TenantRecord, logs: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(logs, "a.gz", [as_json(uri(acme.id), 1)])
    put(logs, "b.gz", [as_json(uri(acme.id), 20)])
    put(logs, "c.gz", [as_json(uri(acme.id), 300)])
    opened = S3Store.open

    def refusing(self: S3Store, key: str, **more: Any) -> Any:
        if key == "cdn/a.gz":
            raise StorageUnavailable("AccessDenied")
        if key == "cdn/b.gz":
            raise ObjectGone(key)
        return opened(self, key, **more)

    with monkeypatch.context() as broken:
        broken.setattr(S3Store, "open", refusing)
        broken.setattr(cdn_logs, "A_RUN", 2)
        with pytest.raises(StorageUnavailable):
            count()
        assert count() == 1
    assert delivered(acme.id) == {None: 300}, "who failed is behind the others the next time"

    assert count() == 2
    assert delivered(acme.id) == {None: 321}


def test_a_bucket_that_is_away_is_not_asked_for_each_file(
    acme: tenancy.TenantRecord, logs: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        put(logs, f"{number}.gz", [as_json(uri(acme.id), 1)])
    asked: list[str] = []

    def away(self: S3Store, key: str, **more: Any) -> Any:
        asked.append(key)
        raise StorageUnavailable("no answer")

    monkeypatch.setattr(S3Store, "open", away)
    with pytest.raises(StorageUnavailable):
        count()
    assert len(asked) == 3


def test_the_folders_of_two_days_are_listed_and_all_of_it_once_an_hour(
    acme: tenancy.TenantRecord, logs: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    today, old = f"{now():%Y/%m/%d}", f"{now() - timedelta(days=9):%Y/%m/%d}"
    put(logs, f"E1/{today}/00/a.gz", [as_json(uri(acme.id), 1)])
    put(logs, f"E2/{old}/00/b.gz", [as_json(uri(acme.id), 20)])
    assert count() == 2
    listed: list[str] = []
    list_ = S3Store.list

    def listing(self: S3Store, prefix: str) -> Any:
        listed.append(prefix)
        return list_(self, prefix)

    monkeypatch.setattr(S3Store, "list", listing)
    put(logs, f"E2/{today}/01/c.gz", [as_json(uri(acme.id), 300)])
    put(logs, f"E1/{old}/01/d.gz", [as_json(uri(acme.id), 4000)])

    assert count() == 1
    assert delivered(acme.id) == {None: 321}
    assert len(listed) == 4
    assert "cdn/" not in listed
    memory = cdn_logs._memories[settings.DELIVERY_LOGS]
    memory.listed_at -= 3600
    assert count() == 1
    assert delivered(acme.id) == {None: 4321}


def test_one_counts_at_a_time(acme: tenancy.TenantRecord, logs: S3Store) -> None:
    put(logs, "a.gz", [as_json(uri(acme.id), 1)])
    found: list[int] = []

    def another_worker() -> None:
        try:
            found.append(count())
        finally:
            connection.close()

    with tenancy.platform(), only_one(f"logs:{settings.DELIVERY_LOGS}") as mine:
        assert mine
        thread = threading.Thread(target=another_worker)
        thread.start()
        thread.join()
    assert found == [0]
    assert count() == 1


def test_a_path_is_read_as_the_viewer_wrote_it_and_as_the_function_left_it(
    acme: tenancy.TenantRecord, logs: S3Store
) -> None:
    put(logs, "a.gz", [as_json(uri(acme.id).removeprefix("/media"), 7), as_json("/t/x", 1), as_json("/p/x.png", 1)])
    assert count() == 1
    assert delivered(acme.id) == {None: 7}
