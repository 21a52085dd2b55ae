"""Requests in and answers out, by botocore's service models: a member that a model lacks is an error here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from botocore.loaders import Loader
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.validate import ParamValidator


class ApiError(Exception):
    """An error of the API by its code; the model says its status."""

    def __init__(self, code: str, message: str = "", status: int = 0) -> None:
        super().__init__(message or code)
        self.code = code
        self.status = status


@lru_cache(maxsize=8)
def model(service: str) -> ServiceModel:
    """Return botocore's model of a service."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@dataclass(frozen=True)
class Route:
    """An operation, and the paths that lead to it."""

    operation: OperationModel
    method: str
    path: re.Pattern[str]


@lru_cache(maxsize=8)
def routes(service: str) -> list[Route]:
    """Return all operations of a service, those with fewer variables in their path first."""
    found = []
    for name in model(service).operation_names:
        operation = model(service).operation_model(name)
        uri = operation.http["requestUri"].partition("?")[0]
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(uri))
        found.append((uri.count("{"), Route(operation, operation.http["method"], re.compile(f"{pattern}/?"))))
    return [route for _, route in sorted(found, key=lambda one: one[0])]


def find(service: str, method: str, target: str) -> tuple[OperationModel, dict[str, str]]:
    """Return the operation a request is for, and what its path says.

    Raises:
        ApiError: there is none.
    """
    path = urlsplit(target).path
    for route in routes(service):
        match = route.path.fullmatch(path)
        if match and route.method == method:
            return route.operation, {name: unquote(value) for name, value in match.groupdict().items()}
    raise ApiError("InvalidAction", f"{method} {path}", 404)


def read(
    operation: OperationModel, uri: dict[str, str], target: str, headers: dict[str, str], body: bytes
) -> dict[str, Any]:
    """Return a request's parameters, checked against the model.

    Raises:
        ApiError: something is missing or of another type.
    """
    shape = operation.input_shape
    found: dict[str, Any] = {}
    if shape is None:
        return found
    query = parse_qs(urlsplit(target).query)
    is_json = operation.service_model.protocol in ("json", "rest-json")
    payload = shape.serialization.get("payload")
    document: Any = None
    if body and is_json:
        document = json.loads(body)
    elif body:
        document = ElementTree.fromstring(body)
    for name, member in shape.members.items():
        place, wire = member.serialization.get("location"), member.serialization.get("name", name)
        if place == "uri":
            found[name] = uri[wire]
        elif place == "querystring" and wire in query:
            found[name] = query[wire][0]
        elif place == "header" and wire.lower() in headers:
            found[name] = headers[wire.lower()]
        elif place is None and document is not None:
            if is_json:
                if name in document:
                    found[name] = document[name]
            elif name == payload:
                found[name] = _value(document, member)
            elif (element := _child(document, wire)) is not None:
                found[name] = _value(element, member)
    report = ParamValidator().validate(found, shape)
    if report.has_errors():
        raise ApiError("InvalidArgument", report.generate_report(), 400)
    return found


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((one for one in element if _local(one.tag) == name), None)


def _value(element: ElementTree.Element, shape: Shape) -> Any:
    if isinstance(shape, StructureShape):
        made = {}
        for name, member in shape.members.items():
            found = _child(element, member.serialization.get("name", name))
            if found is not None:
                made[name] = _value(found, member)
        return made
    if isinstance(shape, ListShape):
        return [_value(one, shape.member) for one in element]
    text = element.text or ""
    if shape.type_name == "boolean":
        return text == "true"
    if shape.type_name in ("integer", "long"):
        return int(text)
    return text


def answer(operation: OperationModel, given: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of an answer."""
    shape = operation.output_shape
    status = int(operation.http.get("responseCode", 200))
    if shape is None:
        return status, {}, b""
    unknown = given.keys() - shape.members.keys()
    assert not unknown, f"{operation.name} answers nothing called {unknown}"
    headers = {
        member.serialization.get("name", name): str(given[name])
        for name, member in shape.members.items()
        if member.serialization.get("location") == "header" and name in given
    }
    if operation.service_model.protocol in ("json", "rest-json"):
        return status, headers, json.dumps(given, default=_json).encode()
    payload = shape.serialization.get("payload")
    if payload:
        return status, headers, _element(payload, given.get(payload, {}), shape.members[payload]).encode()
    inside = {name: value for name, value in given.items() if name not in headers and name != "ETag"}
    return status, headers, _element(shape.name, inside, shape).encode()


def _json(value: Any) -> Any:
    return value.timestamp() if isinstance(value, datetime) else str(value)


def _element(tag: str, value: Any, shape: Shape) -> str:
    if isinstance(shape, StructureShape):
        unknown = value.keys() - shape.members.keys()
        assert not unknown, f"{shape.name} has nothing called {unknown}"
        inner = "".join(
            _element(shape.members[name].serialization.get("name", name), one, shape.members[name])
            for name, one in value.items()
            if one is not None
        )
    elif isinstance(shape, ListShape):
        inner = "".join(_element(shape.member.serialization.get("name", "member"), one, shape.member) for one in value)
    elif isinstance(value, bool):
        inner = str(value).lower()
    elif isinstance(value, datetime):
        inner = value.isoformat()
    else:
        inner = escape(str(value))
    return f"<{tag}>{inner}</{tag}>"


def refusal(service: str, error: ApiError) -> tuple[int, dict[str, str], bytes]:
    """Return the answer that an error makes."""
    shapes = model(service).shape_names
    modelled = (error.code in shapes and model(service).shape_for(error.code).metadata.get("error")) or {}
    status = error.status or int(modelled.get("httpStatusCode", 400)) if isinstance(modelled, dict) else 400
    if error.code == "ConflictException":
        status = 409
    if model(service).protocol in ("json", "rest-json"):
        body = json.dumps({"__type": error.code, "message": str(error)}).encode()
        return status, {"x-amzn-errortype": error.code}, body
    text = f"<Code>{error.code}</Code><Message>{escape(str(error))}</Message>"
    return status, {}, f"<ErrorResponse><Error><Type>Sender</Type>{text}</Error></ErrorResponse>".encode()
