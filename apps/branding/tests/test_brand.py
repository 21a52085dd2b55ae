"""Publishing a brand: solved on the server, seen at once, the old look kept."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

import tenancy
from apps.branding import api
from apps.branding.models import Brand
from apps.branding.steps import CreateBrand
from core.mail import Letterhead

BRAND = "/api/v1/brand/"


def put(browser, color="#0B5D3B", heading_font="newsreader", **headers):
    return browser.put(BRAND, {"color": color, "heading_font": heading_font}, "application/json", headers=headers)


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


def test_a_colour_is_solved_and_seen_by_the_next_page(acme, alice):
    answer = put(alice.client())

    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert told["color"] == "#0b5d3b"
    assert told["adjusted"] is False
    assert told["solved"]["light"]["brand-solid"] == "#0b5d3b"
    assert told["solved"]["dark"]["brand-solid"] == "#67c091"
    assert "--brand-solid:#0b5d3b" in api.theme_css()
    assert api.brand_of().heading_font == "newsreader"
    assert api.letterhead() == Letterhead(name=acme.name, color="#0b5d3b", on_color="#ffffff")


def test_a_colour_nothing_reads_on_is_used_nearby_and_says_so(acme, alice):
    told = put(alice.client(), color="#7a7a7a").json()

    assert told["color"] == "#7a7a7a"
    assert told["adjusted"] is True
    assert told["solved"]["light"]["brand-solid"] != "#7a7a7a"


def test_what_it_replaces_is_archived_and_the_same_again_changes_nothing(acme, alice):
    browser = alice.client()
    first = put(browser).json()["revision"]
    assert put(browser).json()["revision"] == first
    second = put(browser, color="#ffd21f").json()["revision"]

    assert second == first + 1
    assert Brand.objects.get(state="published").color == "#ffd21f"
    assert Brand.objects.filter(state="archived", color="#0b5d3b", revision=first).count() == 1


def test_a_look_that_changed_meanwhile_is_not_overwritten(acme, alice, olga):
    seen = alice.client().get(BRAND).json()["revision"]
    put(olga.client(), color="#c4185c")

    refused = put(alice.client(), **{"if-match": f'"{seen}"'})

    assert (refused.status_code, refused.json()["code"]) == (412, "revision_conflict")
    assert refused.json()["current"]["color"] == "#c4185c"
    assert put(alice.client(), **{"if-match": f'"{seen + 1}"'}).status_code == 200


@pytest.mark.parametrize("color", ["green", "#fff", "#12345g", "#123456;}", "", None, "#0B5D3B00"])
def test_what_is_no_colour_is_refused(acme, alice, color):
    refused = put(alice.client(), color=color)

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert refused.json()["errors"][0]["pointer"] == "#/color"


def test_a_face_that_is_not_ours_is_refused(acme, alice):
    assert put(alice.client(), heading_font="comic-sans").status_code == 422


def test_who_may_see_and_change_it(acme, olga, alice, avery, ines, leo):
    for person, may_see, may_change in (
        (olga, 200, 200),
        (alice, 200, 200),
        (avery, 200, 403),
        (ines, 403, 403),
        (leo, 403, 403),
    ):
        browser = person.client()
        assert browser.get(BRAND).status_code == may_see, person.name
        assert put(browser).status_code == may_change, person.name
    assert Client(headers={"host": acme.host}).get(BRAND).status_code == 401


def test_the_other_organization_keeps_its_look(acme, globex, alice):
    with tenancy.bind(globex):
        before = api.theme_css()
    put(alice.client())

    with tenancy.bind(globex):
        assert api.theme_css() == before


def test_the_database_takes_one_published_brand_and_real_colours(acme):
    solved = Brand.objects.get().solved
    for wrong in ({"state": "published", "color": "#000000"}, {"state": "archived", "color": "#12345;"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Brand.objects.create(solved=solved, **wrong)
