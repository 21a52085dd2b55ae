"""The cost sheet: its page is what the formulas give, and production is set up as it says."""

from __future__ import annotations

import copy
import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

import pytest

from tests.architecture.tree import ROOT


def _load() -> ModuleType:
    spec = spec_from_file_location("cost_sheet", ROOT / "infra" / "cost" / "sheet.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


sheet = _load()
PRICES, LOAD = sheet.read()


def test_the_page_is_what_the_formulas_give() -> None:
    made = sheet.page([sheet.work_out(count, PRICES, LOAD) for count in sheet.FLEETS], PRICES, LOAD)
    assert (ROOT / "docs" / "operations" / "cost.md").read_text() == made, "run `make cost`"


def test_production_is_set_up_for_the_first_hundred() -> None:
    sizes = sheet.work_out(100, PRICES, LOAD).sizes
    text = (ROOT / "infra" / "terraform" / "environments" / "production" / "main.tf").read_text()

    def given(pattern: str) -> str:
        found = re.search(pattern, text)
        assert found, pattern
        return found[1]

    assert given(r'instance_class = "([^"]+)"') == sizes.database_class
    assert given(r'node_type = "([^"]+)"') == sizes.cache_class
    assert int(given(r"pools +=\s+(\d+)")) == sizes.pools
    assert int(given(r"web +=.*?least = (\d+)")) == sizes.web_tasks
    assert int(given(r"worker +=.*?least = (\d+)")) == sizes.worker_tasks
    assert int(given(r"connections +=\s+(\d+)")) > sizes.connections


def test_what_is_counted_is_what_terraform_makes() -> None:
    network = (ROOT / "infra/terraform/modules/network/variables.tf").read_text()
    services = re.search(r"default     = \[(.*)\]", network)
    assert services
    assert len(services[1].split(",")) == sheet.ENDPOINTS
    secrets = (ROOT / "infra/terraform/modules/service/secrets.tf").read_text()
    assert len(re.findall(r"^    LMS_", secrets, re.M)) == sheet.SECRETS


@pytest.mark.parametrize(
    ("change", "part", "factor"),
    [
        (("organization", "new_film_hours"), "Encoding (MediaConvert)", 2.0),
        (("organization", "months_kept"), "Storage (S3)", 1.9),
        (("organization", "hours"), "Delivery (CloudFront, firewall)", 1.7),
    ],
)
def test_twice_the_use_costs_twice_where_it_is_used(change: tuple[str, str], part: str, factor: float) -> None:
    more = copy.deepcopy(LOAD)
    more[change[0]][change[1]] *= 2
    before, after = sheet.work_out(1000, PRICES, LOAD), sheet.work_out(1000, PRICES, more)
    assert after.cost[part] >= before.cost[part] * factor
    assert all(after.cost[name] >= before.cost[name] - 1e-9 for name in before.cost)


def test_more_than_a_cell_is_said_instead_of_priced() -> None:
    dense = copy.deepcopy(LOAD)
    dense["organization"]["learners"] = 5000
    with pytest.raises(SystemExit, match="more than one cell"):
        sheet.work_out(1500, PRICES, dense)
