"""State, once-only mark, event and branch scope agree on a real MongoDB."""

import asyncio
from typing import Any

import pytest
from pymongo.asynchronous.collection import AsyncCollection

from tests.support.service import RunningService, a_token

PARCEL = {"label": "a", "value": {"amount": "12.50"}, "phone": "13800001234"}


async def test_a_thing_and_its_event_are_kept_together(sample: RunningService):
    answer = await sample.user("ann").post("/parcels", PARCEL)
    assert answer.status_code == 201, answer.text
    assert answer.headers["etag"] == '"1"'
    assert answer.json()["value"] == {"amount": "12.50", "currency": "CNY"}
    assert answer.json()["phone"] == "138****1234"
    [event] = await sample.events("parcels")
    assert (event["type"], event["v"], event["actor"]) == ("baoqiao.sample.parcels.parcel_posted.v1", 1, "ann")


async def test_a_repeat_with_the_same_key_makes_nothing_new(sample: RunningService):
    ann = sample.user("ann")
    first = await ann.post("/parcels", PARCEL, key="k")
    second = await ann.post("/parcels", PARCEL, key="k")
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    assert second.headers["idempotent-replayed"] == "true"
    assert len(await sample.events("parcels")) == 1


@pytest.mark.rule("SYS-004")
async def test_the_same_key_with_another_body_is_refused(sample: RunningService):
    ann = sample.user("ann")
    await ann.post("/parcels", PARCEL, key="k")
    answer = await ann.post("/parcels", {**PARCEL, "label": "b"}, key="k")
    assert (answer.status_code, answer.json()["type"], answer.json()["rule"]["id"]) == (
        422,
        "urn:baoqiao:problem:key-reused",
        "SYS-004",
    )


async def test_keys_of_two_callers_do_not_meet(sample: RunningService):
    await sample.user("ann").post("/parcels", PARCEL, key="k")
    answer = await sample.user("bob").post("/parcels", {**PARCEL, "label": "b"}, key="k")
    assert answer.status_code == 201


@pytest.mark.rule("SYS-002", "SYS-003")
async def test_a_change_needs_the_version_that_was_read(sample: RunningService):
    ann = sample.user("ann")
    made = (await ann.post("/parcels", PARCEL)).json()
    path = f"/parcels/{made['id']}/delivery"
    assert (await ann.post(path)).status_code == 428
    assert (await ann.post(path, match=7)).status_code == 412
    done = await ann.post(path, match=1)
    assert (done.status_code, done.headers["etag"], done.json()["status"]) == (200, '"2"', "delivered")
    again = await ann.post(path, match=2)
    assert (again.status_code, again.json()["rule"]["id"]) == (409, "SYS-001")
    assert [event["v"] for event in await sample.events("parcels")] == [1, 2]


@pytest.mark.rule("SYS-002")
@pytest.mark.parametrize("made_shown", [True, False])
async def test_a_primary_that_reads_behind_refuses_nobody_who_has_seen_more(
    sample: RunningService, monkeypatch: pytest.MonkeyPatch, made_shown: bool
):
    ann = sample.user("ann")
    made = (await ann.post("/parcels", PARCEL)).json()
    path = f"/parcels/{made['id']}/delivery"
    older = await sample.host.db["parcels"].find_one({"_id": made["id"]}) if made_shown else None
    assert (await ann.post(path, match=1)).status_code == 200
    really_find_one = AsyncCollection[Any].find_one

    async def find_one(collection: AsyncCollection[Any], *args: Any, **kwargs: Any) -> Any:
        behind = collection.name == "parcels" and collection.read_concern.level == "majority"
        return older if behind else await really_find_one(collection, *args, **kwargs)

    monkeypatch.setattr(AsyncCollection, "find_one", find_one)
    again = await ann.post(path, match=2)
    assert (again.status_code, again.json()["rule"]["id"]) == (409, "SYS-001"), "delivered already, and not 412"
    assert (await ann.post(path, match=3)).status_code == 412


async def test_a_repeated_change_is_answered_although_the_version_moved_on(sample: RunningService):
    ann = sample.user("ann")
    made = (await ann.post("/parcels", PARCEL)).json()
    path = f"/parcels/{made['id']}/delivery"
    first = await ann.post(path, match=1, key="k")
    second = await ann.post(path, match=1, key="k")
    assert (second.status_code, second.json()) == (200, first.json())


@pytest.mark.rule("SYS-007")
async def test_another_branch_sees_nothing_of_it(sample: RunningService):
    await sample.knows_branch("gd")
    await sample.knows_branch("sz", parent="gd")
    await sample.knows_branch("zj")
    made = (await sample.user("ann", "sz").post("/parcels", {**PARCEL, "branch": "sz"})).json()
    path = f"/parcels/{made['id']}"
    seen = {branch: (await sample.user("bob", branch).get(path)).status_code for branch in ("hq", "gd", "sz", "zj")}
    assert seen == {"hq": 200, "gd": 200, "sz": 200, "zj": 404}
    listed = {
        branch: len((await sample.user("bob", branch).get("/parcels")).json()["items"]) for branch in ("gd", "zj")
    }
    assert listed == {"gd": 1, "zj": 0}
    assert (
        await sample.user("bob", "zj").post("/parcels", {**PARCEL, "label": "z", "branch": "sz"})
    ).status_code == 404


async def test_personal_data_is_sealed_in_the_document(sample: RunningService):
    await sample.user("ann").post("/parcels", PARCEL)
    raw = await sample.host.db.client[sample.host.db.name]["parcels"].find_one({})
    assert raw is not None
    assert b"13800001234" not in bytes(raw["phone"])


