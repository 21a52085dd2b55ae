"""Samples of enrollments: a learner on the course."""

from __future__ import annotations

from tests.isolation.samples import Call, Sample, World, sample, thing


@thing("enrollment")
def enrollment(world: World) -> str:
    """The id of the learner's own enrollment on the course."""
    return world.send("learner", "POST", "/api/v1/enrollments/", {"course": world["course"]["id"]})["id"]


@sample("enrollments:withdrawal")
def withdrawal(world: World) -> Sample:
    return Sample(path={"enrollment_id": world["enrollment"]}, calls={"POST": Call(by="learner")})


@sample("enrollments:course-enrollment")
def course_enrollment(world: World) -> Sample:
    return Sample(
        path={"course_id": world["course"]["id"], "enrollment_id": world["enrollment"]},
        calls={"DELETE": Call(by="instructor")},
    )
