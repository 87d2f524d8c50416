"""The public API as a branch front-end uses it: sign in, read, do, and be refused."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_delay, wait_fixed

PDF = "application/pdf"
PATIENCE = 30
"""Seconds for which a front-end tries again when a service is away."""


class NotAsTold(Exception):
    """An answer is not what the story says."""


class Gateway:
    """The one address that front-ends know. `now` gives UNIX seconds; a person signs in again when the token has
    run out."""

    def __init__(self, http: httpx.AsyncClient, now: Callable[[], float]) -> None:
        self.http, self.now = http, now

    async def sign_in(self, login: str, password: str, new_password: str | None = None) -> "Person":
        """A signed-in person; `new_password` changes a password that somebody else has set."""
        told = {"login": login, "password": password} | ({"new_password": new_password} if new_password else {})
        session = _good(await self.request("POST", "/identity/sessions", json=told))
        return Person(self, login, new_password or password, session)

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request, repeated while the answer is 503 (a service is being restarted): its key makes that safe."""
        retrying = AsyncRetrying(
            stop=stop_after_delay(PATIENCE),
            wait=wait_fixed(1),
            retry=retry_if_result(_is_away),
            retry_error_callback=_last,
        )
        return await retrying(self.http.request, method, path, **more)


def _is_away(answer: httpx.Response) -> bool:
    return answer.status_code == 503


def _last(state: RetryCallState) -> httpx.Response:
    assert state.outcome is not None
    return state.outcome.result()


class Person:
    """Somebody who is signed in."""

    def __init__(self, gateway: Gateway, login: str, password: str, session: dict[str, Any]) -> None:
        self._gateway, self.login, self._password = gateway, login, password
        self._take(session)

    def _take(self, session: dict[str, Any]) -> None:
        self._session, self._until = session, self._gateway.now() + 600

    @property
    def id(self) -> str:
        """The user's id."""
        return self._session["user_id"]

    @property
    def branch(self) -> str:
        """The id of the user's own branch."""
        return self._session["branch"]

    @property
    def name(self) -> str:
        """The name to show."""
        return self._session["name"]

    @property
    def token(self) -> str:
        """The access token of now."""
        return self._session["access_token"]

    async def call(
        self, method: str, path: str, *, match: dict[str, Any] | str | None = None, key: str | None = None, **more: Any
    ) -> httpx.Response:
        """One request; `match` is a thing as it was read (its version goes into If-Match) or an ETag."""
        if self._gateway.now() > self._until:
            self._take((await self._gateway.sign_in(self.login, self._password))._session)
        headers = {"Authorization": f"Bearer {self._session['access_token']}", **more.pop("headers", {})}
        if method == "POST":
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
        if match is not None:
            headers["If-Match"] = match if isinstance(match, str) else f'"{match["version"]}"'
        return await self._gateway.request(method, path, headers=headers, **more)

    async def get(self, path: str, **params: Any) -> Any:
        """What is there; raises NotAsTold for a refusal."""
        return _good(await self.call("GET", path, params={k: v for k, v in params.items() if v is not None}))

    async def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """Make or do something; raises NotAsTold for a refusal."""
        return _good(await self.call("POST", path, json=body if body is not None else {}, **more))

    async def patch(self, path: str, body: Any, match: Any) -> Any:
        """Change something; raises NotAsTold for a refusal."""
        return _good(await self.call("PATCH", path, json=body, match=match))

    async def upload(self, service: str, content: bytes, name: str, media_type: str = PDF) -> str:
        """The id of a file that was given to a service as evidence or input."""
        sent = {"files": {"file": (name, content, media_type)}, "data": {"branch": self.branch}}
        return _good(await self.call("POST", f"/{service}/files", **sent))["id"]

    async def content(self, path: str) -> bytes:
        """Bytes, for example of a document."""
        answer = await self.call("GET", path)
        if answer.status_code != 200:
            raise NotAsTold(f"GET {path}: {answer.status_code} {answer.text}")
        return answer.content

    async def refused(self, status: int, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
        """The problem document of a refusal with this status, which must name its rule; raises NotAsTold otherwise."""
        sent = {"json": body if body is not None else {}, **more} if method != "GET" else more
        answer = await self.call(method, path, **sent)
        told = answer.json()
        if answer.status_code != status or not told.get("rule", {}).get("id"):
            raise NotAsTold(f"{method} {path} was to be refused with {status}: {answer.status_code} {answer.text}")
        if answer.headers["content-type"] != "application/problem+json" or not told.get("next"):
            raise NotAsTold(f"{method} {path}: the refusal does not say what to do next: {answer.text}")
        return told


def _good(answer: httpx.Response) -> Any:
    if answer.status_code >= 300:
        request = answer.request
        raise NotAsTold(f"{request.method} {request.url.path}: {answer.status_code} {answer.text}")
    return json.loads(answer.content) if answer.content else None
