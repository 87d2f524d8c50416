"""State, once-only mark, event and branch scope agree on a real MongoDB."""

from tests.support.service import RunningService

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


async def test_the_same_key_with_another_body_is_refused(sample: RunningService):
    ann = sample.user("ann")
    await ann.post("/parcels", PARCEL, key="k")
    answer = await ann.post("/parcels", {**PARCEL, "label": "b"}, key="k")
    assert (answer.status_code, answer.json()["type"], answer.json()["rule"]["id"]) == (422, "urn:baoqiao:problem:key-reused", "SYS-004")


async def test_keys_of_two_callers_do_not_meet(sample: RunningService):
    await sample.user("ann").post("/parcels", PARCEL, key="k")
    answer = await sample.user("bob").post("/parcels", {**PARCEL, "label": "b"}, key="k")
    assert answer.status_code == 201


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


async def test_a_repeated_change_is_answered_although_the_version_moved_on(sample: RunningService):
    ann = sample.user("ann")
    made = (await ann.post("/parcels", PARCEL)).json()
    path = f"/parcels/{made['id']}/delivery"
    first = await ann.post(path, match=1, key="k")
    second = await ann.post(path, match=1, key="k")
    assert (second.status_code, second.json()) == (200, first.json())


async def test_another_branch_sees_nothing_of_it(sample: RunningService):
    await sample.knows_branch("gd")
    await sample.knows_branch("sz", parent="gd")
    await sample.knows_branch("zj")
    made = (await sample.user("ann", "sz").post("/parcels", {**PARCEL, "branch": "sz"})).json()
    path = f"/parcels/{made['id']}"
    seen = {branch: (await sample.user("bob", branch).get(path)).status_code for branch in ("hq", "gd", "sz", "zj")}
    assert seen == {"hq": 200, "gd": 200, "sz": 200, "zj": 404}
    listed = {branch: len((await sample.user("bob", branch).get("/parcels")).json()["items"]) for branch in ("gd", "zj")}
    assert listed == {"gd": 1, "zj": 0}
    assert (await sample.user("bob", "zj").post("/parcels", {**PARCEL, "label": "z", "branch": "sz"})).status_code == 404


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
        page = (await ann.get("/parcels", params={"limit": 2, "sort": "-label"} | ({"cursor": cursor} if cursor else {}))).json()
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
