"""Calling an endpoint with what a request brings, and answering with what it gives.

FastAPI's own handler does the same for every shape that an endpoint can have, and costs twice as much as the rest of a
simple request. This one is for the shape that nearly all of ours have: coroutines that take path and query parameters,
one JSON body and dependencies of one step, and give a model. What is not (`is_plain`: forms,
files) stays with FastAPI.

Promises: parameters, faults and answers as FastAPI has them; a body of text that MongoDB can keep.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from inspect import iscoroutinefunction
from typing import Any, NamedTuple, cast

from fastapi._compat import ModelField, field_annotation_is_sequence
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form, Param
from fastapi.routing import APIRoute, serialize_response
from pydantic_core import PydanticUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_JSON = re.compile(r"application/([^;\s]+\+)?json\s*(;|$)", re.IGNORECASE)
_MANY_DIGITS = re.compile(r"\d{19}")
_spelt = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
"""Looks at every text much faster than a loop of ours does."""


class Parameter(NamedTuple):
    """One of path or query, as FastAPI declared it."""

    name: str
    alias: str
    place: str
    default: Any
    validate: Callable[..., tuple[Any, list[Any]]]

    @classmethod
    def of(cls, field: ModelField) -> "Parameter":
        told = cast(Param, field.field_info)
        default = PydanticUndefined if told.is_required() else field.default
        return cls(field.name, field.alias, told.in_.value, default, field.validate)


class Part:
    """Something to be called: an endpoint, or one of its dependencies, with what it takes."""

    def __init__(self, declared: Dependant) -> None:
        assert declared.call is not None
        self.call, self.name, self.request_name = declared.call, declared.name, declared.request_param_name
        self.path = [Parameter.of(field) for field in declared.path_params]
        self.query = [Parameter.of(field) for field in declared.query_params]
        self.body = declared.body_params
        self.needed = [Part(part) for part in declared.dependencies]

    async def arguments(self, request: Request, body: Any) -> tuple[dict[str, Any], list[Any]]:
        """The values to call it with, and the faults of what was sent."""
        values: dict[str, Any] = {}
        faults: list[Any] = []
        for part in self.needed:
            theirs, found = await part.arguments(request, body)
            faults += found
            if not found:
                value = await part.call(**theirs)
                if part.name is not None:
                    values[part.name] = value
        if self.path:
            _take(self.path, request.path_params, values, faults)
        if self.query:
            _take(self.query, request.query_params, values, faults)
        if self.body:
            told, found = await request_body_to_args(self.body, body, embed_body_fields=False)
            values |= told
            faults += found
        if self.request_name is not None:
            values[self.request_name] = request
        return values, faults


def _take(parameters: Sequence[Parameter], given: Mapping[str, str], values: dict[str, Any], faults: list[Any]) -> None:
    for name, alias, place, default, validate in parameters:
        text = given.get(alias)
        if text is not None:
            value, found = validate(text, values, loc=(place, alias))
            values[name] = value
            faults += found
        elif default is PydanticUndefined:
            faults.append({"type": "missing", "loc": (place, alias), "msg": "Field required", "input": None})
        else:
            values[name] = default


class Call:
    """A plain route, ready to be called."""

    def __init__(self, route: APIRoute) -> None:
        self._endpoint = Part(route.dependant)
        self._shown, self._status = route.response_field, route.status_code or 200
        self._takes_body = route.body_field is not None

    async def answer(self, request: Request) -> Response:
        """What the endpoint answers; raises RequestValidationError, and what the endpoint and its guard raise."""
        body = await _body(request) if self._takes_body else PydanticUndefined
        values, faults = await self._endpoint.arguments(request, body)
        if faults:
            raise RequestValidationError(faults)
        told = await self._endpoint.call(**values)
        if isinstance(told, Response):
            return told
        content = await serialize_response(field=self._shown, response_content=told, dump_json=True)
        return Response(content, status_code=self._status, media_type="application/json")


def is_plain(route: APIRoute) -> bool:
    """Whether `Call` has all that the route's endpoint asks for."""
    parts = [route.dependant, *route.dependant.dependencies]
    parameters = [field for part in parts for field in (*part.path_params, *part.query_params)]
    return (
        all(_takes_only_parameters(part) and _is_coroutine(part.call) for part in parts)
        and not any(part.dependencies or part.body_params for part in route.dependant.dependencies)
        and not any(field_annotation_is_sequence(field.field_info.annotation) for field in parameters)
        and len(route.dependant.body_params) <= 1
        and not any(isinstance(field.field_info, Form) for field in route.dependant.body_params)
        and route.response_field is not None
        and isinstance(route.response_class, DefaultPlaceholder)
    )


def _takes_only_parameters(part: Dependant) -> bool:
    special = (part.response_param_name, part.background_tasks_param_name, part.security_scopes_param_name)
    return not (part.header_params or part.cookie_params or part.http_connection_param_name or any(special))


def _is_coroutine(call: Any) -> bool:
    return iscoroutinefunction(call) or iscoroutinefunction(type(call).__call__)


async def _body(request: Request) -> Any:
    """The JSON of the body; its bytes where it says that it is something else; undefined where there is none."""
    try:
        raw = await request.body()
        if not raw:
            return PydanticUndefined
        if not _JSON.match(request.headers.get("content-type", "")):
            return raw
        data = json.loads(raw)
    except json.JSONDecodeError as error:
        found = {"type": "json_invalid", "loc": ("body", error.pos), "msg": "JSON decode error", "input": {}}
        raise RequestValidationError([found | {"ctx": {"error": error.msg}}]) from error
    except HTTPException:
        raise
    except Exception as error:  # whatever it is: the body cannot be read
        raise HTTPException(400, "There was an error parsing the body") from error
    if why := _unkeepable(data):
        found = {"type": "value_error", "loc": ("body",), "msg": f"Value error, {why}", "ctx": {"error": why}}
        raise RequestValidationError([found])
    return data


def _unkeepable(data: Any) -> str | None:
    """JSON can spell what no document can keep: half a character (a lone surrogate), a number beyond 64 bits."""
    try:
        text = _spelt(data)
        text.encode()
    except UnicodeEncodeError:
        return "text with half a character (a lone surrogate)"
    except RecursionError:
        return "nested too deeply"
    return "a number beyond 64 bits" if _MANY_DIGITS.search(text) and _has_wide_number(data) else None


def _has_wide_number(data: Any) -> bool:
    todo = [data]
    while todo:
        match todo.pop():
            case int() as number:
                if not -(2**63) <= number < 2**63:
                    return True
            case list() as items:
                todo += items
            case dict() as members:
                todo += members.values()
            case _:
                pass
    return False
