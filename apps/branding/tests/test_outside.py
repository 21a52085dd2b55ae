"""Pages that can't ask the organization's schema still look like the organization."""

import json

import pytest

from apps.branding import api, outside
from events import delivery
from events.models import OutboxDelivery
from media.prefixes import look_key


def stored(store, acme, **brand):
    outside.copy_look()
    found = json.loads(store.read(look_key(acme.id)))
    found["brand"].update(brand)
    store.put_bytes(look_key(acme.id), json.dumps(found).encode(), content_type="application/json")
    outside._known.clear()


def test_the_copy_is_what_was_published(store, editor, acme):
    editor.save(name="Acme Academy", footer="Acme GmbH")
    editor.publish()
    outside.copy_look()

    copy = api.look_from_outside(acme.id)

    assert (copy.brand, copy.solved) == (api.look().brand, api.look().solved)


def test_publishing_writes_the_copy(store, editor, acme):
    editor.save(name="Acme Academy")
    editor.publish()
    for waiting in OutboxDelivery.objects.filter(subscriber="branding.copy_look").values_list("id", flat=True):
        delivery.deliver(waiting)

    assert api.look_from_outside(acme.id).brand.name == "Acme Academy"


def test_it_is_remembered_for_a_minute(store, editor, acme):
    outside.copy_look()
    first = api.look_from_outside(acme.id)
    store.delete([look_key(acme.id)])

    assert api.look_from_outside(acme.id) is first


@pytest.mark.parametrize(
    "brand",
    [
        {"color": "red;}</style><script>alert(1)</script>"},
        {"heading_font": "comic-sans"},
        {"unknown": 1},
        {"logo_light": {"h32": 1}},
    ],
)
def test_what_is_no_look_is_none(store, acme, brand):
    stored(store, acme, **brand)

    assert api.look_from_outside(acme.id) is None


def test_without_a_copy_or_a_store_there_is_none(store, acme, settings):
    from media.aws import s3

    assert api.look_from_outside(acme.id) is None
    outside._known.clear()
    settings.S3_URL = "http://key:secret@127.0.0.1:1/lms-media"
    s3.object_store.cache_clear()

    assert api.look_from_outside(acme.id) is None
