"""The local mailbox: mail is kept under its envelope, shown without running any of it, and on its own host only."""

from __future__ import annotations

import http.client
import json
import os
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from devstack import embedded
from devstack.embedded import StackEnvironment

HOSTILE = (
    "<html><head><style>h1 { color: #2455e6 }</style></head>"
    '<body onload="steal()"><h1 style="font-weight: 600">482 913</h1><script>steal()</script>'
    '<img src="http://tracker.example/pixel.gif"><form action="/messages"></form></body></html>'
)


@pytest.fixture(scope="module")
def stack() -> Iterator[StackEnvironment]:
    with embedded.running({"mailbox", "front"}) as running:
        yield running


def send(
    stack: StackEnvironment,
    to: list[str],
    *,
    subject: str = "Your code",
    text: str = "482 913",
    html: str | None = None,
    **headers: str,
) -> None:
    message = EmailMessage()
    message["From"] = "Emerging Tech <no-reply@lms.localhost>"
    message["To"] = to[0]
    message["Subject"] = subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", int(stack["LMS_SMTP_PORT"])) as server:
        server.send_message(message, to_addrs=to)


def get(stack: StackEnvironment, path: str, host: str = "mail.lms.localhost") -> tuple[int, dict[str, str], str]:
    """Status, headers and body, through the front door."""
    connection = http.client.HTTPConnection("127.0.0.1", int(stack["LMS_PORT"]), timeout=60)
    try:
        connection.request("GET", path, headers={"Host": f"{host}:{stack['LMS_PORT']}"})
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, answer.read().decode()
    finally:
        connection.close()


def found(stack: StackEnvironment, to: str) -> list[dict[str, object]]:
    items: list[dict[str, object]] = json.loads(get(stack, f"/api/messages?to={to}")[2])["items"]
    return items


def test_a_mail_is_found_by_whom_it_was_sent_to_blind_copies_included(stack: StackEnvironment) -> None:
    send(stack, ["ada@found.example", "blind@found.example"], subject="Grüße", text="Open http://x.example/a?b=1&c=2.")

    (mail,) = found(stack, "BLIND@found")

    assert mail["to"] == ["ada@found.example", "blind@found.example"]
    assert mail["subject"] == "Grüße"
    assert mail["from"] == "Emerging Tech <no-reply@lms.localhost>"
    assert mail["links"] == ["http://x.example/a?b=1&c=2"]
    assert found(stack, "nobody@found.example") == []


def test_the_newest_comes_first_and_a_reader_can_ask_for_what_is_new(stack: StackEnvironment) -> None:
    for subject in ("first", "second"):
        send(stack, ["order@list.example"], subject=subject)
    newest, oldest = found(stack, "order@list.example")

    assert [newest["subject"], oldest["subject"]] == ["second", "first"]
    after = json.loads(get(stack, f"/api/messages?to=order@list.example&after={oldest['id']}")[2])["items"]
    assert [mail["id"] for mail in after] == [newest["id"]]


def test_a_mail_cannot_give_itself_recipients(stack: StackEnvironment) -> None:
    send(stack, ["real@forged.example"], X_Mailbox_To="victim@forged.example")

    assert found(stack, "victim@forged.example") == []
    assert len(found(stack, "real@forged.example")) == 1


def test_the_html_part_runs_nothing_and_asks_nobody(stack: StackEnvironment) -> None:
    send(stack, ["html@safe.example"], html=HOSTILE)
    (mail,) = found(stack, "html@safe.example")

    status, headers, page = get(stack, f"/messages/{mail['id']}")
    assert status == 200
    assert f'src="/messages/{mail["id"]}/html" sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "unsafe-inline" not in headers["content-security-policy"]

    status, headers, _ = get(stack, f"/messages/{mail['id']}/html")
    policy = headers["content-security-policy"]
    assert status == 200
    assert "default-src 'none'" in policy
    assert "img-src data:" in policy
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "script-src" not in policy
    assert "unsafe-inline" not in policy
    assert policy.count("'sha256-") == 2  # the style element and the style attribute, and nothing else


def test_what_a_mail_says_is_never_markup_on_our_page(stack: StackEnvironment) -> None:
    send(stack, ["xss@safe.example"], subject="<script>s()</script>", text="<b>http://x.example/<i>")
    (mail,) = found(stack, "xss@safe.example")

    _, _, page = get(stack, f"/messages/{mail['id']}?to=%22%3E%3Cscript%3E")

    assert "<script>s()" not in page
    assert "&lt;script&gt;s()" in page
    assert '"><script>' not in page
    assert "&lt;b&gt;" in page


@pytest.mark.parametrize("path", ["/", "/messages/none", "/static/mailbox.css", "/api/messages/none"])
def test_every_answer_carries_the_policy(stack: StackEnvironment, path: str) -> None:
    _, headers, _ = get(stack, path)

    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


def test_a_missing_message_is_a_page_for_people_and_a_problem_for_programs(stack: StackEnvironment) -> None:
    status, headers, page = get(stack, "/messages/0000000000000-00000000")
    assert (status, headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "This message is not in the mailbox." in page

    status, headers, _ = get(stack, "/api/messages/..%2f..%2fsecrets")
    assert (status, headers["content-type"]) == (404, "application/problem+json")


def test_another_host_name_that_points_here_gets_nothing(stack: StackEnvironment) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(stack["LMS_MAIL_PORT"]), timeout=60)
    connection.request("GET", "/", headers={"Host": "rebound.example"})
    assert connection.getresponse().status == 421
    connection.close()


def test_it_refuses_to_run_outside_the_embedded_default() -> None:
    environ = {name: value for name, value in os.environ.items() if name != "LMS_EMBEDDED"}

    refused = subprocess.run(
        [sys.executable, "-m", "devstack.mailbox"], env=environ, capture_output=True, text=True, timeout=90
    )

    assert refused.returncode == 1
    assert "refuses to run outside it" in refused.stderr
