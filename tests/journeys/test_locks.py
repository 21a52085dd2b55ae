"""The browser's locks through the real front door: every surface's headers, and where user-made content is held."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.headers import HEADERS, REPORTS_PATH, Kind
from tests.architecture.tree import ROOT
from tests.journeys import organizations
from tests.journeys.conftest import Product, until
from tests.journeys.organizations import Organization

UUID_ = "0195f3a0-0000-7000-8000-000000000000"
# (kind, host, path, status). Hosts by name: site, staff, school, nobody, content, package.
SURFACES: list[tuple[Kind, str, str, int]] = [
    *(("page", "site", path, 200) for path in ("/", "/sign-up", "/pricing", "/nothing/at/all")),
    *(("page", "staff", path, 200) for path in ("/", "/organizations", "/sign-in")),
    ("page", "staff", f"/support/hand-over/?grant={UUID_}&n={'a' * 64}", 200),
    *(("page", "school", path, 200) for path in ("/", "/login", "/studio", "/studio/courses", "/password/forgot")),
    ("page", "school", "/invitation/" + "x" * 43, 200),
    ("page", "nobody", "/", 404),
    ("page", "site", "/status", 200),
    ("data", "site", "/livez", 200),
    ("data", "site", "/readyz", 200),
    ("data", "site", "/api/v1/terms/", 200),
    ("data", "site", "/api/v1/nothing/", 404),
    ("data", "site", "/.well-known/security.txt", 404),
    ("data", "staff", "/api/v1/session/", 200),
    ("data", "school", "/api/v1/me/", 401),
    ("data", "school", "/api/v1/nothing/", 404),
    ("data", "school", "/_allauth/browser/v1/auth/session", 401),
    ("data", "school", "/_allauth/nothing", 404),
    ("data", "school", REPORTS_PATH, 405),
    ("data", "nobody", "/api/v1/me/", 404),
    ("asset", "school", "asset", 200),
    ("asset", "staff", "asset", 200),
    ("error", "school", "/assets/nothing.js", 404),
    ("error", "school", "/assets/", 404),
    ("error", "school", "/media/nothing", 404),
    ("error", "school", f"/media/p/{UUID_}/look.json", 404),
    ("error", "school", f"/media/t/{UUID_}/v/{UUID_}/{UUID_}/master.m3u8", 403),
    ("error", "site", "/tls-ask/?domain=x", 404),
    ("content", "content", "/", 404),
    ("content", "package", "/", 404),
    ("content", "package", "/api/v1/me/", 404),
    ("content", "package", "asset", 404),
    ("content", "package", f"/media/t/{UUID_}/v/{UUID_}/{UUID_}/master.m3u8", 404),
    ("content", "package", "/login", 404),
]
# What the sign-in library says itself of keeping: more, but not in these words.
OWN_CACHING = ("/_allauth/browser/",)
INLINE = re.compile(r"<script(?![^>]*\b(?:src|type=\"application/json\"))[^>]*>", re.I)


@pytest.fixture(scope="module")
def school(product: Product) -> Organization:
    return organizations.found(product, "locks", "School of Locks")


def host_of(product: Product, name: str) -> str:
    site = product.environment.settings.site_host
    content = product.environment.settings.content_suffix
    return {
        "site": site,
        "staff": f"staff.{site}",
        "school": product.host("locks"),
        "nobody": f"nobody-has-this.{site}",
        "content": content,
        "package": f"cabcdefghij.{content}",
    }[name]


def ask(product: Product, host: str, path: str, **options: Any) -> httpx.Response:
    headers = {"host": f"{host_of(product, host)}:{product.port}", **options.pop("headers", {})}
    if path == "asset":
        page = ask(product, "school", "/")
        path = re.findall(r'src="(/assets/[^"]+\.js)"', page.text)[-1]
    return httpx.request(
        options.pop("method", "GET"), f"http://127.0.0.1:{product.port}{path}", headers=headers, timeout=60, **options
    )


@pytest.mark.parametrize(("kind", "host", "path", "status"), SURFACES, ids=[f"{row[1]}{row[2]}" for row in SURFACES])
def test_every_answer_has_the_headers_of_its_surface(
    product: Product, school: Organization, kind: Kind, host: str, path: str, status: int
) -> None:
    answer = ask(product, host, path)

    assert answer.status_code == status, answer.text[:300]
    assert "no-store" in answer.headers["cache-control"] or kind == "asset"
    own = {"Cache-Control"} if path.startswith(OWN_CACHING) else set()
    wanted = {name: value for name, value in HEADERS[kind].items() if name not in own}
    got = {name: ", ".join(answer.headers.get_list(name)) for name in wanted}
    assert got == wanted
    assert answer.headers.get_list("server") == []
    assert "x-powered-by" not in answer.headers
    if kind in ("page", "content"):
        assert len(answer.headers.get_list("content-security-policy")) == 1
    if kind == "content":
        assert "set-cookie" not in answer.headers
        assert "sandbox" in answer.headers["content-security-policy"]


def test_no_page_may_run_what_is_not_of_the_build(product: Product, school: Organization) -> None:
    pages = [(host, path) for kind, host, path, _ in SURFACES if kind == "page"]
    nonces = set()
    for host, path in pages:
        answer = ask(product, host, path)
        policy = dict(rule.strip().partition(" ")[::2] for rule in answer.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert policy["require-trusted-types-for"] == "'script'"
        assert policy["report-uri"] == REPORTS_PATH
        assert not re.search(
            r"unsafe-inline|unsafe-eval|unsafe-hashes|\*|(?<!')https?:(?!//)", " ".join(policy.values())
        )
        (nonce,) = re.findall(r"'nonce-([\w-]+)'", policy["style-src"])
        nonces.add(nonce)
        if "'nonce-" in policy["script-src"]:
            assert path.startswith("/support/hand-over/")
        else:
            assert policy["script-src"] == "'self'"
            assert INLINE.findall(answer.text) == []
        uploads = policy["connect-src"].split()[1:]
        assert bool(uploads) is (host == "school"), "only an organization's pages upload"
    assert len(nonces) == len(pages), "a nonce is of one answer"


@pytest.mark.parametrize("header", ["Origin", "Access-Control-Request-Method"])
@pytest.mark.parametrize("origin", ["null", "sibling", "evil", "prefix", "suffix"])
def test_attack_74_no_origin_is_let_in(product: Product, school: Organization, origin: str, header: str) -> None:
    """No answer of the application names an origin that may read it: pages ask their own host alone."""
    own, site = host_of(product, "school"), host_of(product, "site")
    asking = {
        "sibling": f"http://other.{site}:{product.port}",
        "evil": "https://evil.example",
        "prefix": f"http://evil-{own}",
        "suffix": f"http://{own}.evil.example",
    }.get(origin, "null")
    method = "OPTIONS" if header != "Origin" else "GET"
    for path in ("/api/v1/me/", "/login", "/_allauth/browser/v1/auth/session", "asset", f"/media/t/{UUID_}/x"):
        answer = ask(product, "school", path, method=method, headers={"origin": asking, header: asking})
        assert not [name for name in answer.headers if name.startswith("access-control-")], path


def test_attack_71_a_tossed_cookie_is_not_read(product: Product, school: Organization) -> None:
    session = school.owner.cookies["__Host-session"]
    for name in ("sessionid", "session", "__Secure-session", "Host-session", "__host-session"):
        tossed = ask(product, "school", "/api/v1/me/", headers={"cookie": f"{name}={session}"})
        assert tossed.status_code == 401, name
    assert ask(product, "school", "/api/v1/me/", headers={"cookie": f"__Host-session={session}"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"x-tenant": "locks"},
        {"x-forwarded-host": "school"},
        {"forwarded": "host=school"},
        {"x-original-url": "/api/v1/me/"},
        {"x-rewrite-url": "/api/v1/me/"},
        {"x-forwarded-server": "school"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_attack_02_no_header_chooses_the_organization(
    product: Product, school: Organization, headers: dict[str, str]
) -> None:
    cookie = f"__Host-session={school.owner.cookies['__Host-session']}"
    given = {name: value.replace("school", host_of(product, "school")) for name, value in headers.items()}
    answer = ask(product, "nobody", "/api/v1/me/", headers={**given, "cookie": cookie})
    assert answer.status_code == 404
    assert "locks" not in answer.text.lower()


def test_attack_93_no_administration_and_no_debug_page_anywhere(product: Product, school: Organization) -> None:
    for host in ("site", "staff", "school"):
        for path in (
            "/admin/", "/admin/login/", "/__debug__/", "/api/schema/", "/api/docs/", "/metrics", "/.git/HEAD", "/.env",
            "/server-status", "/actuator", "/api/v1/?format=api", "/phpinfo.php",
        ):  # fmt: skip
            answer = ask(product, host, path)
            text = answer.text
            assert answer.status_code in (200, 404), path
            assert answer.status_code == 404 or '<div id="root">' in text, (
                path
            )  # the application's own page, and no more
            assert not re.search(r"Traceback|DJANGO_SETTINGS|Django administration|refs/heads|# HELP", text), path
    assert ask(product, "school", "/api/v1/session/").status_code == 404, "the console's API is the staff host's"
    trace = ask(product, "school", "/", method="TRACE", headers={"x-canary": "canary-7"})
    assert "canary-7" not in trace.text


ACTIVE = """<!doctype html><title>Package</title><p id="out">waiting</p><script src="run.js"></script>"""
RUN = """
const tell = (name, act) => { try { return name + '=' + act(); } catch (e) { return name + '!' + e.name; } };
(async () => {
  const said = [
    'origin=' + self.origin,
    tell('cookie', () => document.cookie),
    tell('storage', () => localStorage.length),
    tell('top', () => top.location.href === location.href),
  ];
  for (const [name, url] of [['app', APP], ['own', 'data.json']]) {
    const credentials = name === 'app' ? 'include' : 'omit';
    said.push(await fetch(url, { credentials }).then((a) => name + '=' + a.status, () => name + '!refused'));
  }
  document.getElementById('out').textContent = said.join(' ');
})();
"""


@pytest.fixture(scope="module")
def package(product: Product, school: Organization, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("package")
    app = product.url("/api/v1/me/", "locks")
    files = {
        "index.html": ACTIVE,
        "run.js": RUN.replace("APP", repr(app)),
        "data.json": "{}",
        "evil.exe": "<script>alert(1)</script>",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    organization = school.owner.open("/studio")["organization"]["id"]
    environment = {**os.environ, **product.environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
    made = subprocess.run(
        [sys.executable, "-m", "tests.support.package", organization, *(f"{name}={folder / name}" for name in files)],
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings.local"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return made.stdout.split()[-1]


def test_the_check_opens_a_package_of_its_own_and_leaves_nothing(product: Product, school: Organization) -> None:
    organization = school.owner.open("/studio")["organization"]["id"]
    environment = {**os.environ, **product.environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
    command = [sys.executable, "manage.py", "check_content", organization, f"--address=127.0.0.1:{product.port}"]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [line[:4] for line in ran.stdout.splitlines()] == ["ok  "] * 6
    assert "in a sandbox without an origin" in ran.stdout
    # Where something else answers, it says so.
    command[-1] = f"--address={product.environment['LMS_S3_URL'].rpartition('@')[2].partition('/')[0]}"
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "FAIL its page" in ran.stdout


def test_attack_52_active_content_runs_without_an_origin(
    product: Product, school: Organization, package: str, chromium: Any
) -> None:
    page = chromium.new_page()  # nobody's: that its policy refuses something is what this is about
    page.context.add_cookies([{"name": "planted", "value": "1", "url": package}])
    answer = page.goto(package)
    assert answer is not None
    assert answer.status == 200
    page.wait_for_function("document.getElementById('out').textContent !== 'waiting'")
    said = page.locator("#out").inner_text().split()

    assert "origin=null" in said
    assert "cookie!SecurityError" in said
    assert "storage!SecurityError" in said
    assert "app!refused" in said
    assert "own=200" in said
    page.close()


def fetch(product: Product, url: str, **options: Any) -> httpx.Response:
    parts = httpx.URL(url)
    headers = {"host": parts.netloc.decode(), **options.pop("headers", {})}
    return httpx.request(
        options.pop("method", "GET"),
        f"http://127.0.0.1:{product.port}{parts.raw_path.decode()}",
        headers=headers,
        timeout=60,
    )


def test_a_package_is_opened_by_its_token_on_its_own_host_alone(
    product: Product, school: Organization, package: str
) -> None:
    opened = fetch(product, package, headers={"cookie": "__Host-session=x; a=b"})
    assert opened.status_code == 200
    policy = opened.headers["content-security-policy"]
    assert "sandbox allow-scripts;" in policy
    assert "allow-same-origin" not in policy
    assert f"frame-ancestors {product.url('', 'locks')}" in policy
    assert "set-cookie" not in opened.headers
    assert fetch(product, package, method="POST").status_code == 403

    host, token = httpx.URL(package).host, package.split("/")[3]
    elsewhere = package.replace(host, "c" + "a" * 32 + host[33:])
    for wrong in (
        elsewhere,
        package.replace(token, token[:-8] + "x" * 8),
        package.replace("index.html", "missing.html"),
        package.replace("index.html", ".%2e/index.html"),
        package.replace("index.html", "a//index.html"),
        f"http://{host}/index.html",
    ):
        assert fetch(product, wrong).status_code == 404, wrong


def test_attack_50_a_file_is_what_its_name_says_and_nothing_more(
    product: Product, school: Organization, package: str
) -> None:
    """All files were stored as text/html; what is sent comes from our own table."""
    kinds = {"run.js": "text/javascript", "data.json": "application/json", "evil.exe": "application/octet-stream"}
    for name, kind in kinds.items():
        answer = fetch(product, package.replace("index.html", name))
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert (answer.headers.get("content-disposition") == "attachment") is (name == "evil.exe")


def test_a_page_that_breaks_its_policy_is_refused_and_heard_of(
    product: Product, school: Organization, chromium: Any
) -> None:
    """A real browser refuses, and its report arrives at the endpoint without any token of the page."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(product.url("/login", "locks"))
    said = page.evaluate(
        """() => new Promise((done) => {
          addEventListener('securitypolicyviolation', (found) => done(found.effectiveDirective), { once: true });
          const made = new Image(); made.src = 'https://evil.example/x.png';
        })"""
    )
    tried = page.evaluate(
        """() => ['innerHTML', 'script', 'handler'].map((name) => {
          const made = document.createElement('script');
          try {
            if (name === 'innerHTML') document.body.innerHTML = '<img src=x onerror=alert(1)>';
            if (name === 'script') made.src = '/assets/x.js';
            if (name === 'handler') { document.body.setAttribute('onclick', 'window.hit = 1'); document.body.click(); }
            return window.hit ? 'ran' : 'refused';
          } catch (error) { return error.name; }
        })"""
    )
    page.wait_for_timeout(500)
    context.close()
    assert said == "img-src"
    assert tried[:2] == ["TypeError", "TypeError"]
    assert tried[2] in ("refused", "TypeError")
    folder = product.environment.settings.log_dir
    until(lambda: _logged(folder, "csp.violation"), "the browser's report")


def _logged(folder: Path, word: str) -> bool:
    return any(word in file.read_text(errors="replace") for file in folder.glob("web-*.log"))
