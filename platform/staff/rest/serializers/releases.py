"""Shapes of releases of the organization schema, and of schemas that drifted."""

from __future__ import annotations

from rest_framework import serializers

from staff.rest.serializers.operations import ActIn

STATES = ("waiting", "running", "paused", "stopped", "done")
ROW_STATES = ("pending", "running", "done", "failed")
RINGS = ("canary", "tenth", "all")


class RingCount(serializers.Serializer):
    """How many organizations of a ring are in a state."""

    ring = serializers.ChoiceField(choices=RINGS)
    state = serializers.ChoiceField(choices=ROW_STATES)
    organizations = serializers.IntegerField()


class StepCount(serializers.Serializer):
    """How many organizations a data step has in a state."""

    name = serializers.CharField()
    state = serializers.ChoiceField(choices=ROW_STATES)
    organizations = serializers.IntegerField()


class ReleaseOut(serializers.Serializer):
    """A release. ``on_it`` organizations have it now, ``behind`` have an older one; ``reason`` says why it is held."""

    number = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    ring = serializers.ChoiceField(choices=["", *RINGS])
    reason = serializers.CharField(allow_blank=True)
    is_current = serializers.BooleanField(help_text="Whether this is the release of the code that answers.")
    is_running = serializers.BooleanField(help_text="Whether a runner has been heard of in the last seconds.")
    min_code = serializers.IntegerField(help_text="The oldest release whose code can serve a schema of this one.")
    sql_sha256 = serializers.CharField(allow_blank=True)
    template_sha256 = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    seen_at = serializers.DateTimeField(allow_null=True, help_text="When a runner was last heard of.")
    on_it = serializers.IntegerField()
    behind = serializers.IntegerField()
    failed = serializers.IntegerField()
    counts = RingCount(many=True)
    data_steps = StepCount(many=True)


class ReleaseListOut(serializers.Serializer):
    """Every release that the database knows, newest first."""

    items = ReleaseOut(many=True)


class ReleaseOrganizationsQuery(serializers.Serializer):
    """Which organizations."""

    state = serializers.ChoiceField(choices=["", *ROW_STATES], required=False, default="")
    organization = serializers.UUIDField(required=False, default=None, allow_null=True)


class ReleaseOrganizationOut(serializers.Serializer):
    """An organization on its way to a release. ``ring`` is empty where it was made on it."""

    organization_id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=ROW_STATES)
    ring = serializers.ChoiceField(choices=["", *RINGS])
    attempt = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True, help_text="Why the last attempt came to nothing.")
    run_at = serializers.DateTimeField(allow_null=True, help_text="When the next attempt is due.")
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class ReleaseOrganizationsOut(serializers.Serializer):
    """A page of them."""

    items = ReleaseOrganizationOut(many=True)
    next = serializers.CharField(allow_null=True)


class ReleaseRetryIn(ActIn):
    """Why, and which one; all that failed where none is named."""

    organization_id = serializers.UUIDField(required=False, default=None, allow_null=True)


class ReleaseRetryOut(serializers.Serializer):
    """How many are tried again."""

    retried = serializers.IntegerField()


class DriftOut(serializers.Serializer):
    """An organization whose schema is not what the template of its release makes."""

    organization_id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    release = serializers.IntegerField()
    differences = serializers.ListField(
        child=serializers.CharField(), help_text="What is missing, beside, or otherwise; the first fifty."
    )
    first_seen_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField()


class DriftListOut(serializers.Serializer):
    """The last look at every schema. ``checked_at`` is null where nobody has looked yet."""

    checked_at = serializers.DateTimeField(allow_null=True)
    checked = serializers.IntegerField()
    unknown = serializers.IntegerField(help_text="On a release whose template this code does not hold.")
    duration_ms = serializers.IntegerField()
    items = DriftOut(many=True)
