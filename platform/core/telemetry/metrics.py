"""The catalogue of figures that processes count. Dashboards, alerts and the operations pages name these and no others.

What is read from tables when it is asked for stands in ``config.fleet_figures``. Labels are few and bounded: routes,
tasks, codes and outcomes, never ids. Which organizations ask for the most is told by ``config.top_organizations``.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

# Seconds. 0.3, 0.5 and 1 are the limits of the service level objectives: they have to be edges.
_REQUEST_EDGES = (0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)
_TASK_EDGES = (0.05, 0.25, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0)
_WAIT_EDGES = (0.1, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 120.0, 600.0, 3600.0)

# -- requests --------------------------------------------------------------------------------------------------------
_BY_ROUTE = ("surface", "route", "method")
REQUESTS = Counter("lms_http_requests", "Requests answered.", (*_BY_ROUTE, "status"))
REQUEST_SECONDS = Histogram("lms_http_request_seconds", "From request to answer.", _BY_ROUTE, buckets=_REQUEST_EDGES)
REQUEST_DB_SECONDS = Counter("lms_http_db_seconds", "Of that, waiting for PostgreSQL.", _BY_ROUTE)
REQUEST_STATEMENTS = Counter("lms_http_db_statements", "Statements that requests sent.", _BY_ROUTE)
REQUEST_CPU_SECONDS = Counter("lms_http_cpu_seconds", "Processor time of requests in Python.", _BY_ROUTE)
REQUEST_ASIDE_SECONDS = Histogram(
    "lms_http_aside_seconds",
    "How long requests stood in their organization's line, of those that had to: not part of lms_http_request_seconds.",
    buckets=_WAIT_EDGES,
)
REFUSALS = Counter("lms_http_refusals", "Refusals by their stable code.", ("code",))
RATE_LIMITED = Counter("lms_rate_limited", "Requests refused with 429, by the limit that was used up.", ("limit",))
DENIALS = Counter("lms_permission_denied", "Requests refused for want of a right.", ("surface",))
# The reason is a word of ours: password, factor, totp, passkey, recovery, unknown, suspended, limited; or empty.
SIGN_INS = Counter("lms_sign_ins", "Tries to sign in, by how they ended.", ("surface", "outcome", "reason"))

# -- work ------------------------------------------------------------------------------------------------------------
TASKS = Counter("lms_tasks", "Tasks that ended, by how.", ("task", "outcome"))
TASK_SECONDS = Histogram("lms_task_seconds", "How long tasks ran.", ("task",), buckets=_TASK_EDGES)
TASK_WAIT_SECONDS = Histogram(
    "lms_task_wait_seconds", "How long messages lay in their queue.", ("queue",), buckets=_WAIT_EDGES
)
TASK_DB_SECONDS = Counter("lms_task_db_seconds", "Of tasks' time, waiting for PostgreSQL.", ("task",))
DELIVERIES = Counter("lms_deliveries", "Deliveries of the outbox that were tried.", ("subscriber", "outcome"))
DELIVERY_SECONDS = Histogram(
    "lms_delivery_seconds", "From the fact to its effect, of deliveries that had one.", buckets=_WAIT_EDGES
)
MAILS = Counter("lms_mails", "Mails handed to the mail server, by what it said.", ("outcome",))
MAIL_SECONDS = Histogram("lms_mail_seconds", "From writing a mail to the server's yes.", buckets=_WAIT_EDGES)
WEBHOOK_SECONDS = Histogram("lms_webhook_seconds", "From an event's arrival to its effect.", buckets=_WAIT_EDGES)
TRANSCODES = Counter("lms_transcodes", "Stages of encoding that ended, by how.", ("stage", "outcome"))
TRANSCODED_SECONDS = Counter("lms_transcoded_media_seconds", "Seconds of film that were encoded.", ("stage",))
TRANSCODE_SECONDS = Counter("lms_transcode_work_seconds", "Seconds that encoding them took.", ("stage",))

# -- connections -----------------------------------------------------------------------------------------------------
CONNECTIONS_RENEWED = Counter("lms_db_connections_renewed", "Connections given up for knowing enough organizations.")
KNOWN_ORGANIZATIONS = Gauge(
    "lms_db_known_organizations", "Organizations that a connection knows, of the one used last.",
    multiprocess_mode="livemax",
)  # fmt: skip
