"""Plans and versions: what is sold, who has it, whether it is at Stripe."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from billing.api import finance
from core.http.request import Request
from staff import policies
from staff.finance import acts
from staff.rest.serializers import plans as shapes
from staff.rest.views import StaffAPIView


class PlanList(StaffAPIView):
    """Every plan there is or was."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="plans_list", responses=shapes.PlanListOut)
    def get(self, request: Request) -> Response:
        """Return plans with their versions, what each brings and costs, and how many organizations have it."""
        return Response(shapes.plans_out(finance.plans(), finance.features()))


class VersionPrices(StaffAPIView):
    """A version's prices at Stripe."""

    permissions = {"POST": policies.FINANCIAL}

    @extend_schema(operation_id="plan_prices_make", request=None, responses=shapes.PlanListOut)
    def post(self, request: Request, plan: str, number: int) -> Response:
        """Make those that are missing there. Made twice, they are made once."""
        acts.make_prices(plan, number)
        return Response(shapes.plans_out(finance.plans(), finance.features()))
