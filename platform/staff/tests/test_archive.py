"""What a deleted organization leaves in the console's rules and announcements: nothing, and nobody else sees more."""

from __future__ import annotations

from datetime import timedelta

import tenancy
from core.clock import now
from core.ids import new_id
from staff import archive
from staff.models import Announcement, FeatureFlag, FlagRule


def test_a_deleted_organization_is_named_nowhere_and_its_news_become_nobodys(db: None) -> None:
    gone, other = new_id(), new_id()
    with tenancy.platform():
        flag = FeatureFlag.objects.create(
            key="canary_flag", description="x", owner="Otto", expires_on=(now() + timedelta(days=9)).date()
        )
        for value in (gone, other):
            FlagRule.objects.create(flag=flag, kind=FlagRule.Kind.ORGANIZATION, value=str(value))
        news = {
            "body": "x",
            "surfaces": ["studio"],
            "created_by": other,
            "starts_at": now(),
            "ends_at": now() + timedelta(days=1),
        }
        alone = Announcement.objects.create(title="Alone", organizations=[gone], **news)
        both = Announcement.objects.create(title="Both", organizations=[gone, other], **news)
        everybody = Announcement.objects.create(title="Everybody", **news)

        archive.forget(gone)
        archive.forget(gone)

        assert list(FlagRule.objects.filter(flag=flag).values_list("value", flat=True)) == [str(other)]
        assert not Announcement.objects.filter(id=alone.id).exists()
        both.refresh_from_db()
        everybody.refresh_from_db()
        assert (both.organizations, everybody.organizations) == ([other], [])
