"""Traces to an OTLP/HTTP collector, in a process that was told of one (``LMS_OTLP_ENDPOINT``).

The spans are our own (``core.telemetry.spans``): what instrumentations of libraries write down holds paths, addresses
and the words of errors.
"""

from __future__ import annotations

import socket

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from config.env import read
from core.telemetry import spans

_PATH = "/v1/traces"
_EXPORT_SECONDS = 5  # a collector that hangs must not hold up the end of a process
_DELAY_MILLISECONDS = 2_000


def start() -> bool:
    """Record and send traces from now on, if there is somewhere to send them; return whether there is.

    Of a hundred requests ``LMS_TRACE_PERCENT`` are recorded, with everything that follows from them; what follows from
    the others is not. Processes forked from this one send for themselves.
    """
    env = read()
    if not env.otlp_endpoint or spans.is_on():
        return spans.is_on()
    provider = TracerProvider(
        resource=Resource.create(
            {
                "service.name": f"lms-{env.process}",
                "service.version": env.release,
                "service.instance.id": socket.gethostname(),
                "deployment.environment.name": env.cell,
            }
        ),
        sampler=ParentBased(TraceIdRatioBased(env.trace_percent / 100)),
    )
    exporter = OTLPSpanExporter(endpoint=env.otlp_endpoint.rstrip("/") + _PATH, timeout=_EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=_DELAY_MILLISECONDS))
    trace.set_tracer_provider(provider)
    spans.switch_on()
    return True
