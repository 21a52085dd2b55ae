"""One trace goes from a request through its task and deliveries to SQL and the object store, and holds no secret."""

from __future__ import annotations

import subprocess
import sys

from tests.observability.collector import CLIENT, CONSUMER, SERVER, Seen, collecting
from tests.observability.conftest import Watched, until
from tests.observability.planted import Remembering


def _below(span: Seen, top: Seen, spans: list[Seen]) -> bool:
    by_id = {one.id: one for one in spans}
    while span.parent:
        if span.parent == top.id:
            return True
        if span.parent not in by_id:
            return False
        span = by_id[span.parent]
    return False


def _is_whole(top: Seen, task: Seen, spans: list[Seen]) -> bool:
    """Whether SQL and the object store are below the request in the web, and below its task in the worker."""
    if (top.service, task.service) != ("lms-web", "lms-worker") or not _below(task, top, spans):
        return False
    sql = [one for one in spans if one.values.get("db.system.name") == "postgresql"]
    stored = [one for one in spans if one.values.get("rpc.service") == "S3"]
    return all(
        any(_below(one, above, spans) and one.service == above.service for one in kind)
        for kind in (sql, stored)
        for above in (top, task)
    )


def test_an_upload_is_one_trace_from_the_request_to_the_encoders_objects(watched: Watched) -> None:
    def look() -> bool:
        for spans in watched.collector.traces().values():
            tops = [one for one in spans if one.kind == SERVER and one.name.endswith("completion/")]
            tasks = [one for one in spans if one.kind == CONSUMER and one.name == "task media.tasks.work"]
            if not tops or not tasks:
                continue
            if any(_is_whole(tops[0], task, spans) for task in tasks):
                return True
        return False

    until(look, "a trace with request, task, SQL and S3")


def test_what_a_request_published_is_delivered_in_its_trace(watched: Watched) -> None:
    def look() -> bool:
        for spans in watched.collector.traces().values():
            tops = [
                one
                for one in spans
                if one.kind == SERVER and one.name == "POST /api/v1/courses/<uuid:course_id>/publication/"
            ]
            delivered = [one for one in spans if one.name.startswith("deliver to ")]
            if tops and any(_below(one, tops[0], spans) and one.service == "lms-worker" for one in delivered):
                return any(_below(one, delivered[0], spans) and one.kind == CLIENT for one in spans)
        return False

    until(look, "a delivery in the trace of the request that published")


def test_no_span_holds_what_somebody_sent_or_got(watched: Watched) -> None:
    watched.learner().call("GET", "/api/v1/enrollments/")
    until(lambda: len(watched.collector.spans) > 500, "many spans")
    found = Remembering.secrets.found_in(watched.collector.raw.decode("latin-1"))
    assert len(Remembering.secrets) > 40
    assert found == {}
    statements = [one.values["db.query.text"] for one in watched.collector.spans if "db.query.text" in one.values]
    assert any("%s" in statement for statement in statements)


def test_of_many_traces_the_chosen_share_is_recorded(watched: Watched) -> None:
    program = (
        "import django; django.setup()\n"
        "from opentelemetry.trace import SpanKind\n"
        "from core.telemetry import spans\n"
        "for _ in range(400):\n"
        "    with spans.beginning('one', came_from='', kind=SpanKind.SERVER):\n"
        "        with spans.span('inner'):\n"
        "            pass\n"
    )

    def recorded(percent: str) -> tuple[int, int]:
        with collecting() as collector:
            env = watched.canary(LMS_OTLP_ENDPOINT=collector.address, LMS_TRACE_PERCENT=percent)
            subprocess.run([sys.executable, "-c", program], env=env, check=True, timeout=120)
            return len(collector.traces()), len(collector.spans)

    assert recorded("0") == (0, 0)
    traces, spans = recorded("25")
    assert 50 <= traces <= 160
    assert spans == 2 * traces
