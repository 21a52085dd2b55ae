"""A brand is edited as a draft, published at once for everybody, and what it replaces comes back."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

import tenancy
from apps.branding import api, services
from apps.branding.models import Brand
from apps.branding.steps import CreateBrand

BRAND = "/api/v1/brand/"


def test_an_organization_begins_dressed(acme):
    assert Brand.objects.get().state == "published"
    assert "--brand-solid:" in api.theme_css()
    assert api.brand_of().name == acme.name


def test_the_step_is_done_and_changes_nothing_when_it_runs_again(acme):
    step = CreateBrand()
    with tenancy.platform():
        assert step.is_done(acme)
        step.run(acme)

    assert Brand.objects.count() == 1


def test_a_draft_is_seen_by_nobody_until_it_is_published(editor):
    before = api.theme_css()
    saved = editor.save(name="Acme Academy", footer="Acme GmbH, Berlin")

    assert saved.status_code == 200, saved.content
    draft = saved.json()["draft"]
    assert (draft["color"], draft["adjusted"]) == ("#0b5d3b", False)
    assert draft["solved"]["light"]["brand-solid"] == "#0b5d3b"
    assert draft["solved"]["dark"]["brand-solid"] == "#67c091"
    assert api.theme_css() == before
    assert api.look(of_draft=True).brand.name == "Acme Academy"

    told = editor.publish().json()

    assert told["draft"] is None
    assert told["published"]["name"] == "Acme Academy"
    assert "--brand-solid:#0b5d3b" in api.theme_css()
    assert (api.brand_of().heading_font, api.brand_of().footer) == ("newsreader", "Acme GmbH, Berlin")


def test_a_colour_nothing_reads_on_is_used_nearby_and_says_so(editor):
    told = editor.save(color="#7a7a7a").json()["draft"]

    assert (told["color"], told["adjusted"]) == ("#7a7a7a", True)
    assert told["solved"]["light"]["brand-solid"] != "#7a7a7a"


def test_what_it_replaces_comes_back_as_a_draft(editor):
    editor.save()
    editor.publish()
    editor.save(color="#ffd21f", welcome_title="Learn by doing")
    editor.publish()

    green = next(version for version in editor.versions() if version["color"] == "#0b5d3b")
    restored = editor.restore(green["id"]).json()

    assert restored["draft"]["color"] == "#0b5d3b"
    assert restored["draft"]["welcome_title"] == ""
    assert restored["published"]["color"] == "#ffd21f", "it is only a draft"
    editor.publish()
    assert api.brand_of().color == "#0b5d3b"
    assert [version["color"] for version in editor.versions()][:2] == ["#ffd21f", "#0b5d3b"]


def test_a_draft_like_what_is_published_is_none(editor):
    editor.save()
    assert editor.publish().json()["draft"] is None
    editor.save(color="#c4185c")

    assert editor.save().json()["draft"] is None
    refused = editor.publish()
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_publish")


def test_a_draft_is_thrown_away(editor):
    editor.save()
    assert editor.discard().json()["draft"] is None
    assert not Brand.objects.filter(state="draft").exists()


def test_only_so_many_earlier_looks_are_kept(editor, monkeypatch):
    monkeypatch.setattr(services, "KEPT_VERSIONS", 2)
    for number in range(5):
        editor.save(color=f"#00{number}0ff")
        editor.publish()

    assert [version["color"] for version in editor.versions()] == ["#0030ff", "#0020ff"]


@pytest.mark.parametrize("act", ["save", "discard", "publish"])
def test_a_brand_that_changed_meanwhile_is_not_overwritten(acme, alice, olga, editor_of, act):
    one, other = editor_of(alice), editor_of(olga)
    one.save(color="#c4185c")
    if act == "publish":
        other.read()
        one.save(color="#c4185d")

    refused = getattr(other, act)()

    assert (refused.status_code, refused.json()["code"]) == (412, "revision_conflict")
    assert api.look(of_draft=True).brand.color.startswith("#c4185")


def test_a_number_once_used_never_comes_again(editor):
    seen = set()
    for act in (editor.save, editor.discard, editor.save, editor.publish, editor.save, editor.discard):
        seen.add(act().json()["revision"])

    assert len(seen) == 6


def test_a_write_names_what_it_saw(acme, alice):
    for method, path in (("PUT", ""), ("DELETE", ""), ("POST", "publication/")):
        refused = alice.client().generic(method, BRAND + path, "{}", content_type="application/json")
        assert refused.status_code == 428, (method, path)


@pytest.mark.parametrize("color", ["green", "#fff", "#12345g", "#123456;}", "", None, "#0B5D3B00"])
def test_what_is_no_colour_is_refused(editor, color):
    refused = editor.save(color=color)

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert refused.json()["errors"][0]["pointer"] == "#/color"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("heading_font", "comic-sans"),
        ("sender_name", "Globex <ceo@globex.example>"),
        ("sender_name", "Globex\r\nBcc: all@globex.example"),
        ("reply_to", "not an address"),
        ("reply_to", "a@b.example\r\nBcc: c@d.example"),
        ("welcome_text", "x" * 281),
    ],
)
def test_what_no_page_or_mail_may_carry_is_refused(editor, field, value):
    refused = editor.save(**{field: value})

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == f"#/{field}"


def test_who_may_see_and_change_it(acme, olga, alice, avery, ines, leo):
    for person, may_see, may_change in (
        (olga, 200, 428),
        (alice, 200, 428),
        (avery, 200, 403),
        (ines, 403, 403),
        (leo, 403, 403),
    ):
        browser = person.client()
        assert browser.get(BRAND).status_code == may_see, person.name
        assert browser.put(BRAND, {}, "application/json").status_code == may_change, person.name
    assert Client(headers={"host": acme.host}).get(BRAND).status_code == 401


def test_the_other_organization_keeps_its_look(acme, globex, editor):
    with tenancy.bind(globex):
        before = api.theme_css()
    editor.save()
    editor.publish()

    with tenancy.bind(globex):
        assert api.theme_css() == before


def test_the_database_takes_one_of_each_and_real_colours(acme):
    solved = Brand.objects.get().solved
    for wrong in ({"state": "published", "color": "#000000"}, {"state": "archived", "color": "#12345;"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Brand.objects.create(solved=solved, **wrong)


def test_publishing_is_on_the_record(editor):
    from apps.audit.models import AuditEntry

    editor.save()
    editor.publish()

    entry = AuditEntry.objects.get(action="branding.brand.published")
    assert entry.changes["color"] == ["#2455e6", "#0b5d3b"]
