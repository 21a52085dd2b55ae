"""The job that MediaConvert is given, made of the same ladder as the local encoder's command line.

Member names are those of the service's API; a test holds the whole request to its model. Outputs stay in the basic
tier as AWS describes it: AVC, one pass, no acceleration, no automated ABR.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from media.transcoding.commands import Variant
from media.transcoding.ladder import (
    FAST_SEGMENT_SECONDS,
    GOP_SECONDS,
    SEGMENT_SECONDS,
    SOUND,
    SOUND_LOW,
    Rung,
    SoundRung,
    fast_rung,
    rungs_for,
)
from media.transcoding.probe import Picture, Probe

# What the service's own playlists are called; ours, which is played, is written beside them.
BASENAME = "film"
# Part of a job's token: with another table of settings the same revision is another job.
TEMPLATE = "cmaf-h264-v1"
# Pixels of a side, from the model's VideoDescription.
SMALLEST_SIDE, LARGEST_SIDE = 32, 8192
_SELECTOR = "Audio Selector 1"
# Quality of QVBR by short side: 7 where text has to stay sharp, 6 for the rung of the worst networks.
_QUALITY, _QUALITY_SMALL, _SMALL = 7, 6, 270
# Whoever waits for a film to play goes before ladders of the same queue.
_PRIORITY = {"fast": 10, "ladder": 0}


@dataclass(frozen=True, slots=True)
class Order:
    """One stage of one revision: what it is made of, where it goes, for whom."""

    stage: str
    facts: Probe
    source_url: str
    target_url: str  # of the revision's folder, with its slash
    organization_id: UUID
    asset_id: UUID
    rev_id: UUID

    @property
    def token(self) -> str:
        """Return what this order is known by, however often it is placed: 64 characters, as many as there may be."""
        said = f"{self.asset_id}|{self.rev_id}|{self.stage}|{TEMPLATE}"
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Account:
    """Whose role and queue the job runs under. ``kms_key`` empty: the bucket's own encryption."""

    role: str
    queue: str
    kms_key: str = ""


def suits(facts: Probe) -> bool:
    """Return whether every rung has a size that the service takes."""
    if facts.picture is None:
        return True
    rungs = [*rungs_for(facts.picture), fast_rung(facts.picture)]
    sides = [side for rung in rungs for side in (rung.width, rung.height)]
    return min(sides) >= SMALLEST_SIDE and max(sides) <= LARGEST_SIDE


def variants(order: Order) -> list[Variant]:
    """Return the renditions that the order makes, pictures from the largest, then sound."""
    pictures = [
        Variant(rung.name, "picture", rung.width, rung.height, round(float(rung.rate), 3), rung.max_kbits)
        for rung in _rungs(order)
    ]
    return [*pictures, *(Variant(track.name, "sound", kbits=track.kbits) for track in _sounds(order))]


def playlist_of(variant: Variant) -> str:
    """Return the name of the media playlist that the service writes for a rendition."""
    return f"{BASENAME}{_modifier(variant.name)}.m3u8"


def request(order: Order, account: Account) -> dict[str, Any]:
    """Return the arguments of CreateJob."""
    names = {
        "organization": str(order.organization_id),
        "asset": str(order.asset_id),
        "revision": str(order.rev_id),
        "stage": order.stage,
    }
    return {
        "Role": account.role,
        "Queue": account.queue,
        "ClientRequestToken": order.token,
        "Priority": _PRIORITY[order.stage],
        "StatusUpdateInterval": "SECONDS_10",
        "BillingTagsSource": "JOB",
        "Tags": {"organization": names["organization"]},
        # For people who look at the console. What comes back with events is not believed.
        "UserMetadata": names,
        "Settings": {
            "TimecodeConfig": {"Source": "ZEROBASED"},
            "Inputs": [_input(order)],
            "OutputGroups": [_group(order, account)],
        },
    }


def _input(order: Order) -> dict[str, Any]:
    found: dict[str, Any] = {"FileInput": order.source_url, "TimecodeSource": "ZEROBASED"}
    if order.facts.picture is not None:
        found["VideoSelector"] = {"Rotate": "AUTO"}
    if order.facts.sound is not None:
        found["AudioSelectors"] = {_SELECTOR: {"DefaultSelection": "DEFAULT"}}
    return found


