"""What is the same everywhere. What differs comes from ``config.env``."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from config.env import database, read
from config.settings.api import REST_FRAMEWORK as REST_FRAMEWORK
from config.settings.api import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from core.rates import Rate

ENV = read()

DEBUG = ENV.debug
SECRET_KEY = ENV.secret_key.get_secret_value()
KEK, *KEK_PREVIOUS = ENV.keks
EMBEDDED = ENV.embedded

# -- hosts -----------------------------------------------------------------------------------------------------------
SITE_HOST = ENV.site_host
TENANT_SUFFIX = ENV.tenant_suffix
STAFF_HOST = ENV.staff_host
CONTENT_SUFFIX = ENV.content_suffix
DOMAIN_TARGET = ENV.domain_target
DOMAIN_ADDRESSES = tuple(found.strip() for found in ENV.domain_addresses.split(",") if found.strip())
DNS_SERVER = ENV.dns_server
INTERNAL_NETWORKS = tuple(found.strip() for found in ENV.internal_networks.split(",") if found.strip())
PROXY_HOPS = ENV.proxy_hops
SECURITY_CONTACT = ENV.security_contact
PUBLIC_SCHEME = ENV.public_scheme
PUBLIC_PORT = ENV.port
# Which cell this is, and the owning logins of others, by name: of the process that moves organizations.
CELL = ENV.cell
CELL_DATABASES: dict[str, str] = json.loads(ENV.cell_databases.get_secret_value())
MOVED_KEPT_DAYS = ENV.moved_kept_days
# The host is decided by tenancy.middleware against the catalogue; Django's list could only say it worse.
ALLOWED_HOSTS = ["*"]
USE_X_FORWARDED_HOST = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PUBLIC_SCHEME == "https" else None

# -- payments --------------------------------------------------------------------------------------------------------
STRIPE_SECRET_KEY = ENV.stripe_secret_key.get_secret_value()
STRIPE_WEBHOOK_SECRET = ENV.stripe_webhook_secret.get_secret_value()
STRIPE_API_URL = ENV.stripe_api_url

# -- applications ----------------------------------------------------------------------------------------------------
# The folder says the schema: platform/* and tenants/ are shared, apps/* are in each organization's schema.
SHARED_APPS = [
    "django_tenants",
    "tenants",
    "django.contrib.contenttypes",
    "core",
    "tenancy",
    "events",
    "billing",
    "media",
    "staff",
]
TENANT_APPS = [
    "django.contrib.auth",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
    "apps.audit",
    "apps.accounts",
    "apps.branding",
    "apps.library",
    "apps.courses",
    "apps.enrollments",
    "apps.progress",
    "apps.reports",
]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS, "rest_framework", "drf_spectacular", "config"]

TENANT_MODEL = "tenants.Organization"
TENANT_DOMAIN_MODEL = "tenants.Domain"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
SHOW_PUBLIC_IF_NO_TENANT_FOUND = False

# Where a lower layer needs a higher one, it finds it by these names.
TENANT_LOADER = "tenants.catalog.load"
TENANT_LOADER_OF_MANY = "tenants.catalog.load_many"
# How many organizations stand, in one question: (ids) -> {id: tenancy.Standing}, on the platform.
TENANT_STANDINGS = "tenants.catalog.standings"
TENANT_HOST_LOADER = "tenants.catalog.load_host"
TENANT_PARTIES_LOADER = "tenants.catalog.load_parties"
# Which features organizations have that not everybody has yet: (ids) -> {id: keys}, on the platform.
TENANT_FLAGS = "staff.flags.evaluation.flags_of_many"
# What organizations have: (ids) -> {id: tenancy.entitlements.Entitlements}, on the platform.
TENANT_ENTITLEMENTS = "billing.entitlements.of_many"
# Rows that every database has because the code says so: callables () run on the platform after its tables are there.
SHARED_ROWS = ["billing.offers.sync_plans", "billing.accounts.open_missing"]
UNKNOWN_HOST_VIEW = "config.pages.unknown_host"
INACTIVE_TENANT_VIEW = "config.closed.page"
VIEW_GATE = "tenants.gate.check"
# What an organization that is to be deleted keeps open, so that its owners can sign in and call it off.
CLOSING_PATHS = (
    "/studio",
    "/account/",  # an owner who must add a second step first
    "/login",
    "/password/",
    "/email/",
    "/_allauth/",
    "/api/v1/",
    "/favicon.ico",
    "/manifest.webmanifest",
)
MAIL_QUEUE = "events.mails.enqueue"
IDEMPOTENCY_STORE = "events.idempotency.store"
PROVISIONING_STEPS = [
    "tenants.provisioning.schema.CreateSchema",
    "media.steps.CreateNamespace",
    "billing.steps.OpenQuota",
    "apps.accounts.steps.CreateOwner",
    "apps.branding.steps.CreateBrand",
    "tenants.provisioning.finish.ActivateDomain",
    "tenants.provisioning.finish.SmokeCheck",
]
# What releases of the organization schema rewrite in each organization behind its new tables: tenants.fleet.data_steps.
DATA_STEPS = ["staff.steps.OwnerAddresses"]
ROLE_POLICIES = [
    "tenants.policies.ROLE_PERMISSIONS",
    "billing.policies.ROLE_PERMISSIONS",
    "staff.support.policies.ROLE_PERMISSIONS",
    "apps.audit.policies.ROLE_PERMISSIONS",
    "apps.accounts.policies.ROLE_PERMISSIONS",
    "apps.branding.policies.ROLE_PERMISSIONS",
    "apps.library.policies.ROLE_PERMISSIONS",
    "apps.courses.policies.ROLE_PERMISSIONS",
    "apps.enrollments.policies.ROLE_PERMISSIONS",
    "apps.progress.policies.ROLE_PERMISSIONS",
    "apps.reports.policies.ROLE_PERMISSIONS",
]
# Who keeps record of refusals for want of a right: a callable (method, route, needs, code).
DENIAL_NOTE = "apps.audit.denials.note"
# Who owns the bound organization: a callable () -> list of core.contacts.Contact, asked while it may still be read.
OWNER_CONTACTS = "apps.accounts.api.owner_contacts"
# Who keeps a copy of an organization's hosts: callables (organization_id, hosts), told after each change.
HOST_FOLLOWERS = ["media.services.hosts.serve_hosts"]
# Asked before an organization moves to another cell: callables (organization_id, cursor of that cell's database) ->
# why it can't be taken in there, or "".
MOVE_CHECKS = ["media.arrivals.why_not"]
# Kinds of jobs that the staff console lists and starts again: classes of core.jobs.JobSource.
JOB_SOURCES = [
    "media.console.TranscodeJobs",
    "events.console.ParkedDeliveries",
    "tenants.provisioning.jobs.Provisioning",
    "tenants.fleet.jobs.Schemas",
    "tenants.fleet.jobs.DataSteps",
    "tenants.archive.jobs.Exports",
    "tenants.archive.jobs.Restores",
    "tenants.archive.jobs.Deletions",
    "tenants.cells.jobs.Moves",
    "billing.inbox.jobs.ParkedEvents",
    "billing.finance.disputes.OpenDisputes",
]
# What pauses, goes on and ends with an organization, and what its end touches: tenants.api.LifecyclePart.
LIFECYCLE_PARTS = [
    "media.lifecycle.Playing",
    "billing.lifecycle.Storage",
    "billing.lifecycle.Paying",
    "apps.accounts.lifecycle.People",
    "apps.courses.lifecycle.Courses",
]
# What is sealed under the key-encryption key: core.resealing.Sealed, in shared tables and in each organization's, and
# callables (write) -> core.resealing.Tally, bound to it, for what is only made with that key.
SEALED_SHARED = [
    "media.services.resealing.SIGNING_KEYS",
    "media.services.resealing.EDGE_SECRETS",
    "staff.accounts.seals.SEALED",
]
SEALED_ORGANIZATIONS = ["apps.accounts.factors.adapter.SEALED"]
KEYED_ORGANIZATIONS = ["staff.console.addresses.reseal"]
# What deletes an organization whose time has come: a callable (organization_id), asked again until it is through.
DELETION = "tenants.archive.deletion.ask"
# Who has the delivery edge forget what it keeps of an organization: a callable (organization_id, reference) -> what is
# waited for, asked again until that is nothing.
FORGET_DELIVERED = "media.services.forgetting.forget"
# Who asks for a proof of identity of the last minutes: a callable (Django's request) that raises without one.
RECENT_PROOF = "apps.accounts.factors.recent.require"
# The platform's own record, written in the transaction of an act.
PLATFORM_AUDIT = "staff.audit.record"
# How many of a gauge there really are: callables () bound to the organization, and those that count every
# organization's at once, (ids or None) -> {id: count} on the platform.
GAUGE_COUNTS = {"seats": "apps.accounts.seats.count"}
FLEET_GAUGE_COUNTS = {"domains": "tenants.domains.custom.counts", "storage_bytes": "media.services.stored.totals"}
# How many custom domains an organization may have: tenants.domains.allowance.Allowance.
DOMAIN_ALLOWANCE = "billing.gauges.DomainAllowance"
# What an organization uses: callables () -> core.usage.Meter, run bound to it, in the order they are shown.
USAGE_METERS = [
    "apps.reports.meters.storage",
    "apps.reports.meters.members",
    "apps.reports.meters.seen_lately",
    "apps.reports.meters.course_count",
    "apps.reports.meters.enrollment_count",
    "apps.reports.meters.film_minutes",
    "apps.reports.meters.delivered",
]
# What a month's usage was for: a callable (bytes by course, seconds by upload) -> lines by course, bound to it.
USAGE_BY_COURSE = "apps.reports.meters.by_course"
# Who uses an asset: callables (asset_ids) -> {asset_id: count}, asked before one is deleted.
ASSET_USES = ["apps.courses.api.asset_uses"]
# What of the shared tables belongs into an organization's archive, and what a restore does with it.
EXPORTERS = [
    "tenants.archive.outbox.ARCHIVED",
    "billing.archive.ARCHIVED",
    "media.archive.ARCHIVED",
    "staff.archive.ARCHIVED",
]
# Callables (member_id), bound to the organization: what a restore runs again for everybody erased since its archive.
ERASERS = ["apps.accounts.erasure.erase"]

# -- requests --------------------------------------------------------------------------------------------------------
MIDDLEWARE = [
    "config.middleware.RequestContext",
    "config.headers.SecurityHeaders",
    "config.health.Probes",
    "config.overload.ShedLoad",
    "tenants.tls_ask.TlsAsk",
    "tenancy.middleware.HostMiddleware",
    "config.rate_limits.RateLimits",
    "config.middleware.OwnOrigin",
    "staff.support.middleware.SupportAccess",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "apps.accounts.middleware.DeviceMemory",
]
ROOT_URLCONF = "config.urls.tenant"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
# Bytes. The largest body is a caption file of 1 MB, which JSON may double; films go to the object store, never here.
DATA_UPLOAD_MAX_MEMORY_SIZE = 3_145_728

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_DOMAIN = CSRF_COOKIE_DOMAIN = None
SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds
CSRF_TRUSTED_ORIGINS: list[str] = []
CSRF_FAILURE_VIEW = "config.pages.csrf_failed"
X_FRAME_OPTIONS = "DENY"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

# -- accounts (allauth, headless; every table in the organization's schema) -------------------------------------------
AUTH_USER_MODEL = "accounts.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "apps.accounts.passwords.ContextWords"},
]
ACCOUNT_ADAPTER = "apps.accounts.adapter.AccountAdapter"
HEADLESS_ADAPTER = "apps.accounts.adapter.HeadlessAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# Links of one organization must be worth nothing in another, not even in a copy of its schema.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "apps.accounts.tokens.OrganizationTokenGenerator"  # noqa: S105 - a class
ACCOUNT_EMAIL_CONFIRMATION_HMAC = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# A link as often as a person may need one, whoever asks for it. A school is behind one address: its classes sign in at
# once, and allauth's thirty a minute would refuse them. Guessing has limits of its own, an address has rate_sign_in.
ACCOUNT_RATE_LIMITS = {"reset_password": "30/h/ip,5/h/key", "login": "150/m/ip"}
MFA_ADAPTER = "apps.accounts.factors.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_FRONTEND_URLS = {
    "account_reset_password": "/password/forgot",
    "account_reset_password_from_key": "/password/reset/{key}",
    "account_signup": "/login",
}
USERSESSIONS_TRACK_ACTIVITY = False

# -- data ------------------------------------------------------------------------------------------------------------
# The provisioner is the one process that is given the owning login, and it is all it has.
DATABASES = {
    "default": database(
        (ENV.owner_database_url or ENV.database_url).get_secret_value(),
        owner=ENV.owner_database_url is not None,
        process=ENV.process,
        max_age_seconds=ENV.conn_max_age,
        statement_seconds=ENV.statement_timeout,
    )
}
WEB_SHARE_PERCENT = ENV.web_share
WEB_STEADY_PERCENT = ENV.web_steady
WEB_SAVED_SECONDS = ENV.web_saved_ms / 1000
CONNECTION_TENANTS = ENV.conn_tenants
OWNER_DATABASE_URL = ENV.owner_database_url.get_secret_value() if ENV.owner_database_url else None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = ENV.redis_url.get_secret_value()
CACHES = {
    "default": {
        "BACKEND": "core.caching.PatientCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "tenancy.cache.make_key",
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
}
SIGN_UP_LIMITS = {"ip": ENV.sign_ups_per_ip, "email": 5, "all": 500, "mail": 5}  # an hour
# What a request draws on (config.rate_limits), by the names that clients are told; None is no limit.
RATE_LIMITS = {
    "organization": Rate.parse(ENV.rate_organization),
    "person": Rate.parse(ENV.rate_person),
    "visitor": Rate.parse(ENV.rate_visitor),
    "address": Rate.parse(ENV.rate_address),
    "sign-in": Rate.parse(ENV.rate_sign_in),
    "report": Rate(60, 600),  # what browsers tell of pages that tried what their policy forbids
}
POOL_TARGET = ENV.pool_target
POOL_CEILING = ENV.pool_ceiling
POOL_CAP = ENV.pool_cap
FLEET_CANARIES = tuple(found.strip().lower() for found in ENV.fleet_canaries.split(",") if found.strip())

# -- the object store and media ----------------------------------------------------------------------------------------
S3_URL = ENV.s3_url.get_secret_value()
OBJECT_STORE = "media.services.objects.store"  # for the layers below media: archives are kept where films are
_S3 = urlsplit(S3_URL)
S3_PUBLIC_URL = ENV.s3_public_url or f"{_S3.scheme}://{_S3.netloc.rpartition('@')[2]}"
FFMPEG = ENV.ffmpeg
DATA_DIR = ENV.data_dir
DELIVERY_LOGS = ENV.delivery_logs
TRANSCODER = ENV.transcoder
MEDIACONVERT_ROLE = ENV.mediaconvert_role
MEDIACONVERT_QUEUE = ENV.mediaconvert_queue
MEDIACONVERT_EVENTS = ENV.mediaconvert_events
MEDIACONVERT_KMS_KEY = ENV.mediaconvert_kms_key
MEDIACONVERT_PATIENCE = ENV.mediaconvert_patience
AWS_REGION = ENV.aws_region
MEDIA_EDGE = ENV.media_edge
CLOUDFRONT_POOLS = tuple(found.strip() for found in ENV.cloudfront_pools.split(",") if found.strip())
CLOUDFRONT_FRONT = ENV.cloudfront_front
CLOUDFRONT_TEMPLATE = ENV.cloudfront_template
CLOUDFRONT_FUNCTION_KEYS = ENV.cloudfront_function_keys
CLOUDFRONT_ORIGIN_MEDIA = ENV.cloudfront_origin_media
CLOUDFRONT_ORIGIN_APP = ENV.cloudfront_origin_app
AWS_ENDPOINT_URL = ENV.aws_endpoint_url
FRONTEND_DIST = ENV.frontend_dist
ASSETS = ENV.assets

# -- work ------------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    # Only the dispatcher sends there, as much as it admits: see events.relay.
    "events.tasks.*": {"queue": "events"},
    "tenants.tasks.*": {"queue": "provisioning"},
    # These need no right to make schemas, so they do not wait behind the provisioner's work.
    "tenants.tasks.send_notices": {"queue": "default"},
    "tenants.tasks.run_data_step": {"queue": "default"},
    "tenants.archive.tasks.*": {"queue": "archive"},
    "media.tasks.work": {"queue": "media"},
}
# Work of organizations that may be with the workers at once: in all, and of one of them.
JOBS_IN_FLIGHT = ENV.jobs_in_flight
JOBS_IN_FLIGHT_EACH = ENV.jobs_in_flight_each
CELERY_TASK_ACKS_LATE = True
# Celery's own habit is a new database connection for each task: more work for both sides than most tasks are. Ours are
# looked after as those of requests are: see config.celery.
CELERY_DB_REUSE_MAX = 2**62
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# An outage of the broker ends when it ends; a worker that gave up would only be started again.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A task that outlives this runs again; work that takes longer holds a lease in PostgreSQL instead. Seconds.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, float] = {"visibility_timeout": 600, "unacked_restore_throttle": 1}
if ENV.process == "web":
    # Somebody waits, and what they ask for is in rows that the dispatcher hands out anyway. Celery's own habit is to
    # wait for the broker for as long as that takes: with one that hangs, a request would never be answered.
    CELERY_TASK_PUBLISH_RETRY = False
    CELERY_BROKER_TRANSPORT_OPTIONS |= {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "max_retries": 0}

# -- mail ------------------------------------------------------------------------------------------------------------
_SMTP = urlsplit(ENV.smtp_url)
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = _SMTP.hostname or "127.0.0.1"
EMAIL_PORT = _SMTP.port or 25
EMAIL_HOST_USER = _SMTP.username or ""
EMAIL_HOST_PASSWORD = _SMTP.password or ""
EMAIL_USE_TLS = _SMTP.scheme == "smtp+tls"
EMAIL_TIMEOUT = 5  # seconds
# Where mail is kept instead of leaving: a deletion takes it along.
MAILBOX_URL = f"http://127.0.0.1:{ENV.mail_port}" if ENV.embedded and ENV.mail_port else ""
MAIL_LETTERHEAD = "apps.branding.api.letterhead"
DEFAULT_FROM_EMAIL = f"no-reply@{TENANT_SUFFIX}"

# -- what the service says of itself -----------------------------------------------------------------------------------
RELEASE = ENV.release
REQUEST_ID_HEADER = ENV.request_id_header
HEALTH_TOKEN = ENV.health_token.get_secret_value()
METRICS_PORT = ENV.metrics_port
METRICS_ADDRESS = ENV.metrics_address
FIGURES_LOG_SECONDS = ENV.figures_log_seconds
BACKUP_STAMP = ENV.backup_stamp
CANARY_HOST = ENV.canary_host
CANARY_EMAIL = ENV.canary_email
CANARY_PASSWORD = ENV.canary_password.get_secret_value()
CANARY_VIA = ENV.canary_via
STATUS_COPY = ENV.status_copy
# What the dispatcher's process tells of the fleet beside what it counts: a callable (), run as it starts.
DISPATCHER_FIGURES = "config.fleet_figures.tell"

# -- time, language, logs ----------------------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = True
LOGGING_CONFIG = None
SILENCED_SYSTEM_CHECKS = ["django_tenants.W003"]
