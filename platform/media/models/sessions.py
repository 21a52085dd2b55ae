"""Who is playing what: one row a grant that is renewed, so that a right that ends can end the playing."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class PlaybackSession(SharedModel):
    """One sitting at a player. Its grants live ten minutes each; ``ends_at`` is the end of the last one."""

    tenant_door = "own_rows"
    moves = EVERY_ROW
    door_update_columns = (
        "rev_id",
        "renewed_at",
        "ends_at",
        "ended_at",
        "ended_reason",
        "policy_hash",
        "policy_before",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    member_id = models.UUIDField()
    asset_id = models.UUIDField()
    rev_id = models.UUIDField()
    # By what right: ``library`` (studio preview) or ``enrollment`` with its id. Asked again at every renewal.
    right = models.CharField(max_length=24)
    right_id = models.UUIDField(null=True)
    policy_hash = models.CharField(max_length=64, blank=True)
    # The grant before this one is still good for some minutes: what is fetched with it is this session's, too.
    policy_before = models.CharField(max_length=64, blank=True, db_default="", default="")
    # Which course the playing belongs to, where the right says so.
    course_id = models.UUIDField(null=True)
    ip_hash = models.CharField(max_length=64, blank=True)
    issued_at = models.DateTimeField(default=now)
    renewed_at = models.DateTimeField(default=now)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=32, blank=True)

    class Meta:
        db_table = "media_playbacksession"
        indexes = [
            # The stream limit: who plays how many things now.
            models.Index(
                fields=["organization_id", "member_id"], condition=Q(ended_at__isnull=True), name="media_session_open"
            ),
            models.Index(fields=["ends_at"], name="media_session_age"),
        ]

    @property
    def grants(self) -> tuple[str, ...]:
        """The policies that may still open something: the last one's, and the one's before it."""
        return tuple(policy for policy in (self.policy_hash, self.policy_before) if policy)
