"""Floor of P1: take a client's body, insert one document, answer."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, Field
from pymongo.asynchronous.database import AsyncDatabase
from uuid_utils import uuid7

Short = Annotated[str, Field(max_length=100)]


class Identity(BaseModel):
    kind: Literal["uscc", "resident_id", "passport"]
    number: Annotated[str, Field(min_length=1, max_length=40)]


class Contact(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    title: Short = ""
    phone: Annotated[str, Field(max_length=40)] | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    roles: Annotated[list[str], Field(max_length=8)] = []
    may_sign: bool = False


class NewClient(BaseModel):
    branch: Annotated[str, Field(min_length=1, max_length=64)]
    kind: Literal["company", "individual"]
    code: Annotated[str, Field(max_length=40)] | None = None
    name: Annotated[str, Field(max_length=200)] | None = None
    person_name: Annotated[str, Field(max_length=80)] | None = None
    identity: Identity | None = None
    industry: Short = ""
    region: Annotated[str, Field(pattern=r"^(|[0-9]{2})$")] = ""
    city: Short = ""
    address: Annotated[str, Field(max_length=300)] | None = None
    person_address: Annotated[str, Field(max_length=300)] | None = None
    classification: Literal["A", "B", "C"] | None = None
    parent_id: Annotated[str, Field(max_length=64)] | None = None
    team: list[dict[str, str]] = []
    contacts: Annotated[list[Contact], Field(max_length=50)] = []
    note: Annotated[str, Field(max_length=2000)] = ""


class ClientOut(NewClient):
    id: str
    version: int
    status: str
    former_codes: list[str]
    manager_name: str
    on_file_since_on: date
    merged_into: str | None


def app_on(database: AsyncDatabase[dict[str, Any]]) -> FastAPI:
    app = FastAPI()
    clients = database["clients"]
    like: dict[str, Any] = {}
    """A document as our service keeps it: sealed fields, search keys, the event. Only what the body brings is new."""

    @app.post("/clients", status_code=201)
    async def add_client(body: NewClient) -> ClientOut:
        if not like:
            like.update(await database["like"].find_one({}) or {})
        given = {
            "_id": str(uuid7()),
            "branch": body.branch,
            "kind": body.kind,
            "name": body.name,
            "industry": body.industry,
            "region": body.region,
            "city": body.city,
            "address": body.address,
            "note": body.note,
        }
        await clients.insert_one({**like, **given})
        return ClientOut(
            **body.__dict__,
            id=given["_id"],
            version=1,
            status="prospect",
            former_codes=[],
            manager_name="",
            on_file_since_on=datetime.now(UTC).date(),
            merged_into=None,
        )

    return app
