"""The account over HTTP: CloudFront, its key-value store and Service Quotas on one port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.cloudfront import wire
from tests.support.cloudfront.account import Account
from tests.support.cloudfront.wire import ApiError


def _service(path: str, headers: dict[str, str]) -> str:
    if "x-amz-target" in headers:
        return "service-quotas"
    return "cloudfront-keyvaluestore" if path.startswith("/key-value-stores/") else "cloudfront"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    account: Account

    def _do(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        service = _service(self.path, headers)
        try:
            if not headers.get("authorization", "").startswith("AWS4-"):
                raise ApiError("AccessDenied", "unsigned", 403)
            if service == "service-quotas":
                operation, uri = wire.model(service).operation_model(headers["x-amz-target"].rpartition(".")[2]), {}
            else:
                operation, uri = wire.find(service, self.command, self.path)
            given = wire.read(operation, uri, self.path, headers, body)
            status, more, content = wire.answer(operation, self.account.call(operation.name, given))
        except ApiError as error:
            status, more, content = wire.refusal(service, error)
        try:
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True  # whoever asked was killed meanwhile

    def __getattr__(self, name: str) -> object:
        if name.startswith("do_"):
            return self._do
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing of it is worth a line."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Who is killed resets the connection."""


@contextmanager
def running(account: Account) -> Iterator[str]:
    """Serve an account; yields the address."""
    handler = type("Handler", (_Handler,), {"account": account})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