def _group(order: Order, account: Account) -> dict[str, Any]:
    is_fast = order.stage == "fast"
    settings: dict[str, Any] = {
        "Destination": f"{order.target_url}{BASENAME}",
        "SegmentControl": "SEGMENTED_FILES",
        "SegmentLength": FAST_SEGMENT_SECONDS if is_fast else SEGMENT_SECONDS,
        "SegmentLengthControl": "EXACT",
        "FragmentLength": GOP_SECONDS,
        "WriteHlsManifest": "ENABLED",
        "WriteDashManifest": "DISABLED",
        "ManifestCompression": "NONE",
        "ManifestDurationFormat": "FLOATING_POINT",
        "StreamInfResolution": "INCLUDE",
        "TargetDurationCompatibilityMode": "SPEC_COMPLIANT",
    }
    if account.kms_key:
        settings["DestinationSettings"] = {
            "S3Settings": {"Encryption": {"EncryptionType": "SERVER_SIDE_ENCRYPTION_KMS", "KmsKeyArn": account.kms_key}}
        }
    pictures = [_picture(order.facts.picture, rung) for rung in _rungs(order) if order.facts.picture is not None]
    return {
        "Name": "HLS",
        "OutputGroupSettings": {"Type": "CMAF_GROUP_SETTINGS", "CmafGroupSettings": settings},
        "Outputs": [*pictures, *(_sound(track) for track in _sounds(order))],
    }


def _rungs(order: Order) -> list[Rung]:
    if order.facts.picture is None:
        return []
    return [fast_rung(order.facts.picture)] if order.stage == "fast" else rungs_for(order.facts.picture)


def _sounds(order: Order) -> list[SoundRung]:
    if order.facts.sound is None:
        return []
    return [SOUND] if order.stage == "fast" else [SOUND, SOUND_LOW]


def _picture(picture: Picture, rung: Rung) -> dict[str, Any]:
    description: dict[str, Any] = {
        "Width": rung.width,
        "Height": rung.height,
        # The rung has the source's shape already: a pixel of rounding must not become a black line.
        "ScalingBehavior": "STRETCH_TO_OUTPUT",
        "CodecSettings": {"Codec": "H_264", "H264Settings": _h264(rung)},
    }
    steps = _preprocessors(picture)
    if steps:
        description["VideoPreprocessors"] = steps
    return {
        "NameModifier": _modifier(rung.name),
        "ContainerSettings": {"Container": "CMFC"},
        "VideoDescription": description,
    }


def _h264(rung: Rung) -> dict[str, Any]:
    bits = rung.max_kbits * 1000
    return {
        "RateControlMode": "QVBR",
        "QvbrSettings": {"QvbrQualityLevel": _QUALITY_SMALL if min(rung.width, rung.height) <= _SMALL else _QUALITY},
        "MaxBitrate": bits,
        "HrdBufferSize": bits * 2,
        "QualityTuningLevel": "SINGLE_PASS",
        "CodecProfile": "HIGH",
        "EntropyEncoding": "CABAC",
        "InterlaceMode": "PROGRESSIVE",
        "GopSize": float(GOP_SECONDS),
        "GopSizeUnits": "SECONDS",
        "GopClosedCadence": 1,
        # Rungs whose keyframes drift apart cannot be switched between.
        "SceneChangeDetect": "DISABLED",
        "FramerateControl": "SPECIFIED",
        "FramerateNumerator": rung.rate.numerator,
        "FramerateDenominator": rung.rate.denominator,
        "FramerateConversionAlgorithm": "DUPLICATE_DROP",
        "ParControl": "SPECIFIED",
        "ParNumerator": 1,
        "ParDenominator": 1,
    }


def _preprocessors(picture: Picture) -> dict[str, Any]:
    steps: dict[str, Any] = {}
    if picture.interlaced:
        steps["Deinterlacer"] = {"Algorithm": "INTERPOLATE", "Mode": "DEINTERLACE", "Control": "NORMAL"}
    if picture.is_hdr:
        steps["ColorCorrector"] = {"ColorSpaceConversion": "FORCE_709"}
    return steps


def _sound(track: SoundRung) -> dict[str, Any]:
    aac = {
        "RateControlMode": "CBR",
        "CodecProfile": "LC",
        "Bitrate": track.kbits * 1000,
        "SampleRate": 48000,
        "CodingMode": "CODING_MODE_2_0" if track.channels == 2 else "CODING_MODE_1_0",
    }
    return {
        "NameModifier": _modifier(track.name),
        "ContainerSettings": {
            "Container": "CMFC",
            "CmfcSettings": {
                "AudioGroupId": "sound",
                "AudioTrackType": (
                    "ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT" if track is SOUND else "AUDIO_ONLY_VARIANT_STREAM"
                ),
            },
        },
        "AudioDescriptions": [
            {"AudioSourceName": _SELECTOR, "CodecSettings": {"Codec": "AAC", "AacSettings": aac}},
        ],
    }


def _modifier(name: str) -> str:
    return f"_{name}"
