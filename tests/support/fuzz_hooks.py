"""What schemathesis is told of the things that exist; it loads this module in its own process.

Where it made up an id or a version that fits the page, mostly one that exists is sent instead, so that requests come
past "not there" and "changed since it was read". What it got wrong on purpose stays wrong.
"""

import json
import os
import re
from pathlib import Path
from typing import Any
from zlib import crc32

import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.core.parameters import ParameterLocation

THINGS: dict[str, Any] = json.loads(Path(os.environ["FUZZ_THINGS"]).read_text(encoding="utf-8"))
"""`paths`: by path the parameters of things that exist; `ids`: by collection; `versions`: by id."""
VERSIONS: dict[str, int] = THINGS["versions"]
TAG = re.compile(r'"\d{1,9}"')
LEFT_ALONE = 4
"""One request of so many goes out as it was made up."""


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Put things that exist into what was made up, unless that was meant to be wrong."""
    chance = crc32(f"{case.path} {case.path_parameters} {case.query} {case.body}".encode())
    if case.meta is None or chance % LEFT_ALONE == 0:
        return
    known = THINGS["paths"].get(case.operation.path)
    if known and not case.meta.is_negative_at(ParameterLocation.PATH) and _id_of(case) not in VERSIONS:
        case.path_parameters.update(known[chance // 7 % len(known)])
    if not case.meta.is_negative_at(ParameterLocation.BODY):
        case.body = _with_things(case.body, chance // 11)
    if case.method != "GET" and _id_of(case) in VERSIONS and not case.meta.is_negative_at(ParameterLocation.HEADER):
        case.headers["If-Match"] = f'"{VERSIONS[_id_of(case)]}"'


@schemathesis.hook
def after_call(context: HookContext, case: Case, response: Response) -> None:
    """Remember the version of what was made or changed."""
    [tag] = response.headers.get("etag") or [""]
    if response.status_code < 300 and TAG.fullmatch(tag):
        made = response.json().get("id") if response.status_code == 201 else _id_of(case)
        if made:
            VERSIONS[made] = int(tag.strip('"'))


def _id_of(case: Case) -> str:
    return str(next(iter(case.path_parameters.values()), ""))


def _with_things(body: Any, chance: int, name: str = "") -> Any:
    if isinstance(body, dict):
        return {each: _with_things(part, chance + 1, each) for each, part in body.items()}
    if isinstance(body, list):
        return [_with_things(part, chance + 1, name.removesuffix("s")) for part in body]
    ids = THINGS["ids"].get(name) if isinstance(body, str) else None
    return ids[chance % len(ids)] if ids else body