async def test_a_list_is_read_page_by_page(sample: RunningService):
    ann = sample.user("ann")
    for label in "abcde":
        await ann.post("/parcels", {**PARCEL, "label": label})
    seen, cursor = [], ""
    while cursor is not None:
        page = (
            await ann.get("/parcels", params={"limit": 2, "sort": "-label"} | ({"cursor": cursor} if cursor else {}))
        ).json()
        seen += [item["label"] for item in page["items"]]
        cursor = page["next"]
    assert seen == ["e", "d", "c", "b", "a"]
    assert (await ann.get("/parcels", params={"cursor": "rubbish"})).status_code == 422


async def test_a_unique_index_answers_with_its_refusal(sample: RunningService):
    ann = sample.user("ann")
    await ann.post("/parcels", PARCEL)
    answer = await ann.post("/parcels", PARCEL)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:baoqiao:problem:label-taken")


async def test_an_event_delivered_twice_has_one_effect(sample: RunningService):
    from tests.support.sample import ParcelPosted

    posted = ParcelPosted(parcel_id="p1", label="return me")
    event_id = await sample.receives(posted, "p1")
    await sample.receives(posted, "p1", event_id=event_id)
    assert await sample.host.db["parcels"].count_documents({}) == 1
    assert await sample.host.db["copy_parcels"].count_documents({"v": 1}) == 1


async def test_all_faults_of_a_body_are_told_at_once(sample: RunningService):
    answer = await sample.user("ann").post("/parcels", {"value": {"amount": 1.5}, "extra": 1})
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/label", "/value", "/extra"}
    told = {error["pointer"]: error["detail"] for error in answer.json()["errors"]}
    assert told["/label"] == "必填"
    answer = await sample.user("ann").post("/parcels", {}, headers={"Accept-Language": "en-GB"})
    assert {error["detail"] for error in answer.json()["errors"]} == {"Field required"}


@pytest.mark.rule("SYS-005")
async def test_a_post_without_a_key_is_refused(sample: RunningService):
    token = a_token("ann", {"hq": ["*"]}, sample.clock)
    answer = await sample.http.post("/parcels", json=PARCEL, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["rule"]["id"]) == (422, "SYS-005")


@pytest.mark.rule("SYS-007")
async def test_a_role_without_the_scope_is_refused_with_what_to_do(sample: RunningService):
    answer = await sample.user("ann", "hq", "parcels:read").post("/parcels", PARCEL)
    assert (answer.status_code, answer.json()["rule"]["id"]) == (403, "SYS-007")
    assert answer.json()["next"]


@pytest.mark.rule("SYS-008")
@pytest.mark.parametrize("header", [None, "Bearer x", "Bearer a.b.c", "Basic YTpi"])
async def test_who_is_not_recognised_gets_nowhere(sample: RunningService, header: str | None):
    answer = await sample.http.get("/parcels", headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.rule("SYS-008")
async def test_an_expired_token_is_refused(sample: RunningService):
    ann = sample.user("ann")
    token = a_token("ann", {"hq": ["*"]}, sample.clock)
    sample.clock.move(minutes=16)
    assert (await sample.http.get("/parcels", headers={"Authorization": f"Bearer {token}"})).status_code == 401
    assert (await ann.get("/parcels")).status_code == 200


@pytest.mark.rule("SYS-009")
async def test_a_document_takes_no_more_events_than_it_can_hold(sample: RunningService):
    ann = sample.user("ann")
    made = (await ann.post("/parcels", PARCEL)).json()
    await sample.host.db["parcels"].update_one(
        {"_id": made["id"]}, {"$set": {"outbox": [{"id": str(n)} for n in range(500)]}}
    )
    answer = await ann.post(f"/parcels/{made['id']}/delivery", match=1)
    assert (answer.status_code, answer.json()["rule"]["id"]) == (503, "SYS-009")
    assert answer.headers["retry-after"]


async def test_of_two_changes_at_once_one_wins_and_the_other_is_told(sample: RunningService):
    ann = sample.user("ann")
    made = (await ann.post("/parcels", PARCEL)).json()
    path = f"/parcels/{made['id']}/delivery"
    answers = await asyncio.gather(*(ann.post(path, match=1) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    assert len(await sample.events("parcels")) == 2


async def test_a_repeat_that_overtakes_the_call_that_it_repeats_is_answered_like_it(sample: RunningService):
    ann = sample.user("ann")
    made = (await ann.post("/parcels", PARCEL)).json()
    path = f"/parcels/{made['id']}/delivery"
    answers = await asyncio.gather(*(ann.post(path, match=1, key="k") for _ in range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert len(await sample.events("parcels", made["id"])) == 2


async def test_half_a_character_or_a_deep_nest_is_refused_wherever_it_stands(sample: RunningService):
    for body in (
        rb'{"label": "\ud800"}',
        rb'{"label": "a", "phone": "1380000\udfff1234"}',
        rb'{"\ud800": ["x"]}',
        b'{"x": ' + b"[" * 900 + b"]" * 900 + b"}",
    ):
        answer = await sample.user("ann").request(
            "POST", "/parcels", content=body, headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:baoqiao:problem:malformed")


@pytest.mark.rule("SYS-009")
async def test_an_event_that_no_topic_would_take_is_refused_before_anything_is_kept(sample: RunningService):
    answer = await sample.user("ann").post("/parcels", {**PARCEL, "label": "x" * 3_600_000})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:baoqiao:problem:event-too-large")
    assert await sample.host.db["parcels"].count_documents({}) == 0
