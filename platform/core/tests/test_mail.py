"""One way out for mail: worded by people, sent by a worker, after the commit."""

import pytest
from django.conf import settings
from django.core import mail as outbox

from core import mail, tasks


def test_both_forms_say_the_same_and_nothing_is_markup():
    parts = {
        "heading": "Join <b>Acme</b>",
        "paragraphs": ["First.", "Last & least."],
        "action": mail.Action("Accept", "http://acme.lms.localhost:8000/invitation/abc"),
    }

    html, text = mail.page(**parts), mail.plain(**parts)

    assert "&lt;b&gt;Acme" in html
    assert "Last &amp; least." in html
    assert text == (
        "Join <b>Acme</b>\n\nFirst.\n\nAccept:\nhttp://acme.lms.localhost:8000/invitation/abc\n\nLast & least.\n"
    )


def test_a_mail_has_both_forms_and_a_name_that_is_one_line(monkeypatch):
    queued = []
    monkeypatch.setattr(settings.MAIL_QUEUE, queued.append)

    mail.send(
        to="nia@acme.example",
        subject="Hello\r\nBcc: all@acme.example",
        text="Text.",
        html="<p>Text.</p>",
        sender_name='Acme "Academy"\nEvil: yes',
    )
    tasks.deliver_mail(**queued[0])

    (sent,) = outbox.outbox
    assert sent.to == ["nia@acme.example"]
    assert sent.subject == "Hello Bcc: all@acme.example"
    assert "\n" not in sent.from_email
    assert sent.alternatives[0].mimetype == "text/html"
    assert sent.message()["Message-ID"] == queued[0]["message_id"]


@pytest.fixture(autouse=True)
def empty_outbox():
    outbox.outbox = []
