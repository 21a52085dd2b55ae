"""What MediaConvert is asked for: the same ladder, in the words of the service's own model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator

from core.ids import new_id
from media.aws import mediaconvert_job
from media.aws.mediaconvert_job import Account, Order
from media.transcoding.ladder import fast_rung, rungs_for
from media.transcoding.probe import Picture, Probe, Sound
from media.transcoding.sniff import MOV
from media.transcoding.tests.test_plans import picture
from tests.support.aws_model import Model, Refused

ACCOUNT = Account(
    "arn:aws:iam::111122223333:role/films",
    "arn:aws:mediaconvert:eu-central-1:111122223333:queues/films",
    "arn:aws:kms:eu-central-1:111122223333:key/1b0a9d1c-5c3a-4d5e-8f00-0123456789ab",
)
SOUND = Sound(index=1, codec="aac", profile="LC", sample_rate=48000, channels=2, language="eng", bit_rate=128000)


def facts(shown: Picture | None, sound: Sound | None = SOUND) -> Probe:
    """A film of a minute."""
    return Probe(
        family=MOV,
        size_bytes=1_000_000,
        duration_seconds=60.0,
        bit_rate=1_000_000,
        picture=shown,
        sound=sound,
        poster=None,
    )


def order(shown: Picture | None, stage: str = "ladder", sound: Sound | None = SOUND) -> Order:
    return Order(
        stage=stage,
        facts=facts(shown, sound),
        source_url="s3://films/t/o/in/u",
        target_url="s3://films/t/o/v/a/r/",
        organization_id=new_id(),
        asset_id=new_id(),
        rev_id=new_id(),
    )


def outputs(request: dict[str, Any]) -> list[dict[str, Any]]:
    [group] = request["Settings"]["OutputGroups"]
    found: list[dict[str, Any]] = group["Outputs"]
    return found


FILMS = [
    picture(3840, 2160),
    picture(1920, 1080, "60"),
    picture(1080, 1920),
    picture(1280, 720, "24000/1001"),
    picture(4096, 512),
    picture(320, 180, "29", "90000"),
    None,
]


@pytest.mark.parametrize("stage", ["fast", "ladder"])
@pytest.mark.parametrize("shown", FILMS)
@pytest.mark.parametrize("sound", [SOUND, None])
def test_requests_are_what_the_services_model_describes(shown: Picture | None, stage: str, sound: Sound | None) -> None:
    if shown is None and sound is None:
        return
    request = mediaconvert_job.request(order(shown, stage, sound), ACCOUNT)

    model = ServiceModel(Loader().load_service_model("mediaconvert", "service-2"))
    operation = model.operation_model("CreateJob")
    assert not ParamValidator().validate(request, operation.input_shape).has_errors()
    wire = create_serializer("rest-json").serialize_to_request(request, operation)
    Model("mediaconvert").check("CreateJobRequest", json.loads(wire["body"]))


def test_the_models_rules_are_really_checked() -> None:
    request = mediaconvert_job.request(order(FILMS[0]), ACCOUNT)
    model = ServiceModel(Loader().load_service_model("mediaconvert", "service-2"))
    wire = create_serializer("rest-json").serialize_to_request(request, model.operation_model("CreateJob"))
    body = json.loads(wire["body"])
    described = body["settings"]["outputGroups"][0]["outputs"][0]["videoDescription"]
    for name, wrong in (("width", 8), ("width", "1920"), ("scalingBehavior", "SHRINK"), ("colour", "blue")):
        kept = described.get(name)
        described[name] = wrong
        with pytest.raises(Refused, match=name):
            Model("mediaconvert").check("CreateJobRequest", body)
        described.pop(name) if kept is None else described.update({name: kept})


@pytest.mark.parametrize("shown", [found for found in FILMS if found])
def test_the_ladder_is_the_local_encoders(shown: Picture) -> None:
    made = outputs(mediaconvert_job.request(order(shown), ACCOUNT))
    sizes = [
        (found["VideoDescription"]["Width"], found["VideoDescription"]["Height"])
        for found in made
        if "VideoDescription" in found
    ]
    assert sizes == [(rung.width, rung.height) for rung in rungs_for(shown)]
    assert max(max(size) for size in sizes) <= max(shown.width, shown.height)
    rates = [
        found["VideoDescription"]["CodecSettings"]["H264Settings"]["MaxBitrate"]
        for found in made
        if "VideoDescription" in found
    ]
    assert rates == [rung.max_kbits * 1000 for rung in rungs_for(shown)]


def test_the_fast_stage_is_one_rung_with_its_sound_and_goes_first() -> None:
    fast = mediaconvert_job.request(order(FILMS[0], "fast"), ACCOUNT)
    ladder = mediaconvert_job.request(order(FILMS[0], "ladder"), ACCOUNT)

    assert [found["NameModifier"] for found in outputs(fast)] == ["_fast", "_audio"]
    shown = FILMS[0]
    assert shown is not None
    assert outputs(fast)[0]["VideoDescription"]["Height"] == fast_rung(shown).height
    assert fast["Priority"] > ladder["Priority"]


def test_every_keyframe_of_every_rung_is_at_the_same_time() -> None:
    for found in outputs(mediaconvert_job.request(order(picture(1920, 1080, "60")), ACCOUNT)):
        if "VideoDescription" not in found:
            continue
        codec = found["VideoDescription"]["CodecSettings"]["H264Settings"]
        assert (codec["GopSize"], codec["GopSizeUnits"], codec["SceneChangeDetect"]) == (2.0, "SECONDS", "DISABLED")


def test_an_interlaced_or_hdr_source_is_put_right() -> None:
    from dataclasses import replace

    steps = outputs(
        mediaconvert_job.request(order(replace(picture(1920, 1080), interlaced=True, transfer=16)), ACCOUNT)
    )[0]["VideoDescription"]["VideoPreprocessors"]
    assert set(steps) == {"Deinterlacer", "ColorCorrector"}
    plain = outputs(mediaconvert_job.request(order(picture(1920, 1080)), ACCOUNT))[0]["VideoDescription"]
    assert "VideoPreprocessors" not in plain


def test_a_token_is_of_one_stage_of_one_revision() -> None:
    first = order(FILMS[0])
    same = mediaconvert_job.request(first, ACCOUNT)["ClientRequestToken"]
    assert same == mediaconvert_job.request(first, ACCOUNT)["ClientRequestToken"]
    assert len(same) <= 64
    assert same != order(FILMS[0]).token


def test_without_a_key_the_buckets_own_encryption_holds() -> None:
    account = Account(ACCOUNT.role, ACCOUNT.queue)
    [group] = mediaconvert_job.request(order(FILMS[0]), account)["Settings"]["OutputGroups"]
    assert "DestinationSettings" not in group["OutputGroupSettings"]["CmafGroupSettings"]


@pytest.mark.parametrize(("size", "fits"), [((640, 360), True), ((48, 24), False)])
def test_sizes_that_the_service_does_not_take_are_known(size: tuple[int, int], fits: bool) -> None:
    assert mediaconvert_job.suits(facts(picture(*size))) is fits
