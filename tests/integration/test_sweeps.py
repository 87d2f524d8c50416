"""A scheduled job looks at what is due and at nothing else, however much there is besides."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.serve import service_named
from tests.support.service import running

Documents = list[dict[str, Any]]
ROOT = Path(__file__).resolve().parents[2]
WITH_JOBS = [
    name for name in sorted(path.parent.name for path in ROOT.glob("services/*/service.py")) if name != "finance"
]
PAST, FUTURE = "2020-01-01", "2030-01-01"
PAST_AT, FUTURE_AT = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
NEAR_END = "2026-03-20"
MANY = 100
FEW = 10
"""Keys that a query may touch beside those of its result: one for each status that it asks for."""

NOT_DUE: dict[str, Documents] = {
    "policies": [
        {"status": "in_force", "cover": {"starts_on": PAST, "ends_on": FUTURE}},
        {"status": "verified", "cover": {"starts_on": FUTURE, "ends_on": FUTURE}},
        {"status": "expired", "cover": {"starts_on": PAST, "ends_on": PAST}},
        {"status": "void", "cover": {"starts_on": PAST, "ends_on": PAST}},
    ],
    "quotes": [
        {"status": "requested", "closes_at": FUTURE_AT, "terms": None},
        {"status": "quoted", "closes_at": PAST_AT, "terms": {"valid_until_on": FUTURE}},
        {"status": "bound", "closes_at": PAST_AT, "terms": {"valid_until_on": PAST}},
    ],
    "proposals": [{"status": "sent", "answer_until_on": FUTURE}, {"status": "declined", "answer_until_on": PAST}],
    "enquiries": [{"status": "issued", "closes_at": FUTURE_AT}, {"status": "closed", "closes_at": PAST_AT}],
    "projects": [
        {"status": "registered", "protected_until_on": FUTURE, "policy_id": None},
        {"status": "active", "protected_until_on": PAST, "policy_id": "pol-1"},
        {"status": "won", "protected_until_on": PAST, "policy_id": "pol-1"},
    ],
    "mandates": [
        {"status": "signed", "terms": {"from_on": FUTURE, "until_on": FUTURE}, "warned_on": None},
        {"status": "active", "terms": {"from_on": PAST, "until_on": FUTURE}, "warned_on": None},
        {"status": "active", "terms": {"from_on": PAST, "until_on": NEAR_END}, "warned_on": PAST},
        {"status": "expired", "terms": {"from_on": PAST, "until_on": PAST}, "warned_on": None},
    ],
    "imports": [{"status": "done", "continue_at": PAST_AT}, {"status": "checked", "continue_at": PAST_AT}],
    "obligations": [
        {"status": "triggered", "next_at": FUTURE_AT, "gap_year": None},
        {"status": "met", "next_at": None, "gap_year": 2027},
    ],
    "messages": [
        {"status": "queued", "channel": "email", "send_after": FUTURE_AT},
        {"status": "sent", "channel": "email", "send_after": PAST_AT},
    ],
    "leavers": [{"last_on": FUTURE}],
    "webhooks": [{"status": "active", "v": 1, "url": "https://a.example/", "facts": ["*"], "keys": [], "made_by": "u"}],
    "queues": [{"webhook_id": "0 0", "subject": "s", "n": 1, "due_at": FUTURE_AT}, {"webhook_id": "0 0", "n": 1}],
    "sessions": [{"ends_at": FUTURE_AT}],
    "failures": [{"until": FUTURE_AT}],
}
"""Things that wait for later, or are over: by collection, of every kind that a job must not trip over."""
FEW_BY_NATURE = {"roles", "branches", "signing_keys", "calendars", "copy_users", "copy_branches", "webhooks"}
"""The company has tens of them, or they are read by their id."""


@pytest.mark.parametrize("name", WITH_JOBS)
async def test_a_job_examines_nothing_that_is_not_due(mongo_url: str, name: str):
    async with running(service_named(name), mongo_url) as service:
        database = service.host.db.database
        there = {store.collection for store in service.host.service.stores} | set(service.host.service.indexes)
        for collection in there & set(NOT_DUE):
            beside = [
                {**kind, "_id": f"{n} {k}", "branch": "hq"}
                for k, kind in enumerate(NOT_DUE[collection])
                for n in range(MANY)
            ]
            unique = {"enquiries": "number", "proposals": "enquiry_id"}.get(collection, "n")
            await service.host.db[collection].insert_many([{**one, unique: one["_id"]} for one in beside])
        asked: Documents = []
        for jobs in service.host.service.jobs:
            for job in jobs.jobs:
                await database.command({"profile": 2})
                await job.action(service.host.system_work())
                await database.command({"profile": 0})
                kept = await database["system.profile"].find({"planSummary": {"$exists": True}}).to_list()
                asked += [{**entry, "job": job.name} for entry in kept]
                await database.drop_collection("system.profile")
    costly = [told(entry) for entry in asked if collection_of(entry) not in FEW_BY_NATURE and not by_index(entry)]
    assert {collection_of(entry) for entry in asked} & set(NOT_DUE), "the jobs asked for nothing"
    assert costly == []


def collection_of(entry: dict[str, Any]) -> str:
    return entry["ns"].partition(".")[2]


def by_index(entry: dict[str, Any]) -> bool:
    return "COLLSCAN" not in entry["planSummary"] and entry.get("keysExamined", 0) <= FEW and entry["docsExamined"] == 0


def told(entry: dict[str, Any]) -> str:
    place = f"{entry['job']}: {collection_of(entry)} by {entry['planSummary']}"
    return f"{place} examines {entry.get('keysExamined')} keys, {entry['docsExamined']} documents"
