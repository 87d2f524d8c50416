"""The HTTP door of keys: the public key set."""

from typing import Any

from fastapi import APIRouter, Response

from chassis.http import Doorstep, open_to_all
from services.identity.keys import actions

router = APIRouter(tags=["keys"])


@router.get("/jwks", dependencies=[open_to_all("public keys are public")])
async def show_keys(work: Doorstep, response: Response) -> dict[str, list[dict[str, Any]]]:
    """The keys that check access tokens, as a JSON Web Key Set (RFC 7517).

    Rule: IDN-021 (docs/rules/identity.md).
    """
    response.headers["Cache-Control"] = "public, max-age=60"
    return {"keys": await actions.published(work)}
