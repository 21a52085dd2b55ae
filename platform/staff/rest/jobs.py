"""Jobs of every kind."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from core.http.request import Request
from core.jobs import JobLine, job_sources
from staff import policies
from staff.console import jobs
from staff.rest.serializers.operations import ActIn, JobList, JobOut, JobQuery, job_out
from staff.rest.views import StaffAPIView
from tenants import api as tenants


def _shown(lines: list[JobLine]) -> list[dict[str, object]]:
    labels = {kind: source.label for kind, source in job_sources().items()}
    names = tenants.organization_names(line.organization_id for line in lines)
    return [job_out(line, labels, names) for line in lines]


class JobListView(StaffAPIView):
    """What runs, waits or failed."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="jobs_list", parameters=[JobQuery], responses=JobList)
    def get(self, request: Request) -> Response:
        """Return the newest two hundred of a kind, a state, an organization; of all where nothing is asked for."""
        asked = JobQuery(data={key: request.query_params[key] for key in request.query_params})
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        found = jobs.jobs(
            kind=given["kind"] or None, state=given["state"] or None, organization_id=given["organization"]
        )
        kinds = [{"kind": kind, "label": source.label} for kind, source in job_sources().items()]
        return Response({"items": _shown(found), "kinds": kinds})


class JobRetry(StaffAPIView):
    """Starting a job again."""

    permissions = {"POST": policies.OPERATE}

    @extend_schema(operation_id="jobs_retry", request=ActIn, responses=JobOut)
    def post(self, request: Request, kind: str, job_id: UUID) -> Response:
        """Let a job that failed begin again. The reason is recorded."""
        body = ActIn(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(_shown([jobs.retry(kind, job_id, **body.validated_data)])[0])


class JobCancel(StaffAPIView):
    """Giving a job up."""

    permissions = {"POST": policies.OPERATE}
    recent_proof = frozenset({"POST"})

    @extend_schema(operation_id="jobs_cancel", request=ActIn, responses=JobOut)
    def post(self, request: Request, kind: str, job_id: UUID) -> Response:
        """Give a job up for good, where its kind allows that. The reason is recorded."""
        body = ActIn(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(_shown([jobs.cancel(kind, job_id, **body.validated_data)])[0])
