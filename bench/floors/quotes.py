"""Floor of P2 and P2r: decide on a quote by one update, show one, list a page."""

import json
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Query
from pydantic import BaseModel, Field
from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from uuid_utils import uuid7

BRANCHES = ["hq", *(f"b{number}" for number in range(1, 20))]
HIDDEN = {"outbox": 0, "outbox_at": 0, "x": 0, "once": 0}
SHORT = dict.fromkeys(("v", "branch", "enquiry_id", "insurer_id", "insurer_name", "status", "closes_at"), 1) | {
    "terms.premium": 1,
    "terms.valid_until_on": 1,
    "terms.restrictions": 1,
}


class Leave(BaseModel):
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class Money(BaseModel):
    amount_minor: int
    currency: str


class Limit(BaseModel):
    subject: str
    amount: Money


class Deductible(BaseModel):
    amount: Money | None
    rate_bp: int | None
    note: str


class Words(BaseModel):
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str


class Clause(BaseModel):
    clause_id: str | None
    edition: int | None
    code: str
    kind: str
    words: Words
    restrictive: bool


class Subjectivity(BaseModel):
    text: str
    before_binding: bool
    due_on: date | None


class Restriction(BaseModel):
    kind: str
    text: str
    text_en: str


class Terms(BaseModel):
    premium: Money
    rate_ppm: int | None
    limits: list[Limit]
    deductible: Deductible
    clauses: list[Clause]
    subjectivities: list[Subjectivity]
    valid_until_on: date
    evidence_id: str
    revision: int
    edition: int
    recorded_by: str
    recorded_at: datetime
    restrictions: list[Restriction]
    shortfalls: list[dict[str, Any]]


class Quote(BaseModel):
    id: Annotated[str, Field(alias="_id")]
    version: Annotated[int, Field(alias="v")]
    branch: str
    enquiry_id: str
    client_id: str
    project_id: str | None
    line_family: str
    insurer_id: str
    insurer_name: str
    edition: int
    sent_at: datetime
    closes_at: datetime
    status: str
    acknowledged_at: datetime | None
    terms: Terms | None
    earlier: list[Terms]
    standing: dict[str, Any] | None
    question: str
    verified_by: str
    verified_at: datetime | None
    reason: str
    proposal_id: str
    share_bp: int | None


class Line(BaseModel):
    id: str
    version: int
    branch: str
    enquiry_id: str
    insurer_id: str
    insurer_name: str
    status: str
    closes_at: datetime
    premium: Money | None
    valid_until_on: date | None
    restrictive: int


class Page(BaseModel):
    items: list[Line]
    next: str | None


def app_on(database: AsyncDatabase[dict[str, Any]]) -> FastAPI:
    app = FastAPI()
    quotes = database["quotes"]

    @app.post("/quotes/{quote_id}/non_take_up", response_model_by_alias=False)
    async def leave_quote(quote_id: str, body: Leave, if_match: Annotated[str, Header()]) -> Quote:
        version, now = int(if_match.strip('"')), datetime.now(UTC)
        told = {"quote_id": quote_id, "enquiry_id": "enquiry-1", "reason": body.reason}
        event = {
            "id": str(uuid7()),
            "type": "baoqiao.placement.quotes.quote_not_taken_up.v1",
            "v": version + 1,
            "at": now,
            "actor": "bench",
            "branch": "b1",
            "correlation": "0" * 32,
            "causation": "",
            "trace": "0" * 55,
            "data": json.dumps(told, ensure_ascii=False),
        }
        found = await quotes.find_one_and_update(
            {"_id": quote_id, "v": version, "branch": {"$in": BRANCHES}},
            {
                "$set": {"status": "not_taken_up", "reason": body.reason, "outbox_at": now},
                "$inc": {"v": 1},
                "$push": {"outbox": event},
            },
            projection=HIDDEN,
            return_document=ReturnDocument.AFTER,
        )
        if found is None:
            raise HTTPException(409)
        return Quote.model_validate(found)

    @app.get("/quotes/{quote_id}", response_model_by_alias=False)
    async def show_quote(quote_id: str) -> Quote:
        found = await quotes.find_one({"_id": quote_id, "branch": {"$in": BRANCHES}}, HIDDEN)
        if found is None:
            raise HTTPException(404)
        return Quote.model_validate(found)

    @app.get("/quotes")
    async def list_quotes(limit: Annotated[int, Query(ge=1, le=200)] = 50) -> Page:
        cursor = quotes.find({"branch": {"$in": BRANCHES}}, SHORT).sort("_id", -1).limit(limit + 1)
        found = await cursor.to_list()
        items = [_line(document) for document in found[:limit]]
        return Page(items=items, next=items[-1].id if len(found) > limit else None)

    return app


def _line(document: dict[str, Any]) -> Line:
    terms = document.pop("terms") or {}
    return Line(
        **document,
        id=document["_id"],
        version=document["v"],
        premium=terms.get("premium"),
        valid_until_on=terms.get("valid_until_on"),
        restrictive=len(terms.get("restrictions", ())),
    )
