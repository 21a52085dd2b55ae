"""An invoice as a PDF of one page: text in a standard font, nothing else."""

from __future__ import annotations

from devstack.stripe.pages.frame import day, money
from devstack.stripe.store import Object


def invoice(found: Object) -> bytes:
    """The file."""
    currency = found["currency"]
    address = found["customer_address"] or {}
    rows: list[tuple[int, int, str]] = [
        (22, 0, "Invoice"),
        (10, 0, "From a local stand-in for Stripe. No money moves."),
    ]
    rows += [(11, 0, ""), (11, 0, f"Number {found['number']}"), (11, 0, f"Issued {day(found['effective_at'])}")]
    if found["due_date"]:
        rows.append((11, 0, f"Due {day(found['due_date'])}"))
    rows += [(11, 0, f"Status {found['status']}"), (11, 0, ""), (11, 0, f"From {found['account_name']}, Ireland")]
    where = ", ".join(address[name] for name in ("line1", "postal_code", "city", "country") if address.get(name))
    rows.append((11, 0, f"To {found['customer_name'] or found['customer_email'] or '-'}"))
    rows.append((11, 0, where))
    rows += [(11, 0, f"VAT id {one['value']}") for one in found["customer_tax_ids"]]
    rows += [(11, 0, f"{one['name']} {one['value']}") for one in found["custom_fields"] or []]
    rows.append((11, 0, ""))
    for line in found["lines"]["data"]:
        rows += [(11, 0, line["description"][:80]), (11, 1, money(line["amount"], currency))]
    rows += [(11, 0, ""), (11, 0, "Subtotal"), (11, 1, money(found["subtotal"], currency))]
    for one in found["total_taxes"]:
        reverse = one["taxability_reason"] == "reverse_charge"
        rows += [(11, 0, "Tax (reverse charge: to be paid by the recipient)" if reverse else "Tax")]
        rows.append((11, 1, money(one["amount"], currency)))
    rows += [(11, 0, "Total"), (11, 1, money(found["total"], currency))]
    rows += [(11, 0, "Amount due"), (11, 1, money(found["amount_remaining"], currency))]
    return _file(_content(rows))


def _content(rows: list[tuple[int, int, str]]) -> bytes:
    """Each row below the last; one with a 1 stands on the same height at the right edge."""
    found = ["BT"]
    height = 800
    for size, right, words in rows:
        if not right:
            height -= size + 8
        safe = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        found.append(f"/F1 {size} Tf 1 0 0 1 {440 if right else 56} {height} Tm ({safe}) Tj")
    return "\n".join([*found, "ET"]).encode("cp1252", "replace")


def _file(content: bytes) -> bytes:
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, len(out))
    return out + head + table + tail
