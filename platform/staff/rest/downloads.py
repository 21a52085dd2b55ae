"""Files that are made while they are sent."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import StreamingHttpResponse

import tenancy


def csv_download(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    """Return ``lines`` as a file. The response outlives the request's binding, so each chunk binds the platform."""
    response = StreamingHttpResponse(_bound(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _bound(lines: Iterator[str]) -> Iterator[bytes]:
    while True:
        with tenancy.platform():
            found = next(lines, None)
        if found is None:
            return
        yield found.encode()
