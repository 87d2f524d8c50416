"""The panel of insurers and the clause library over HTTP."""

import pytest

from services.placement.clauses.actions import used_clauses
from services.placement.clauses.rules import EditionNotFound
from services.placement.clauses.store import ClauseNotFound
from services.placement.insurers.actions import the_insurers
from services.placement.insurers.store import InsurerNotFound
from tests.support.placement import has_insurer
from tests.support.service import RunningService

CLAUSE = {
    "code": "EXT-072",
    "kind": "extension",
    "line_families": ["property"],
    "words": {"title_zh": "72小时条款", "title_en": "72 hours clause", "text_zh": "连续72小时内视为一次事故。"},
}


@pytest.mark.rule("PLC-007")
async def test_a_code_stands_for_one_insurer(placement: RunningService):
    await has_insurer(placement, "YS")
    again = {"code": "YS", "name": "另一家", "licences": [{"line_families": ["motor"], "regions": ["44"]}]}
    answer = await placement.user("admin").post("/insurers", again)
    assert (answer.status_code, answer.json()["rule"]["id"]) == (409, "PLC-007")


async def test_contacts_are_masked_and_read_in_clear_only_on_the_record(placement: RunningService):
    insurer_id = await has_insurer(placement, "YS")
    admin = placement.user("admin")
    [contact] = (await admin.get(f"/insurers/{insurer_id}")).json()["contacts"]
    assert contact["email"] == "u***@ys.example"
    path = f"/insurers/{insurer_id}/contacts/{contact['id']}"
    clear = await placement.user("clm", "hq", "insurers:reveal").get(path)
    assert clear.json()["email"] == "underwriting@ys.example"
    assert await placement.host.db["audit"].count_documents({"actor": "clm", "about": contact["id"]}) == 1
    assert (await placement.user("ann", "hq", "insurers:read").get(path)).status_code == 403
    changed = await admin.patch(path, {"phone": "020-88886666", "email": None}, match=2)
    assert (changed.json()["contacts"][0]["email"], changed.json()["contacts"][0]["phone"]) == (None, "020****6666")
    gone = await admin.post(f"{path}/removal", match=3)
    assert gone.json()["contacts"] == []
    assert (await admin.post(f"{path}/removal", match=4)).status_code == 404


async def test_the_panel_is_changed_by_its_owner_and_read_by_everybody(placement: RunningService):
    await placement.knows_branch("gd")
    insurer_id = await has_insurer(placement, "YS")
    local = placement.user("ann", "gd")
    assert (await local.get(f"/insurers/{insurer_id}")).status_code == 200
    assert (await local.patch(f"/insurers/{insurer_id}", {"name": "x"}, match=2)).status_code == 404
    terms = {"agreement": "HZ-1", "from_on": "2026-01-01", "issue_days": 10}
    changed = await placement.user("admin").patch(f"/insurers/{insurer_id}", {"terms": terms}, match=2)
    assert changed.json()["terms"]["issue_days"] == 10
    assert changed.json()["name"] == "保险公司YS"
    facts = await placement.events("insurers", insurer_id)
    assert facts[-1]["data"]["card"]["issue_days"] == 10
    listed = await local.get("/insurers", params={"line_family": "property", "code": "YS"})
    assert [item["id"] for item in listed.json()["items"]] == [insurer_id]
    empty = await placement.user("admin").patch(f"/insurers/{insurer_id}", {"licences": []}, match=3)
    assert empty.status_code == 422


async def test_insurers_come_in_the_order_in_which_they_are_named(placement: RunningService):
    ids = [await has_insurer(placement, code) for code in ("AA", "BB", "CC")]
    work = placement.host.system_work()
    assert [insurer.code for insurer in await the_insurers(ids[::-1], work)] == ["CC", "BB", "AA"]
    with pytest.raises(InsurerNotFound):
        await the_insurers([ids[0], "nobody"], work)


@pytest.mark.rule("PLC-016")
async def test_who_used_an_edition_of_a_clause_keeps_it(placement: RunningService):
    ann = placement.user("ann")
    clause = (await ann.post("/clauses", CLAUSE)).json()
    assert (await ann.post("/clauses", CLAUSE)).json()["rule"]["id"] == "PLC-016"
    words = {**CLAUSE["words"], "text_zh": "连续168小时内视为一次事故。"}  # type: ignore[dict-item]
    revised = await ann.post(f"/clauses/{clause['id']}/editions", {"words": words}, match=1)
    assert [edition["number"] for edition in revised.json()["editions"]] == [1, 2]
    work = placement.host.system_work()
    old, new = await used_clauses([(clause["id"], 1), (clause["id"], None)], work)
    assert (old.text("zh"), new.text("zh")) == ("连续72小时内视为一次事故。", "连续168小时内视为一次事故。")
    assert (old.title("en"), old.text("en")) == ("72 hours clause", "连续72小时内视为一次事故。")
    with pytest.raises(EditionNotFound):
        await used_clauses([(clause["id"], 3)], work)
    with pytest.raises(ClauseNotFound):
        await used_clauses([("nothing", None)], work)
    [line] = (await ann.get("/clauses", params={"kind": "extension"})).json()["items"]
    assert line["edition"] == 2
    assert (await ann.get(f"/clauses/{clause['id']}")).json()["code"] == "EXT-072"
