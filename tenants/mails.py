"""Mails of the site. What an organization's people get is the organization's own mail."""

from __future__ import annotations

from core import mail


def send_sign_up_code(*, email: str, organization_name: str, code: str) -> None:
    """Send the code that proves an address. It is never kept in the clear."""
    spaced = f"{code[:3]} {code[3:]}"
    mail.send(
        to=email,
        subject=f"{spaced} is your code",
        text=(
            f"{spaced}\n\nType this code to go on with {organization_name}. It works for 30 minutes.\n"
            "If you did not ask for it, leave it: nothing was made.\n"
        ),
        html=mail.page(
            heading="Your code",
            paragraphs=[
                f"Type this code to go on with {organization_name}. It works for 30 minutes.",
                "If you did not ask for it, leave it: nothing was made.",
            ],
            code=spaced,
        ),
        sender_name="Emerging Tech LMS",
    )
